//! Content codings, undone under a cap.
//!
//! A few kilobytes can expand to gigabytes, so decoding stops as soon as the cap or the ratio is passed. Whatever follows
//! the end of the coded data is refused: some readers ignore it, others decode it as a second member.

use std::io::Read;

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use flate2::bufread::{GzDecoder, ZlibDecoder};

/// A content coding (RFC 9110 section 8.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coding {
    /// No coding.
    Identity,
    /// RFC 1952, also written `x-gzip`.
    Gzip,
    /// The zlib format of RFC 1950. Raw RFC 1951 data, which some clients send under this name, is refused.
    Deflate,
    /// RFC 7932.
    Brotli,
}

impl Coding {
    /// Reads the value of a `Content-Encoding` field, which must be one coding.
    ///
    /// # Errors
    /// [`InflateProblem::UnknownCoding`] for any other text, also for chains like `gzip, br`.
    pub fn parse(text: &str) -> Result<Self, InflateProblem> {
        let names = [
            ("gzip", Self::Gzip),
            ("x-gzip", Self::Gzip),
            ("deflate", Self::Deflate),
            ("br", Self::Brotli),
            ("identity", Self::Identity),
        ];
        let known = names.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
        known.map(|(_, coding)| coding).ok_or(InflateProblem::UnknownCoding)
    }
}

/// Why data cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InflateProblem {
    /// A coding that is not read here, or more than one.
    #[error("unknown content coding")]
    UnknownCoding,
    /// It decodes to more bytes than the cap.
    #[error("the content decodes to more than {0} bytes")]
    TooLarge(usize),
    /// It decodes to more than so many times its size.
    #[error("the content decodes to more than {0} times its size")]
    Ratio(usize),
    /// It is not what the coding promises, or breaks off.
    #[error("the coded content is malformed")]
    Malformed,
    /// Something follows the end of the coded data.
    #[error("bytes follow the end of the coded content")]
    Trailing,
}

/// Decodes `data` to at most `cap` bytes and to at most `ratio` times its own size. Results up to
/// [`RATIO_FREE_BYTES`] are never held against the ratio: a short repetitive body is no bomb. Beside the result, gzip and
/// deflate take 32 KiB; brotli takes the window that the data asks for, at most 16 MiB.
///
/// # Errors
/// See [`InflateProblem`].
pub fn inflate(coding: Coding, data: &[u8], cap: usize, ratio: usize) -> Result<Vec<u8>, InflateProblem> {
    let by_ratio = data.len().saturating_mul(ratio).max(RATIO_FREE_BYTES);
    let budget = Budget { cap, ratio, most: cap.min(by_ratio) };
    match coding {
        Coding::Identity if data.len() > cap => Err(InflateProblem::TooLarge(cap)),
        Coding::Identity => Ok(data.to_vec()),
        Coding::Gzip => {
            let mut decoder = GzDecoder::new(data);
            let decoded = budget.read(&mut decoder)?;
            at_end(decoder.into_inner(), decoded)
        }
        Coding::Deflate => {
            let mut decoder = ZlibDecoder::new(data);
            let decoded = budget.read(&mut decoder)?;
            at_end(decoder.into_inner(), decoded)
        }
        Coding::Brotli => budget.brotli(data),
    }
}

/// Decodes the beginning of data, at most `most` bytes of it and as far as it can be read: where it is cut off or broken, what
/// was decoded before that. For looking at what somebody else will decode.
#[must_use]
pub fn inflate_start(coding: Coding, data: &[u8], most: usize) -> Vec<u8> {
    let budget = Budget { cap: most, ratio: 0, most };
    let mut decoded = Vec::new();
    match coding {
        Coding::Identity => decoded.extend_from_slice(data.get(..most).unwrap_or(data)),
        // What was decoded is kept; why it ended does not matter.
        Coding::Gzip => drop(budget.read_into(&mut GzDecoder::new(data), &mut decoded)),
        Coding::Deflate => drop(budget.read_into(&mut ZlibDecoder::new(data), &mut decoded)),
        Coding::Brotli => drop(budget.brotli_into(data, &mut decoded)),
    }
    decoded.truncate(most);
    decoded
}

/// Up to so many decoded bytes the ratio does not matter.
pub const RATIO_FREE_BYTES: usize = 16 * 1024;

struct Budget {
    cap: usize,
    ratio: usize,
    most: usize,
}

impl Budget {
    fn read(&self, decoder: &mut impl Read) -> Result<Vec<u8>, InflateProblem> {
        let mut decoded = Vec::new();
        self.read_into(decoder, &mut decoded)?;
        Ok(decoded)
    }

    fn read_into(&self, decoder: &mut impl Read, decoded: &mut Vec<u8>) -> Result<(), InflateProblem> {
        // One byte more than allowed tells data that just fits from data that goes on.
        let most = u64::try_from(self.most).unwrap_or(u64::MAX).saturating_add(1);
        decoder.take(most).read_to_end(decoded).map_err(|_| InflateProblem::Malformed)?;
        if decoded.len() > self.most { Err(self.passed()) } else { Ok(()) }
    }

    fn brotli(&self, data: &[u8]) -> Result<Vec<u8>, InflateProblem> {
        let mut decoded = Vec::new();
        let end = self.brotli_into(data, &mut decoded)?;
        at_end(data.get(end..).unwrap_or_default(), decoded)
    }

    /// Where the data ends.
    fn brotli_into(&self, data: &[u8], decoded: &mut Vec<u8>) -> Result<usize, InflateProblem> {
        let mut state = BrotliState::new(StandardAlloc::default(), StandardAlloc::default(), StandardAlloc::default());
        let mut chunk = vec![0_u8; CHUNK];
        let (mut left, mut offset, mut total) = (data.len(), 0, 0);
        loop {
            let (mut room, mut filled) = (CHUNK, 0);
            let result = BrotliDecompressStream(
                &mut left,
                &mut offset,
                data,
                &mut room,
                &mut filled,
                &mut chunk,
                &mut total,
                &mut state,
            );
            decoded.extend_from_slice(chunk.get(..filled).unwrap_or_default());
            if decoded.len() > self.most {
                return Err(self.passed());
            }
            match result {
                BrotliResult::ResultSuccess => return Ok(offset),
                BrotliResult::NeedsMoreOutput => {}
                BrotliResult::NeedsMoreInput | BrotliResult::ResultFailure => return Err(InflateProblem::Malformed),
            }
        }
    }

    const fn passed(&self) -> InflateProblem {
        if self.most < self.cap { InflateProblem::Ratio(self.ratio) } else { InflateProblem::TooLarge(self.cap) }
    }
}

const CHUNK: usize = 16 * 1024;

fn at_end(rest: &[u8], decoded: Vec<u8>) -> Result<Vec<u8>, InflateProblem> {
    if rest.is_empty() { Ok(decoded) } else { Err(InflateProblem::Trailing) }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::{Coding, InflateProblem, inflate};

    fn gzip(data: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(data: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    /// `hello hello hello hello\n`, by the reference encoder.
    const BROTLI: &[u8] = &[
        0x1b, 0x17, 0x00, 0xf8, 0x8d, 0x94, 0x6e, 0xde, 0x44, 0x55, 0x86, 0xd6, 0x0a, 0x20, 0x6c, 0x6f, 0x4a, 0x11,
        0x79, 0xe2, 0x80, 0xae, 0x16,
    ];

    /// A mebibyte of zeros.
    const BROTLI_BOMB: &[u8] = &[0x5b, 0xff, 0xff, 0x8f, 0x7f, 0x02, 0x20, 0x1e, 0x0b, 0x04, 0x72, 0xef, 0x1f, 0x00];

    #[test]
    fn codings() {
        for (text, expected) in [
            ("gzip", Ok(Coding::Gzip)),
            ("X-GZip", Ok(Coding::Gzip)),
            ("deflate", Ok(Coding::Deflate)),
            ("br", Ok(Coding::Brotli)),
            ("identity", Ok(Coding::Identity)),
            ("", Err(InflateProblem::UnknownCoding)),
            ("zstd", Err(InflateProblem::UnknownCoding)),
            ("gzip, br", Err(InflateProblem::UnknownCoding)),
            (" gzip", Err(InflateProblem::UnknownCoding)),
        ] {
            assert_eq!(Coding::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn decodes() {
        let text: Vec<u8> = (0..50_000_u32).flat_map(|n| (n * 7919).to_le_bytes()).collect();
        for (coding, data) in
            [(Coding::Identity, text.clone()), (Coding::Gzip, gzip(&text)), (Coding::Deflate, zlib(&text))]
        {
            assert_eq!(inflate(coding, &data, text.len(), 100).as_ref(), Ok(&text), "{coding:?}");
            assert_eq!(inflate(coding, &data, text.len() - 1, 100), Err(InflateProblem::TooLarge(text.len() - 1)));
        }
        assert_eq!(inflate(Coding::Gzip, &gzip(b""), 0, 1), Ok(Vec::new()));
        assert_eq!(inflate(Coding::Brotli, BROTLI, 24, 1), Ok(b"hello hello hello hello\n".to_vec()));
        assert_eq!(inflate(Coding::Brotli, BROTLI, 23, 1), Err(InflateProblem::TooLarge(23)));
        assert_eq!(inflate(Coding::Brotli, &[0x3b], 0, 1), Ok(Vec::new()));
    }

    #[test]
    fn bombs() {
        let zeros = vec![0_u8; 4 << 20];
        for (coding, data) in [(Coding::Gzip, gzip(&zeros)), (Coding::Deflate, zlib(&zeros))] {
            assert_eq!(inflate(coding, &data, usize::MAX, 100), Err(InflateProblem::Ratio(100)));
            assert_eq!(inflate(coding, &data, 1 << 20, 2_000), Err(InflateProblem::TooLarge(1 << 20)));
            assert_eq!(inflate(coding, &data, 4 << 20, 2_000).map(|decoded| decoded.len()), Ok(4 << 20));
        }
        assert_eq!(inflate(Coding::Brotli, BROTLI_BOMB, usize::MAX, 100), Err(InflateProblem::Ratio(100)));
        assert_eq!(inflate(Coding::Brotli, BROTLI_BOMB, 1 << 18, 100_000), Err(InflateProblem::TooLarge(1 << 18)));
        assert_eq!(inflate(Coding::Brotli, BROTLI_BOMB, 1 << 20, 100_000), Ok(vec![0; 1 << 20]));
        let short = gzip(&[b'a'; 8 * 1024]);
        assert!(inflate(Coding::Gzip, &short, 1 << 20, 10).is_ok());
    }

    #[test]
    fn malformed() {
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::best());
        raw.write_all(b"hello").unwrap();
        let raw = raw.finish().unwrap();
        let mut bad_sum = gzip(b"hello");
        let sum = bad_sum.len() - 8;
        bad_sum[sum] ^= 1;
        for (coding, data, expected) in [
            (Coding::Gzip, &b""[..], InflateProblem::Malformed),
            (Coding::Gzip, b"hello", InflateProblem::Malformed),
            (Coding::Gzip, &gzip(b"hello")[..20], InflateProblem::Malformed),
            (Coding::Gzip, &bad_sum, InflateProblem::Malformed),
            (Coding::Gzip, &[gzip(b"a"), b"x".to_vec()].concat(), InflateProblem::Trailing),
            (Coding::Gzip, &[gzip(b"a"), gzip(b"b")].concat(), InflateProblem::Trailing),
            (Coding::Deflate, b"", InflateProblem::Malformed),
            (Coding::Deflate, &raw, InflateProblem::Malformed),
            (Coding::Deflate, &[zlib(b"a"), b"x".to_vec()].concat(), InflateProblem::Trailing),
            (Coding::Brotli, b"", InflateProblem::Malformed),
            (Coding::Brotli, &BROTLI[..20], InflateProblem::Malformed),
            (Coding::Brotli, &[BROTLI, b"x"].concat(), InflateProblem::Trailing),
            (Coding::Brotli, b"\xff\xff\xff\xff", InflateProblem::Malformed),
        ] {
            assert_eq!(inflate(coding, data, 1 << 20, 100), Err(expected), "{coding:?} {data:?}");
        }
    }
}
