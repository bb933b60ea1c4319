//! Accounts in which a spool books its spans.

use std::{fmt::Debug, sync::MutexGuard};

use super::{
    delivery_error::DeliveryError,
    span_account::{Account, Losses},
};
use crate::{
    config::{DeliveryFailure, Receipt},
    process::Lock,
    record::Stats,
};

/// Account of the spans of a spool. Each span is booked where it is: see `queue/span_account.rs`.
pub(crate) trait SpoolLedger: Debug + Send + Sync {
    /// Books spans of a batch in flight as written to disk.
    fn book_spooled(&self, count: u64);
    /// Books spans that an earlier process has left on disk.
    fn book_recovered(&self, count: u64);
    /// Records how many spans on disk are meant for another endpoint; flushes do not wait for them.
    fn book_aside(&self, spans: u64);
    /// Books the result of spans that have left the disk.
    fn book_spooled_result(&self, count: u64, result: Result<Receipt, DeliveryFailure>);
}

/// Ledger of a spool without a queue: that of another process, which is sent by hand.
#[derive(Debug, Default)]
pub(crate) struct RecoveryLedger(Lock<Account>);

impl RecoveryLedger {
    fn account(&self) -> MutexGuard<'_, Account> {
        self.0.lock()
    }

    pub(crate) fn stats(&self) -> Stats {
        self.account().stats(0)
    }

    /// Returns all losses as an error; `None` if there are none.
    pub(crate) fn losses(&self) -> Option<DeliveryError> {
        self.account().error(Losses::default(), 0, 0)
    }
}

impl SpoolLedger for RecoveryLedger {
    fn book_spooled(&self, count: u64) {
        self.account().spool(count);
    }

    fn book_recovered(&self, count: u64) {
        self.account().book_recovered(count);
    }

    // Nobody flushes.
    fn book_aside(&self, _: u64) {}

    fn book_spooled_result(&self, count: u64, result: Result<Receipt, DeliveryFailure>) {
        self.account().book_spooled_result(count, result);
    }
}
