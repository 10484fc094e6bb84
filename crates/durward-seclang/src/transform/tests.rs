//! What holds for every transformation.
