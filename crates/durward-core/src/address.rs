//! Addresses as text, for every request: in the record and towards the upstream.

use std::fmt::{self, Write};
use std::net::IpAddr;

/// The text of an address, on the stack. For IPv4 written by hand: the formatter of the standard library took about a
/// thousand instructions for it.
#[derive(Debug, Clone, Copy)]
pub struct AddressText {
    bytes: [u8; LONGEST],
    length: usize,
}

impl AddressText {
    /// The text of `address`.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        let mut text = Self { bytes: [0; LONGEST], length: 0 };
        match address {
            IpAddr::V4(address) => text.octets(address.octets()),
            // Writing here cannot fail, and no address is longer than the room.
            IpAddr::V6(address) => drop(write!(text, "{address}")),
        }
        text
    }

    /// Its bytes, which are ASCII.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
    }

    fn octets(&mut self, octets: [u8; 4]) {
        for (at, octet) in octets.into_iter().enumerate() {
            if at > 0 {
                self.push(b'.');
            }
            if octet >= 100 {
                self.push(b'0' + octet / 100);
            }
            if octet >= 10 {
                self.push(b'0' + octet / 10 % 10);
            }
            self.push(b'0' + octet % 10);
        }
    }
}

impl Write for AddressText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.bytes().for_each(|byte| self.push(byte));
        Ok(())
    }
}

/// Of IPv6 with an IPv4 end.
const LONGEST: usize = 45;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_written_as_everywhere() {
        for text in [
            "0.0.0.0",
            "1.20.255.109",
            "192.0.2.100",
            "255.255.255.255",
            "::1",
            "::ffff:192.168.100.228",
            "2001:db8::ff00:42:8329",
            "1111:2222:3333:4444:5555:6666:7777:8888",
        ] {
            assert_eq!(AddressText::of(text.parse().unwrap()).as_bytes(), text.as_bytes());
        }
    }
}
