//! Bounded queue between the program's threads and the worker.

mod account;
mod batches;
mod bounded_queue;
mod delivery_error;
mod ledger;
mod limits;
mod size;
mod span_length;
mod state;
mod trouble;
mod warnings;
mod worker;
#[cfg(test)]
mod worker_tests;

pub use self::delivery_error::DeliveryError;
pub(crate) use self::{
    bounded_queue::{Batch, Queue},
    ledger::{RecoveryLedger, SpoolLedger},
    limits::QueueLimits,
    span_length::{length, shorten_to},
    trouble::DeliveryTrouble,
    warnings::DeliveryWarnings,
    worker::{BatchSink, message_of, spawn_worker},
};
