//! From the queue to the far side: nothing lost unsaid.
//!
//! ```text
//! processor ─push─▶ Queue ─batch─▶ worker (its own thread) ─▶ Outlet: stamp, translate, export ─▶ Transport
//!                     ▲                    │
//!                     └─ settle: sent or failed
//! ```
//!
//! At every moment `ended + recovered = sent + spooled + dropped + failed + queued`.

mod account;
mod answer;
mod auth;
mod complaint;
mod queue;
mod size;
mod stats;
mod stop;
mod transport;
mod undelivered;
mod worker;

pub(crate) use self::{
    complaint::Complaint,
    queue::{Batch, Entry, Limits, Queue},
    stop::Stop,
    transport::{OnDelay, Transport},
    worker::{Outlet, spawn_worker},
};
pub use self::{stats::Stats, undelivered::DeliveryError};

#[cfg(test)]
mod tests;
