//! `@geoLookup` and `@rbl`: operators that ask for what lies outside of the engine, see [`super::Outside`].
//!
//! Without an answer both are false: a rule set that has them loads and runs, and such rules find nothing.

use super::Seen;

/// `@rbl zone`: the value is an address or a name on the block list of the zone. Group 0 is the value.
pub(super) fn block_listed(value: &[u8], zone: &[u8], seen: &mut Seen) -> bool {
    let listed = seen.outside.as_ref().is_some_and(|outside| outside.is_block_listed(zone, value));
    if listed {
        seen.push_range(Some(0..value.len()));
    }
    listed
}

/// `@geoLookup`: the place of the address is known.
pub(super) fn located(value: &[u8], seen: &mut Seen) -> bool {
    seen.outside.as_ref().is_some_and(|outside| outside.is_located(value))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::operator::OperatorName::{GeoLookup, Rbl};
    use crate::operator::testing::{compile, verdicts};
    use crate::operator::{Outside, Seen};

    struct Known;

    impl Outside for Known {
        fn is_block_listed(&self, zone: &[u8], address: &[u8]) -> bool {
            zone == b"list.example" && address == b"192.0.2.1"
        }

        fn is_located(&self, address: &[u8]) -> bool {
            address == b"192.0.2.2"
        }
    }

    #[test]
    fn nothing_is_known_by_itself() {
        verdicts(Rbl, &[(b"list.example", b"192.0.2.1", false)]);
        verdicts(GeoLookup, &[(b"", b"192.0.2.2", false)]);
    }

    #[test]
    fn answers_are_taken() {
        let mut seen = Seen::new();
        seen.record(true);
        seen.set_outside(Some(Arc::new(Known)));
        let (rbl, geo) = (compile(Rbl, b"list.example"), compile(GeoLookup, b""));
        assert!(rbl.evaluate(b"192.0.2.1", b"", &mut seen));
        assert_eq!(seen.group(0, b"192.0.2.1"), Some(&b"192.0.2.1"[..]));
        assert!(!rbl.evaluate(b"192.0.2.2", b"", &mut seen));
        assert!(geo.evaluate(b"192.0.2.2", b"", &mut seen));
        assert!(!geo.evaluate(b"192.0.2.1", b"", &mut seen));
    }
}
