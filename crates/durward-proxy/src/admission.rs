//! How many connections there may be, in all and from one address.

use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::hash::BuildHasher;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use durward_record::{Metrics, OpenConnection};

use crate::config::Limits;

/// Counts the connections of all cores. Touched once when a connection comes and once when it goes.
#[derive(Debug)]
pub(crate) struct Admission {
    most: usize,
    most_per_address: usize,
    open: AtomicUsize,
    shards: [Mutex<HashMap<IpAddr, usize>>; SHARDS],
    hasher: RandomState,
    metrics: Option<Metrics>,
    pub(crate) counters: Counters,
}

/// What became of connections, since the start.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) accepted: AtomicU64,
    pub(crate) over_limit: AtomicU64,
    pub(crate) over_address_limit: AtomicU64,
    pub(crate) handshake_failed: AtomicU64,
}

/// A connection that counts until this is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    admission: Arc<Admission>,
    address: Option<IpAddr>,
    _counted: Option<OpenConnection>,
}

/// Too many.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl Admission {
    pub(crate) fn new(limits: &Limits, metrics: Option<Metrics>) -> Arc<Self> {
        Arc::new(Self {
            most: limits.connections,
            most_per_address: limits.connections_per_address,
            open: AtomicUsize::new(0),
            shards: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::new(),
            metrics,
            counters: Counters::default(),
        })
    }

    /// Connections that are open now.
    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// A seat for a connection, not yet counted against any address.
    pub(crate) fn enter(self: &Arc<Self>) -> Result<Seat, Full> {
        if self.open.fetch_add(1, Ordering::Relaxed) >= self.most {
            self.open.fetch_sub(1, Ordering::Relaxed);
            self.counters.over_limit.fetch_add(1, Ordering::Relaxed);
            return Err(Full);
        }
        self.counters.accepted.fetch_add(1, Ordering::Relaxed);
        let counted = self.metrics.as_ref().map(Metrics::connection);
        Ok(Seat { admission: Arc::clone(self), address: None, _counted: counted })
    }

    fn shard(&self, address: &IpAddr) -> Option<&Mutex<HashMap<IpAddr, usize>>> {
        let at = usize::try_from(self.hasher.hash_one(address) % SHARDS as u64).unwrap_or(0);
        self.shards.get(at)
    }
}

impl Seat {
    /// Counts the connection against the client's address, once it is known.
    pub(crate) fn of(&mut self, client: IpAddr) -> Result<(), Full> {
        let address = network(client);
        let Some(shard) = self.admission.shard(&address) else { return Err(Full) };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let count = shard.entry(address).or_insert(0);
        if *count >= self.admission.most_per_address {
            self.admission.counters.over_address_limit.fetch_add(1, Ordering::Relaxed);
            return Err(Full);
        }
        *count += 1;
        self.address = Some(address);
        Ok(())
    }

    pub(crate) fn handshake_failed(&self) {
        self.admission.counters.handshake_failed.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.admission.open.fetch_sub(1, Ordering::Relaxed);
        let Some(address) = self.address else { return };
        let Some(shard) = self.admission.shard(&address) else { return };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut entry) = shard.entry(address) {
            if *entry.get() <= 1 {
                entry.remove();
            } else {
                *entry.get_mut() -= 1;
            }
        }
    }
}

/// One client: an IPv4 address, or an IPv6 /64, of which one client has all.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

const SHARDS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_are_counted_and_given_back() {
        let admission =
            Admission::new(&Limits { connections: 3, connections_per_address: 2, ..Limits::default() }, None);
        let seat = |address: &str| {
            let mut seat = admission.enter()?;
            seat.of(address.parse().unwrap())?;
            Ok::<_, Full>(seat)
        };
        let first = seat("2001:db8::1").unwrap();
        let second = seat("2001:db8::ffff").unwrap();
        assert!(seat("2001:db8::2").is_err(), "one /64 is one client");
        let third = seat("2001:db8:0:1::2").unwrap();
        assert!(seat("192.0.2.1").is_err(), "three are all");
        drop((first, third));
        let mapped = seat("::ffff:192.0.2.1").unwrap();
        let plain = seat("192.0.2.1").unwrap();
        drop((second, mapped, plain));
        assert_eq!(admission.open(), 0);
        assert!(admission.shards.iter().all(|shard| shard.lock().unwrap().is_empty()));
    }
}
