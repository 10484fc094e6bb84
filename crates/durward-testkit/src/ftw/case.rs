//! The regression tests of the Core Rule Set as their YAML says them, in the form of CRS 4 and in the older one of CRS 3.

use std::fmt;
use std::path::Path;

use serde::Deserialize;
use serde::de::{self, SeqAccess, Visitor};

/// One test.
#[derive(Debug)]
pub struct Case {
    /// Such as `942100-1`.
    pub title: String,
    /// Requests, one after the other, with what is expected of each.
    pub stages: Vec<Stage>,
}

/// One request and what is expected of it.
#[derive(Debug)]
pub struct Stage {
    /// What is sent.
    pub input: Input,
    /// What is expected.
    pub output: Output,
}

/// What is sent.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The address it is sent to; the runner decides.
    #[serde(rename = "dest_addr")]
    _dest_addr: Option<String>,
    #[serde(rename = "port")]
    _port: Option<u16>,
    #[serde(rename = "protocol")]
    _protocol: Option<String>,
    /// The method; `GET` if not given.
    pub method: Option<String>,
    /// The target; `/` if not given.
    pub uri: Option<String>,
    /// The version; `HTTP/1.1` if not given.
    pub version: Option<String>,
    /// The fields.
    #[serde(default)]
    pub headers: Fields,
    /// The content.
    pub data: Option<Data>,
    /// The whole request in Base64.
    pub encoded_request: Option<String>,
    /// The whole request.
    pub raw_request: Option<String>,
    /// Whether what a client adds is added.
    autocomplete_headers: Option<bool>,
    /// The older word, with the opposite meaning.
    stop_magic: Option<bool>,
}

impl Input {
    /// Whether what a client adds is added.
    pub fn completed(&self) -> bool {
        self.autocomplete_headers.unwrap_or(!self.stop_magic.unwrap_or(false))
    }
}

/// What is expected.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// The status, one of these.
    #[serde(default)]
    pub status: Statuses,
    /// Whether the connection fails.
    #[serde(default)]
    pub expect_error: bool,
    /// What the log says.
    #[serde(default)]
    pub log: Log,
    log_contains: Option<String>,
    no_log_contains: Option<String>,
    #[serde(rename = "retry_once")]
    _retry_once: Option<bool>,
}

/// What the log says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Rules that it names.
    #[serde(default)]
    pub expect_ids: Vec<u64>,
    /// Rules that it does not name.
    #[serde(default)]
    pub no_expect_ids: Vec<u64>,
    /// A pattern that fits one of its lines.
    pub match_regex: Option<String>,
    /// A pattern that fits none of them.
    pub no_match_regex: Option<String>,
}

impl Log {
    /// Whether it names what must not be found.
    #[must_use]
    pub const fn forbids(&self) -> bool {
        !self.no_expect_ids.is_empty() || self.no_match_regex.is_some()
    }
}

/// Fields, by name as the client sorts them.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Fields(pub std::collections::BTreeMap<String, String>);

/// Content: text, or lines that CRLF joins.
#[derive(Debug)]
pub struct Data(pub String);

/// One status or several.
#[derive(Debug, Default)]
pub struct Statuses(pub Vec<u16>);

#[derive(Deserialize)]
struct File {
    rule_id: Option<u64>,
    tests: Vec<Test>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Test {
    test_id: Option<u64>,
    test_title: Option<String>,
    #[serde(rename = "desc")]
    _desc: Option<String>,
    stages: Vec<AnyStage>,
}

/// A stage of either form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnyStage {
    stage: Option<Box<AnyStage>>,
    input: Option<Input>,
    output: Option<Output>,
}

impl From<AnyStage> for Stage {
    fn from(read: AnyStage) -> Self {
        if let Some(inner) = read.stage {
            return Self::from(*inner);
        }
        let mut output = read.output.unwrap_or_default();
        output.log.match_regex = output.log.match_regex.or(output.log_contains.take());
        output.log.no_match_regex = output.log.no_match_regex.or(output.no_log_contains.take());
        Self { input: read.input.unwrap_or_default(), output }
    }
}

/// The tests of one file. A file in which everything is a comment has none.
pub fn read(path: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    if text.lines().all(|line| matches!(line.trim().as_bytes(), [] | [b'#', ..] | b"---")) {
        return Vec::new();
    }
    let file: File = serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let rule = file.rule_id.map_or_else(
        || path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        |number| number.to_string(),
    );
    let case = |(index, test): (usize, Test)| Case {
        title: test.test_title.unwrap_or_else(|| format!("{rule}-{}", test.test_id.unwrap_or(index as u64 + 1))),
        stages: test.stages.into_iter().map(Stage::from).collect(),
    };
    file.tests.into_iter().enumerate().map(case).collect()
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Data;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text or lines")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Data, E> {
                Ok(Data(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Data, A::Error> {
                let mut lines = Vec::<String>::new();
                while let Some(line) = sequence.next_element()? {
                    lines.push(line);
                }
                Ok(Data(lines.join("\r\n")))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl<'de> Deserialize<'de> for Statuses {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Statuses;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a status or several")
            }

            fn visit_u64<E: de::Error>(self, status: u64) -> Result<Statuses, E> {
                u16::try_from(status).map(|status| Statuses(vec![status])).map_err(E::custom)
            }

            fn visit_i64<E: de::Error>(self, status: i64) -> Result<Statuses, E> {
                u16::try_from(status).map(|status| Statuses(vec![status])).map_err(E::custom)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Statuses, A::Error> {
                let mut statuses = Vec::new();
                while let Some(status) = sequence.next_element()? {
                    statuses.push(status);
                }
                Ok(Statuses(statuses))
            }
        }
        deserializer.deserialize_any(Either)
    }
}
