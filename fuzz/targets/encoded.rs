//! Compressed bodies: never more out than the cap, whatever comes in.
#![no_main]

use durward_http::{Coding, inflate};
use libfuzzer_sys::fuzz_target;

const CAP: usize = 256 * 1024;

fuzz_target!(|bytes: &[u8]| {
    for name in ["gzip", "deflate", "br"] {
        let Ok(coding) = Coding::parse(name) else { continue };
        if let Ok(content) = inflate(coding, bytes, CAP, 100) {
            assert!(content.len() <= CAP);
        }
    }
});
