//! Bounded queue between the program's threads and the worker.

mod account;
mod batches;
mod bounded_queue;
mod complaint;
mod limits;
mod size;
mod span_length;
mod state;
mod stats;
mod undelivered;
mod worker;
#[cfg(test)]
mod worker_tests;

pub(crate) use self::{
    bounded_queue::{Batch, Queue},
    complaint::Complaint,
    limits::Limits,
    span_length::{length, shorten_to},
    worker::{BatchSink, message_of, spawn_worker},
};
pub use self::{stats::Stats, undelivered::DeliveryError};
