//! What a value must have so that an operator can find anything in it.

/// What every matching value has: if a value lacks any of it, the operator certainly finds nothing.
#[derive(Debug, Clone, Default)]
pub struct Needs {
    /// Any one of these stands in the value, in any ASCII case (lower-cased here).
    pub literals: Option<Vec<Box<[u8]>>>,
    /// How many bytes the value has at least.
    pub minimum: usize,
}
