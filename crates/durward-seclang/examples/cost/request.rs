//! The four requests, each in a file: line ends are single line feeds there, the content begins behind the empty line.

/// What is sent, and whether the rules refuse it.
pub(crate) const REQUESTS: [(&str, &[u8], bool); 4] = [
    ("get", include_bytes!("requests/get.http"), false),
    ("json-1k", include_bytes!("requests/json-1k.http"), false),
    ("json-16k", include_bytes!("requests/json-16k.http"), false),
    ("sqli", include_bytes!("requests/sqli.http"), true),
];

/// A request, read.
pub(crate) struct Request {
    pub(crate) name: &'static str,
    pub(crate) method: &'static [u8],
    pub(crate) target: &'static [u8],
    pub(crate) fields: Vec<(&'static [u8], &'static [u8])>,
    pub(crate) content: &'static [u8],
    pub(crate) refused: bool,
}

impl Request {
    pub(crate) fn read((name, text, refused): (&'static str, &'static [u8], bool)) -> Self {
        let end = text.windows(2).position(|pair| pair == b"\n\n").expect("an empty line behind the fields");
        let (head, content) = text.split_at(end);
        let mut lines = head.split(|byte| *byte == b'\n');
        let mut words = lines.next().expect("a request line").split(|byte| *byte == b' ');
        let mut word = || words.next().expect("method, target and protocol");
        let (method, target) = (word(), word());
        let field = |line: &'static [u8]| {
            let colon = line.iter().position(|byte| *byte == b':').expect("a colon behind the name of a field");
            (&line[..colon], line[colon + 1..].trim_ascii())
        };
        Self { name, method, target, fields: lines.map(field).collect(), content: &content[2..], refused }
    }
}
