//! `Content-Disposition` of a part.
//!
//! What `ModSecurity` accepts: `form-data`, then `name`, `filename` and `filename*`, each once. The value may stand in double
//! quotes, in single quotes (flagged: technically they belong to the name), or be a token.

use super::super::MultipartFlags;

/// What it says, as far as it could be read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Disposition {
    pub(super) name: Vec<u8>,
    pub(super) filename: Vec<u8>,
    /// Each name and file name, repeated ones included.
    pub(super) names: Vec<Vec<u8>>,
    pub(super) filenames: Vec<Vec<u8>>,
}

/// Reads the value of the field into `found`.
pub(super) fn read(value: &[u8], flags: &mut MultipartFlags, found: &mut Disposition) -> Result<(), &'static str> {
    let mut rest = value.strip_prefix(b"form-data").ok_or("not form-data")?;
    let mut extended = false;
    skip_blanks(&mut rest);
    if rest.is_empty() {
        return Ok(());
    }
    if !take(&mut rest, b';') {
        return Err("no semicolon after form-data");
    }
    while !rest.is_empty() {
        match parameter(&mut rest, flags)? {
            Parameter::Name(value) => keep(value, &mut found.name, &mut found.names, "name twice")?,
            Parameter::Filename(value) => keep(value, &mut found.filename, &mut found.filenames, "filename twice")?,
            Parameter::Extended if extended => return Err("filename* twice"),
            Parameter::Extended => extended = true,
        }
        let last = value.get(..value.len() - rest.len()).and_then(<[u8]>::last).copied();
        separator(&mut rest, last, flags)?;
    }
    if extended && found.filename.is_empty() {
        return Err("filename* without filename");
    }
    Ok(())
}

fn keep(value: Vec<u8>, slot: &mut Vec<u8>, all: &mut Vec<Vec<u8>>, twice: &'static str) -> Result<(), &'static str> {
    all.push(value.clone());
    if !slot.is_empty() {
        return Err(twice);
    }
    *slot = value;
    Ok(())
}

enum Parameter {
    Name(Vec<u8>),
    Filename(Vec<u8>),
    Extended,
}

fn parameter(rest: &mut &[u8], flags: &mut MultipartFlags) -> Result<Parameter, &'static str> {
    skip_blanks(rest);
    let name = split_while(rest, |byte| !matches!(byte, b'=' | b'\t' | b' '));
    skip_blanks(rest);
    if !take(rest, b'=') {
        return Err("parameter without a value");
    }
    skip_blanks(rest);
    match (name, *rest) {
        (_, []) => Err("parameter without a value"),
        (b"filename*", _) => extended(rest).map(|()| Parameter::Extended),
        (b"name", _) => Ok(Parameter::Name(parameter_value(rest, flags)?)),
        (b"filename", _) => Ok(Parameter::Filename(parameter_value(rest, flags)?)),
        _ => parameter_value(rest, flags).and(Err("unknown parameter")),
    }
}

fn parameter_value(rest: &mut &[u8], flags: &mut MultipartFlags) -> Result<Vec<u8>, &'static str> {
    match rest.split_first() {
        Some((quote @ (b'"' | b'\''), after)) => {
            flags.invalid_quoting |= *quote == b'\'';
            *rest = after;
            quoted(rest, *quote, flags)
        }
        // A token; a single quote is a character of tokens, and one that readers disagree on.
        _ => {
            let token = split_while(rest, is_token).to_vec();
            flags.invalid_quoting |= token.contains(&b'\'');
            Ok(token)
        }
    }
}

/// What stands up to the closing quote.
fn quoted(rest: &mut &[u8], quote: u8, flags: &mut MultipartFlags) -> Result<Vec<u8>, &'static str> {
    if rest.is_empty() {
        return Err("quote at the end");
    }
    let mut value = Vec::new();
    loop {
        match *rest {
            [] => {
                flags.invalid_quoting = true;
                return Ok(value);
            }
            [b'\\'] => return Err("escape at the end"),
            [b'\\', escaped, after @ ..] if *escaped == quote || *escaped == b'\\' => {
                value.push(*escaped);
                *rest = after;
            }
            [byte, after @ ..] => {
                *rest = after;
                if *byte == quote {
                    return Ok(value);
                }
                // Any other backslash too: some clients send paths as they are.
                value.push(*byte);
            }
        }
    }
}

/// RFC 8187: charset, language and percent-encoded text with `'` between.
fn extended(rest: &mut &[u8]) -> Result<(), &'static str> {
    let charset = split_while(rest, |byte| byte.is_ascii_alphanumeric() || b"!#$%&+-^_`{}~".contains(&byte));
    if charset.is_empty() || !take(rest, b'\'') {
        return Err("filename* without a charset");
    }
    split_while(rest, |byte| byte != b'\'');
    if !take(rest, b'\'') {
        return Err("filename* without a language");
    }
    loop {
        match *rest {
            [] | [b';', ..] => return Ok(()),
            [b'%', high, low, after @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => *rest = after,
            [b'%', ..] => return Err("filename* with an invalid escape"),
            [byte, after @ ..] if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`~".contains(byte) => *rest = after,
            _ => return Err("filename* with an invalid character"),
        }
    }
}

/// The semicolon between parameters, or the end.
fn separator(rest: &mut &[u8], last: Option<u8>, flags: &mut MultipartFlags) -> Result<(), &'static str> {
    let length = rest.len();
    skip_blanks(rest);
    if rest.is_empty() || take(rest, b';') {
        return Ok(());
    }
    // A quote ended the value, and another character follows: some readers go on to the last quote.
    flags.invalid_quoting |= length == rest.len() && matches!(last, Some(b'"' | b'\''));
    Err("no semicolon between parameters")
}

fn skip_blanks(rest: &mut &[u8]) {
    split_while(rest, is_blank);
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b'\t' | b' ')
}

fn take(rest: &mut &[u8], expected: u8) -> bool {
    match rest.split_first() {
        Some((first, after)) if *first == expected => {
            *rest = after;
            true
        }
        _ => false,
    }
}

fn split_while<'a>(rest: &mut &'a [u8], belongs: impl Fn(u8) -> bool) -> &'a [u8] {
    let length = rest.iter().take_while(|byte| belongs(**byte)).count();
    let (word, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
    *rest = after;
    word
}

const fn is_token(byte: u8) -> bool {
    byte > 32
        && byte < 127
        && !matches!(
            byte,
            b'(' | b')' | b'<' | b'>' | b'@' | b',' | b';' | b':' | b'\\' | b'"' | b'/' | b'[' | b']' | b'?' | b'='
        )
}

#[cfg(test)]
mod tests {
    use super::super::super::MultipartFlags;
    use super::{Disposition, read};

    fn seen(value: &str) -> (String, String, bool, Option<&'static str>) {
        let (mut flags, mut found) = (MultipartFlags::default(), Disposition::default());
        let end = read(value.as_bytes(), &mut flags, &mut found);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&found.name), text(&found.filename), flags.invalid_quoting, end.err())
    }

    #[test]
    fn reads() {
        for (value, name, filename, quoting, error) in [
            ("form-data", "", "", false, None),
            ("form-data;", "", "", false, None),
            ("form-data; name=a", "a", "", false, None),
            ("form-data;name=\"a b\";", "a b", "", false, None),
            ("form-data \t; name = \"a\" ; filename=\"x;y.txt\"", "a", "x;y.txt", false, None),
            ("form-data; filename=\"\"; name=\"\"", "", "", false, None),
            (r#"form-data; name="a\"b\\c""#, "a\"b\\c", "", false, None),
            (r#"form-data; name=a; filename="C:\dir\x""#, "a", "C:\\dir\\x", false, None),
            ("form-data; name=\"it's\"", "it's", "", false, None),
            ("form-data; name='a'", "a", "", true, None),
            ("form-data; name=it's", "it's", "", true, None),
            ("form-data; name=\"a", "a", "", true, None),
            ("form-data; name=a; filename=x; filename*=utf-8'en'%e2%82%acx", "a", "x", false, None),
            ("form-data; name=a; filename*=utf-8''x; filename=y", "a", "y", false, None),
            ("", "", "", false, Some("not form-data")),
            ("attachment; name=a", "", "", false, Some("not form-data")),
            ("Form-Data; name=a", "", "", false, Some("not form-data")),
            ("form-datax; name=a", "", "", false, Some("no semicolon after form-data")),
            ("form-data; ", "", "", false, Some("parameter without a value")),
            ("form-data; name=a; ", "a", "", false, Some("parameter without a value")),
            ("form-data; name", "", "", false, Some("parameter without a value")),
            ("form-data; name x", "", "", false, Some("parameter without a value")),
            ("form-data; name=", "", "", false, Some("parameter without a value")),
            ("form-data; name=\"", "", "", false, Some("quote at the end")),
            (r#"form-data; name="a\"#, "", "", false, Some("escape at the end")),
            ("form-data; name=a; size=1", "a", "", false, Some("unknown parameter")),
            ("form-data; Name=a", "", "", false, Some("unknown parameter")),
            ("form-data; name=a; name=b", "a", "", false, Some("name twice")),
            ("form-data; name=a; filename=x; filename=y", "a", "x", false, Some("filename twice")),
            ("form-data; name=a b", "a", "", false, Some("no semicolon between parameters")),
            ("form-data; name=a\"b", "a", "", false, Some("no semicolon between parameters")),
            ("form-data; name=\"a\"b\"", "a", "", true, Some("no semicolon between parameters")),
            ("form-data; name=\"a\" b", "a", "", false, Some("no semicolon between parameters")),
            ("form-data; name=a; filename*=utf-8''x", "a", "", false, Some("filename* without filename")),
            ("form-data; filename=x; filename*=a''x; filename*=a''y", "", "x", false, Some("filename* twice")),
            ("form-data; name=a; filename*=''x", "a", "", false, Some("filename* without a charset")),
            ("form-data; name=a; filename*=utf-8'x", "a", "", false, Some("filename* without a language")),
            ("form-data; name=a; filename*=utf-8''%4", "a", "", false, Some("filename* with an invalid escape")),
            ("form-data; name=a; filename*=utf-8''/", "a", "", false, Some("filename* with an invalid character")),
        ] {
            let expected = (name.to_owned(), filename.to_owned(), quoting, error);
            assert_eq!(seen(value), expected, "{value}");
        }
    }

    #[test]
    fn keeps_repeated_names() {
        let (mut flags, mut found) = (MultipartFlags::default(), Disposition::default());
        assert_eq!(read(b"form-data; name=a; name=b", &mut flags, &mut found), Err("name twice"));
        assert_eq!(found.names, [b"a", b"b"]);
    }
}
