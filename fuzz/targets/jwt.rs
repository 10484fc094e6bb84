//! Tokens: the compact form, and the claims of one whose signature is taken for good.
#![no_main]

use durward_authn::jose::Compact;
use durward_authn::jwt::{Claims, Profile};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(token) = Compact::parse(text)
    {
        let _ = Claims::read(token.typ(), token.payload(), "scope", None);
    }
    for profile in [None, Some(Profile::Rfc9068)] {
        let _ = Claims::read(Some("at+jwt"), bytes, "scope", profile);
    }
});
