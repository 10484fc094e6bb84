//! Detectors: any value is read, in any way that there is, to a verdict that its bytes allow.
#![no_main]

use durward_seclang::byteset::ByteSet;
use durward_seclang::detect::sqli::{Dialect, Lexer, Quote, Reading, fold};
use durward_seclang::detect::xss::{self, Place};
use durward_seclang::detect::{self, sqli};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|value: &[u8]| {
    let bytes = ByteSet::from_value(value);
    if let Some(shape) = detect::sqli(value) {
        assert!((1..=5).contains(&shape.as_bytes().len()));
        assert!(bytes.intersects(&sqli::NEEDED));
    }
    assert!(!detect::xss(value) || bytes.intersects(&xss::NEEDED));
    for dialect in [Dialect::Ansi, Dialect::MySql, Dialect::MySqlNumbers] {
        for quote in [None, Some(Quote::Single), Some(Quote::Double)] {
            let reading = Reading { quote, dialect };
            assert!(Lexer::new(value, reading).count() <= value.len().max(1));
            assert!(fold(value, reading).tokens().len() <= 6);
        }
    }
    for place in [Place::Text, Place::Tag, Place::Quoted(b'\''), Place::Quoted(b'"'), Place::Quoted(b'`')] {
        assert!(xss::Lexer::new(value, place).count() <= 2 * value.len() + 1);
    }
});
