//! Documents that others wrote, loaded whole.

mod corpus;
