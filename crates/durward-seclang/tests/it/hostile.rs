//! Texts written against a pattern, to see how long it looks for nothing.

use durward_seclang::pattern::Pattern;

use crate::sample::{Sampler, tree};

/// Texts of this many bytes: one loop of the pattern after the other drawn out, beginnings and near misses repeated, and
/// single bytes repeated.
pub(crate) fn texts(pattern: &Pattern, length: usize) -> Vec<Vec<u8>> {
    let tree = tree(pattern);
    let mut texts = Vec::new();
    for seed in 0..4 {
        let mut sample = Vec::new();
        let mut sampler = Sampler::new(seed, 64);
        sampler.write(&tree, &mut sample);
        let loops = sampler.repetitions;
        let (begun, last) = sample.split_at(sample.len().saturating_sub(1));
        let missed: Vec<u8> = begun.iter().copied().chain(last.iter().map(|byte| byte ^ 0x15)).collect();
        let half = sample.get(..sample.len() / 2).unwrap_or_default();
        texts.extend([&sample, begun, &missed, half].map(|piece| repeated(piece, length)));
        // Each loop by itself, up to where the pattern would go on, and with something else instead.
        for stretched in 0..loops.min(12) {
            let mut text = Vec::new();
            let mut sampler = Sampler::new(seed, length);
            sampler.stretched = Some(stretched);
            sampler.write(&tree, &mut text);
            text.truncate(length.saturating_sub(1));
            text.push(b'\0');
            texts.push(text);
        }
    }
    texts.extend([b"a", b"0", b" ", b"(", b"'", b"\xff"].map(|byte| repeated(byte, length)));
    texts
}

fn repeated(piece: &[u8], length: usize) -> Vec<u8> {
    piece.iter().copied().cycle().take(length).collect()
}
