//! Policy documents: each reads, or says where and why not.
#![no_main]

use durward_core::Source;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(faults) = durward_policy::read(&Source::new("durward.toml", text)) {
        assert!(!faults.render(false).is_empty());
    }
});
