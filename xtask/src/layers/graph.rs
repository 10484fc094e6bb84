//! What cargo resolved: packages and their normal and build dependencies. Development dependencies are left out on purpose:
//! a test may hold an oracle that the product must not.

use crate::shell;
use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// One resolved package.
#[derive(Debug, Default)]
pub struct Package {
    pub name: String,
    version: String,
    pub member: bool,
    /// Ids of what is linked into it.
    pub normal: Vec<String>,
    /// Ids of what runs while it is built.
    pub build: Vec<String>,
}

/// Every package of the workspace, by id.
#[derive(Debug, Default)]
pub struct Graph {
    packages: BTreeMap<String, Package>,
}

impl Graph {
    /// Asks cargo. Its metadata name edges but also packages that only a weak feature (`ring?/alloc`) mentions and nothing
    /// builds; `cargo tree` knows what is really built, but its edges are hard to read. So one filters the other.
    pub fn load() -> Result<Self> {
        let text = shell::output(shell::cargo().args(["metadata", "--format-version", "1", "--all-features"]))?;
        let tree =
            ["tree", "--workspace", "--all-features", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"];
        let tree = shell::output(shell::cargo().args(tree))?;
        let mut graph = Self::parse(&text)?;
        graph.keep_built(&tree);
        Ok(graph)
    }

    fn parse(text: &str) -> Result<Self> {
        Self::read(&serde_json::from_str(text).context("cargo metadata printed no JSON")?)
            .context("unexpected cargo metadata")
    }

    fn read(metadata: &Value) -> Option<Self> {
        let members: BTreeSet<&str> =
            metadata.get("workspace_members")?.as_array()?.iter().filter_map(Value::as_str).collect();
        let mut packages = BTreeMap::new();
        for package in metadata.get("packages")?.as_array()? {
            let id = package.get("id")?.as_str()?;
            let name = package.get("name")?.as_str()?.to_owned();
            let version = package.get("version")?.as_str()?.to_owned();
            packages
                .insert(id.to_owned(), Package { name, version, member: members.contains(id), ..Package::default() });
        }
        for node in metadata.get("resolve")?.get("nodes")?.as_array()? {
            let package = packages.get_mut(node.get("id")?.as_str()?)?;
            for dependency in node.get("deps")?.as_array()? {
                let id = dependency.get("pkg")?.as_str()?;
                for kind in dependency.get("dep_kinds")?.as_array()? {
                    match kind.get("kind").and_then(Value::as_str) {
                        None if !foreign(kind) => package.normal.push(id.to_owned()),
                        Some("build") if !foreign(kind) => package.build.push(id.to_owned()),
                        _ => {}
                    }
                }
            }
        }
        Some(Self { packages })
    }

    /// Forgets packages that are not among the lines `name vVERSION ...` of the tree.
    fn keep_built(&mut self, tree: &str) {
        let built: BTreeSet<(&str, &str)> = tree
            .lines()
            .filter_map(|line| line.split_once(" v"))
            .map(|(name, rest)| (name, rest.split(' ').next().unwrap_or(rest)))
            .collect();
        self.packages.retain(|_, package| built.contains(&(package.name.as_str(), package.version.as_str())));
    }

    pub fn len(&self) -> usize {
        self.packages.len()
    }

    /// The workspace's own crates with their ids.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Package)> {
        self.packages.iter().filter(|(_, package)| package.member).map(|(id, package)| (id.as_str(), package))
    }

    /// What `package` links directly.
    pub fn links<'a>(&'a self, package: &'a Package) -> impl Iterator<Item = &'a Package> {
        package.normal.iter().filter_map(|id| self.packages.get(id))
    }

    /// The shortest chain of normal (and, if asked, build) dependencies from the package `from` to one named `name`.
    pub fn path(&self, from: &str, name: &str, with_build: bool) -> Option<Vec<&str>> {
        let mut came: BTreeMap<&str, &str> = BTreeMap::new();
        let mut queue = VecDeque::from([from]);
        while let Some(id) = queue.pop_front() {
            let Some(package) = self.packages.get(id) else { continue };
            if package.name == name && id != from {
                return Some(self.trace(&came, id));
            }
            let build = package.build.iter().filter(|_| with_build);
            for next in package.normal.iter().chain(build) {
                if next != from && !came.contains_key(next.as_str()) {
                    came.insert(next, id);
                    queue.push_back(next);
                }
            }
        }
        None
    }

    fn trace(&self, came: &BTreeMap<&str, &str>, end: &str) -> Vec<&str> {
        let mut ids: Vec<String> = vec![end.to_owned()];
        let mut at = end;
        while let Some((_, before)) = came.get_key_value(at) {
            ids.push((*before).to_owned());
            let Some((next, _)) = self.packages.get_key_value(*before) else { break };
            at = next;
        }
        ids.iter().rev().filter_map(|id| self.packages.get(id)).map(|package| package.name.as_str()).collect()
    }
}

/// Dependencies for other systems are not linked here: cargo metadata lists them all the same.
fn foreign(kind: &Value) -> bool {
    kind.get("target").and_then(Value::as_str).is_some_and(|target| {
        ["windows", "macos", "wasm", "android", "redox", "apple", "hermit", "wasi", "uefi"]
            .iter()
            .any(|os| target.contains(os))
            && !target.contains("not(")
            && !target.contains("unix")
            && !target.contains("linux")
    })
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A graph from `member a -> b` lines; a name without `!` is a member of the workspace.
    pub fn graph(edges: &[(&str, &str)]) -> Graph {
        let mut graph = Graph::default();
        for (from, to) in edges {
            for name in [from, to] {
                let package = Package {
                    name: name.trim_matches('!').into(),
                    member: !name.starts_with('!'),
                    ..Package::default()
                };
                graph.packages.entry(name.trim_matches('!').into()).or_insert(package);
            }
            graph.packages.get_mut(from.trim_matches('!')).unwrap().normal.push(to.trim_matches('!').into());
        }
        graph
    }

    #[test]
    fn the_shortest_chain_is_found() {
        let graph = graph(&[("a", "!b"), ("!b", "!c"), ("!c", "!ring"), ("a", "!c")]);
        assert_eq!(graph.path("a", "ring", false), Some(vec!["a", "c", "ring"]));
        assert_eq!(graph.path("a", "openssl", false), None);
    }

    #[test]
    fn development_and_foreign_dependencies_are_left_out() {
        let metadata = serde_json::json!({
            "workspace_members": ["a 1"],
            "packages": [{"id": "a 1", "name": "a", "version": "1"}, {"id": "b 1", "name": "b", "version": "1"}],
            "resolve": {"nodes": [
                {"id": "a 1", "deps": [{"pkg": "b 1", "dep_kinds": [{"kind": "dev", "target": null}, {"kind": null, "target": "cfg(windows)"}]}]},
                {"id": "b 1", "deps": []}
            ]}
        });
        let graph = Graph::read(&metadata).unwrap();
        assert_eq!(graph.path("a 1", "b", true), None);
        assert_eq!(graph.len(), 2);
    }

    #[test]
    fn what_is_only_mentioned_and_not_built_is_left_out() {
        let mut graph = graph(&[("a", "!ring")]);
        graph.packages.get_mut("a").unwrap().version = "1.0.0".into();
        graph.keep_built("a v1.0.0 (/somewhere)\n");
        assert_eq!(graph.path("a", "ring", true), None);
        assert_eq!(graph.len(), 1);
    }
}
