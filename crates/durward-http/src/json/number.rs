//! Numbers by their text.
//!
//! JSON numbers have no size, and readers round differently; so the text is kept, and conversions say when they cannot
//! be exact.

use std::fmt;

/// A number as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number<'a> {
    text: &'a str,
}

impl<'a> Number<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text }
    }

    /// The exact text.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.text
    }

    /// The value, where it is written as an integer that fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        self.text.parse().ok()
    }

    /// The value, where it is written as an integer that fits.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        self.text.parse().ok()
    }

    /// The nearest finite value.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        self.text.parse().ok().filter(|value: &f64| value.is_finite())
    }

    /// Whether it is written without fraction and exponent.
    #[must_use]
    pub fn is_written_as_integer(&self) -> bool {
        !self.text.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E'))
    }

    /// Whether its value is an integer, decided on the text without rounding: `1.0` and `1.5e1` are, `1e-1` is not.
    #[must_use]
    pub fn is_integer(&self) -> bool {
        if self.is_written_as_integer() {
            return true;
        }
        let (mantissa, exponent) = self.text.split_once(['e', 'E']).unwrap_or((self.text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let fraction = fraction.trim_end_matches('0');
        let whole_zeros = whole.len() - whole.trim_end_matches('0').len();
        if fraction.is_empty() && whole.trim_start_matches('-').len() == whole_zeros {
            return true;
        }
        // How far the last digit that is not zero stands after the decimal point; negative before it.
        let places = if fraction.is_empty() { -signed(whole_zeros) } else { signed(fraction.len()) };
        exponent.parse::<i64>().is_ok_and(|exponent| places <= exponent)
    }
}

impl fmt::Display for Number<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

fn signed(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::Number;

    #[test]
    fn integers() {
        for (text, integer, written) in [
            ("0", true, true),
            ("-0", true, true),
            ("-0.0", true, false),
            ("0e-5", true, false),
            ("12", true, true),
            ("1.0", true, false),
            ("1.5", false, false),
            ("1.5e1", true, false),
            ("1.5E+1", true, false),
            ("1.55e1", false, false),
            ("10e-1", true, false),
            ("10e-2", false, false),
            ("100.00e-2", true, false),
            ("1e-1", false, false),
            ("1e400", true, false),
            ("0.000", true, false),
            ("-100.50", false, false),
            ("1e-99999999999999999999", false, false),
        ] {
            let number = Number::new(text);
            assert_eq!((number.is_integer(), number.is_written_as_integer()), (integer, written), "{text}");
        }
    }

    #[test]
    fn conversions() {
        for (text, signed, unsigned, float) in [
            ("0", Some(0), Some(0), Some(0.0)),
            ("-1", Some(-1), None, Some(-1.0)),
            ("18446744073709551615", None, Some(u64::MAX), Some(18_446_744_073_709_551_615.0)),
            ("-9223372036854775808", Some(i64::MIN), None, Some(-9_223_372_036_854_775_808.0)),
            ("1.5", None, None, Some(1.5)),
            ("1e2", None, None, Some(100.0)),
            ("9e999", None, None, None),
        ] {
            let number = Number::new(text);
            assert_eq!((number.as_i64(), number.as_u64(), number.as_f64()), (signed, unsigned, float), "{text}");
        }
    }
}
