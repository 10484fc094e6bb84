//! Exempt values: no operator sees them, and everything else is as it would be without.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;

use super::{origin, program};
use crate::exempt::{Exempt, Place};
use crate::overlay::{Overlay, OverlaySpec};
use crate::transaction::{Scratch, Transaction};

/// What is exempt: names of parameters, and a tree of members (`*` stands for all elements). Places are nodes.
#[derive(Debug, Default)]
struct Table {
    names: Vec<&'static str>,
    nodes: Vec<(bool, BTreeMap<&'static str, u32>)>,
}

impl Table {
    fn new(names: &[&'static str], paths: &[&[&'static str]]) -> Arc<Self> {
        let mut table = Self { names: names.to_vec(), nodes: vec![Default::default()] };
        for path in paths {
            let mut at = 0;
            for segment in *path {
                let next = table.nodes.len() as u32;
                at = *table.nodes[at as usize].1.entry(segment).or_insert(next);
                if at == next {
                    table.nodes.push(Default::default());
                }
            }
            table.nodes[at as usize].0 = true;
        }
        Arc::new(table)
    }

    fn has(&self, name: &[u8]) -> bool {
        self.names.iter().any(|known| known.as_bytes() == name)
    }

    fn step(&self, at: Place, segment: &str) -> Option<Place> {
        self.nodes[at.0 as usize].1.get(segment).copied().map(Place)
    }
}

impl Exempt for Table {
    fn query(&self, name: &[u8]) -> bool {
        self.has(name)
    }

    fn header(&self, name: &[u8]) -> bool {
        self.has(&name.to_ascii_lowercase())
    }

    fn cookie(&self, name: &[u8]) -> bool {
        self.has(name)
    }

    fn field(&self, name: &[u8]) -> bool {
        self.has(name)
    }

    fn document(&self) -> Option<Place> {
        Some(Place(0))
    }

    fn member(&self, object: Place, name: &[u8]) -> Option<Place> {
        self.step(object, std::str::from_utf8(name).ok().filter(|name| *name != "*")?)
    }

    fn elements(&self, array: Place) -> Option<Place> {
        self.step(array, "*")
    }

    fn value(&self, place: Place) -> bool {
        self.nodes[place.0 as usize].0
    }
}

/// A request in parts.
#[derive(Debug, Clone, Default)]
struct Request {
    target: String,
    fields: Vec<(String, String)>,
    content_type: &'static str,
    content: String,
}

/// When the exemptions become known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Never,
    AtOnce,
    /// After phase 1, which has scanned everything but the content.
    Later,
}

/// What was seen, as `id VARIABLE:key=value`, in order.
fn seen(overlay: &Arc<Overlay>, request: &Request, table: &Arc<Table>, when: When) -> Vec<String> {
    let mut scratch = Scratch::default();
    let mut transaction = Transaction::new(Arc::clone(overlay), &origin());
    if when == When::AtOnce {
        transaction.exempt(Arc::clone(table) as Arc<dyn Exempt>);
    }
    transaction.request_line(b"POST", request.target.as_bytes(), b"HTTP/1.1");
    transaction.request_header(b"Content-Type", request.content_type.as_bytes());
    for (name, value) in &request.fields {
        transaction.request_header(name.as_bytes(), value.as_bytes());
    }
    transaction.run_request_headers(&mut scratch);
    if when == When::Later {
        transaction.exempt(Arc::clone(table) as Arc<dyn Exempt>);
    }
    transaction.request_body(request.content.as_bytes());
    transaction.run_request_body(&mut scratch);
    transaction.finish(&mut scratch);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let all = transaction.matches().iter().flat_map(|found| {
        let id = found.id().0;
        found
            .evidence
            .iter()
            .map(move |it| format!("{id} {}:{}={}", it.variable.name(), text(&it.key), text(&it.value)))
    });
    all.collect()
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const AS_JSON: &str = "SecRule REQUEST_HEADERS:Content-Type \"@streq application/json\" \
                       id:99,phase:1,nolog,ctl:requestBodyProcessor=JSON\n";

fn overlays(rules: &str) -> [Arc<Overlay>; 2] {
    let program = program(&format!("{AS_JSON}{rules}"));
    let spec = OverlaySpec::default();
    [Overlay::new(&program, &spec).unwrap(), Overlay::interpreted(&program, &spec).unwrap()].map(Arc::new)
}

fn check(rules: &str, request: &Request, table: &Arc<Table>, expected: &[&str]) {
    for overlay in overlays(rules) {
        for when in [When::AtOnce, When::Later] {
            assert_eq!(seen(&overlay, request, table, when), expected, "{rules} {request:?} {when:?}");
        }
    }
}

fn post(target: &str, content_type: &'static str, content: &str) -> Request {
    Request { target: target.into(), content_type, content: content.into(), ..Request::default() }
}

const ANY: &str = "SecRule ARGS \"@rx .\" id:1,phase:2";

#[test]
fn no_operator_looks() {
    let table = Table::new(&["id", "x-id"], &[]);
    let mut request = post("/a?id=1&q=2", FORM, "id=3&q=4");
    request.fields = vec![("X-ID".into(), "5".into()), ("Cookie".into(), "id=6; q=7".into())];
    let id = "\"@rx .\" id:1,phase:2";
    for (rule, expected) in [
        (&*format!("SecRule ARGS {id}"), &["1 ARGS:q=2", "1 ARGS:q=4"][..]),
        (&format!("SecRule ARGS:id {id}"), &[]),
        (&format!("SecRule ARGS:/i/ {id}"), &[]),
        (&format!("SecRule ARGS_GET {id}"), &["1 ARGS_GET:q=2"]),
        (&format!("SecRule ARGS_POST {id}"), &["1 ARGS_POST:q=4"]),
        (&format!("SecRule REQUEST_HEADERS:x-id {id}"), &[]),
        (&format!("SecRule REQUEST_COOKIES {id}"), &["1 REQUEST_COOKIES:q=7"]),
        // Rules that are not scanned: negated, with an argument of the transaction, several forms, later links of a chain.
        ("SecRule ARGS \"!@streq x\" id:1,phase:2", &["1 ARGS:q=2", "1 ARGS:q=4"]),
        ("SecRule ARGS \"@contains %{tx.nothing}\" id:1,phase:2", &["1 ARGS:q=2", "1 ARGS:q=4"]),
        ("SecRule ARGS \"@rx .\" id:1,phase:2,t:lowercase,multiMatch", &["1 ARGS:q=2", "1 ARGS:q=4"]),
        (
            "SecRule REQUEST_METHOD \"@rx .\" id:1,phase:2,chain\nSecRule ARGS \"@rx .\"",
            &["1 REQUEST_METHOD:=POST", "1 ARGS:q=2", "1 ARGS:q=4"],
        ),
        // What holds an exempt value is looked at, and so is its name; it is counted, and can be asked for.
        ("SecRule QUERY_STRING \"@contains id=1\" id:1,phase:2", &["1 QUERY_STRING:=id=1&q=2"]),
        ("SecRule REQUEST_URI \"@contains id=1\" id:1,phase:2", &["1 REQUEST_URI:=/a?id=1&q=2"]),
        ("SecRule REQUEST_BODY \"@contains id=3\" id:1,phase:2", &["1 REQUEST_BODY:=id=3&q=4"]),
        ("SecRule REQUEST_HEADERS:Cookie \"@contains id=6\" id:1,phase:2", &["1 REQUEST_HEADERS:Cookie=id=6; q=7"]),
        ("SecRule ARGS_GET_NAMES \"@streq id\" id:1,phase:2", &["1 ARGS_GET_NAMES:id=id"]),
        ("SecRule &ARGS \"@eq 4\" id:1,phase:2", &["1 ARGS:=4"]),
        ("SecRule &ARGS:id \"@eq 2\" id:1,phase:2", &["1 ARGS:id=2"]),
        ("SecRule ARGS_COMBINED_SIZE \"@eq 10\" id:1,phase:2", &["1 ARGS_COMBINED_SIZE:=10"]),
        ("SecRule REQUEST_METHOD \"@within POST%{ARGS.id}\" id:1,phase:2", &["1 REQUEST_METHOD:=POST"]),
    ] {
        check(rule, &request, &table, expected);
    }
}

#[test]
fn a_document_is_followed_by_its_places() {
    let table = Table::new(&["json.a.b"], &[&["a", "b"], &["c", "*"], &["c", "*", "d"], &["", "e"], &["f", "*", "*"]]);
    let path = "/?x=0";
    for (content, expected) in [
        (r#"{"a":{"b":1}}"#, &["x=0"][..]),
        (r#"{"a":{"b":1},"a":{"b":"2","b":null}}"#, &["x=0"]),
        (r#"{"\u0061":{"\u0062":1}}"#, &["x=0"]),
        // The same names, and other places.
        (r#"{"a.b":1}"#, &["x=0", "json.a.b=1"]),
        (r#"{"a":{"b":{"":1}}}"#, &["x=0", "json.a.b.empty-key=1"]),
        (r#"{"a":[{"b":1}]}"#, &["x=0", "json.a.array_0.b=1"]),
        (r#"{"a":{"b":[1]}}"#, &["x=0", "json.a.b.array_0=1"]),
        (r#"{"A":{"b":1}}"#, &["x=0", "json.A.b=1"]),
        (r#"[{"a":{"b":1}}]"#, &["x=0", "json.array_0.a.b=1"]),
        (
            r#"{"c":[1,[2],{"d":3,"e":4},5],"d":6}"#,
            &["x=0", "json.c.array_1.array_0=2", "json.c.array_2.e=4", "json.d=6"],
        ),
        (r#"{"c":{"array_0":1,"*":2}}"#, &["x=0", "json.c.array_0=1", "json.c.*=2"]),
        (r#"{"":{"e":1}}"#, &["x=0"]),
        (r#"{"empty-key":{"e":1}}"#, &["x=0", "json.empty-key.e=1"]),
        (
            r#"{"f":[[1,2],[],[3,{"g":4}],5],"a":{"x":6,"b":7}}"#,
            &["x=0", "json.f.array_2.array_1.g=4", "json.f.array_3=5", "json.a.x=6"],
        ),
        // Bytes that no proven value has.
        (r#"{"a":{"b":"1'"}}"#, &["x=0", "json.a.b=1'"]),
        (r#"{"a":{"b":"caf\u00e9"}}"#, &["x=0", "json.a.b=café"]),
        // No document: nothing of it is proven.
        (r#"{"a":{"b":1}"#, &["x=0", "json.a.b=1"]),
        (r#"{"a":{"b":1}}x"#, &["x=0", "json.a.b=1"]),
        ("{\"a\":{\"b\":1},\"c\t\":2}", &["x=0", "json.a.b=1", "json.c\t=2"]),
    ] {
        let expected: Vec<_> = expected.iter().map(|line| format!("1 ARGS:{line}")).collect();
        check(ANY, &post(path, JSON, content), &table, &expected.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

#[test]
fn names_are_of_one_place() {
    let table = Table::new(&["json.a"], &[]);
    // The name of a parameter says nothing of a member that flattens to it.
    check(ANY, &post("/?json.a=1", JSON, r#"{"a":2}"#), &table, &["1 ARGS:json.a=2"]);
    let table = Table::new(&[], &[&["a"]]);
    check(ANY, &post("/?json.a=1", JSON, r#"{"a":2}"#), &table, &["1 ARGS:json.a=1"]);
    check(ANY, &post("/", FORM, "json.a=1&a=2"), &table, &["1 ARGS:json.a=1", "1 ARGS:a=2"]);
    // Case counts, but in fields.
    let table = Table::new(&["id"], &[]);
    check(ANY, &post("/?ID=1&%69d=2", FORM, ""), &table, &["1 ARGS:ID=1"]);
}

#[test]
fn another_separator_proves_nothing() {
    let table = Table::new(&["id"], &[]);
    let rules = format!("SecArgumentSeparator \";\"\n{ANY}");
    check(
        &rules,
        &post("/?a=1;id=2", FORM, "a=3;id=4"),
        &table,
        &["1 ARGS:a=1", "1 ARGS:id=2", "1 ARGS:a=3", "1 ARGS:id=4"],
    );
}

#[test]
fn parts_are_fields() {
    let table = Table::new(&["id"], &[]);
    let part =
        |name: &str, value: &str| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let content = [part("id", "1"), part("q", "2"), part("id", "\"3\""), "--b--\r\n".to_owned()].concat();
    let request = post("/", "multipart/form-data; boundary=b", &content);
    check(ANY, &request, &table, &["1 ARGS:q=2", "1 ARGS:id=\"3\""]);
}

/// Rules of every kind that look at values, and at what must not change.
const RULES: &str = "SecRule ARGS \"@rx .\" id:1,phase:2\n\
    SecRule ARGS_GET|REQUEST_COOKIES \"@contains v\" id:2,phase:1\n\
    SecRule ARGS_POST \"!@streq x\" id:3,phase:2\n\
    SecRule ARGS:/a/|REQUEST_HEADERS:/^x/ \"@rx ^.\" id:4,phase:2,t:lowercase\n\
    SecRule REQUEST_METHOD \"@rx .\" id:5,phase:2,chain\nSecRule ARGS|REQUEST_COOKIES \"@rx v\"\n\
    SecRule ARGS|REQUEST_HEADERS \"@rx <\" id:6,phase:2,t:none,t:lowercase,multiMatch\n\
    SecRule ARGS_NAMES|REQUEST_COOKIES_NAMES|REQUEST_HEADERS_NAMES \"@rx .\" id:7,phase:2\n\
    SecRule &ARGS|&ARGS_GET|&ARGS_POST|&REQUEST_COOKIES \"@ge 0\" id:8,phase:2\n\
    SecRule REQUEST_URI|QUERY_STRING|REQUEST_LINE|ARGS_COMBINED_SIZE \"@rx .\" id:9,phase:2\n";

static OVERLAYS: LazyLock<[Arc<Overlay>; 2]> = LazyLock::new(|| overlays(RULES));

/// The shape of a JSON document.
#[derive(Debug, Clone)]
enum Tree {
    Leaf,
    Object(Vec<(&'static str, Tree)>),
    Array(Vec<Tree>),
}

fn tree() -> impl Strategy<Value = Tree> {
    let name = prop::sample::select(vec!["a", "b", "c", "a.b", "*", "array_0", ""]);
    Just(Tree::Leaf).prop_recursive(3, 12, 3, move |inner| {
        prop_oneof![
            prop::collection::vec((name.clone(), inner.clone()), 0..3).prop_map(Tree::Object),
            prop::collection::vec(inner, 0..3).prop_map(Tree::Array),
        ]
    })
}

/// Writes values that are told apart by their numbers, and notes those that are exempt.
struct Writer<'w> {
    table: &'w Table,
    hostile: Vec<bool>,
    count: usize,
    exempt: Vec<String>,
}

impl Writer<'_> {
    fn value(&mut self, exempt: bool) -> String {
        let hostile = self.hostile[self.count % self.hostile.len()];
        let value = if hostile { format!("<v{}>", self.count) } else { format!("v{}", self.count) };
        self.count += 1;
        if exempt && !hostile {
            self.exempt.push(value.clone());
        }
        value
    }

    fn json(&mut self, tree: &Tree, at: Option<Place>, out: &mut String) {
        let table = self.table;
        match tree {
            Tree::Leaf => {
                let value = self.value(at.is_some_and(|at| table.value(at)));
                let _ = write!(out, "\"{value}\"");
            }
            Tree::Object(members) => {
                out.push('{');
                for (number, (name, member)) in members.iter().enumerate() {
                    let _ = write!(out, "{}\"{name}\":", if number == 0 { "" } else { "," });
                    self.json(member, at.and_then(|at| table.member(at, name.as_bytes())), out);
                }
                out.push('}');
            }
            Tree::Array(elements) => {
                out.push('[');
                for (number, element) in elements.iter().enumerate() {
                    out.push_str(if number == 0 { "" } else { "," });
                    self.json(element, at.and_then(|at| table.elements(at)), out);
                }
                out.push(']');
            }
        }
    }
}

fn is_value(line: &str) -> bool {
    let variable = line.split([' ', ':']).nth(1).unwrap_or_default();
    ["ARGS", "ARGS_GET", "ARGS_POST", "REQUEST_HEADERS", "REQUEST_COOKIES"].contains(&variable)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// With exemptions the evidence is that without, less what is exempt; however rules are run.
    #[test]
    fn takes_away_exempt_values_only(
        tree in tree(),
        query in prop::collection::vec(prop::sample::select(vec!["a", "b", "A", "json.a"]), 0..4),
        cookies in prop::collection::vec(prop::sample::select(vec!["a", "b"]), 0..3),
        exempt in prop::collection::vec(prop::sample::select(vec!["a", "x-a", "json.a"]), 0..3),
        paths in prop::collection::vec(
            prop::collection::vec(prop::sample::select(vec!["a", "b", "*", "a.b", ""]), 0..4), 0..4),
        hostile in prop::collection::vec(any::<bool>(), 8),
        as_json: bool,
    ) {
        let paths: Vec<&[&'static str]> = paths.iter().map(Vec::as_slice).collect();
        let table = Table::new(&exempt, &paths);
        let mut writer = Writer { table: &table, hostile, count: 0, exempt: Vec::new() };
        let pairs: Vec<_> = query.iter().map(|name| format!("{name}={}", writer.value(exempt.contains(name)))).collect();
        let cookies: Vec<_> =
            cookies.iter().map(|name| format!("{name}={}", writer.value(exempt.contains(name)))).collect();
        let field = writer.value(exempt.contains(&"x-a"));
        let mut content = String::new();
        if as_json {
            writer.json(&tree, Some(Place(0)), &mut content);
        } else {
            content = format!("a={}&a.b={}", writer.value(exempt.contains(&"a")), writer.value(false));
        }
        let mut request = post(&format!("/?{}", pairs.join("&")), if as_json { JSON } else { FORM }, &content);
        request.fields = vec![("X-A".into(), field), ("Cookie".into(), cookies.join("; "))];
        let exempt = |line: &String| {
            is_value(line) && line.split_once('=').is_some_and(|(_, value)| writer.exempt.iter().any(|it| it == value))
        };
        let mut expected = None;
        for overlay in &*OVERLAYS {
            let plain = seen(overlay, &request, &table, When::Never);
            let mut without = plain.clone();
            without.retain(|line| !exempt(line));
            // A chain whose last link sees nothing does not hold at all.
            if !without.iter().any(|line| line.starts_with("5 ARGS") || line.starts_with("5 REQUEST_COOKIES")) {
                without.retain(|line| !line.starts_with("5 "));
            }
            let expected = expected.get_or_insert(without);
            let at_once = seen(overlay, &request, &table, When::AtOnce);
            prop_assert_eq!(&at_once, &*expected);
            // Phase 1 has looked at what became exempt after it.
            let phase_1 = |line: &&String| !line.starts_with("2 ");
            let later = seen(overlay, &request, &table, When::Later);
            prop_assert_eq!(
                later.iter().filter(phase_1).collect::<Vec<_>>(),
                expected.iter().filter(phase_1).collect::<Vec<_>>()
            );
            prop_assert_eq!(
                later.iter().filter(|line| !phase_1(line)).collect::<Vec<_>>(),
                plain.iter().filter(|line| !phase_1(line)).collect::<Vec<_>>()
            );
        }
    }
}
