//! The queue and its worker, and the transport against small servers on loopback.

mod address;
pub(crate) mod queue;
mod transport;
