//! Certificates in PEM (RFC 7468): only the text form is read here, the certificates are judged by whoever uses them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The certificates of a PEM file, in DER. Text between the blocks is ignored.
///
/// # Errors
/// What is wrong with the file: no certificate, a block that does not end or does not decode, or a block of something
/// else, such as a private key that should not be there.
pub fn certificates_from_pem(text: &str) -> Result<Vec<Vec<u8>>, String> {
    let mut certificates = Vec::new();
    let mut lines = text.lines().zip(1usize..);
    while let Some((line, number)) = lines.next() {
        let Some(label) = boundary(line, "-----BEGIN ") else { continue };
        if label != LABEL {
            return Err(format!("line {number} begins a `{label}`, not a `{LABEL}`"));
        }
        let mut body = String::new();
        loop {
            match lines.next() {
                Some((line, _)) if boundary(line, "-----END ") == Some(LABEL) => break,
                Some((line, _)) if !line.starts_with("-----") => body.push_str(line.trim()),
                Some(_) | None => return Err(format!("the certificate that begins on line {number} does not end")),
            }
        }
        match STANDARD.decode(&body) {
            Ok(der) if is_sequence(&der) => certificates.push(der),
            Ok(der) if !der.is_empty() => {
                return Err(format!("the certificate that begins on line {number} is cut or is no certificate"));
            }
            Ok(_) => return Err(format!("the certificate that begins on line {number} is empty")),
            Err(_) => return Err(format!("the certificate that begins on line {number} is not base64")),
        }
    }
    if certificates.is_empty() { Err("there is no certificate in the file".to_owned()) } else { Ok(certificates) }
}

/// Whether this is one DER sequence and nothing else (X.690 section 8.1): what every certificate is from outside.
fn is_sequence(der: &[u8]) -> bool {
    let [0x30, first, rest @ ..] = der else { return false };
    let (length, content) = match first & 0x80 {
        0 => (usize::from(*first), rest),
        _ => match rest.split_at_checked(usize::from(first & 0x7f)) {
            Some((bytes, content)) if (1..=3).contains(&bytes.len()) => {
                (bytes.iter().fold(0, |length, byte| (length << 8) | usize::from(*byte)), content)
            }
            _ => return false,
        },
    };
    length == content.len()
}

fn boundary<'a>(line: &'a str, start: &str) -> Option<&'a str> {
    line.trim_end().strip_prefix(start)?.strip_suffix("-----")
}

const LABEL: &str = "CERTIFICATE";

#[cfg(test)]
mod tests {
    use super::certificates_from_pem;

    #[test]
    fn certificates_are_read_and_mistakes_are_named() {
        let block = "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n";
        assert_eq!(certificates_from_pem(block), Ok(vec![vec![0x30, 3, 2, 1, 1]]));
        assert_eq!(certificates_from_pem(&format!("subject: a\r\n{block}{block}")).map(|all| all.len()), Ok(2));
        let table = [
            ("", "there is no certificate"),
            ("MAMCAQE=", "there is no certificate"),
            ("-----BEGIN PRIVATE KEY-----\n", "line 1 begins a `PRIVATE KEY`"),
            ("\n-----BEGIN CERTIFICATE-----\nMAMCAQE=\n", "line 2 does not end"),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "is cut or is no certificate"),
            ("-----BEGIN CERTIFICATE-----\nMAMCAQ==\n-----END CERTIFICATE-----", "is cut or is no certificate"),
            ("-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----", "not base64"),
            ("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----", "is empty"),
            (&format!("-----BEGIN CERTIFICATE-----\n{block}"), "does not end"),
        ];
        for (text, expected) in table {
            let found = certificates_from_pem(text).unwrap_err();
            assert!(found.contains(expected), "{text:?}: {found}");
        }
    }
}
