//! Heads: method, target and fields through the first stage. What passes has one host and one path, whoever reads it.
//!
//! The input is `METHOD TARGET` on the first line and one `name: value` per further line. Bytes on a socket are hyper's part.
#![no_main]

use std::sync::{Arc, LazyLock};

use durward_core::{Moment, RequestIds};
use durward_edge::{EdgeConfig, EdgeStage};
use durward_http::{Authority, CanonicalPath, Connection, Facts, Framing, Head, PathRules};
use http::{HeaderMap, HeaderName, HeaderValue, Version};
use libfuzzer_sys::fuzz_target;

static STAGE: LazyLock<EdgeStage> = LazyLock::new(|| {
    let config = EdgeConfig { trusted_hops: vec!["192.0.2.0/24".parse().unwrap()], ..EdgeConfig::default() };
    EdgeStage::compile(config, std::collections::HashSet::new())
});

static CONNECTION: LazyLock<Arc<Connection>> = LazyLock::new(|| {
    Arc::new(Connection { peer: "192.0.2.7:1000".parse().unwrap(), local: "192.0.2.1:443".parse().unwrap(), tls: None })
});

fuzz_target!(|bytes: &[u8]| {
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let Some(facts) = facts(bytes, version) else { return };
        let hosts = facts.headers().get_all("host").iter().count();
        let Ok(clean) = STAGE.check(facts) else { continue };
        assert!(hosts <= 1, "two hosts passed");
        let path = clean.path().as_str();
        assert_eq!(CanonicalPath::parse(path, PathRules::default()).as_ref().map(CanonicalPath::as_str), Ok(path));
        let authority = clean.authority().as_str();
        assert_eq!(Authority::parse(authority).as_ref().map(Authority::as_str), Ok(authority));
    }
});

fn facts(bytes: &[u8], version: Version) -> Option<Facts> {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let mut first = lines.next()?.splitn(2, |byte| *byte == b' ');
    let method = http::Method::from_bytes(first.next()?).ok()?;
    let uri = http::Uri::try_from(first.next()?).ok()?;
    let mut headers = HeaderMap::new();
    for line in lines.take(100) {
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let name = HeaderName::from_bytes(parts.next()?).ok()?;
        headers.append(name, HeaderValue::from_bytes(parts.next()?.trim_ascii()).ok()?);
    }
    let framing = if headers.contains_key("transfer-encoding") { Framing::Streamed } else { Framing::Empty };
    let id = RequestIds::new(7).next(Moment::new(1, 1));
    Some(Facts::new(id, Moment::new(1, 1), Arc::clone(&CONNECTION), Head { method, uri, version, headers }, framing))
}
