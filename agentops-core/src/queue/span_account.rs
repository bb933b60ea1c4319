//! Account of all spans, so that no loss goes unreported.
//!
//! Every span is in exactly one place, and each place has a counter. At every moment at which the queue's lock is free:
//!
//! ```text
//! ended + recovered = sent + spooled + dropped + failed + queued
//! ```
//!
//! The left side counts arrivals, the right side places:
//!
//! | counter | a span is added | a span is removed |
//! |---|---|---|
//! | `ended` | when it ends: `Account::end` | never |
//! | `recovered` | when it is found on disk, of an earlier process: `Account::book_recovered` | never |
//! | `queued` | when there is room for it | when its batch is booked |
//! | `spooled` | when its batch is on disk, or it is found there | when the file is sent or lost: `book_spooled_result` |
//! | `sent` | when the endpoint accepts it, or it is in a local file | never |
//! | `failed` | when the endpoint rejects it, the exporter fails, or its file is damaged or evicted | never |
//! | `dropped` | when there is no room for it, or the worker is gone: `Account::drop_one` | never |
//!
//! `queued` is not stored: it is the number of spans in the batches and in flight, and only the worker lowers it.
//! `too_late` is the part of `dropped` that ended after the shutdown. `spooled` is the only stored place that spans leave,
//! so `book_spooled_result` moves no more of them than are there. A batch that goes to disk is booked in two steps:
//! `Queue::book_spooled` moves its spans from `queued` to `spooled`, and `Queue::book_result` books those that are left, if any.
//!
//! Flushes wait by the same counters. `accepted = ended - dropped` spans have entered the queue, and
//! `sent + spooled + failed - recovered` have left it; a flush waits until as many have left as had entered when it began.
//! `recovered` is subtracted because a recovered span has never been in the queue.
//!
//! `worker_tests` checks the equation from another thread while spans end, batches fail and the queue overflows.
//!
//! Sums saturate instead of wrapping around. None gets that far: a file on disk stands for fewer than 2^29 spans,
//! whatever its name and label claim.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use super::delivery_error::{DeliveryError, UndeliveredSpans};
use crate::{
    config::{DeliveryFailure, Receipt},
    record::Stats,
};

/// Counters since the start. Together with the queued spans they add up: `ended + recovered = sent + spooled +
/// dropped + failed + queued`.
#[derive(Debug, Default)]
pub(super) struct Account {
    pub(super) ended: u64,
    pub(super) recovered: u64,
    pub(super) sent: u64,
    pub(super) spooled: u64,
    pub(super) dropped: u64,
    /// Dropped spans that ended after tracing had shut down.
    pub(super) too_late: u64,
    pub(super) failed: u64,
    last_error: Option<String>,
    /// Losses that flushes have already reported.
    reported: Losses,
}

/// Spans that are lost permanently.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Losses {
    pub(super) dropped: u64,
    pub(super) too_late: u64,
    pub(super) failed: u64,
}

impl Account {
    /// Returns the number of spans that have left the queue, in whatever way.
    pub(super) const fn left_the_queue(&self) -> u64 {
        // Recovered spans have never been in the queue.
        let passed = self.sent.saturating_add(self.spooled).saturating_add(self.failed);
        passed.saturating_sub(self.recovered)
    }

    /// Returns the number of spans that have entered the queue.
    pub(super) const fn accepted(&self) -> u64 {
        self.ended.saturating_sub(self.dropped)
    }

    /// Books a span that has ended.
    pub(super) const fn end(&mut self) {
        self.ended = self.ended.saturating_add(1);
    }

    /// Books an ended span as dropped, because there was no room or because it came after the shutdown.
    pub(super) const fn drop_one(&mut self, is_too_late: bool) {
        self.dropped = self.dropped.saturating_add(1);
        self.too_late = self.too_late.saturating_add(is_too_late as u64);
    }

    /// Books the result of spans that are done with.
    pub(super) fn book(&mut self, count: u64, result: Result<Receipt, DeliveryFailure>) {
        let (failed, reason) = match result {
            Ok(receipt) => (receipt.rejected().min(count), receipt.into_message()),
            Err(failure) => (count, Some(failure.to_string())),
        };
        self.failed = self.failed.saturating_add(failed);
        self.sent = self.sent.saturating_add(count.saturating_sub(failed));
        if failed > 0 {
            self.last_error = reason;
        }
    }

    /// Books spans that wait on disk.
    pub(super) const fn spool(&mut self, count: u64) {
        self.spooled = self.spooled.saturating_add(count);
    }

    /// Books spans of earlier processes that were found on disk.
    pub(super) const fn book_recovered(&mut self, count: u64) {
        self.recovered = self.recovered.saturating_add(count);
        self.spool(count);
    }

    /// Books the result of spans that have left the disk, at most as many as were there.
    pub(super) fn book_spooled_result(
        &mut self,
        count: u64,
        result: Result<Receipt, DeliveryFailure>,
    ) {
        let count = count.min(self.spooled);
        self.spooled = self.spooled.saturating_sub(count);
        self.book(count, result);
    }

    pub(super) fn note_error(&mut self, error: String) {
        self.last_error = Some(error);
    }

    /// Returns all losses since the start.
    const fn losses(&self) -> Losses {
        Losses { dropped: self.dropped, too_late: self.too_late, failed: self.failed }
    }

    /// Returns the losses reported so far, for a flush that begins now.
    pub(super) const fn reported(&self) -> Losses {
        self.reported
    }

    /// Marks all losses up to now as reported.
    pub(super) fn mark_reported(&mut self) {
        self.reported = self.losses();
    }

    /// Returns an error with the losses beyond those already reported, and the spans that still wait; `None` if
    /// there are none.
    pub(super) fn error(&self, reported: Losses, waits: u64, queued: u64) -> Option<DeliveryError> {
        let too_late = self.too_late.saturating_sub(reported.too_late);
        let missing = UndeliveredSpans {
            dropped: self.dropped.saturating_sub(reported.dropped).saturating_sub(too_late),
            too_late,
            failed: self.failed.saturating_sub(reported.failed),
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
    fn concurrent_flushes_report_the_same_loss() {
        let mut account = Account { ended: 1, failed: 1, ..Account::default() };
        let (one, other) = (account.reported(), account.reported());
        let reported =
            |account: &Account, since| account.error(since, 0, 0).map(|error| error.undelivered());
        assert_eq!(reported(&account, one), Some(1));
        account.mark_reported();
        assert_eq!(reported(&account, other), Some(1), "it began before the first had told");
        account.mark_reported();
        assert_eq!(reported(&account, account.reported()), None);
        assert_eq!(reported(&account, Losses::default()), Some(1), "a shutdown tells of all");
    }
}
