//! Operators: a value in, a verdict out, one file each.

/// An operator of the language's reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperatorName {
    /// `rx`.
    Rx,
}
