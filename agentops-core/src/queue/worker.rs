//! Worker thread that exports spans in the background.

use std::{
    any::Any,
    fmt::Debug,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
};

use super::{Batch, DeliveryTrouble, DeliveryWarnings, Queue};
use crate::{
    config::{DeliveryFailure, Receipt},
    process::{keep_write_signals_off, thread_context::suppress},
};

/// Sink for the batches of the worker.
pub(crate) trait BatchSink: Debug + Send {
    /// Prepares for the first batch.
    fn open(&mut self) {}
    /// Exports a batch and returns the result. The emptied span allocations stay in the batch for reuse.
    fn deliver(&mut self, batch: &mut Batch) -> Result<Receipt, DeliveryFailure>;
    /// Shuts the exporter down.
    fn close(&mut self);
}

/// Starts the worker thread; it ends when the queue is stopped and empty.
pub(crate) fn spawn_worker(
    queue: Arc<Queue>,
    outlet: Box<dyn BatchSink>,
    warnings: Arc<DeliveryWarnings>,
) -> io::Result<()> {
    let work = move || run(&queue, outlet, &warnings);
    thread::Builder::new().name("agentops-delivery".to_owned()).spawn(work).map(drop)
}

fn run(queue: &Queue, mut outlet: Box<dyn BatchSink>, warnings: &DeliveryWarnings) {
    keep_write_signals_off();
    // Spans of the exporter's own code must not be recorded.
    let _suppressed = suppress();
    let _ = guarded(|| {
        outlet.open();
        Ok(Receipt::Complete)
    });
    while let Some(mut batch) = queue.next_batch() {
        let result = guarded(|| outlet.deliver(&mut batch));
        queue.reuse(batch.entries);
        warnings.warn_of_result(&result);
        queue.book_result(result);
        if queue.has_dropped() {
            warnings.warn_once(DeliveryTrouble::Drops);
        }
    }
    // Errors are ignored: no flush or shutdown can report them any more.
    let _ = guarded(|| {
        outlet.close();
        Ok(Receipt::Complete)
    });
    queue.worker_is_gone();
}

/// Catches a panic of the exporter, so that it costs the batch and not the worker.
fn guarded(
    deliver: impl FnOnce() -> Result<Receipt, DeliveryFailure>,
) -> Result<Receipt, DeliveryFailure> {
    catch_unwind(AssertUnwindSafe(deliver))
        .unwrap_or_else(|panic| Err(DeliveryFailure::Panicked(message_of(&*panic).to_owned())))
}

pub(crate) fn message_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}
