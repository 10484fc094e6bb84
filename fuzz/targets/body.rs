//! Body processors: the first byte chooses one. Limits hold, places are places of the content, cut content is no error,
//! and JSON is what serde_json takes for JSON.
#![no_main]

use durward_seclang::arena::Arena;
use durward_seclang::ast::Processor;
use durward_seclang::body::{self, Dialect, Limits, Parsed};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((choice, rest)) = input.split_first() else { return };
    let processor = match choice & 3 {
        0 => Processor::UrlEncoded,
        1 => Processor::Json,
        2 => Processor::Xml,
        _ => Processor::Multipart,
    };
    // The first line is the content type.
    let end = rest.iter().position(|byte| *byte == b'\n');
    let (content_type, content) = match (processor, end) {
        (Processor::Multipart, Some(end)) => (&rest[..end], &rest[end + 1..]),
        _ => (&b"multipart/form-data; boundary=b"[..], rest),
    };
    let complete = choice & 4 == 0;
    let mut limits = if choice & 8 == 0 {
        Limits::default()
    } else {
        Limits { arguments: 5, no_files: 200, json_depth: 4, xml_depth: 4, files: 1, ..Limits::default() }
    };
    if choice & 16 != 0 {
        limits.dialect = Dialect::Coraza;
    }

    let mut arena = Arena::default();
    let parsed = body::parse(processor, content_type, content, complete, &limits, &mut arena);
    within(&parsed, content, &limits, &arena);
    if processor == Processor::Json && complete && choice & 8 == 0 && !parsed.too_large && !parsed.arguments_exceeded {
        json(content, parsed.error.is_none());
    }
});

fn within(parsed: &Parsed, content: &[u8], limits: &Limits, arena: &Arena) {
    assert!(parsed.args.len() <= limits.arguments);
    let values: usize = parsed.args.iter().map(|pair| arena.get(pair.value).len()).sum();
    assert!(values <= 3 * content.len() + 20 * parsed.args.len(), "{values} bytes of {}", content.len());
    for file in &parsed.files {
        assert!(content.get(file.content.clone()).is_some());
    }
    if let Some(error) = &parsed.error {
        assert!(error.offset <= content.len(), "{error}");
        assert!(error.processor != "Multipart" || parsed.multipart.strict_error());
    }
    if let Some(xml) = &parsed.xml {
        let text: usize = xml.text.iter().chain(&xml.attributes).map(|span| arena.get(*span).len()).sum();
        assert!(text <= content.len(), "something expands");
    }
}

fn json(content: &[u8], taken: bool) {
    // serde_json recurses, and so has a limit of its own; it does not look at the bytes of strings that it skips.
    let depth = content.iter().filter(|byte| matches!(byte, b'[' | b'{')).count();
    if depth < 100 && std::str::from_utf8(content).is_ok() && !content.is_empty() {
        let theirs = serde_json::from_slice::<serde::de::IgnoredAny>(content).is_ok();
        assert_eq!(taken, theirs);
    }
}
