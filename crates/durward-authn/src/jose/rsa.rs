//! What makes an RSA modulus and exponent unfit for verification.

/// Why an RSA key is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RsaFault {
    /// `n` has this many bits.
    Size(usize),
    /// `n` or `e` is even, zero, or padded with a zero byte.
    Shape(&'static str),
    /// `e` is 1 or has more than 33 bits.
    Exponent,
    /// `n` comes from the broken generator of CVE-2017-15361.
    Roca,
}

const MIN_BITS: usize = 2048;
const MAX_BITS: usize = 8192;

/// Checks big-endian `n` and `e` without leading zeros.
pub(super) fn check(n: &[u8], e: &[u8]) -> Result<(), RsaFault> {
    shape(n, "n")?;
    shape(e, "e")?;
    let bits = n.len() * 8 - n.first().map_or(0, |byte| byte.leading_zeros() as usize);
    if !(MIN_BITS..=MAX_BITS).contains(&bits) {
        return Err(RsaFault::Size(bits));
    }
    let exponent = e.iter().try_fold(0u64, |value, byte| value.checked_mul(256)?.checked_add(u64::from(*byte)));
    if !exponent.is_some_and(|e| (3..1 << 33).contains(&e)) {
        return Err(RsaFault::Exponent);
    }
    if is_roca(n) { Err(RsaFault::Roca) } else { Ok(()) }
}

fn shape(number: &[u8], name: &'static str) -> Result<(), RsaFault> {
    match (number.first(), number.last()) {
        (Some(first), Some(last)) if *first != 0 && last % 2 == 1 => Ok(()),
        _ => Err(RsaFault::Shape(name)),
    }
}

/// The odd primes below 168, of which the generator's primorial is made.
const PRIMES: [u64; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
    113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// The fingerprint of Nemec et al. 2017: modulo every one of these primes, `n` is a power of 65537.
fn is_roca(n: &[u8]) -> bool {
    PRIMES.iter().all(|prime| {
        let residue = n.iter().fold(0u64, |rest, byte| (rest * 256 + u64::from(*byte)) % prime);
        let powers = std::iter::successors(Some(1u64), |power| Some(power * 65537 % prime));
        powers.take(usize::try_from(*prime).unwrap_or(0)).any(|power| power == residue)
    })
}
