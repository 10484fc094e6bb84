//! The audit log from the outside: queue, files, crashes, search and the text of `why`.

#[cfg(test)]
mod entries;
mod kill;
mod log;
mod numbers;
mod secrets;
mod why;
