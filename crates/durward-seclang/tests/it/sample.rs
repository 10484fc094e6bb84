//! Texts that patterns match, made from their syntax trees.

use durward_seclang::pattern::Pattern;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Random numbers that are the same each time for the same seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `sides`.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 1).unwrap_or(0) % sides.max(1)
    }
}

/// The syntax tree of what the linear engine looks for.
pub(crate) fn tree(pattern: &Pattern) -> Hir {
    let mut parser = regex_syntax::ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .dot_matches_new_line(true)
        .nest_limit(500)
        .build();
    parser.parse(pattern.linear()).unwrap()
}

/// How a text is made.
pub(crate) struct Sampler {
    pub(crate) dice: Dice,
    /// How long a text may become; then repetitions stop as soon as they may.
    pub(crate) most: usize,
    /// The number of the repetition that goes on until the text is that long, counted as they come.
    pub(crate) stretched: Option<usize>,
    /// How many repetitions have come.
    pub(crate) repetitions: usize,
}

impl Sampler {
    pub(crate) const fn new(seed: u64, most: usize) -> Self {
        Self { dice: Dice::new(seed), most, stretched: None, repetitions: 0 }
    }

    /// Appends a text that the tree matches, unless an assertion in it forbids that.
    pub(crate) fn write(&mut self, tree: &Hir, out: &mut Vec<u8>) {
        match tree.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => out.extend_from_slice(&literal.0),
            HirKind::Class(class) => self.member(class, out),
            HirKind::Capture(capture) => self.write(&capture.sub, out),
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.write(part, out)),
            HirKind::Alternation(parts) => {
                let branch = self.dice.roll(parts.len());
                self.write(&parts[branch], out);
            }
            HirKind::Repetition(repetition) => {
                let number = self.repetitions;
                self.repetitions += 1;
                let min = repetition.min as usize;
                let mut times = min + self.dice.roll(3);
                if self.stretched == Some(number) {
                    times = usize::MAX;
                }
                times = times.min(repetition.max.map_or(usize::MAX, |max| max as usize));
                for time in 0..times {
                    let before = out.len();
                    if time >= min && before >= self.most {
                        break;
                    }
                    self.write(&repetition.sub, out);
                    if time >= min && out.len() == before {
                        break;
                    }
                }
            }
        }
    }

    fn member(&mut self, class: &Class, out: &mut Vec<u8>) {
        match class {
            Class::Bytes(class) => {
                let Some(range) = class.ranges().get(self.dice.roll(class.ranges().len())) else { return };
                let size = usize::from(range.end() - range.start()) + 1;
                out.push(range.start() + u8::try_from(self.dice.roll(size)).unwrap_or(0));
            }
            // What the parser makes of `a|b`.
            Class::Unicode(class) => {
                let Some(range) = class.ranges().get(self.dice.roll(class.ranges().len())) else { return };
                out.extend_from_slice(range.start().encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
    }
}
