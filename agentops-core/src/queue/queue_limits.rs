//! Bounds of the queue and of a batch.

use std::time::Duration;

use super::batches::BatchLimit;
use crate::config::Overflow;

/// Size in bytes at which a batch is full.
const BATCH_BYTES: usize = 4 << 20;

/// Bounds of the queue, and when a batch is due.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueueLimits {
    /// Maximum number of spans in the queue.
    pub(crate) spans: usize,
    /// Maximum size of the queued spans in bytes, estimated.
    pub(crate) bytes: usize,
    pub(crate) overflow: Overflow,
    /// Number of spans at which a batch is full.
    pub(crate) batch: usize,
    /// Maximum time that a span waits for its batch.
    pub(crate) wait: Duration,
    /// `true` if the end of a session triggers a batch of its own, for a developer who is watching.
    pub(crate) flush_on_session_end: bool,
    /// Maximum time until the start of an open span is persisted, for recovery after a crash; `None` if starts are
    /// not persisted.
    pub(crate) starts: Option<Duration>,
}

impl QueueLimits {
    /// Limits a batch to half of the queue: one that must hold more than the queue does would never be due.
    pub(super) fn attainable(self) -> Self {
        Self { batch: self.batch.min(self.spans.div_ceil(2)), ..self }
    }

    pub(super) fn full_batch(&self) -> BatchLimit {
        BatchLimit { spans: self.batch, bytes: BATCH_BYTES.min(self.bytes / 2) }
    }
}
