//! The authentication stage from outside: others' suites, attacks, outages.

// `cfg(test)` is always true here; it tells clippy that the helpers beside the tests are tests too.
#[cfg(test)]
mod api_keys;
#[cfg(test)]
mod attacks;
#[cfg(test)]
mod config;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod requirement;
#[cfg(test)]
mod support;
#[cfg(test)]
mod warm;
#[cfg(test)]
mod wycheproof;
