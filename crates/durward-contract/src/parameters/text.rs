//! Text to values: cut first, decode then, so that an escaped separator is data.

use std::borrow::Cow;

use durward_http::decode_component;
use serde_json::{Map, Number, Value};

use crate::schema::{Shape, Types};

/// How text is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// Percent escapes, and `+` for a space.
    Query,
    /// Percent escapes.
    Path,
    /// Not at all.
    Plain,
}

/// What stands between the parts of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Separator {
    Comma,
    Space,
    Pipe,
    Dot,
    Semicolon,
}

/// How the parts of a value are told apart, and read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    pub(crate) encoding: Encoding,
    /// Whether text that looks like a number is one where the schema allows both.
    pub(crate) guess: bool,
}

/// Numbers with more digits are not read as numbers.
const MOST_DIGITS: usize = 100;

/// Decodes one part. Text with broken escapes is no value at all.
pub(crate) fn decode(raw: &str, encoding: Encoding) -> Option<Cow<'_, str>> {
    match encoding {
        Encoding::Query => decode_component(raw, true).ok(),
        Encoding::Path => decode_component(raw, false).ok(),
        Encoding::Plain => Some(Cow::Borrowed(raw)),
    }
}

impl Separator {
    /// Cuts text that is not decoded yet.
    pub(crate) fn cut(self, raw: &str, encoding: Encoding) -> Vec<&str> {
        let escaped = encoding != Encoding::Plain;
        match self {
            Self::Comma => {
                let parts = raw.split(',');
                // A list in a field may have white space around its commas (RFC 9110 section 5.6.1).
                if escaped { parts.collect() } else { parts.map(|part| part.trim_matches([' ', '\t'])).collect() }
            }
            Self::Dot => raw.split('.').collect(),
            Self::Semicolon => raw.split(';').collect(),
            Self::Space if escaped => raw.split('+').flat_map(|part| part.split("%20")).collect(),
            Self::Space => raw.split(' ').collect(),
            Self::Pipe if escaped => {
                raw.split('|').flat_map(|part| part.split("%7C")).flat_map(|part| part.split("%7c")).collect()
            }
            Self::Pipe => raw.split('|').collect(),
        }
    }
}

impl Reading {
    /// A plain value.
    pub(crate) fn scalar(self, raw: &str, types: Types) -> Option<Value> {
        let text = decode(raw, self.encoding)?;
        Some(self.decoded(text, types))
    }

    /// A plain value whose text is decoded.
    pub(crate) fn decoded(self, text: Cow<'_, str>, types: Types) -> Value {
        let is_any = types == Types::ANY;
        if (self.guess || !types.has(Types::STRING)) && !is_any {
            if types.has(Types::INTEGER)
                && is_integer(&text)
                && let Some(number) = number(&text)
            {
                return Value::Number(number);
            }
            if types.has(Types::NUMBER)
                && is_number(&text)
                && let Some(number) = number(&text)
            {
                return Value::Number(number);
            }
            match &*text {
                "true" if types.has(Types::BOOLEAN) => return Value::Bool(true),
                "false" if types.has(Types::BOOLEAN) => return Value::Bool(false),
                "null" if types.has(Types::NULL) => return Value::Null,
                _ => {}
            }
        }
        Value::String(text.into_owned())
    }

    /// An array of plain values.
    pub(crate) fn array<'r>(self, parts: impl IntoIterator<Item = &'r str>, shape: &Shape) -> Option<Value> {
        let types = shape.items.as_ref().map_or(Types::ANY, |items| items.types);
        parts.into_iter().map(|part| self.scalar(part, types)).collect()
    }

    /// An array from a single text; nothing between separators is no item, unless items may be empty text.
    pub(crate) fn list(self, raw: &str, separator: Separator, shape: &Shape) -> Option<Value> {
        let types = shape.items.as_ref().map_or(Types::ANY, |items| items.types);
        if raw.is_empty() && !types.has(Types::STRING) {
            return Some(Value::Array(Vec::new()));
        }
        self.array(separator.cut(raw, self.encoding), shape)
    }

    /// An object written `k,v,k,v`.
    pub(crate) fn alternating(self, parts: &[&str], shape: &Shape) -> Option<Value> {
        let mut map = Map::new();
        for pair in parts.chunks(2) {
            let [name, value] = pair else { return None };
            self.member(&mut map, name, value, shape)?;
        }
        Some(Value::Object(map))
    }

    /// An object written `k=v` several times.
    pub(crate) fn assigned(self, parts: &[&str], shape: &Shape) -> Option<Value> {
        let mut map = Map::new();
        for part in parts {
            let (name, value) = part.split_once('=')?;
            self.member(&mut map, name, value, shape)?;
        }
        Some(Value::Object(map))
    }

    /// One member; the same name twice is no value.
    pub(crate) fn member(self, map: &mut Map<String, Value>, name: &str, value: &str, shape: &Shape) -> Option<()> {
        let name = decode(name, self.encoding)?;
        let types = shape.property(&name).map_or(Types::ANY, |shape| shape.types);
        let value = self.scalar(value, types)?;
        map.insert(name.into_owned(), value).is_none().then_some(())
    }
}

/// A canonical decimal integer: no sign but `-`, no leading zeros, no exponent, nothing around it.
pub(crate) fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.len() <= MOST_DIGITS
        && !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits == text || digits != "0")
        && (digits == "0" || !digits.starts_with('0'))
}

/// A number as JSON writes it.
pub(crate) fn is_number(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = fraction.is_none() && exponent.is_none();
    text.len() <= MOST_DIGITS
        && (is_integer(whole) || (whole == "-0" && !is_plain))
        && fraction.is_none_or(is_digits)
        && exponent.is_none_or(|exponent| {
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            digits.len() <= 3 && is_digits(digits)
        })
}

/// The value of canonical text, exact where that fits.
pub(crate) fn number(text: &str) -> Option<Number> {
    let exact = text.parse::<i64>().map(Number::from).or_else(|_| text.parse::<u64>().map(Number::from));
    exact.ok().or_else(|| Number::from_f64(text.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_numbers() {
        for (text, integer, number) in [
            ("0", true, true),
            ("7", true, true),
            ("-7", true, true),
            ("12345678901234567890123", true, true),
            ("-0", false, false),
            ("+7", false, false),
            ("07", false, false),
            ("", false, false),
            ("-", false, false),
            (" 7", false, false),
            ("7 ", false, false),
            ("1e3", false, true),
            ("1E+3", false, true),
            ("1.0", false, true),
            ("-0.5", false, true),
            (".5", false, false),
            ("5.", false, false),
            ("1e", false, false),
            ("1e9999", false, false),
            ("0x10", false, false),
            ("1_000", false, false),
            ("NaN", false, false),
            ("Infinity", false, false),
            ("\u{661}", false, false),
        ] {
            assert_eq!((is_integer(text), is_number(text)), (integer, number), "{text}");
        }
    }
}
