//! The readers of `durward-http` together, through their public interface.

mod hostile;
mod real;
