//! A real gateway's admin side and a real client over a socket.

#[cfg(test)]
mod operator;
#[cfg(test)]
mod side;
#[cfg(test)]
mod socket;
