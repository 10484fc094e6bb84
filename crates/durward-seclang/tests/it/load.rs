//! The loader: the Core Rule Sets load unchanged, what rules say arrives as written, and every mistake is named.

mod crs;
mod meaning;
mod mistakes;
mod recommended;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use durward_seclang::ast::{Item, Rule, RuleSet};
use durward_seclang::load::{Files, LoadError, Loader};

/// Files that are no files.
struct Memory(BTreeMap<&'static str, &'static [u8]>);

impl Memory {
    fn of(files: &[(&'static str, &'static str)]) -> Self {
        Self(files.iter().map(|(name, text)| (*name, text.as_bytes())).collect())
    }
}

impl Files for Memory {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let found = path.to_str().and_then(|path| self.0.get(path));
        found.map(|text| text.to_vec()).ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "it is not there"))
    }

    fn glob(&self, pattern: &Path) -> io::Result<Vec<PathBuf>> {
        let pattern = pattern.to_str().unwrap();
        let (start, end) = pattern.split_once('*').unwrap();
        let fits = |name: &&&str| name.starts_with(start) && name.ends_with(end);
        Ok(self.0.keys().rev().filter(fits).map(PathBuf::from).collect())
    }
}

fn try_text(text: &str) -> Result<RuleSet, Vec<LoadError>> {
    let files = Memory::of(&[("words.data", "one\n# two\n\nthree\n"), ("more.data", "four")]);
    Loader::new(&files).text("t.conf", text.as_bytes()).finish()
}

fn good(result: Result<RuleSet, Vec<LoadError>>) -> RuleSet {
    result.unwrap_or_else(|errors| panic!("{}", list(&errors).join("\n")))
}

fn load(text: &str) -> RuleSet {
    good(try_text(text))
}

fn list(errors: &[LoadError]) -> Vec<String> {
    errors.iter().map(ToString::to_string).collect()
}

/// What is wrong with a text; the name of the file is left out.
fn errors(text: &str) -> Vec<String> {
    let errors = try_text(text).err().unwrap_or_default();
    list(&errors).iter().map(|error| error.strip_prefix("t.conf:").unwrap_or(error).to_owned()).collect()
}

fn rules(set: &RuleSet) -> impl Iterator<Item = &Rule> {
    set.items.iter().filter_map(|item| match item {
        Item::Rule(rule) => Some(&**rule),
        Item::Marker(_) => None,
    })
}

fn rule(set: &RuleSet, id: u64) -> &Rule {
    rules(set).find(|rule| rule.id.0 == id).unwrap_or_else(|| panic!("no rule {id}"))
}
