//! Queue of ended spans, filled by the program's threads and emptied by the worker.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use std::{
    fmt,
    mem::size_of,
    sync::{Arc, Condvar, MutexGuard, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use opentelemetry::trace::SpanId;
use opentelemetry_sdk::{Resource, trace::SpanData};

use super::{
    account::Losses,
    batches::{BatchLimit, Entry},
    limits::Limits,
    size::heap_bytes,
    span_length::shorten,
    state::State,
    stats::Stats,
    undelivered::DeliveryError,
};
use crate::{
    bridge::SpanSink,
    config::{DeliveryFailure, Overflow, Receipt},
    process::Lock,
    record::pool,
    session::SessionState,
};

/// Size of a span in the queue, without its heap data.
const ENTRY_BYTES: usize = size_of::<Entry>() + size_of::<SpanData>();

/// Sleep time of the idle worker; a push wakes it.
const IDLE: Duration = Duration::from_secs(3600);

/// Next work of the worker.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) entries: Vec<Entry>,
    /// Sessions and other spans that have started and not ended.
    pub(crate) begun: Vec<Entry>,
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
    limits: Limits,
    waits_for: OnceLock<WaitsFor>,
    full: BatchLimit,
    state: Lock<State>,
    /// Wakes the worker.
    work: Condvar,
    /// Wakes producers that wait for room.
    room: Condvar,
    /// Wakes flushes.
    settled: Condvar,
}

impl Queue {
    pub(crate) fn new(limits: Limits) -> Self {
        let limits = limits.attainable();
        Self {
            limits,
            waits_for: OnceLock::new(),
            full: limits.full_batch(),
            state: Lock::default(),
            work: Condvar::new(),
            room: Condvar::new(),
            settled: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// Blocks until there is room if the policy is [`Overflow::Block`], unless the queue is stuck or the worker gone.
    fn wait_for_room<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        bytes: usize,
    ) -> MutexGuard<'a, State> {
        let Overflow::Block(longest) = self.limits.overflow else { return state };
        let never_fits = bytes > self.limits.bytes;
        let hopeless = |state: &State| never_fits || state.stuck || state.worker_is_gone;
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

    fn begin(&self, mut span: SpanData, session: Arc<SessionState>) {
        let bytes = heap_bytes(&span);
        shorten(&mut span, bytes);
        let mut state = self.state();
        if state.begun.len() < self.limits.spans && !state.stopping {
            state.begun.push(Entry { span: Box::new(span), session });
            if state.begun_at.is_none() {
                state.begun_at = Some(Instant::now());
                self.work.notify_one();
            }
        }
    }

    /// Accepts an ended span, or drops it if there is no room.
    fn push(&self, mut span: Box<SpanData>, session: Arc<SessionState>) {
        let mut heap = heap_bytes(&span);
        if shorten(&mut span, heap) {
            heap = heap_bytes(&span);
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
        state.line.push(Entry { span, session }, bytes, self.full);
        let accepted = state.account.accepted();
        if is_root && self.limits.flush_on_session_end {
            state.flush_to = accepted;
        }
        if let Some(shell) = state.shells.pop() {
            pool::keep(shell);
        }
        let spans = state.line.spans();
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
                let entries = state.take();
                if state.waiting > 0 {
                    self.room.notify_all();
                }
                let begun = state.take_begun(&entries);
                return Some(Batch { entries, begun, resource: state.resource.take() });
            }
            if state.stopping && state.line.spans() == 0 {
                return None;
            }
            let patience = state.patience(&self.limits).unwrap_or(IDLE);
            state =
                self.work.wait_timeout(state, patience).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn is_due(&self, state: &State) -> bool {
        let Some(patience) = state.patience(&self.limits) else { return false };
        state.line.spans() >= self.full.spans
            || state.line.bytes() >= self.full.bytes
            || state.waiting > 0
            || state.stopping
            || state.flush_to
                > state.account.left_the_queue().saturating_add(state.in_flight as u64)
            || patience.is_zero()
    }

    /// Keeps the allocations of delivered spans for reuse, at most twice as many as this batch had.
    pub(crate) fn reuse(&self, entries: Vec<Entry>) {
        let most = entries.len().saturating_mul(2);
        let mut shells: Vec<_> = entries.into_iter().map(|entry| entry.span).collect();
        shells.iter_mut().for_each(|shell| pool::empty(shell));
        let mut state = self.state();
        state.shells.append(&mut shells);
        let kept = state.shells.len().min(most);
        let surplus = state.shells.split_off(kept);
        // Freed outside of the lock, so that no producer waits for it.
        drop(state);
        drop(surplus);
    }

    /// Books the result of the batch in flight.
    pub(crate) fn settle(&self, result: Result<Receipt, DeliveryFailure>) {
        let mut state = self.state();
        let count = std::mem::take(&mut state.in_flight) as u64;
        state.left_at = None;
        state.account.book(count, result);
        self.settled.notify_all();
    }

    /// Books spans of the batch in flight as written to disk.
    pub(crate) fn book_spooled(&self, count: u64) {
        let mut state = self.state();
        let count = count.min(state.in_flight as u64);
        state.in_flight = state.in_flight.saturating_sub(count as usize);
        state.account.spool(count);
        self.settled.notify_all();
    }

    /// Books spans that an earlier process has left on disk.
    pub(crate) fn recover(&self, count: u64) {
        self.state().account.recover(count);
    }

    /// Records how many spans on disk are meant for another endpoint; flushes do not wait for them.
    pub(crate) fn book_aside(&self, spans: u64) {
        self.state().aside = spans;
        self.settled.notify_all();
    }

    /// Books the result of spans that have left the disk.
    pub(crate) fn settle_spooled(&self, count: u64, result: Result<Receipt, DeliveryFailure>) {
        let mut state = self.state();
        state.account.settle_spooled(count, result);
        state.is_delayed = false;
        self.settled.notify_all();
    }

    /// Records why the spans in flight are delayed.
    pub(crate) fn note_delay(&self, error: String) {
        let mut state = self.state();
        state.account.note_error(error);
        state.is_delayed = true;
        self.settled.notify_all();
    }

    /// Sends everything that has ended so far and waits until it is booked. Spans on disk may stay there if the
    /// endpoint does not accept them. The error reports all losses since the last flush.
    pub(crate) fn flush(&self, timeout: Duration) -> Result<(), DeliveryError> {
        let mut state = self.state();
        let target = state.account.accepted();
        let told = state.account.told();
        state.flush_to = state.flush_to.max(target);
        self.work.notify_one();
        let mut state = self
            .settled
            .wait_timeout_while(state, timeout, |state| {
                let is_on_its_way = state.account.spooled > state.aside && !state.is_delayed;
                let waits = state.account.left_the_queue() < target || is_on_its_way;
                waits && !state.worker_is_gone
            })
            .unwrap_or_else(PoisonError::into_inner)
            .0;
        let waits = target.saturating_sub(state.account.left_the_queue());
        let error = self.error(&state, told, waits);
        state.account.tell();
        error.map_or(Ok(()), Err)
    }

    /// Lets the worker drain the queue until the deadline.
    pub(crate) fn stop(&self, deadline: Instant) {
        let mut state = self.state();
        state.stopping = true;
        self.work.notify_one();
        let patience = deadline.saturating_duration_since(Instant::now());
        drop(self.settled.wait_timeout_while(state, patience, |state| !state.worker_is_gone));
    }

    /// Marks the worker as gone, as its last act; no span is accepted any more.
    pub(crate) fn worker_is_gone(&self) {
        self.state().worker_is_gone = true;
        self.settled.notify_all();
        self.room.notify_all();
    }

    /// Returns all losses since the start as an error; `None` if there are none.
    pub(crate) fn losses(&self) -> Option<DeliveryError> {
        let state = self.state();
        self.error(&state, Losses::default(), state.queued())
    }

    /// Sets the callback that describes, for timeouts, what the pending request waits for.
    pub(crate) fn ask_of_far_side(&self, ask: impl Fn() -> Option<String> + Send + Sync + 'static) {
        let _ = self.waits_for.set(WaitsFor(Box::new(ask)));
    }

    fn error(&self, state: &State, told: Losses, waits: u64) -> Option<DeliveryError> {
        let error = state.account.error(told, waits, state.queued())?;
        Some(error.with_reason(|| match self.waits_for.get() {
            Some(WaitsFor(ask)) => ask(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{limits, session, span};

    #[test]
    fn as_many_boxes_are_kept_as_are_needed_twice() {
        let queue = Queue::new(limits());
        let entry = || Entry { span: Box::new(span(1, "")), session: session() };
        let kept = |delivered: usize| {
            queue.reuse((0..delivered).map(|_| entry()).collect());
            queue.state().shells.len()
        };
        assert_eq!([kept(10), kept(10), kept(10), kept(2), kept(1)], [10, 20, 20, 4, 2]);
        assert!(queue.state().shells.iter().all(|shell| shell.attributes.is_empty()));
    }
}
