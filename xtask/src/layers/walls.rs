//! The walls, as tables. To let a crate see another, change a row here, and say why in the same commit.

use super::{Violation, graph::Graph};

/// Which of the workspace's crates a crate may link. Arrows point downward only; a crate without a row does not pass.
const MAY_SEE: [(&str, &[&str]); 20] = [
    // words
    ("durward-core", &[]),
    ("durward-http", &["durward-core"]),
    // engines
    ("durward-contract", WORDS),
    ("durward-seclang", &[]),
    ("durward-store", &["durward-core"]),
    ("durward-keys", &["durward-core", "durward-store"]),
    // stages
    ("durward-edge", WORDS),
    ("durward-authn", &["durward-core", "durward-http", "durward-keys"]),
    ("durward-authz", &["durward-core", "durward-http", "durward-contract"]),
    ("durward-limits", WORDS),
    ("durward-validate", &["durward-core", "durward-http", "durward-contract"]),
    ("durward-firewall", &["durward-core", "durward-http", "durward-seclang"]),
    // assembly
    ("durward-pipeline", BELOW_PIPELINE),
    ("durward-policy", BELOW_POLICY),
    ("durward-record", &["durward-core"]),
    // outside
    ("durward-proxy", &["durward-core", "durward-http", "durward-pipeline", "durward-record"]),
    ("durward-admin", &["durward-core", "durward-keys", "durward-record"]),
    // the binary, and development only
    ("durward", BELOW_BINARY),
    ("durward-testkit", WORDS),
    ("xtask", &[]),
];

const WORDS: &[&str] = &["durward-core", "durward-http"];

const BELOW_PIPELINE: &[&str] = &[
    "durward-core",
    "durward-http",
    "durward-contract",
    "durward-keys",
    "durward-edge",
    "durward-authn",
    "durward-authz",
    "durward-limits",
    "durward-seclang",
    "durward-firewall",
    "durward-validate",
];

const BELOW_POLICY: &[&str] = &[
    "durward-core",
    "durward-http",
    "durward-contract",
    "durward-keys",
    "durward-edge",
    "durward-authn",
    "durward-authz",
    "durward-limits",
    "durward-seclang",
    "durward-firewall",
    "durward-validate",
    "durward-pipeline",
    // The document holds each part's own `Config`; the record's is one of them.
    "durward-record",
];

const BELOW_BINARY: &[&str] = &[
    "durward-core",
    "durward-http",
    "durward-contract",
    "durward-store",
    "durward-keys",
    "durward-edge",
    "durward-authn",
    "durward-authz",
    "durward-limits",
    "durward-seclang",
    "durward-firewall",
    "durward-validate",
    "durward-pipeline",
    "durward-policy",
    "durward-record",
    "durward-proxy",
    "durward-admin",
];

/// The stages: one of them never sees another, and none names what [`super::sources`] forbids.
pub const STAGES: [&str; 6] =
    ["durward-edge", "durward-authn", "durward-authz", "durward-limits", "durward-validate", "durward-firewall"];

/// A library and the only crates of ours that may link it themselves.
struct Reserved {
    library: &'static str,
    only: &'static [&'static str],
    why: &'static str,
}

const SOCKETS: &[&str] = &["durward-proxy", "durward-admin", "durward", "durward-testkit"];
const TLS: &[&str] = &["durward-proxy", "durward", "durward-testkit"];

const RESERVED: [Reserved; 13] = [
    Reserved { library: "tokio", only: SOCKETS, why: "what decides never waits on a runtime; it is handed seams" },
    Reserved { library: "hyper", only: SOCKETS, why: "only the outside speaks HTTP on a socket" },
    Reserved { library: "hyper-util", only: SOCKETS, why: "only the outside speaks HTTP on a socket" },
    Reserved { library: "socket2", only: &["durward-proxy"], why: "only the proxy opens listeners" },
    Reserved { library: "rustls", only: TLS, why: "only the proxy terminates TLS" },
    Reserved { library: "tokio-rustls", only: TLS, why: "only the proxy terminates TLS" },
    Reserved { library: "fjall", only: &["durward-store"], why: "one crate knows the embedded store" },
    Reserved { library: "jsonschema", only: &["durward-contract"], why: "one crate knows the schema engine" },
    Reserved { library: "serde-saphyr", only: &["durward-contract"], why: "one crate reads YAML" },
    Reserved { library: "prometheus-client", only: &["durward-record"], why: "one crate counts" },
    Reserved { library: "rusqlite", only: &["durward"], why: "only the sample API of the demo has a database" },
    Reserved { library: "clap", only: &["durward"], why: "only the binary reads a command line" },
    Reserved { library: "anyhow", only: &["durward", "durward-testkit", "xtask"], why: "a library has one error enum" },
];

/// Crates whose whole closure stays free of [`RUNTIME`]: what decides about a request can be run without a socket.
const PURE: [&str; 11] = [
    "durward-core",
    "durward-http",
    "durward-contract",
    "durward-edge",
    "durward-authn",
    "durward-authz",
    "durward-limits",
    "durward-validate",
    "durward-seclang",
    "durward-firewall",
    "durward-pipeline",
];

const RUNTIME: [&str; 5] = ["tokio", "mio", "hyper", "rustls", "socket2"];

/// Libraries that never come in, not even through another. `deny.toml` says the same to cargo-deny.
const BANNED: [(&str, &str); 8] = [
    ("ring", "one crypto provider: aws-lc-rs"),
    ("openssl", "one crypto provider: aws-lc-rs"),
    ("openssl-sys", "one crypto provider: aws-lc-rs"),
    ("native-tls", "one crypto provider: aws-lc-rs"),
    ("rsa", "its private-key operations leak timing (RUSTSEC-2023-0071); use aws-lc-rs"),
    ("serde_yml", "unsound and withdrawn (RUSTSEC-2025-0068); YAML is read by serde-saphyr"),
    ("sonic-rs", "aborts on deep nesting"),
    ("cynic-parser", "panics on hostile input"),
];

/// Compares what is linked with the tables.
pub fn check(graph: &Graph, found: &mut Vec<Violation>) {
    for (id, package) in graph.members() {
        let name = package.name.as_str();
        let Some((_, allowed)) = MAY_SEE.iter().find(|(row, _)| *row == name) else {
            found.push(Violation {
                place: name.into(),
                fault: "this crate has no row in the table of walls".into(),
                fix: "add it to MAY_SEE in xtask/src/layers/walls.rs with what it may see".into(),
            });
            continue;
        };
        for link in graph.links(package) {
            if link.member && !allowed.contains(&link.name.as_str()) {
                found.push(forbidden_edge(name, &link.name));
            }
            for reserved in RESERVED.iter().filter(|row| row.library == link.name && !row.only.contains(&name)) {
                found.push(Violation {
                    place: format!("{name} -> {}", link.name),
                    fault: reserved.why.into(),
                    fix: format!(
                        "move the code to {}, or hand this crate a seam of durward-core",
                        reserved.only.join(" or ")
                    ),
                });
            }
        }
        for (banned, why) in BANNED {
            if let Some(path) = graph.path(id, banned, true) {
                found.push(Violation {
                    place: path.join(" -> "),
                    fault: format!("`{banned}` is banned: {why}"),
                    fix: "switch off the feature that brings it, or take another library".into(),
                });
            }
        }
        if PURE.contains(&name) {
            for runtime in RUNTIME {
                if let Some(path) = graph.path(id, runtime, false) {
                    found.push(Violation {
                        place: path.join(" -> "),
                        fault: format!("{name} must stay testable without a socket, and now links `{runtime}`"),
                        fix:
                            "switch off the feature that brings it, or move the code to durward-proxy or durward-admin"
                                .into(),
                    });
                }
            }
        }
    }
}

fn forbidden_edge(from: &str, to: &str) -> Violation {
    let stages = STAGES.contains(&from) && STAGES.contains(&to);
    let fix = if stages {
        "pass what it needs as an evidence type of durward-core; the pipeline hands it on"
    } else {
        "turn the arrow round: put the shared word in durward-core, or assemble it in the pipeline or the binary"
    };
    let why = if stages { "stages never see each other" } else { "this arrow is not in the design" };
    Violation { place: format!("{from} -> {to}"), fault: why.into(), fix: fix.into() }
}

#[cfg(test)]
mod tests {
    use super::super::graph::tests::graph;
    use super::*;

    fn faults(edges: &[(&str, &str)]) -> Vec<String> {
        let mut found = Vec::new();
        check(&graph(edges), &mut found);
        found.into_iter().map(|violation| format!("{}: {}", violation.place, violation.fault)).collect()
    }

    #[test]
    fn each_wall_holds() {
        let none: &[&str] = &[];
        type Edges = &'static [(&'static str, &'static str)];
        let cases: &[(Edges, &[&str])] = &[
            (&[("durward-edge", "durward-core")], none),
            (&[("durward-edge", "durward-authn")], &["durward-edge -> durward-authn: stages never see each other"]),
            (&[("durward-core", "durward-http")], &["durward-core -> durward-http: this arrow is not in the design"]),
            (
                &[("durward-pipeline", "durward-policy")],
                &["durward-pipeline -> durward-policy: this arrow is not in the design"],
            ),
            (
                &[("durward-proxy", "durward-admin")],
                &["durward-proxy -> durward-admin: this arrow is not in the design"],
            ),
            (&[("durward-keys", "!fjall")], &["durward-keys -> fjall: one crate knows the embedded store"]),
            (&[("durward-store", "!fjall")], none),
            (&[("durward-new", "durward-core")], &["durward-new: this crate has no row in the table of walls"]),
            (
                &[("durward-proxy", "!x"), ("!x", "!ring")],
                &["durward-proxy -> x -> ring: `ring` is banned: one crypto provider: aws-lc-rs"],
            ),
            (
                &[("durward-contract", "!reqwest"), ("!reqwest", "!mio")],
                &[
                    "durward-contract -> reqwest -> mio: durward-contract must stay testable without a socket, and now links `mio`",
                ],
            ),
        ];
        for (edges, expected) in cases {
            assert_eq!(faults(edges), *expected, "{edges:?}");
        }
    }
}
