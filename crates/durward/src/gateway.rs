//! The parts put together: from a policy file to a running gateway, or to a plan without one.

mod certificate;
mod desk;
mod inspect;
mod offline;
mod running;
mod state;
mod watch;

pub(crate) use certificate::SELF_SIGNED;
pub(crate) use desk::KeyDesk;
pub(crate) use inspect::inspect;
pub(crate) use offline::{admin_client, block_on, compile_offline, read_policy, record_folder};
pub(crate) use running::{Gateway, run_until_stopped};
