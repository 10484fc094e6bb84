//! `TX`: the variables of one transaction.
//!
//! Keys that rule files spell out are numbered when they are compiled, so that a look-up is an index. Keys that are put
//! together at run time are found in a map. Numbers are kept as numbers: anomaly scores are added, never parsed.

use std::collections::HashMap;
use std::hash::BuildHasher;

use super::Buffer;
use super::number;
use crate::scan::BitSet;

/// A numbered key of `TX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TxKey(pub(super) u32);

impl TxKey {
    /// `TX:0` to `TX:9`, what `capture` fills.
    #[must_use]
    pub const fn capture(number: u8) -> Option<Self> {
        if number < CAPTURES { Some(Self(number as u32)) } else { None }
    }

    /// The number, dense from 0.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// All keys of `TX` that the rule files spell out.
#[derive(Debug, Clone)]
pub struct TxKeys {
    names: Vec<Box<[u8]>>,
    numbers: HashMap<Box<[u8]>, TxKey, foldhash::fast::RandomState>,
}

impl Default for TxKeys {
    fn default() -> Self {
        let mut keys = Self { names: Vec::new(), numbers: HashMap::default() };
        for digit in b'0'..b'0' + CAPTURES {
            let _ = keys.intern(&[digit]);
        }
        keys
    }
}

impl TxKeys {
    /// The number of a key, in any case.
    pub fn intern(&mut self, key: &[u8]) -> TxKey {
        let key: Box<[u8]> = key.to_ascii_lowercase().into();
        if let Some(number) = self.numbers.get(&key) {
            return *number;
        }
        let number = TxKey(u32::try_from(self.names.len()).unwrap_or(u32::MAX));
        self.names.push(key.clone());
        self.numbers.insert(key, number);
        number
    }

    /// The number of a key in lower case, if it has one.
    #[must_use]
    pub fn find(&self, lower: &[u8]) -> Option<TxKey> {
        self.numbers.get(lower).copied()
    }

    /// The key, in lower case.
    #[must_use]
    pub fn name(&self, key: TxKey) -> &[u8] {
        self.names.get(key.index()).map_or(&[], |name| name)
    }

    /// All keys with their names, in lower case.
    pub fn iter(&self) -> impl Iterator<Item = (TxKey, &[u8])> {
        (0..).map(TxKey).zip(self.names.iter().map(|name| &**name))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Never: captures are always there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

/// What `TX` holds. A clone of one is where a transaction begins: what the rule files and the route set before any rule.
#[derive(Debug, Default)]
pub struct TxStore {
    /// By number of key.
    cells: Vec<Cell>,
    /// Members whose keys have no number.
    extra: Vec<Extra>,
    extra_by_hash: HashMap<u64, u32, foldhash::fast::RandomState>,
    bytes: Vec<u8>,
    /// Members that no rule changes.
    fixed: BitSet,
    overflowed: bool,
}

impl Clone for TxStore {
    fn clone(&self) -> Self {
        Self {
            cells: self.cells.clone(),
            extra: self.extra.clone(),
            extra_by_hash: self.extra_by_hash.clone(),
            bytes: self.bytes.clone(),
            fixed: self.fixed.clone(),
            overflowed: self.overflowed,
        }
    }

    fn clone_from(&mut self, source: &Self) {
        self.cells.clone_from(&source.cells);
        self.extra.clone_from(&source.extra);
        if !(self.extra_by_hash.is_empty() && source.extra_by_hash.is_empty()) {
            // The hashes of the other store were made with its seed.
            self.extra_by_hash.clone_from(&source.extra_by_hash);
        }
        self.bytes.clone_from(&source.bytes);
        self.fixed.clone_from(&source.fixed);
        self.overflowed = source.overflowed;
    }
}

/// A member: its value, and the bytes in the store that are its own.
#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    value: Held,
    start: u32,
    /// How many bytes a later value may have to stand at the same place.
    room: u32,
}

#[derive(Debug, Clone, Copy, Default)]
enum Held {
    #[default]
    Nothing,
    Number(i64),
    /// So many bytes.
    Bytes(u32),
}

/// A member whose key has no number.
#[derive(Debug, Clone, Copy)]
struct Extra {
    name: Cell,
    cell: Cell,
}

/// Any member: a numbered key, or one of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Member {
    Key(TxKey),
    Extra(u32),
}

const CAPTURES: u8 = 10;

/// How many members with computed keys, and how many bytes, a transaction may have.
const MOST_EXTRA: usize = 4096;
const MOST_BYTES: usize = 8 << 20;

impl TxStore {
    /// How many bytes it takes, about.
    #[must_use]
    pub fn size(&self) -> usize {
        size_of_val(self.cells.as_slice()) + size_of_val(self.extra.as_slice()) + self.bytes.len()
    }

    /// The value of a key as a number; 0 if there is none.
    #[must_use]
    pub fn number(&self, key: TxKey) -> i64 {
        self.number_of(Member::Key(key))
    }

    /// Whether the key has a value.
    #[must_use]
    pub fn contains(&self, key: TxKey) -> bool {
        !matches!(self.cell(Member::Key(key)).value, Held::Nothing)
    }

    /// The value of a key. Numbers are written into `buffer`.
    pub fn get<'a>(&'a self, key: TxKey, buffer: &'a mut Buffer) -> Option<&'a [u8]> {
        self.read(Member::Key(key), buffer)
    }

    /// Gives a key a value.
    pub fn assign(&mut self, key: TxKey, value: &[u8]) {
        self.write(Member::Key(key), value);
    }

    /// Gives a key a value that no rule changes from then on.
    pub fn fix(&mut self, key: TxKey, value: &[u8]) {
        self.assign(key, value);
        self.fixed.insert(key.index());
    }

    pub(super) fn is_fixed(&self, member: Member) -> bool {
        matches!(member, Member::Key(key) if self.fixed.contains(key.index()))
    }

    /// Gives a key a number.
    pub fn assign_number(&mut self, key: TxKey, number: i64) {
        self.put(Member::Key(key), Held::Number(number));
    }

    /// Adds to the number of a key.
    pub fn add(&mut self, key: TxKey, amount: i64) {
        self.assign_number(key, self.number(key).saturating_add(amount));
    }

    /// Takes the value of a key away.
    pub fn remove(&mut self, key: TxKey) {
        self.put(Member::Key(key), Held::Nothing);
    }

    /// Takes `TX:0` to `TX:9` away.
    pub fn clear_captures(&mut self) {
        for cell in self.cells.iter_mut().take(usize::from(CAPTURES)) {
            cell.value = Held::Nothing;
        }
    }

    /// Whether rules asked for more members or bytes than a transaction may have; what was beyond is missing.
    #[must_use]
    pub const fn overflowed(&self) -> bool {
        self.overflowed
    }

    /// The member of a key in lower case, whether it has a value or not.
    pub(super) fn member(&self, keys: &TxKeys, lower: &[u8]) -> Option<Member> {
        keys.find(lower).map(Member::Key).or_else(|| self.extra_of(lower).ok().map(Member::Extra))
    }

    /// The member of a key in lower case; it is made if there is room.
    pub(super) fn make(&mut self, keys: &TxKeys, lower: &[u8]) -> Option<Member> {
        if let Some(key) = keys.find(lower) {
            return Some(Member::Key(key));
        }
        match self.extra_of(lower) {
            Ok(found) => Some(Member::Extra(found)),
            Err(_) if self.extra.len() >= MOST_EXTRA => {
                self.overflowed = true;
                None
            }
            Err(hash) => {
                let name = self.keep(lower, Cell::default())?;
                let number = u32::try_from(self.extra.len()).ok()?;
                self.extra.push(Extra { name, cell: Cell::default() });
                self.extra_by_hash.insert(hash, number);
                Some(Member::Extra(number))
            }
        }
    }

    /// Room for so many numbered keys, so that positions stay.
    pub(super) fn make_room(&mut self, keys: usize) {
        if self.cells.len() < keys {
            self.cells.resize(keys, Cell::default());
        }
    }

    pub(super) fn has(&self, member: Member) -> bool {
        !matches!(self.cell(member).value, Held::Nothing)
    }

    /// How many positions there are to look at in order, and the member at one of them.
    pub(super) fn positions(&self) -> u32 {
        u32::try_from(self.cells.len() + self.extra.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn member_at(&self, position: u32) -> Member {
        let cells = u32::try_from(self.cells.len()).unwrap_or(u32::MAX);
        match position.checked_sub(cells) {
            None => Member::Key(TxKey(position)),
            Some(extra) => Member::Extra(extra),
        }
    }

    /// The name of a member with a computed key.
    pub(super) fn extra_name(&self, extra: u32) -> &[u8] {
        self.extra.get(extra as usize).map_or(&[], |extra| self.at(extra.name))
    }

    pub(super) fn number_of(&self, member: Member) -> i64 {
        let cell = self.cell(member);
        match cell.value {
            Held::Nothing => 0,
            Held::Number(number) => number,
            Held::Bytes(_) => number::parse(self.at(cell)),
        }
    }

    pub(super) fn read<'a>(&'a self, member: Member, buffer: &'a mut Buffer) -> Option<&'a [u8]> {
        let cell = self.cell(member);
        match cell.value {
            Held::Nothing => None,
            Held::Number(number) => {
                buffer.clear();
                number::write(number, buffer);
                Some(buffer)
            }
            Held::Bytes(_) => Some(self.at(cell)),
        }
    }

    pub(super) fn write(&mut self, member: Member, value: &[u8]) {
        if let Some(number) = number::canonical(value) {
            return self.put(member, Held::Number(number));
        }
        if let Some(kept) = self.keep(value, self.cell(member))
            && let Some(cell) = self.cell_mut(member)
        {
            *cell = kept;
        }
    }

    pub(super) fn write_number(&mut self, member: Member, number: i64) {
        self.put(member, Held::Number(number));
    }

    pub(super) fn erase(&mut self, member: Member) {
        self.put(member, Held::Nothing);
    }

    fn cell(&self, member: Member) -> Cell {
        match member {
            Member::Key(key) => self.cells.get(key.index()).copied().unwrap_or_default(),
            Member::Extra(extra) => self.extra.get(extra as usize).map(|extra| extra.cell).unwrap_or_default(),
        }
    }

    fn cell_mut(&mut self, member: Member) -> Option<&mut Cell> {
        match member {
            Member::Key(key) => {
                if key.index() >= self.cells.len() {
                    self.cells.resize(key.index() + 1, Cell::default());
                }
                self.cells.get_mut(key.index())
            }
            Member::Extra(extra) => self.extra.get_mut(extra as usize).map(|extra| &mut extra.cell),
        }
    }

    fn put(&mut self, member: Member, value: Held) {
        if let Some(cell) = self.cell_mut(member) {
            cell.value = value;
        }
    }

    fn at(&self, cell: Cell) -> &[u8] {
        let Held::Bytes(length) = cell.value else { return &[] };
        let start = cell.start as usize;
        self.bytes.get(start..start + length as usize).unwrap_or_default()
    }

    /// Keeps a copy, where the old value stands if there is room. `None` beyond the limit.
    fn keep(&mut self, value: &[u8], old: Cell) -> Option<Cell> {
        let length = u32::try_from(value.len()).ok()?;
        if length <= old.room {
            let start = old.start as usize;
            self.bytes.get_mut(start..start + value.len())?.copy_from_slice(value);
            return Some(Cell { value: Held::Bytes(length), ..old });
        }
        if self.bytes.len() + value.len() > MOST_BYTES {
            self.overflowed = true;
            return None;
        }
        let start = u32::try_from(self.bytes.len()).ok()?;
        self.bytes.extend_from_slice(value);
        Some(Cell { value: Held::Bytes(length), start, room: length })
    }

    /// The member with a computed key, or the hash under which it would be found.
    fn extra_of(&self, lower: &[u8]) -> Result<u32, u64> {
        let mut hash = self.extra_by_hash.hasher().hash_one(lower);
        while let Some(&extra) = self.extra_by_hash.get(&hash) {
            if self.extra_name(extra) == lower {
                return Ok(extra);
            }
            hash = hash.wrapping_add(1);
        }
        Err(hash)
    }
}
