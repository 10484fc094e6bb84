//! `htmlEntityDecode`: numeric entities and `&quot; &amp; &lt; &gt; &nbsp;`. Source: ModSecurity reference,
//! `html_entity_decode.cc` of version 3.0.12.
//!
//! The semicolon may be missing. Of larger numbers the lower eight bits count; `&nbsp;` is the byte 0xa0. Any number of
//! leading zeros is read (3.0.13 stops after two digits: CVE-2025-27110), and a name must be the whole word (3.0.13 takes
//! `&ltd` for `&lt` and loses the `d`).

use memchr::memchr;

use super::Triggers;
use super::rewrite::{plain, rewrite};
use crate::byteset::ByteSet;

pub(super) const TRIGGERS: Triggers = Triggers::Bytes(ByteSet::of(b"&"));

pub(super) fn apply(input: &[u8], out: &mut Vec<u8>) -> bool {
    rewrite(input, out, |rest| memchr(b'&', rest), step)
}

fn step<'a>(rest: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let entity = match rest {
        [b'&', b'#', b'x' | b'X', digits @ ..] => number(digits, 16),
        [b'&', b'#', digits @ ..] => number(digits, 10),
        [_, name @ ..] => named(name),
        [] => None,
    };
    let Some((byte, tail)) = entity else { return plain(rest, out) };
    out.push(byte);
    match tail {
        [b';', tail @ ..] => tail,
        _ => tail,
    }
}

/// The byte of a number, and what follows its digits.
fn number(text: &[u8], radix: u32) -> Option<(u8, &[u8])> {
    let mut value = 0_i64;
    let mut rest = text;
    while let [byte, tail @ ..] = rest
        && let Some(digit) = char::from(*byte).to_digit(radix)
    {
        value = value.saturating_mul(i64::from(radix)).saturating_add(i64::from(digit));
        rest = tail;
    }
    let [.., byte] = value.to_be_bytes();
    (rest.len() < text.len()).then_some((byte, rest))
}

/// The byte of a name, and what follows it.
fn named(text: &[u8]) -> Option<(u8, &[u8])> {
    let length = text.iter().take(5).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let (name, rest) = text.split_at_checked(length)?;
    let names: [(&[u8], u8); 5] = [(b"quot", b'"'), (b"amp", b'&'), (b"lt", b'<'), (b"gt", b'>'), (b"nbsp", 0xa0)];
    let (_, byte) = names.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    Some((byte, rest))
}

#[cfg(test)]
mod tests {
    use crate::transform::Transformation::HtmlEntityDecode;
    use crate::transform::tests::check;

    #[test]
    fn vectors() {
        check(
            HtmlEntityDecode,
            &[
                (b"", b""),
                (b"Test\0Case", b"Test\0Case"),
                (
                    b"&#xg;&#Xg;&#xg0;&#X2g;&#a;\0&#a2;&#3a&#a00;&#1a0;&#10a;&foo;",
                    b"&#xg;&#Xg;&#xg0;\x02g;&#a;\0&#a2;\x03a&#a00;\x01a0;\na;&foo;",
                ),
                (b"&#x0&#X0&#x20&#X20&#0&#32\0&#100&quot&amp&lt&gt&nbsp", b"\0\0  \0 \0d\"&<>\xa0"),
                (b"&#x0;&#X0;&#x20;&#X20;&#0;&#32;\0&#100;&quot;&amp;&lt;&gt;&nbsp;", b"\0\0  \0 \0d\"&<>\xa0"),
                (b"&LT;&Quot&GT;;", b"<\">;"),
                (b"&#x000003c;&#00000060script&#x3e;", b"<<script>"),
                (b"&#x23c;&#572;", b"<<"),
                (b"&#99999999999999999999;&#x7fffffffffffffff0;", b"\xff\xff"),
                (b"&&lt;;&#&#x&lt;", b"&<;&#&#x<"),
                (b"&ltd;&nbspx&amp", b"&ltd;&nbspx&"),
                (b"&amp;lt;", b"&lt;"),
                (b"&", b"&"),
                (b"&#", b"&#"),
                (b"&#x", b"&#x"),
                (b"&l", b"&l"),
            ],
        );
    }
}
