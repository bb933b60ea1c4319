//! Bounded queue between the program's threads and the worker.

mod batches;
mod bounded_queue;
mod delivery_error;
mod delivery_trouble;
mod delivery_warnings;
mod queue_limits;
mod queue_state;
mod span_account;
mod span_length;
mod span_memory;
mod spool_ledger;
mod worker;
#[cfg(test)]
mod worker_tests;

pub use self::delivery_error::DeliveryError;
pub(crate) use self::{
    bounded_queue::{Batch, Queue},
    delivery_trouble::DeliveryTrouble,
    delivery_warnings::DeliveryWarnings,
    queue_limits::QueueLimits,
    span_length::{length, shorten_to},
    spool_ledger::{RecoveryLedger, SpoolLedger},
    worker::{BatchSink, message_of, spawn_worker},
};
