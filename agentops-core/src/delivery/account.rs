//! What became of every span: nothing is lost unsaid.

use super::{DeliveryError, Stats};
use crate::exporter::Receipt;

/// Counted since the start. Together with what is queued it adds up:
/// `ended + recovered = sent + spooled + dropped + failed + queued`.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) ended: u64,
    pub(super) recovered: u64,
    pub(super) sent: u64,
    pub(super) spooled: u64,
    pub(super) dropped: u64,
    pub(super) failed: u64,
    last_error: Option<String>,
}

impl Account {
    /// The spans that have passed the queue, in whatever way.
    pub(super) const fn left_the_queue(&self) -> u64 {
        // What is found on disk has never been in the queue.
        self.sent + self.spooled + self.failed - self.recovered
    }

    /// The spans that have entered it.
    pub(super) const fn accepted(&self) -> u64 {
        self.ended - self.dropped
    }

    /// Books spans that are done with.
    pub(super) fn book(&mut self, count: u64, result: Result<Receipt, String>) {
        let receipt = result.unwrap_or_else(|error| Receipt::of_failure(count, error));
        let failed = receipt.failed.min(count);
        self.failed += failed;
        self.sent += count - failed;
        if failed > 0 {
            self.last_error = receipt.reason;
        }
    }

    pub(super) fn note_error(&mut self, error: String) {
        self.last_error = Some(error);
    }

    /// An error that says what is missing.
    pub(super) fn error(&self, undelivered: u64, queued: u64) -> DeliveryError {
        let last_error = self.last_error.clone();
        DeliveryError { undelivered, stats: Box::new(self.stats(queued)), last_error }
    }

    pub(super) fn stats(&self, queued: u64) -> Stats {
        Stats {
            ended: self.ended,
            recovered: self.recovered,
            queued,
            sent: self.sent,
            spooled: self.spooled,
            dropped: self.dropped,
            failed: self.failed,
            ..Stats::default()
        }
    }
}
