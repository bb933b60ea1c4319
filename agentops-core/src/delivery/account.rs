//! What became of every span: nothing is lost unsaid.

use super::{DeliveryError, Stats, undelivered::Missing};
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
    /// Those of the dropped that ended after tracing had shut down.
    pub(super) too_late: u64,
    pub(super) failed: u64,
    last_error: Option<String>,
    /// What flushes have told of so far.
    told: Losses,
}

/// Spans that are lost for good.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Losses {
    pub(super) dropped: u64,
    pub(super) too_late: u64,
    pub(super) failed: u64,
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

    /// Everything that was ever lost.
    const fn losses(&self) -> Losses {
        Losses { dropped: self.dropped, too_late: self.too_late, failed: self.failed }
    }

    /// What flushes have told of so far, for one that begins now.
    pub(super) const fn told(&self) -> Losses {
        self.told
    }

    /// Notes that whoever asked is told of everything up to now.
    pub(super) fn tell(&mut self) {
        self.told = self.losses();
    }

    /// An error that says what was lost after others were told of that much, and what still waits; `None` if
    /// there is nothing.
    pub(super) fn error(&self, told: Losses, waits: u64, queued: u64) -> Option<DeliveryError> {
        let too_late = self.too_late - told.too_late;
        let missing = Missing {
            dropped: self.dropped - told.dropped - too_late,
            too_late,
            failed: self.failed - told.failed,
            waits,
        };
        (missing.sum() > 0).then(|| DeliveryError {
            missing,
            stats: Box::new(self.stats(queued)),
            last_error: self.last_error.clone(),
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flushes_side_by_side_are_all_told_of_the_same_loss() {
        let mut account = Account { ended: 1, failed: 1, ..Account::default() };
        let (one, other) = (account.told(), account.told());
        let told = |account: &Account, since| account.error(since, 0, 0).map(|it| it.undelivered());
        assert_eq!(told(&account, one), Some(1));
        account.tell();
        assert_eq!(told(&account, other), Some(1), "it began before the first had told");
        account.tell();
        assert_eq!(told(&account, account.told()), None);
        assert_eq!(told(&account, Losses::default()), Some(1), "a shutdown tells of all");
    }
}
