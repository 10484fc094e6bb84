//! A contract that names everything a contract can name: every path up to a depth, with every method, any content, any
//! query. The tests of rule sets ask for paths that no API has.

use std::fmt::Write;

/// The deepest path.
const DEPTH: usize = 24;

const METHODS: [&str; 7] = ["get", "head", "post", "put", "patch", "delete", "options"];

/// Names of fields that are not plain, which a gateway lets in only if a contract names them.
const ODD_FIELDS: [&str; 2] = ["x_filename", "x.filename"];

/// The contract, and the names of its operations.
pub(super) fn catch_all() -> (String, Vec<String>) {
    let mut text = String::from("openapi: 3.1.0\ninfo: { title: Everything, version: \"1\" }\npaths:\n");
    let mut names = Vec::new();
    for depth in 0..=DEPTH {
        let segments: Vec<String> = (0..depth).map(|at| format!("{{p{at}}}")).collect();
        let path = format!("/{}", segments.join("/"));
        add(&mut text, &mut names, depth, &path, "");
        if depth > 0 {
            add(&mut text, &mut names, depth, &format!("{path}/"), "Folder");
        }
    }
    (text, names)
}

fn add(text: &mut String, names: &mut Vec<String>, depth: usize, path: &str, kind: &str) {
    let _ = writeln!(text, "  \"{path}\":");
    let inside =
        (0..depth).map(|at| format!("{{ name: p{at}, in: path, required: true, schema: {{ type: string }} }}"));
    let fields = ODD_FIELDS.iter().map(|name| format!("{{ name: {name}, in: header, schema: {{ type: string }} }}"));
    let parameters: Vec<String> = inside.chain(fields).collect();
    for method in METHODS {
        let name = format!("{method}{kind}{depth}");
        let _ = writeln!(
            text,
            "    {method}: {{ operationId: {name}, security: [], parameters: [{}], requestBody: {{ content: {{ \"*/*\": {{}} }} }}, \
             responses: {{ default: {{ description: any }} }} }}",
            parameters.join(", ")
        );
        names.push(name);
    }
}
