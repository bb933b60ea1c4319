//! Counters of one tracing core, which can be read as long as its layer lives, even once the core itself is gone.

use std::sync::{
    Arc, Weak,
    atomic::{AtomicU64, Ordering},
};

use crate::{
    queue::Queue,
    record::Stats,
    session::{DeliveryStats, SessionRegistry},
    transport::Outbox,
};

/// Counters of the delivery of one core. Its registry, which counts the starts, holds them.
#[derive(Debug)]
pub(super) struct DeliveryCounters {
    queue: Arc<Queue>,
    /// Weak, since a shut-down core must release its spool.
    outbox: Weak<Outbox>,
    /// Bytes sent until the core was dropped.
    bytes_sent: AtomicU64,
}

impl DeliveryCounters {
    pub(super) fn new(queue: &Arc<Queue>, outbox: Option<&Arc<Outbox>>) -> Self {
        Self {
            queue: Arc::clone(queue),
            outbox: outbox.map(Arc::downgrade).unwrap_or_default(),
            bytes_sent: AtomicU64::new(0),
        }
    }

    /// Keeps the counter of the outbox, which is about to be dropped with its core.
    pub(super) fn keep_bytes_sent(&self) {
        self.bytes_sent.store(self.bytes_sent(), Ordering::Relaxed);
    }

    /// Adds the bytes sent, which the queue does not know, to its counters.
    pub(super) fn add_bytes_sent(&self, queue: &Stats) -> Stats {
        Stats { bytes_sent: self.bytes_sent(), ..queue.clone() }
    }

    fn bytes_sent(&self) -> u64 {
        match self.outbox.upgrade() {
            Some(outbox) => outbox.bytes_sent(),
            None => self.bytes_sent.load(Ordering::Relaxed),
        }
    }
}

impl DeliveryStats for DeliveryCounters {
    fn stats(&self) -> Stats {
        self.add_bytes_sent(&self.queue.stats())
    }
}

/// Returns the counters of the core that the calling code's subscriber reports to, or else of the last one with a
/// [span processor](crate::span_processor): the core that [`sessions`](crate::sessions) asks. The
/// counters stay after a shutdown. All are zero where there is no core.
#[must_use]
pub fn stats() -> Stats {
    SessionRegistry::find_counters().map(|registry| registry.stats()).unwrap_or_default()
}
