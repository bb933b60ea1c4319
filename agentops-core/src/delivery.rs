//! From the queue to the far side: nothing lost unsaid.
//!
//! ```text
//! processor ─push─▶ Queue ─batch─▶ worker (its own thread) ─▶ Outlet: stamp, translate, export ─▶ Outbox ─▶ Transport
//!                     ▲                    │                                                        │          ▲
//!                     └─ settle: sent, failed or spooled                                          Spool ─▶ Sender
//! ```
//!
//! At every moment `ended + recovered = sent + spooled + dropped + failed + queued`.

mod account;
mod answer;
mod auth;
mod backoff;
mod client;
mod complaint;
mod hint;
mod line;
mod needle;
mod outbox;
mod queue;
mod secrets;
mod sender;
mod silence;
mod size;
mod spool;
mod stats;
mod stop;
mod transport;
mod undelivered;
mod worker;

pub(crate) use self::{
    complaint::Complaint,
    line::Entry,
    outbox::Outbox,
    queue::{Batch, Limits, Queue},
    sender::Sender,
    spool::{Label, PROTOBUF, Segment, Spool},
    stop::Stop,
    transport::{OnDelay, Transport},
    worker::{Outlet, spawn_worker},
};
pub use self::{stats::Stats, undelivered::DeliveryError};

/// For the fuzzer: reads a file of a spool as if it were a batch, and as if it were the start of a session.
#[cfg(fuzzing)]
pub(crate) fn fuzz_segment(bytes: Vec<u8>) {
    self::spool::fuzz_start(bytes.clone());
    if let Ok(segment) = Segment::decode(bytes) {
        let _ = segment.label.headers();
        assert!(segment.count().unwrap_or(0) <= segment.body.len() as u64);
        assert_eq!(segment.encode().and_then(Segment::decode).as_ref(), Ok(&segment));
    }
}

#[cfg(test)]
mod tests;
