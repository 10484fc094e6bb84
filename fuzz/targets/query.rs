//! Queries: the text is kept but for `;`, every pair decodes, and no part holds a separator.
#![no_main]

use durward_http::{Query, QueryLimits, decode_component};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &str| {
    let Ok(query) = Query::parse(Some(raw), QueryLimits::default()) else { return };
    assert_eq!(query.raw(), Some(&*raw.replace(';', "%3B")));
    for pair in query.pairs() {
        assert!(!pair.name.contains(['&', '=']) && !pair.value.contains('&'));
        for plus_is_space in [true, false] {
            assert!(decode_component(pair.name, plus_is_space).is_ok());
            assert!(decode_component(pair.value, plus_is_space).is_ok());
        }
    }
});
