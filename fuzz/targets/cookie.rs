//! Cookie fields: one line of the input is one field.
#![no_main]

use durward_http::{CookieLimits, cookies};
use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n').take(50) {
        let Ok(value) = HeaderValue::from_bytes(line) else { return };
        headers.append(http::header::COOKIE, value);
    }
    let Ok(found) = cookies(&headers, CookieLimits::default()) else { return };
    for (name, value) in found {
        assert!(!name.is_empty() && !name.contains(['=', ';', ' ']) && !value.contains([';', ' ']));
    }
});
