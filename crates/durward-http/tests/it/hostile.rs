//! No reader panics, and what one accepts it accepts again in the form it gives out.

use durward_http::json::{Document, Limits};
use durward_http::multipart::MultipartLimits;
use durward_http::{
    Authority, CanonicalPath, Coding, CookieLimits, MediaRange, MediaType, PathRules, Query, QueryLimits, cookies,
    decode_component, field, form, inflate, multipart,
};
use http::{HeaderMap, HeaderValue, header};
use proptest::prelude::*;

proptest! {
    #[test]
    fn text(text in "[a-cA-C/.:;=,&%+*\"\\\\ \t@\\[\\]_0-9-]{0,40}|\\PC{0,20}") {
        if let Ok(path) = CanonicalPath::parse(&text, PathRules::default()) {
            let again = CanonicalPath::parse(path.as_str(), PathRules::default());
            prop_assert_eq!(again, Ok(path));
        }
        if let Ok(authority) = Authority::parse(&text) {
            prop_assert_eq!(Authority::parse(authority.as_str()), Ok(authority));
        }
        if let Ok(media) = MediaType::parse(&text) {
            prop_assert_eq!(MediaType::parse(&media.to_string()), Ok(media));
        }
        if let Ok(range) = MediaRange::parse(&text) {
            prop_assert_eq!(MediaRange::parse(&range.to_string()), Ok(range));
        }
        if let Ok(query) = Query::parse(Some(&text), QueryLimits::default()) {
            for pair in query.pairs() {
                prop_assert!(decode_component(pair.name, true).is_ok() && decode_component(pair.value, false).is_ok());
            }
            let form = form::parse(text.replace(';', "%3B").as_bytes(), form::FormLimits::default());
            prop_assert_eq!(form.map(|fields| fields.len()).ok(), Some(query.pairs().count()));
        }
        let _ = field::list(&text, 5);
    }

    #[test]
    fn media(text in "(a|A|application|text|\\*)/(b|json|x\\+json|\\*\\+json|\\*)( ?; ?(a|B|charset|q)=(x|utf-8|UTF-8|\"[ -~]{0,5}\")){0,3}") {
        for text in [MediaType::parse(&text).map(|media| media.to_string()), MediaRange::parse(&text).map(|range| range.to_string())].into_iter().flatten() {
            let again = MediaRange::parse(&text).map(|range| range.to_string());
            prop_assert_eq!(again, Ok(text));
        }
        if let (Ok(media), Ok(range)) = (MediaType::parse(&text), MediaRange::parse(&text)) {
            prop_assert!(range.matches(&media));
        }
    }

    #[test]
    fn cookie_lines(lines in prop::collection::vec("[ab=;\" ,\t]{0,12}", 0..3)) {
        let mut headers = HeaderMap::new();
        for line in &lines {
            headers.append(header::COOKIE, HeaderValue::from_str(line).unwrap());
        }
        if let Ok(cookies) = cookies(&headers, CookieLimits::default()) {
            let joined: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let written: String = lines.iter().flat_map(|line| line.trim().split(';')).map(|piece| piece.trim().to_owned() + ";").collect();
            prop_assert_eq!(joined.iter().map(|pair| pair.clone() + ";").collect::<String>(), written);
        }
    }

    #[test]
    fn parts(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..14)) {
        let body = pieces.concat();
        if let Ok(parts) = multipart::parse(body.as_bytes(), "b", MultipartLimits::default()) {
            // Parts are in order, apart from each other, and none contains a line that starts with the boundary.
            let mut end = 0;
            for part in &parts {
                prop_assert!(part.range.start >= end && part.range.end <= body.len());
                end = part.range.end;
                let content = String::from_utf8_lossy(part.content(body.as_bytes())).into_owned();
                prop_assert!(!content.starts_with("--b") && !content.contains("\n--b") && !content.contains("\r--b"));
            }
        }
    }

    #[test]
    fn bytes(data in prop::collection::vec(any::<u8>(), 0..80), flip: prop::sample::Index) {
        let _ = Document::parse(data.clone(), &Limits::default());
        let _ = form::parse(&data, form::FormLimits::default());
        let mut gzip = GZIP.to_vec();
        let at = flip.index(gzip.len());
        gzip[at] ^= data.first().copied().unwrap_or(1);
        for coding in [Coding::Gzip, Coding::Deflate, Coding::Brotli, Coding::Identity] {
            for data in [&data, &gzip] {
                if let Ok(decoded) = inflate(coding, data, 50_000, 10) {
                    prop_assert!(decoded.len() <= 50_000);
                }
            }
        }
    }
}

const PIECES: &[&str] = &[
    "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n",
    "--b\r\nContent-Disposition: form-data; name=\"x\"; filename=y\r\nContent-Type: text/plain\r\n\r\n\r\n",
    "--b",
    "--b--",
    "--",
    "\r\n",
    "\r\n\r\n",
    "\r",
    "\n",
    "b",
    "x",
    "name=",
    ";",
    "\"",
];

/// `hello\n`, compressed.
const GZIP: &[u8] =
    &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xe7, 2, 0, 0x20, 0x30, 0x3a, 0x36, 6, 0, 0, 0];
