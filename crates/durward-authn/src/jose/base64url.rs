//! Base64url as JOSE wants it: no padding, no white space, no trailing bits (RFC 7515 section 2).

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const STRICT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(false),
);

/// Decodes; `None` for anything but the one canonical encoding.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    STRICT.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn only_the_canonical_form_decodes() {
        assert_eq!(decode("Zm9v").as_deref(), Some(b"foo".as_slice()));
        assert_eq!(decode("").as_deref(), Some(b"".as_slice()));
        // Zm8 = "fo" with zero trailing bits; Zm9 has a set bit that no byte holds.
        assert!(decode("Zm8").is_some());
        for wrong in ["Zm9", "Zm8=", "Zm9v=", "Zm9v\n", " Zm9v", "Zm+v", "Zm/v", "Z", "Zm9?", "Zm9v Zm9v"] {
            assert_eq!(decode(wrong), None, "{wrong:?}");
        }
    }
}
