//! What MD5 and SHA-1 share: padding and blocks.

/// How the words of a block are written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Order {
    LittleEndian,
    BigEndian,
}

/// Hands out the padded message in blocks of sixteen words.
pub(super) fn for_each_block(message: &[u8], order: Order, mut compress: impl FnMut(&[u32; 16])) {
    let (blocks, rest) = message.as_chunks::<64>();
    let bits = (message.len() as u64).wrapping_mul(8);
    let bits = match order {
        Order::LittleEndian => bits.to_le_bytes(),
        Order::BigEndian => bits.to_be_bytes(),
    };
    // The end of the message: what is left, a set bit, zeros, the length; one block or two.
    let zeros = (64 + 55 - rest.len()) % 64;
    let end = rest.iter().copied().chain([0x80]).chain(std::iter::repeat_n(0, zeros)).chain(bits);
    let mut padded = [0; 128];
    for (to, from) in padded.iter_mut().zip(end) {
        *to = from;
    }
    let padded = padded.as_chunks::<64>().0.iter().take((rest.len() + 9).div_ceil(64));
    for block in blocks.iter().chain(padded) {
        let mut words = [0; 16];
        for (word, bytes) in words.iter_mut().zip(block.as_chunks::<4>().0) {
            *word = match order {
                Order::LittleEndian => u32::from_le_bytes(*bytes),
                Order::BigEndian => u32::from_be_bytes(*bytes),
            };
        }
        compress(&words);
    }
}
