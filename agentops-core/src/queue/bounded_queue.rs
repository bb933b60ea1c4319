//! Queue of ended spans, filled by the program's threads and emptied by the worker.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use std::{
    fmt,
    mem::size_of,
    sync::{Condvar, MutexGuard, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use opentelemetry::trace::SpanId;
use opentelemetry_sdk::{Resource, trace::SpanData};

use super::{
    batches::BatchLimit, delivery_error::DeliveryError, queue_limits::QueueLimits,
    queue_state::QueueState, span_account::Losses, span_length::shorten, span_memory::heap_bytes,
    spool_ledger::SpoolLedger,
};
use crate::{
    bridge::{EndedSpan, SpanSink},
    config::{DeliveryFailure, Overflow, Receipt},
    process::Lock,
    record::{Stats, pool},
};

/// Size of a span in the queue, without its heap data.
const ENTRY_BYTES: usize = size_of::<EndedSpan>() + size_of::<SpanData>();

/// Sleep time of the idle worker; a push wakes it.
const IDLE: Duration = Duration::from_secs(3600);

/// Next work of the worker.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) entries: Vec<EndedSpan>,
    /// Sessions and other spans that have started and not ended.
    pub(crate) started: Vec<EndedSpan>,
    pub(crate) resource: Option<Resource>,
}

/// Callback that describes what the pending request waits for, if there is one.
struct WaitsFor(Box<dyn Fn() -> Option<String> + Send + Sync>);

impl fmt::Debug for WaitsFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WaitsFor")
    }
}

/// Bounded queue of ended spans, with the account of all of them.
#[derive(Debug)]
pub(crate) struct Queue {
    limits: QueueLimits,
    waits_for: OnceLock<WaitsFor>,
    full: BatchLimit,
    state: Lock<QueueState>,
    /// Wakes the worker.
    work: Condvar,
    /// Wakes producers that wait for room.
    room: Condvar,
    /// Wakes flushes.
    booked: Condvar,
}

impl Queue {
    pub(crate) fn new(limits: QueueLimits) -> Self {
        let limits = limits.attainable();
        Self {
            limits,
            waits_for: OnceLock::new(),
            full: limits.full_batch(),
            state: Lock::default(),
            work: Condvar::new(),
            room: Condvar::new(),
            booked: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock()
    }

    /// Blocks until there is room if the policy is [`Overflow::Block`], unless the queue is stuck or the worker gone.
    fn wait_for_room<'a>(
        &'a self,
        mut state: MutexGuard<'a, QueueState>,
        bytes: usize,
    ) -> MutexGuard<'a, QueueState> {
        let Overflow::Block(longest) = self.limits.overflow else { return state };
        let never_fits = bytes > self.limits.bytes;
        let hopeless = |state: &QueueState| never_fits || state.stuck || state.worker_is_gone;
        if state.has_room(&self.limits, bytes, state.waiting) || hopeless(&state) {
            return state;
        }
        state.waiting = state.waiting.saturating_add(1);
        self.work.notify_one();
        let (mut state, waited) = self
            .room
            .wait_timeout_while(state, longest, |state| {
                !state.has_room(&self.limits, bytes, 0) && !hopeless(state)
            })
            .unwrap_or_else(PoisonError::into_inner);
        state.waiting = state.waiting.saturating_sub(1);
        if waited.timed_out() {
            state.stuck = true;
            self.room.notify_all();
        }
        state
    }
}

impl SpanSink for Queue {
    fn wants_starts(&self) -> bool {
        self.limits.starts.is_some()
    }

    fn begin(&self, mut started: EndedSpan) {
        let bytes = heap_bytes(&started.span);
        shorten(&mut started.span, bytes);
        let mut state = self.state();
        if state.started.len() < self.limits.spans && !state.stopping {
            state.started.push(started);
            if state.started_at.is_none() {
                state.started_at = Some(Instant::now());
                self.work.notify_one();
            }
        }
    }

    /// Accepts an ended span, or drops it if there is no room.
    fn push(&self, mut ended: EndedSpan) {
        let span = &mut *ended.span;
        let mut heap = heap_bytes(span);
        if shorten(span, heap) {
            heap = heap_bytes(span);
        }
        let bytes = ENTRY_BYTES.saturating_add(heap);
        let is_root = span.parent_span_id == SpanId::INVALID;
        let mut state = self.wait_for_room(self.state(), bytes);
        state.account.end();
        let fits = state.has_room(&self.limits, bytes, 0)
            || is_root && state.has_room_for_root(&self.limits, bytes);
        if !fits || state.worker_is_gone {
            let is_too_late = state.worker_is_gone;
            state.account.drop_one(is_too_late);
            return;
        }
        state.since.get_or_insert_with(Instant::now);
        state.batches.push(ended, bytes, self.full);
        let accepted = state.account.accepted();
        if is_root && self.limits.flush_on_session_end {
            state.flush_to = accepted;
        }
        if let Some(allocation) = state.allocations.pop() {
            pool::recycle(allocation);
        }
        let spans = state.batches.spans();
        if spans == 1 || spans == self.limits.batch || state.flush_to == accepted {
            self.work.notify_one();
        }
    }

    fn set_resource(&self, resource: Resource) {
        self.state().resource = Some(resource);
    }

    fn flush(&self, timeout: Duration) -> Result<(), String> {
        Self::flush(self, timeout).map_err(|error| error.to_string())
    }
}

impl Queue {
    /// Waits for the next batch; returns `None` once the queue is stopped and empty.
    pub(crate) fn next_batch(&self) -> Option<Batch> {
        let mut state = self.state();
        loop {
            if self.is_due(&state) {
                let entries = state.start_delivery();
                if state.waiting > 0 {
                    self.room.notify_all();
                }
                let started = state.remove_started(&entries);
                return Some(Batch { entries, started, resource: state.resource.take() });
            }
            if state.stopping && state.batches.spans() == 0 {
                return None;
            }
            let patience = state.patience(&self.limits).unwrap_or(IDLE);
            state =
                self.work.wait_timeout(state, patience).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn is_due(&self, state: &QueueState) -> bool {
        let Some(patience) = state.patience(&self.limits) else { return false };
        state.batches.spans() >= self.full.spans
            || state.batches.bytes() >= self.full.bytes
            || state.waiting > 0
            || state.stopping
            || state.flush_to
                > state.account.left_the_queue().saturating_add(state.in_flight as u64)
            || patience.is_zero()
    }

    /// Keeps the allocations of delivered spans for reuse, at most twice as many as this batch had.
    pub(crate) fn reuse(&self, entries: Vec<EndedSpan>) {
        let most = entries.len().saturating_mul(2);
        let mut allocations: Vec<_> = entries.into_iter().map(|entry| entry.span).collect();
        allocations.iter_mut().for_each(|allocation| pool::clear(allocation));
        let mut state = self.state();
        state.allocations.append(&mut allocations);
        let kept = state.allocations.len().min(most);
        let surplus = state.allocations.split_off(kept);
        // Freed outside of the lock, so that no producer waits for it.
        drop(state);
        drop(surplus);
    }

    /// Books the result of the batch in flight.
    pub(crate) fn book_result(&self, result: Result<Receipt, DeliveryFailure>) {
        let mut state = self.state();
        let count = std::mem::take(&mut state.in_flight) as u64;
        state.left_at = None;
        state.account.book(count, result);
        self.booked.notify_all();
    }

    /// Records why the spans in flight are delayed.
    pub(crate) fn note_delay(&self, error: String) {
        let mut state = self.state();
        state.account.note_error(error);
        state.is_delayed = true;
        self.booked.notify_all();
    }

    /// Sends everything that has ended so far and waits until it is booked. Spans on disk may stay there if the
    /// endpoint does not accept them. The error reports all losses since the last flush.
    pub(crate) fn flush(&self, timeout: Duration) -> Result<(), DeliveryError> {
        let mut state = self.state();
        let target = state.account.accepted();
        let reported = state.account.reported();
        state.flush_to = state.flush_to.max(target);
        self.work.notify_one();
        let mut state = self
            .booked
            .wait_timeout_while(state, timeout, |state| {
                let is_on_its_way = state.account.spooled > state.aside && !state.is_delayed;
                let waits = state.account.left_the_queue() < target || is_on_its_way;
                waits && !state.worker_is_gone
            })
            .unwrap_or_else(PoisonError::into_inner)
            .0;
        let waits = target.saturating_sub(state.account.left_the_queue());
        let error = self.error(&state, reported, waits);
        state.account.mark_reported();
        error.map_or(Ok(()), Err)
    }

    /// Lets the worker drain the queue until the deadline.
    pub(crate) fn stop(&self, deadline: Instant) {
        let mut state = self.state();
        state.stopping = true;
        self.work.notify_one();
        let patience = deadline.saturating_duration_since(Instant::now());
        drop(self.booked.wait_timeout_while(state, patience, |state| !state.worker_is_gone));
    }

    /// Marks the worker as gone, as its last act; no span is accepted any more.
    pub(crate) fn worker_is_gone(&self) {
        self.state().worker_is_gone = true;
        self.booked.notify_all();
        self.room.notify_all();
    }

    /// Returns all losses since the start as an error; `None` if there are none.
    pub(crate) fn losses(&self) -> Option<DeliveryError> {
        let state = self.state();
        self.error(&state, Losses::default(), state.queued())
    }

    /// Sets the callback that describes, for timeouts, what the pending request waits for.
    pub(crate) fn set_waits_for(
        &self,
        describe: impl Fn() -> Option<String> + Send + Sync + 'static,
    ) {
        let _ = self.waits_for.set(WaitsFor(Box::new(describe)));
    }

    fn error(&self, state: &QueueState, reported: Losses, waits: u64) -> Option<DeliveryError> {
        let error = state.account.error(reported, waits, state.queued())?;
        Some(error.with_reason(|| match self.waits_for.get() {
            Some(WaitsFor(describe)) => describe(),
            None => state.exporter_has_not_returned(),
        }))
    }

    pub(crate) fn has_dropped(&self) -> bool {
        self.state().account.dropped > 0
    }

    pub(crate) fn stats(&self) -> Stats {
        let state = self.state();
        state.account.stats(state.queued())
    }
}

impl SpoolLedger for Queue {
    fn book_spooled(&self, count: u64) {
        let mut state = self.state();
        let count = count.min(state.in_flight as u64);
        state.in_flight = state.in_flight.saturating_sub(count as usize);
        state.account.spool(count);
        self.booked.notify_all();
    }

    fn book_recovered(&self, count: u64) {
        self.state().account.book_recovered(count);
    }

    fn book_aside(&self, spans: u64) {
        self.state().aside = spans;
        self.booked.notify_all();
    }

    fn book_spooled_result(&self, count: u64, result: Result<Receipt, DeliveryFailure>) {
        let mut state = self.state();
        state.account.book_spooled_result(count, result);
        state.is_delayed = false;
        self.booked.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ended, limits, span};

    #[test]
    fn queue_keeps_twice_the_allocations_of_a_batch() {
        let queue = Queue::new(limits());
        let entry = || ended(span(1, ""));
        let kept = |delivered: usize| {
            queue.reuse((0..delivered).map(|_| entry()).collect());
            queue.state().allocations.len()
        };
        assert_eq!([kept(10), kept(10), kept(10), kept(2), kept(1)], [10, 20, 20, 4, 2]);
        assert!(
            queue.state().allocations.iter().all(|allocation| allocation.attributes.is_empty())
        );
    }
}
