//! What holds for every input.

use durward_authn::jose::{Algorithm, Compact};
use durward_authn::jwks::KeySet;
use proptest::prelude::*;

use crate::support::{FakeIssuer, NOW, at, b64, check, claims, es256, jwks, stage_of, usual};

/// `check` runs on any thread.
#[test]
fn the_future_is_send() {
    fn is_send<T: Send>(value: T) -> T {
        value
    }
    let stage = stage_of(usual(""));
    let clean = crate::support::bearer(at(NOW), "x");
    drop(is_send(stage.check(&clean, &FakeIssuer::default())));
}

proptest! {
    #[test]
    fn readers_do_not_panic(text in ".{0,200}", header in ".{0,60}", bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Compact::parse(&text);
        let _ = Compact::parse(&format!("{}.{text}.{text}", b64(&header)));
        let _ = KeySet::parse(&bytes, &Algorithm::ALL);
    }

    #[test]
    fn damaged_key_sets_do_not_panic(place in 0usize..900, byte in any::<u8>()) {
        let mut document = jwks().to_string().into_bytes();
        let place = place % document.len();
        document[place] = byte;
        let _ = KeySet::parse(&document, &Algorithm::ALL);
    }

    /// A token has one spelling: whatever is changed in it, it is no longer good, cached or not.
    #[test]
    fn no_other_spelling_of_a_good_token_passes(place in 0usize..1000, byte in 0x21u8..0x7f) {
        let stage = stage_of(usual(""));
        let good = es256(&claims());
        prop_assert!(check(&stage, &good, at(NOW), &FakeIssuer::default()).is_ok());
        let mut bytes = good.clone().into_bytes();
        let place = place % bytes.len();
        bytes[place] = byte;
        let changed = String::from_utf8(bytes).unwrap();
        prop_assume!(changed != good);
        prop_assert!(check(&stage, &changed, at(NOW), &FakeIssuer::default()).is_err());
    }
}
