//! API keys and secret sources through their public face.

#[cfg(test)]
mod keys;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod texts;
