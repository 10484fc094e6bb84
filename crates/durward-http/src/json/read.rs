//! The reader: one pass over the bytes, an explicit stack, a tape of nodes.

use std::hash::{BuildHasher as _, Hasher as _};
use std::ops::Range;

use foldhash::fast::RandomState;

use super::{JsonError, JsonFault, Kind, Limits, string};

/// One value or member name. The nodes of a container follow its own; a member is its name and then its value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    start: u32,
    end: u32,
    /// The first node after this one and all that it contains.
    pub(super) next: u32,
    /// Kind in the lowest three bits, then whether a string has escapes, then how much a container contains.
    info: u32,
}

impl Node {
    /// What stands at a place where there is no node: an empty `null`.
    pub(super) const NOTHING: Self = Self { start: 0, end: 0, next: 0, info: 0 };

    pub(super) const fn kind(self) -> Kind {
        match self.info & KIND {
            1 => Kind::Bool,
            2 => Kind::Number,
            3 => Kind::String,
            4 => Kind::Array,
            5 => Kind::Object,
            _ => Kind::Null,
        }
    }

    pub(super) const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    pub(super) const fn is_escaped(self) -> bool {
        self.info & ESCAPED != 0
    }

    pub(super) const fn count(self) -> usize {
        (self.info >> COUNT_SHIFT) as usize
    }

    /// The bytes between the quotes of a string.
    fn inner(self, text: &[u8]) -> &[u8] {
        text.get(self.start as usize + 1..(self.end as usize).saturating_sub(1)).unwrap_or_default()
    }
}

const KIND: u32 = 0b111;
const ESCAPED: u32 = 0b1000;
const COUNT_SHIFT: u32 = 4;
/// Counts must fit their bits, offsets theirs.
const MOST_NODES: usize = 1 << 27;
const MOST_BYTES: usize = u32::MAX as usize;
/// Up to so many members, comparing each with each is faster than sorting.
const FEW: usize = 8;

/// A container that is still open.
struct Frame {
    node: u32,
    count: u32,
    /// Where its member names start among the open names.
    names: usize,
    is_object: bool,
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    limits: &'a Limits,
    nodes: Vec<Node>,
    open: Vec<Frame>,
    /// The names of all open objects, as node indices.
    names: Vec<u32>,
    keyed: Vec<(u64, u32)>,
}

/// Reads one text into its tape.
pub(super) fn read(text: &[u8], limits: &Limits) -> Result<Vec<Node>, JsonError> {
    if text.len() > limits.bytes.min(MOST_BYTES) {
        return Err(JsonError { kind: JsonFault::TooLong, at: limits.bytes.min(MOST_BYTES) });
    }
    if matches!(text, [0xef, 0xbb, 0xbf, ..] | [0xfe, 0xff, ..] | [0xff, 0xfe, ..]) {
        return Err(JsonError { kind: JsonFault::ByteOrderMark, at: 0 });
    }
    if let Err(error) = std::str::from_utf8(text) {
        return Err(JsonError { kind: JsonFault::NotUtf8, at: error.valid_up_to() });
    }
    // A guess by what usual documents have; the tape grows with what is really there.
    let nodes = Vec::with_capacity((text.len() / 8).clamp(1, 4_096));
    let mut reader = Reader { text, at: 0, limits, nodes, open: Vec::new(), names: Vec::new(), keyed: Vec::new() };
    reader.document()?;
    Ok(reader.nodes)
}

impl Reader<'_> {
    fn document(&mut self) -> Result<(), JsonError> {
        loop {
            // INVARIANT: a value is expected here.
            if self.value()? {
                continue;
            }
            // A value is complete: it may complete the containers around it.
            loop {
                self.skip_whitespace();
                let Some(frame) = self.open.last() else {
                    return if self.at == self.text.len() { Ok(()) } else { self.fail(JsonFault::Trailing) };
                };
                let is_object = frame.is_object;
                match self.text.get(self.at) {
                    Some(b',') => {
                        self.at += 1;
                        self.skip_whitespace();
                        if is_object {
                            self.name()?;
                        }
                        self.count()?;
                        break;
                    }
                    Some(b'}') if is_object => self.close()?,
                    Some(b']') if !is_object => self.close()?,
                    _ => return self.unexpected(),
                }
            }
        }
    }

    /// Reads a scalar or an empty container, or opens a container: then `true`, and its first value is expected next.
    fn value(&mut self) -> Result<bool, JsonError> {
        self.skip_whitespace();
        match self.text.get(self.at) {
            Some(b'"') => self.string(false)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b'{') => return self.begin(true),
            Some(b'[') => return self.begin(false),
            Some(b't') => self.word(b"true", Kind::Bool)?,
            Some(b'f') => self.word(b"false", Kind::Bool)?,
            Some(b'n') => self.word(b"null", Kind::Null)?,
            _ => return self.unexpected(),
        }
        Ok(false)
    }

    fn begin(&mut self, is_object: bool) -> Result<bool, JsonError> {
        if self.open.len() >= self.limits.depth {
            return self.fail(JsonFault::TooDeep);
        }
        let node = index(self.nodes.len());
        let kind = if is_object { Kind::Object } else { Kind::Array };
        self.push(self.at, self.at, kind as u32)?;
        self.open.push(Frame { node, count: 0, names: self.names.len(), is_object });
        self.at += 1;
        self.skip_whitespace();
        match self.text.get(self.at) {
            Some(b'}') if is_object => self.close()?,
            Some(b']') if !is_object => self.close()?,
            _ => {
                if is_object {
                    self.name()?;
                }
                self.count()?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Counts one more element or member of the innermost container.
    fn count(&mut self) -> Result<(), JsonError> {
        let at = self.at;
        let Some(frame) = self.open.last_mut() else { return Ok(()) };
        frame.count += 1;
        let (most, kind) = match frame.is_object {
            true => (self.limits.members, JsonFault::TooManyMembers),
            false => (self.limits.elements, JsonFault::TooManyElements),
        };
        if frame.count as usize > most { Err(JsonError { kind, at }) } else { Ok(()) }
    }

    fn close(&mut self) -> Result<(), JsonError> {
        self.at += 1;
        let Some(frame) = self.open.pop() else { return Ok(()) };
        let (end, next) = (index(self.at), index(self.nodes.len()));
        if let Some(node) = self.nodes.get_mut(frame.node as usize) {
            node.end = end;
            node.next = next;
            node.info |= frame.count << COUNT_SHIFT;
        }
        if frame.is_object {
            let repeated = self.repeated(frame.names);
            self.names.truncate(frame.names);
            if let Some(name) = repeated {
                return Err(JsonError { kind: JsonFault::Repeated, at: name.start as usize });
            }
        }
        Ok(())
    }

    /// A name and its colon.
    fn name(&mut self) -> Result<(), JsonError> {
        if self.text.get(self.at) != Some(&b'"') {
            return self.unexpected();
        }
        self.names.push(index(self.nodes.len()));
        self.string(true)?;
        self.skip_whitespace();
        if self.text.get(self.at) != Some(&b':') {
            return self.unexpected();
        }
        self.at += 1;
        Ok(())
    }

    fn string(&mut self, is_name: bool) -> Result<(), JsonError> {
        let start = self.at;
        let mut flags = Kind::String as u32;
        self.at += 1;
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            self.at += plain_length(rest);
            match self.text.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    flags |= ESCAPED;
                    self.escape()?;
                }
                Some(_) => return self.fail(JsonFault::Control),
                None => return self.fail(JsonFault::Unfinished),
            }
        }
        let (most, kind) = match is_name {
            true => (self.limits.name_bytes, JsonFault::NameTooLong),
            false => (self.limits.string_bytes, JsonFault::StringTooLong),
        };
        if self.at - start - 1 > most {
            return Err(JsonError { kind, at: start });
        }
        self.at += 1;
        self.push(start, self.at, flags)
    }

    fn escape(&mut self) -> Result<(), JsonError> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        match rest.get(1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => {
                let Some(unit) = rest.get(2..).and_then(string::code_unit) else {
                    return self.fail(JsonFault::Escape);
                };
                self.at += match unit {
                    0 if !self.limits.allow_nul => return self.fail(JsonFault::Nul),
                    0xd800..=0xdfff => {
                        let low = match rest.get(6..) {
                            Some([b'\\', b'u', digits @ ..]) => string::code_unit(digits),
                            _ => None,
                        };
                        if low.and_then(|low| string::join(unit, low)).is_none() {
                            return self.fail(JsonFault::Surrogate);
                        }
                        12
                    }
                    _ => 6,
                };
            }
            None => return Err(JsonError { kind: JsonFault::Unfinished, at: self.text.len() }),
            Some(_) => return self.fail(JsonFault::Escape),
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        if self.text.get(self.at) == Some(&b'-') {
            self.at += 1;
        }
        let leading_zero = self.text.get(self.at) == Some(&b'0');
        let mut digits = self.digits()?;
        if leading_zero && digits > 1 {
            return Err(JsonError { kind: JsonFault::Unexpected, at: self.at - digits + 1 });
        }
        if self.text.get(self.at) == Some(&b'.') {
            self.at += 1;
            digits += self.digits()?;
        }
        if digits > self.limits.digits {
            return Err(JsonError { kind: JsonFault::TooManyDigits, at: start });
        }
        let exponent = self.exponent()?;
        if exponent > self.limits.exponent || (reaches(digits, exponent) && !self.is_finite(start)) {
            return Err(JsonError { kind: JsonFault::Exponent, at: start });
        }
        self.push(start, self.at, Kind::Number as u32)
    }

    /// The exponent without its sign; 0 where there is none.
    fn exponent(&mut self) -> Result<u32, JsonError> {
        let Some(b'e' | b'E') = self.text.get(self.at) else { return Ok(0) };
        self.at += 1;
        if let Some(b'+' | b'-') = self.text.get(self.at) {
            self.at += 1;
        }
        let from = self.at;
        self.digits()?;
        let digits = self.text.get(from..self.at).unwrap_or_default().iter();
        Ok(digits
            .fold(0_u32, |sum, digit| sum.saturating_mul(10).saturating_add(u32::from(digit.saturating_sub(b'0')))))
    }

    fn is_finite(&self, start: usize) -> bool {
        let text = self.text.get(start..self.at).and_then(|text| std::str::from_utf8(text).ok());
        text.and_then(|text| text.parse().ok()).is_some_and(f64::is_finite)
    }

    /// At least one digit.
    fn digits(&mut self) -> Result<usize, JsonError> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        if count == 0 { self.unexpected() } else { Ok(count) }
    }

    fn word(&mut self, word: &[u8], kind: Kind) -> Result<(), JsonError> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let same = rest.iter().zip(word).take_while(|(left, right)| left == right).count();
        let start = self.at;
        self.at += same;
        if same < word.len() { self.unexpected() } else { self.push(start, self.at, kind as u32) }
    }

    fn push(&mut self, start: usize, end: usize, info: u32) -> Result<(), JsonError> {
        if self.nodes.len() >= self.limits.nodes.min(MOST_NODES) {
            return Err(JsonError { kind: JsonFault::TooManyNodes, at: start });
        }
        let next = index(self.nodes.len() + 1);
        self.nodes.push(Node { start: index(start), end: index(end), next, info });
        Ok(())
    }

    /// The first name that an object has twice, among the open names from `first` on.
    fn repeated(&mut self, first: usize) -> Option<Node> {
        let (text, nodes) = (self.text, &self.nodes);
        let names = self.names.get(first..).unwrap_or_default();
        let node = |index: u32| nodes.get(index as usize).copied().unwrap_or(Node::NOTHING);
        if names.len() <= FEW {
            for (position, later) in names.iter().enumerate() {
                let later = node(*later);
                if names.iter().take(position).any(|earlier| same_name(text, node(*earlier), later)) {
                    return Some(later);
                }
            }
            return None;
        }
        // Sorted by a keyed hash and, where hashes collide, by name: no choice of names makes this slow.
        let state = RandomState::default();
        self.keyed.clear();
        self.keyed.extend(names.iter().map(|index| (hash_name(&state, text, node(*index)), *index)));
        self.keyed.sort_unstable_by(|left, right| {
            left.0.cmp(&right.0).then_with(|| {
                let (left, right) = (node(left.1), node(right.1));
                name_bytes(text, left).cmp(&name_bytes(text, right)).then(left.start.cmp(&right.start))
            })
        });
        let pairs = self.keyed.iter().zip(self.keyed.iter().skip(1));
        let equal = pairs.filter(|(left, right)| left.0 == right.0 && same_name(text, node(left.1), node(right.1)));
        equal.map(|(_, right)| node(right.1)).min_by_key(|node| node.start)
    }

    fn skip_whitespace(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.text.get(self.at) {
            self.at += 1;
        }
    }

    const fn fail<T>(&self, kind: JsonFault) -> Result<T, JsonError> {
        Err(JsonError { kind, at: self.at })
    }

    fn unexpected<T>(&self) -> Result<T, JsonError> {
        self.fail(if self.at < self.text.len() { JsonFault::Unexpected } else { JsonFault::Unfinished })
    }
}

/// How many bytes of a string stand for themselves.
fn plain_length(rest: &[u8]) -> usize {
    let is_special = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
    let (chunks, _) = rest.as_chunks::<16>();
    // No early exit inside of a chunk, so that it is one vector comparison.
    let plain = chunks.iter().take_while(|chunk| !chunk.iter().fold(false, |found, byte| found | is_special(byte)));
    let length = plain.count() * 16;
    let tail = rest.get(length..).unwrap_or_default();
    length + tail.iter().position(is_special).unwrap_or(tail.len())
}

/// Whether a number of so many digits and this exponent may be beyond the largest double, `1.8e308`.
const fn reaches(digits: usize, exponent: u32) -> bool {
    digits.saturating_add(exponent as usize) > 308
}

fn name_bytes(text: &[u8], node: Node) -> std::borrow::Cow<'_, [u8]> {
    let inner = node.inner(text);
    if !node.is_escaped() {
        return inner.into();
    }
    string::unescape(std::str::from_utf8(inner).unwrap_or_default()).into_owned().into_bytes().into()
}

fn same_name(text: &[u8], left: Node, right: Node) -> bool {
    if left.is_escaped() || right.is_escaped() {
        name_bytes(text, left) == name_bytes(text, right)
    } else {
        left.inner(text) == right.inner(text)
    }
}

fn hash_name(state: &RandomState, text: &[u8], node: Node) -> u64 {
    let mut hasher = state.build_hasher();
    hasher.write(&name_bytes(text, node));
    hasher.finish()
}

/// Offsets and counts were checked to fit when the reader started and when a node was pushed.
const fn index(value: usize) -> u32 {
    value as u32
}
