//! How much work one check may be.
//!
//! Schemas that refer to themselves within `anyOf` or `oneOf` make a validator try every branch at every level: a body of
//! two hundred bytes cost five seconds and 600 MB, and one more level doubles both. So each look at an object or an array
//! costs one unit; when the units are used up, every value looks empty, the validator comes to an end at once, and whatever
//! it says does not count: the value is refused.

use std::cell::Cell;

use super::Instance;

thread_local! {
    static LEFT: Cell<u64> = const { Cell::new(u64::MAX) };
}

/// Looks that any value may cost, and looks per value within it: real documents stay below ten.
const BASE: u64 = 10_000;
const PER_VALUE: u64 = 50;

/// Runs one check; `None` when it was too much work.
pub(super) fn metered<T>(value: Instance<'_>, check: impl FnOnce() -> T) -> Option<T> {
    let before = LEFT.replace(BASE.saturating_add(PER_VALUE.saturating_mul(value.size())));
    let result = check();
    (LEFT.replace(before) > 0).then_some(result)
}

/// Takes one unit; whether there was one.
pub(super) fn take() -> bool {
    LEFT.with(|left| {
        let rest = left.get().saturating_sub(1);
        left.set(rest);
        rest > 0
    })
}
