//! The strict loader: rule files become one [`RuleSet`], or a list of everything that is wrong with them.
//!
//! Nothing is ignored in silence. A word that the language does not have is an error which names the file, the line and
//! the nearest word that it does have; a directive that has no meaning here is in one table (`load/directive.rs`) with the
//! reason.
//!
//! Removals and updates (`SecRuleRemoveById`, `SecRuleUpdateTargetById` ...) apply to all rules, wherever they stand, as in
//! libmodsecurity. `SecDefaultAction` applies to the rules that follow it, as the reference says.

mod action;
mod control;
mod data;
mod directive;
mod draft;
mod edit;
mod effect;
mod resolve;
mod rule;
mod setting;
mod source;
mod value;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::action::Action;
use self::directive::{Directive, directive};
use self::draft::Entry;
use self::edit::Edit;
use self::source::{Site, Source};
use crate::ast::{Note, Phase, Place, Removed, RuleId, RuleSet, Settings};
use crate::syntax::{Fault, Line, Word, did_you_mean, shown, words};

/// Where rule files and data files come from: this crate never touches a disk.
pub trait Files {
    /// The content of a file.
    ///
    /// # Errors
    /// It is not there or cannot be read.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// The files that a pattern with `*`, `?` and `[..]` in its last parts stands for, in any order.
    ///
    /// # Errors
    /// A folder cannot be listed. That nothing fits is an empty list.
    fn glob(&self, pattern: &Path) -> io::Result<Vec<PathBuf>>;
}

/// One thing that is wrong with the rules.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct LoadError {
    /// Where.
    pub place: Place,
    /// What, in lower case, with the nearest known word.
    pub message: String,
}

/// Reads rule files, in order.
pub struct Loader<'f> {
    files: &'f dyn Files,
    settings: Settings,
    entries: Vec<Entry>,
    /// The last `SecDefaultAction` of each phase.
    defaults: HashMap<Phase, Arc<[Action]>>,
    /// The chain that the next rule belongs to.
    open_chain: Option<OpenChain>,
    ids: HashMap<RuleId, Place>,
    edits: Vec<(Place, Edit)>,
    /// Whether `SecResponseBodyMimeType` has replaced what it is by default.
    response_types_set: bool,
    data: HashMap<(PathBuf, Box<str>), Arc<[u8]>>,
    /// How many files were read by `Include`.
    included: usize,
    errors: Vec<LoadError>,
}

impl<'f> Loader<'f> {
    /// A loader that has read nothing.
    #[must_use]
    pub fn new(files: &'f dyn Files) -> Self {
        Self {
            files,
            settings: Settings::default(),
            entries: Vec::new(),
            defaults: HashMap::new(),
            open_chain: None,
            ids: HashMap::new(),
            edits: Vec::new(),
            response_types_set: false,
            data: HashMap::new(),
            included: 0,
            errors: Vec::new(),
        }
    }

    /// Reads a file, or the files of a pattern, sorted. What it names is relative to its folder.
    #[must_use]
    pub fn include(mut self, path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        let place = Place { file: path.to_string_lossy().into(), line: 1 };
        match source::find(self.files, path) {
            Ok(sources) => self.read_all(sources),
            Err(message) => self.error(place, message),
        }
        self
    }

    /// Reads rules that are no file. What they name is relative to the folder of `name`.
    #[must_use]
    pub fn text(mut self, name: &str, text: &[u8]) -> Self {
        self.read_all(vec![Source::new(Path::new(name), text.to_vec())]);
        self
    }

    /// The rules, once removals and updates have been applied.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the files. After some hundred errors the rest is not listed.
    pub fn finish(mut self) -> Result<RuleSet, Vec<LoadError>> {
        let edits = std::mem::take(&mut self.edits);
        let (mut notes, mut removed) = (Vec::new(), Vec::new());
        for (place, edit) in edits {
            match edit::apply(&mut self.entries, edit) {
                Ok(gone) => {
                    removed.extend(gone.into_iter().map(|(id, stood)| Removed { id, place: stood, by: place.clone() }))
                }
                Err(message) => notes.push(Note { place, message }),
            }
        }
        let (items, errors) = resolve::items(std::mem::take(&mut self.entries));
        for LoadError { place, message } in errors {
            self.error(place, message);
        }
        if self.errors.is_empty() {
            Ok(RuleSet { settings: self.settings, items, notes, removed })
        } else {
            Err(self.errors)
        }
    }

    /// Whether further errors are not listed any more.
    const fn is_full(&self) -> bool {
        self.errors.len() >= MOST_ERRORS
    }

    fn error(&mut self, place: Place, message: impl Into<String>) {
        if !self.is_full() {
            self.errors.push(LoadError { place, message: message.into() });
        }
    }

    /// Reads files one after the other; what they include is read where it is included, without recursion.
    fn read_all(&mut self, sources: Vec<Source>) {
        let mut stack = sources;
        stack.reverse();
        while let Some(source) = stack.last_mut() {
            match source.lines.next_line() {
                None => {
                    let place = Place { file: Arc::clone(&source.file), line: source.lines.number() };
                    stack.pop();
                    self.close_chain(&place);
                }
                Some(Err(fault)) => {
                    let place = Place { file: Arc::clone(&source.file), line: fault.number };
                    self.error(place, fault.message);
                }
                Some(Ok(line)) => {
                    let (file, folder) = (Arc::clone(&source.file), Arc::clone(&source.folder));
                    let site = Site { file: &file, folder: &folder, line: &line, depth: source.depth };
                    let mut included = self.line(&site, &line);
                    included.reverse();
                    for source in included {
                        if stack.iter().any(|open| open.file == source.file) {
                            self.error(site.place(0), format!("`{}` includes itself", source.file));
                        } else if source.depth > DEEPEST_INCLUDE {
                            self.error(site.place(0), format!("included deeper than {DEEPEST_INCLUDE} files"));
                        } else {
                            stack.push(source);
                        }
                    }
                }
            }
        }
    }

    /// Reads a directive and gives the files that it includes.
    fn line(&mut self, site: &Site<'_>, line: &Line) -> Vec<Source> {
        let words = match words(&line.text) {
            Ok(words) => words,
            Err(fault) => {
                self.break_chain();
                self.error(site.place(fault.at), fault.message);
                return Vec::new();
            }
        };
        let Some((name, arguments)) = words.split_first() else {
            return Vec::new();
        };
        let known = name.quote.is_none().then(|| std::str::from_utf8(name.raw).ok().and_then(directive)).flatten();
        let Some(known) = known else {
            let near = did_you_mean(&String::from_utf8_lossy(name.raw), directive::names());
            self.error(site.place(name.at), format!("unknown directive `{}`{near}", shown(name.raw)));
            return Vec::new();
        };
        if !matches!(known, Directive::Rule | Directive::Action) {
            self.close_chain(&site.place(0));
        }
        match self.directive(site, known, arguments) {
            Ok(sources) => sources,
            Err(fault) => {
                self.break_chain();
                let name = String::from_utf8_lossy(name.raw);
                self.error(site.place(fault.at), format!("{name}: {}", fault.message));
                Vec::new()
            }
        }
    }

    /// What each directive does. Rules report their faults themselves, since they can have many.
    fn directive(&mut self, site: &Site<'_>, known: Directive, arguments: &[Word<'_>]) -> Result<Vec<Source>, Fault> {
        match known {
            Directive::Rule => self.rule(site, arguments)?,
            Directive::Action => self.action(site, arguments)?,
            Directive::Marker => self.marker(arguments)?,
            Directive::DefaultAction => self.default_action(site, arguments)?,
            Directive::Include { optional } => return self.include_directive(site, arguments, optional),
            Directive::Remove(by) => self.edits.push((site.place(0), edit::remove(by, arguments)?)),
            Directive::UpdateTarget(by) => self.edits.push((site.place(0), edit::update_targets(by, arguments)?)),
            Directive::UpdateAction => self.update_action(site, arguments)?,
            Directive::Set(setting) => self.set(site, setting, arguments)?,
            Directive::NoEffect(_) if arguments.is_empty() => return Err(Fault::new(0, "a value is missing")),
            Directive::NoEffect(_) => {}
            Directive::Refused(instead) => return Err(Fault::new(0, format!("is not done here: {instead}"))),
            Directive::OnlyOff(instead) => {
                if !matches!(arguments, [value] if value.raw.eq_ignore_ascii_case(b"off")) {
                    return Err(Fault::new(0, format!("is not done here: {instead}")));
                }
            }
        }
        Ok(Vec::new())
    }

    fn include_directive(
        &mut self,
        site: &Site<'_>,
        arguments: &[Word<'_>],
        optional: bool,
    ) -> Result<Vec<Source>, Fault> {
        let path = one(arguments)?;
        let fault = |message| Fault::new(path.at, message);
        let name = std::str::from_utf8(path.raw).map_err(|_| fault("a path that is not UTF-8".to_owned()))?;
        let sources = match source::find(self.files, &site.folder.join(name)) {
            Err(_) if optional => Vec::new(),
            found => found.map_err(fault)?,
        };
        let sources: Vec<_> = sources.into_iter().map(|source| source.below(site.depth)).collect();
        self.included = self.included.saturating_add(sources.len());
        if self.included > MOST_INCLUDED {
            return Err(fault(format!("more than {MOST_INCLUDED} files are included")));
        }
        Ok(sources)
    }

    fn break_chain(&mut self) {
        if let Some(chain) = &mut self.open_chain {
            chain.broken = true;
        }
    }

    /// Reports a chain that goes on with nothing.
    fn close_chain(&mut self, place: &Place) {
        if let Some(chain) = self.open_chain.take().filter(|chain| !chain.broken) {
            self.error(place.clone(), format!("the chain that begins at {} lacks its next rule", chain.start));
        }
    }
}

/// A chain whose next rule has not come yet.
#[derive(Debug)]
struct OpenChain {
    start: Place,
    /// Whether one of its rules could not be read, so that it is not known whether the chain goes on.
    broken: bool,
}

/// The only argument.
fn one<'w, 'l>(arguments: &'w [Word<'l>]) -> Result<&'w Word<'l>, Fault> {
    match arguments {
        [] => Err(Fault::new(0, "a value is missing")),
        [argument] => Ok(argument),
        [_, more, ..] => Err(Fault::new(more.at, format!("one value is enough, but `{}` follows", shown(more.raw)))),
    }
}

const MOST_ERRORS: usize = 500;
const MOST_INCLUDED: usize = 4096;
const DEEPEST_INCLUDE: usize = 32;
