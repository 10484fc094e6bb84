//! Form bodies: url-encoded, and the same bytes as parts under a boundary of their own.
#![no_main]

use durward_http::form::{self, FormLimits};
use durward_http::multipart::{self, MultipartLimits};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    if let Ok(fields) = form::parse(body, FormLimits::default()) {
        assert!(fields.iter().all(|(name, value)| name.len() + value.len() <= body.len() && !name.contains('\0')));
    }
    if let Ok(parts) = multipart::parse(body, "XX", MultipartLimits::default()) {
        let total: usize = parts.iter().map(|part| part.content(body).len()).sum();
        assert!(total <= body.len(), "parts overlap");
        assert!(
            parts.iter().all(|part| !part.content(body).windows(6).any(|bytes| bytes == b"\r\n--XX")),
            "a delimiter inside a part"
        );
    }
});
