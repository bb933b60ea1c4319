//! The queue and its worker, and the transport against small servers on loopback.

pub(super) mod queue;
mod transport;
