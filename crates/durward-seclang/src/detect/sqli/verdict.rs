//! Which fingerprints are injections, and which of those are known to be innocent.

use super::fold::Folded;
use super::token::{Kind, Token};
use super::{Fingerprint, shapes};

/// The fingerprint, if it is that of an injection.
pub(super) fn judge(value: &[u8], folded: &Folded<'_>) -> Option<Fingerprint> {
    let tokens = folded.tokens();
    if tokens.iter().any(|token| token.kind() == Kind::Evil) {
        return Some(Fingerprint::of([Kind::Evil]));
    }
    let kinds = || tokens.iter().map(Token::kind);
    (shapes::is_known(kinds()) && !is_innocent(value, folded)).then(|| Fingerprint::of(kinds()))
}

/// Short fingerprints that ordinary text has too: what else must hold for an injection.
fn is_innocent(value: &[u8], folded: &Folded<'_>) -> bool {
    let tokens = folded.tokens();
    // Commands with this word in a comment are left out of the audit log of SQL Server.
    let hides = || memchr::memmem::find(value, b"sp_password").is_some();
    if tokens.len() > 1 && tokens.last().is_some_and(|last| last.kind() == Kind::Comment) && hides() {
        return false;
    }
    match *tokens {
        [first, second] => is_innocent_pair(value, folded.seen(), first, second),
        [first, second, third] => is_innocent_triple(folded.seen(), first, second, third),
        _ => false,
    }
}

fn is_innocent_pair(value: &[u8], seen: usize, first: Token<'_>, second: Token<'_>) -> bool {
    // "1 union" is something that people write; with anything folded away it is not.
    if second.kind() == Kind::Union {
        return seen == 2;
    }
    let starts = second.text().first().copied();
    // Too much begins with `#`.
    if starts == Some(b'#') {
        return true;
    }
    if second.kind() == Kind::Comment {
        match first.kind() {
            // After a word, only /* */ is a comment that nobody writes.
            Kind::Bareword if starts != Some(b'/') => return true,
            Kind::Number if starts == Some(b'/') || seen > 2 => return false,
            Kind::Number => return !ends_like_a_number(value, first.text().len()),
            _ => {}
        }
    }
    // People write `--` in the middle of a text; probes end with it.
    second.text().len() > 2 && starts == Some(b'-')
}

/// `1234-ABCDEF--` is some identifier, `1234--` is not: what follows the digits is a blank or a comment.
fn ends_like_a_number(value: &[u8], length: usize) -> bool {
    match value.get(length..).unwrap_or_default() {
        // libinjection compares signed bytes, so those above ASCII are blanks too.
        [0..=32 | 128.., ..] => true,
        [b'/', b'*', ..] | [b'-', b'-', ..] => true,
        _ => false,
    }
}

fn is_innocent_triple(seen: usize, first: Token<'_>, second: Token<'_>, third: Token<'_>) -> bool {
    use Kind::{Bareword, Keyword, Logic, Number, Operator, String, Variable};
    match (first.kind(), second.kind(), third.kind()) {
        // ..foo' + 'bar..: neither begins nor ends with a quote, and the same quote stands on both sides.
        (String, Operator | Logic, String) => {
            !(first.open().is_none() && third.close().is_none() && first.close() == third.open())
        }
        // 'sexy and 17' is text, 'sexy and 17<18' is not.
        (String, Logic, Bareword) | (Bareword, Logic, Number) | (Number, Logic, Number | Variable | String) => {
            seen == 3
        }
        // INTO OUTFILE, INTO DUMPFILE.
        (_, Keyword, _) => {
            second.text().len() < 5 || !second.text().get(..4).is_some_and(|word| word.eq_ignore_ascii_case(b"INTO"))
        }
        _ => false,
    }
}
