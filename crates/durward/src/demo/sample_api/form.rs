//! Percent-decoding and `application/x-www-form-urlencoded`, the lenient way many frameworks do it.

/// Decodes `%XX`; what is not a valid escape stays as it is, and bytes that are not UTF-8 are replaced.
pub(super) fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    loop {
        match rest {
            [] => break,
            [b'%', high, low, tail @ ..] => {
                if let (Some(high), Some(low)) = (hex(*high), hex(*low)) {
                    out.push(high << 4 | low);
                    rest = tail;
                } else {
                    out.push(b'%');
                    rest = rest.get(1..).unwrap_or_default();
                }
            }
            [byte, tail @ ..] => {
                out.push(*byte);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The value of the first field of that name.
pub(super) fn field(form: &str, name: &str) -> Option<String> {
    let plain = |text: &str| decode(&text.replace('+', " "));
    form.split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .find(|(key, _)| plain(key) == name)
        .map(|(_, value)| plain(value))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::{decode, field};

    #[test]
    fn escapes_are_decoded_and_bad_ones_stay() {
        for (text, expected) in [("", ""), ("a%20b", "a b"), ("%2f%2F", "//"), ("100%", "100%"), ("%zz%4", "%zz%4")] {
            assert_eq!(decode(text), expected, "{text}");
        }
        assert_eq!(field("a=1&message=two+words%21&b", "message").as_deref(), Some("two words!"));
        assert_eq!(field("a=1&b", "b").as_deref(), Some(""));
        assert_eq!(field("a=1", "c"), None);
    }
}
