//! `@ipMatch` and `@ipMatchFromFile`: the value is an address in one of the networks.
//!
//! Networks are addresses of either version, with or without a prefix length, separated by commas or white space; in a file
//! `#` begins a comment. An address that is not one matches nothing. An IPv4 address or network written as IPv6
//! (`::ffff:192.0.2.1`) is the IPv4 one too: sockets for both versions tell peers so.

use std::net::IpAddr;

/// Ranges of addresses, sorted and apart from each other.
#[derive(Debug, Default)]
pub(super) struct Networks {
    v4: Vec<(u32, u32)>,
    v6: Vec<(u128, u128)>,
}

impl Networks {
    /// Reads a list of networks.
    pub(super) fn parse(text: &[u8]) -> Result<Self, String> {
        let mut networks = Self::default();
        for line in text.split(|byte| *byte == b'\n') {
            let line = line.split(|byte| *byte == b'#').next().unwrap_or_default();
            let entries = line.split(|byte| *byte == b',' || byte.is_ascii_whitespace());
            for entry in entries.filter(|entry| !entry.is_empty()) {
                networks
                    .add(entry)
                    .ok_or_else(|| format!("`{}` is not an address or a network", entry.escape_ascii()))?;
            }
        }
        merge(&mut networks.v4);
        merge(&mut networks.v6);
        Ok(networks)
    }

    fn add(&mut self, entry: &[u8]) -> Option<()> {
        let entry = std::str::from_utf8(entry).ok()?;
        let (address, length) = match entry.split_once('/') {
            Some((address, length)) => (address, Some(length.parse::<u32>().ok()?)),
            None => (entry, None),
        };
        match address.parse::<IpAddr>().ok()? {
            IpAddr::V4(address) => {
                let host = u32::MAX.checked_shr(length.unwrap_or(32)).unwrap_or(0);
                let first = u32::from(address) & !host;
                self.v4.push((first, first | host));
                (length.unwrap_or(32) <= 32).then_some(())
            }
            IpAddr::V6(address) => {
                let host = u128::MAX.checked_shr(length.unwrap_or(128)).unwrap_or(0);
                let first = u128::from(address) & !host;
                self.v6.push((first, first | host));
                if let (Some(mapped), Some(host)) = (address.to_ipv4_mapped(), u32::try_from(host).ok()) {
                    let first = u32::from(mapped) & !host;
                    self.v4.push((first, first | host));
                }
                (length.unwrap_or(128) <= 128).then_some(())
            }
        }
    }

    /// Whether the value is an address in one of them.
    pub(super) fn contain(&self, value: &[u8]) -> bool {
        let holds_v4 = |address| holds(&self.v4, u32::from(address));
        match std::str::from_utf8(value).ok().and_then(|text| text.trim().parse().ok()) {
            Some(IpAddr::V4(address)) => holds_v4(address),
            Some(IpAddr::V6(address)) => {
                holds(&self.v6, u128::from(address)) || address.to_ipv4_mapped().is_some_and(holds_v4)
            }
            None => false,
        }
    }
}

fn holds<T: Ord + Copy>(ranges: &[(T, T)], address: T) -> bool {
    let behind = ranges.partition_point(|(first, _)| *first <= address);
    behind.checked_sub(1).and_then(|index| ranges.get(index)).is_some_and(|(_, last)| address <= *last)
}

/// Networks contain each other or are apart: of those that begin at one place or inside of another, the largest is kept.
fn merge<T: Ord + Copy>(ranges: &mut Vec<(T, T)>) {
    ranges.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
    ranges.dedup_by(|inner, outer| inner.1 <= outer.1);
}

#[cfg(test)]
mod tests {
    use super::Networks;
    use crate::operator::OperatorName::{IpMatch, IpMatchFromFile};
    use crate::operator::testing::{verdicts, verdicts_from_file};

    #[test]
    fn vectors() {
        const LIST: &[u8] = b"192.168.0.0/24, 10.1.2.3,2001:db8::/32 ,::1,192.168.0.128/25,0.0.0.0/32";
        verdicts(
            IpMatch,
            &[
                (LIST, b"192.168.0.0", true),
                (LIST, b"192.168.0.255", true),
                (LIST, b"192.168.1.0", false),
                (LIST, b"10.1.2.3", true),
                (LIST, b"10.1.2.4", false),
                (LIST, b"::ffff:10.1.2.3", true),
                (LIST, b"2001:db8:ffff::1", true),
                (LIST, b"2001:db9::1", false),
                (LIST, b"::1", true),
                (LIST, b"0.0.0.0", true),
                (LIST, b"0.0.0.1", false),
                (LIST, b"", false),
                (LIST, b"10.1.2", false),
                (LIST, b"host.example", false),
                (LIST, b"\xff", false),
                (b"0.0.0.0/0", b"8.8.8.8", true),
                (b"0.0.0.0/0", b"::8", false),
                (b"::/0", b"::8", true),
                (b"::/0", b"8.8.8.8", false),
                (b"::/80", b"::ffff:192.0.2.1", true),
                (b"::ffff:192.0.2.1", b"::ffff:192.0.2.1", true),
                (b"::ffff:192.0.2.1", b"0:0:0:0:0:ffff:c000:201", true),
                (b"::ffff:192.0.2.1", b"192.0.2.1", true),
                (b"::ffff:192.0.2.128/126", b"::ffff:192.0.2.131", true),
                (b"::ffff:192.0.2.128/126", b"192.0.2.131", true),
                (b"::ffff:192.0.2.128/126", b"::ffff:192.0.2.132", false),
                (b"::ffff:192.0.2.128/126", b"192.0.2.132", false),
                (b"::ffff:0:0/96", b"8.8.8.8", true),
                (b"::ffff:0:0/95", b"8.8.8.8", false),
            ],
        );
    }

    #[test]
    fn files() {
        let file = b"# private\r\n10.0.0.0/8\r\n\r\n172.16.0.0/12 # and this\n";
        verdicts_from_file(
            IpMatchFromFile,
            file,
            &[(b"10.200.1.1", true), (b"172.31.255.255", true), (b"172.32.0.0", false), (b"private", false)],
        );
    }

    #[test]
    fn what_is_no_network() {
        for text in
            [&b"300.1.1.1"[..], b"10.0.0.0/33", b"::/129", b"10.0.0.0/x", b"10.0.0.0/", b"10.0", b"host", b"\xff"]
        {
            assert!(Networks::parse(text).is_err(), "{}", text.escape_ascii());
        }
    }
}
