//! The PROXY protocol, version 2: a trusted hop says who the client is.
//!
//! Only the binary version is read, and only from peers that the policy trusts; the header is read to its last byte and not
//! one further. Anything out of the ordinary closes the connection: guessing here would be guessing who calls.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::io::{AsyncRead, AsyncReadExt};

/// What the header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Announced {
    /// The hop speaks for itself, for example a health check.
    Local,
    /// The client, and the address it called.
    Client {
        /// Where it calls from.
        source: SocketAddr,
        /// What it called.
        destination: SocketAddr,
    },
}

/// Reads the header. The caller sets the deadline.
pub(crate) async fn read<R: AsyncRead + Unpin>(stream: &mut R) -> std::io::Result<Announced> {
    let mut fixed = [0u8; FIXED];
    stream.read_exact(&mut fixed).await?;
    let (command, family, length) = preamble(&fixed).ok_or_else(malformed)?;
    if length > LONGEST {
        return Err(malformed());
    }
    let mut rest = [0u8; LONGEST];
    let rest = rest.get_mut(..length).ok_or_else(malformed)?;
    stream.read_exact(rest).await?;
    announced(command, family, rest).ok_or_else(malformed)
}

fn malformed() -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, "the PROXY protocol header is malformed")
}

fn preamble(fixed: &[u8; FIXED]) -> Option<(u8, u8, usize)> {
    let [signature @ .., version_command, family, high, low] = fixed;
    if *signature != SIGNATURE || version_command >> 4 != 2 {
        return None;
    }
    Some((version_command & 0x0f, *family, usize::from(u16::from_be_bytes([*high, *low]))))
}

fn announced(command: u8, family: u8, rest: &[u8]) -> Option<Announced> {
    match (command, family) {
        (LOCAL, _) => Some(Announced::Local),
        (PROXY, TCP4) => {
            let (address, rest) = rest.split_first_chunk::<12>()?;
            extensions(rest)?;
            let [a, b, c, d, e, f, g, h, source @ .., i, j] = *address;
            Some(client(
                (Ipv4Addr::new(a, b, c, d).into(), u16::from_be_bytes(source)),
                (Ipv4Addr::new(e, f, g, h).into(), u16::from_be_bytes([i, j])),
            ))
        }
        (PROXY, TCP6) => {
            let (source, rest) = rest.split_first_chunk::<16>()?;
            let (destination, rest) = rest.split_first_chunk::<16>()?;
            let ([a, b, c, d], rest) = rest.split_first_chunk::<4>()?;
            extensions(rest)?;
            Some(client(
                (Ipv6Addr::from(*source).into(), u16::from_be_bytes([*a, *b])),
                (Ipv6Addr::from(*destination).into(), u16::from_be_bytes([*c, *d])),
            ))
        }
        _ => None,
    }
}

fn client(source: (IpAddr, u16), destination: (IpAddr, u16)) -> Announced {
    let plain = |(address, port): (IpAddr, u16)| SocketAddr::new(address.to_canonical(), port);
    Announced::Client { source: plain(source), destination: plain(destination) }
}

/// The extensions are not used, but their lengths must add up.
fn extensions(mut rest: &[u8]) -> Option<()> {
    while !rest.is_empty() {
        let ([_, high, low], value) = rest.split_first_chunk::<3>()?;
        rest = value.get(usize::from(u16::from_be_bytes([*high, *low]))..)?;
    }
    Some(())
}

const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";
const FIXED: usize = 16;
const LONGEST: usize = 1024;
const LOCAL: u8 = 0;
const PROXY: u8 = 1;
const TCP4: u8 = 0x11;
const TCP6: u8 = 0x21;

#[cfg(test)]
mod tests {
    use super::*;

    fn header(version_command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
        [&SIGNATURE[..], &[version_command, family], &length, rest].concat()
    }

    const V4: [u8; 12] = [192, 0, 2, 7, 10, 0, 0, 1, 0x30, 0x39, 0x01, 0xbb];

    #[tokio::test]
    async fn headers_and_what_they_say() {
        let v4 = Announced::Client {
            source: "192.0.2.7:12345".parse().unwrap(),
            destination: "10.0.0.1:443".parse().unwrap(),
        };
        let mut v6 = [0u8; 36];
        v6[..16].copy_from_slice(&"2001:db8::7".parse::<Ipv6Addr>().unwrap().octets());
        v6[16..32].copy_from_slice(&"2001:db8::1".parse::<Ipv6Addr>().unwrap().octets());
        v6[32..].copy_from_slice(&[0x30, 0x39, 0x01, 0xbb]);
        let with = |extension: &[u8]| [&V4[..], extension].concat();
        let cases: Vec<(Vec<u8>, Option<Announced>)> = vec![
            (header(0x21, TCP4, &V4), Some(v4)),
            (header(0x21, TCP4, &with(&[4, 0, 2, 9, 9])), Some(v4)),
            (
                header(0x21, TCP6, &v6),
                Some(Announced::Client {
                    source: "[2001:db8::7]:12345".parse().unwrap(),
                    destination: "[2001:db8::1]:443".parse().unwrap(),
                }),
            ),
            (header(0x20, 0, &[]), Some(Announced::Local)),
            (header(0x20, TCP4, &V4), Some(Announced::Local)),
            (header(0x21, TCP4, &V4[..11]), None),
            (header(0x21, TCP4, &with(&[4, 0, 9, 1])), None),
            (header(0x21, TCP4, &with(&[4, 0])), None),
            (header(0x21, TCP6, &V4), None),
            (header(0x21, 0, &V4), None),
            (header(0x21, 0x12, &V4), None),
            (header(0x22, TCP4, &V4), None),
            (header(0x11, TCP4, &V4), None),
            (header(0x21, TCP4, &vec![0; 2000]), None),
            (header(0x21, TCP4, &V4)[..20].to_vec(), None),
            (b"PROXY TCP4 192.0.2.7 10.0.0.1 12345 443\r\n".to_vec(), None),
            (b"GET / HTTP/1.1\r\nhost: a\r\n\r\n".to_vec(), None),
            (Vec::new(), None),
        ];
        for (bytes, expected) in cases {
            assert_eq!(read(&mut &bytes[..]).await.ok(), expected, "{bytes:?}");
        }
    }

    #[tokio::test]
    async fn not_one_byte_further() {
        let bytes = [header(0x21, TCP4, &V4), b"GET".to_vec()].concat();
        let mut rest = &bytes[..];
        read(&mut rest).await.unwrap();
        assert_eq!(rest, b"GET");
    }
}
