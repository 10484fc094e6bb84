//! Transformations: the first byte chooses one. Nothing changes without a trigger, and nothing grows beyond its bound.
#![no_main]

use durward_seclang::byteset::ByteSet;
use durward_seclang::transform::{Transformation, Triggers, UnicodeMap};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((choice, value)) = input.split_first() else { return };
    let choice = usize::from(*choice);
    let all = Transformation::ALL;
    let transformation = all[choice % all.len()];
    let map = (choice / all.len() % 2 == 1).then(UnicodeMap::us_ascii);

    let mut out = Vec::new();
    let changed = transformation.apply(value, map.as_ref(), &mut out);
    if changed {
        assert_ne!(out, value);
        assert!(transformation.triggers().fire(&ByteSet::from_value(value)), "changed without a trigger");
        // The most that a byte can become is `%u00e9`; digests and lengths have at most 20.
        assert!(out.len() <= 6 * value.len() + 20, "{} bytes of {}", out.len(), value.len());
    }
    if let Triggers::Bytes(triggers) = transformation.triggers() {
        let rest: Vec<u8> = value.iter().copied().filter(|byte| !triggers.contains(*byte)).collect();
        assert!(!transformation.apply(&rest, map.as_ref(), &mut out), "changed without a trigger");
    }
});
