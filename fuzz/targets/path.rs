//! Paths: whatever is accepted is canonical, and reading it again changes nothing.
#![no_main]

use durward_http::{CanonicalPath, PathRules};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|raw: &str| {
    for allow_semicolon in [false, true] {
        let rules = PathRules { allow_semicolon };
        let Ok(path) = CanonicalPath::parse(raw, rules) else { continue };
        assert_eq!(CanonicalPath::parse(path.as_str(), rules).as_ref(), Ok(&path));
        assert!(path.as_str().starts_with('/') && path.as_str().bytes().all(|byte| byte.is_ascii_graphic()));
        assert!(path.segments().all(|segment| segment != "." && segment != ".."));
        path.segments().for_each(|segment| drop(durward_http::decode_segment(segment)));
    }
});
