//! Which patterns let only harmless text through.
//!
//! Told from the outside, character by character: it must be bound at both ends, and whatever it takes in between must
//! be letters and digits. Punctuation may stand in it where it is written, once: with `_` at will, text could be
//! `__proto__`; with `-`, `1--`; with `.`, `..`; with a space, `1 or 1`. Whatever is not understood is not harmless.

/// Whether text that matches can be taken for harmless.
pub(super) fn is_harmless(pattern: &str) -> bool {
    let Some(body) = pattern.strip_prefix('^').and_then(|rest| rest.strip_suffix('$')) else { return false };
    let mut rest = body.as_bytes();
    let mut depth = 0_usize;
    while let Some((first, after)) = rest.split_first() {
        rest = match (first, after) {
            (b'(', [b'?', b':', after @ ..]) => {
                depth += 1;
                after
            }
            (b'(', [b'?', ..]) => return false,
            (b'(', after) => {
                depth += 1;
                after
            }
            (b')', after) if depth > 0 => {
                depth -= 1;
                after
            }
            // Outside of a group it would come before the bounds.
            (b'|', after) if depth > 0 => after,
            (b'[', after) => match class(after) {
                Some(after) => after,
                None => return false,
            },
            (b'\\', [b'd', after @ ..]) => after,
            (b'\\', [b'.' | b'-', after @ ..]) | (b'_' | b':' | b' ' | b'-', after) if is_once(depth, after) => after,
            (b'{', after) => match count(after) {
                Some(after) => after,
                None => return false,
            },
            (b'*' | b'+' | b'?', after) => after,
            (byte, after) if byte.is_ascii_alphanumeric() => after,
            _ => return false,
        };
    }
    depth == 0
}

/// Whether what stands before `after` is there once and not again, so that no two of its kind meet.
fn is_once(depth: usize, after: &[u8]) -> bool {
    let after = after.strip_prefix(b"?").unwrap_or(after);
    let digit = after.starts_with(br"\d");
    depth == 0
        && (digit || !matches!(after.first(), Some(b'*' | b'+' | b'?' | b'{' | b'_' | b'-' | b'\\' | b':' | b' ')))
}

/// What follows the end of a class that has nothing but letters and digits.
fn class(mut rest: &[u8]) -> Option<&[u8]> {
    loop {
        rest = match rest {
            [b']', after @ ..] => return Some(after),
            [b'\\', b'd', after @ ..] => after,
            [from, b'-', to, after @ ..] if *to != b']' => {
                let kinds = [u8::is_ascii_digit, u8::is_ascii_lowercase, u8::is_ascii_uppercase];
                if !kinds.iter().any(|kind| kind(from) && kind(to)) {
                    return None;
                }
                after
            }
            [byte, after @ ..] if byte.is_ascii_alphanumeric() => after,
            _ => return None,
        };
    }
}

/// What follows the end of a repetition.
fn count(rest: &[u8]) -> Option<&[u8]> {
    let end = rest.iter().position(|byte| !(byte.is_ascii_digit() || *byte == b','))?;
    match rest.split_at_checked(end) {
        Some(([b'0'..=b'9', ..], [b'}', after @ ..])) => Some(after),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::is_harmless;

    #[test]
    fn judged() {
        for (pattern, expected) in [
            ("^[a-z]+$", true),
            ("^[A-Za-z0-9]{1,64}$", true),
            ("^[A-Za-z0-9-]{1,64}$", false),
            (r"^[\d\-]+$", false),
            (r"^-?\d+$", true),
            ("^-?-1$", false),
            ("^(-[a-z]*)+$", false),
            (r"^\d{4}-\d{2}$", true),
            (r"^[\d]+$", true),
            (r"^\d+\.\d{2}$", true),
            ("^[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{12}$", true),
            ("^(?:[a-f0-9]{8}){2}$", true),
            ("^(?:red|green)$", true),
            ("^ord_[a-z0-9]+$", true),
            ("^v1:[0-9]+$", true),
            ("^$", true),
            ("", false),
            ("[a-z]+", false),
            ("^[a-z]+", false),
            ("[a-z]+$", false),
            (r"^[a-z]+\$", false),
            ("^a|b$", false),
            ("^[a-z]*|.*$", false),
            ("^(a)|(.)$", false),
            ("^.*$", false),
            ("^[^<>]*$", false),
            (r"^\w+$", false),
            (r"^\D+$", false),
            (r"^\S+$", false),
            (r"^\W$", false),
            ("^[A-z]+$", false),
            ("^[!-~]+$", false),
            ("^[ -a]+$", false),
            ("^[0-z]+$", false),
            ("^[a-z ]+$", false),
            ("^[a-z_]+$", false),
            ("^[a-z.]+$", false),
            ("^_+$", false),
            ("^__proto__$", false),
            (r"^\.\.$", false),
            (r"^(\.)+$", false),
            (r"^\.+$", false),
            ("^a b$", true),
            ("^a {2}b$", false),
            ("^[[a-z]]$", false),
            ("^[a-z&&[^b]]$", false),
            (r"^[a\]b]$", false),
            ("^[a", false),
            ("^[a$", false),
            ("^[]a]$", false),
            ("^(a$", false),
            ("^a)$", false),
            ("^(?i)a$", false),
            ("^(?!a)b$", false),
            ("^(?=a)b$", false),
            ("^(?<n>a)$", false),
            (r"^(a)\1$", false),
            (r"^\x41$", false),
            (r"^a\b$", false),
            ("^a{,3}$", false),
            ("^a{$", false),
            ("^é$", false),
            ("^a^b$", false),
            ("^a$b$", false),
        ] {
            assert_eq!(is_harmless(pattern), expected, "{pattern}");
        }
    }
}
