//! The queue and its worker, and the transport against small servers on loopback.

mod address;
mod queue;
mod transport;
