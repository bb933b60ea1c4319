//! The bounded queue between the program's threads and the worker.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use std::{
    collections::HashSet,
    fmt,
    mem::size_of,
    sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use opentelemetry::trace::SpanId;
use opentelemetry_sdk::{Resource, trace::SpanData};

use super::{
    DeliveryError, Stats,
    account::{Account, Losses},
    line::{Entry, Full, Line},
    size::heap_bytes,
};
use crate::{
    config::Overflow,
    exporter::Receipt,
    pipeline::{Sink, shorten},
    session::SessionState,
    spare,
};

/// The bounds of the queue, with what makes a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) spans: usize,
    pub(crate) bytes: usize,
    pub(crate) overflow: Overflow,
    pub(crate) batch: usize,
    pub(crate) wait: Duration,
    /// Whether the end of a session is worth a batch of its own: for whoever is watching.
    pub(crate) prompt: bool,
    /// How long the start of what is open may wait to be known, for those who come after a crash; none if
    /// nobody wants to know it.
    pub(crate) starts: Option<Duration>,
}

impl Limits {
    /// A batch that waited for more than the queue holds would never go.
    fn attainable(self) -> Self {
        Self { batch: self.batch.min(self.spans.div_ceil(2)), ..self }
    }

    fn full_batch(&self) -> Full {
        Full { spans: self.batch, bytes: BATCH_BYTES.min(self.bytes / 2) }
    }
}

/// A batch of this many bytes is large enough to go.
const BATCH_BYTES: usize = 4 << 20;

/// Bytes of a span beside those on the heap.
const ENTRY_BYTES: usize = size_of::<Entry>() + size_of::<SpanData>();

/// How long the worker sleeps where there is nothing to do; a push wakes it.
const IDLE: Duration = Duration::from_secs(3600);

/// What the worker is to do next.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) entries: Vec<Entry>,
    /// Sessions and other spans that have begun and not ended.
    pub(crate) begun: Vec<Entry>,
    pub(crate) resource: Option<Resource>,
}

/// Whom to ask what the far side is waited for, if it is.
struct WaitsFor(Box<dyn Fn() -> Option<String> + Send + Sync>);

impl fmt::Debug for WaitsFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WaitsFor")
    }
}

/// The queue.
#[derive(Debug)]
pub(crate) struct Queue {
    limits: Limits,
    waits_for: OnceLock<WaitsFor>,
    full: Full,
    state: Mutex<State>,
    /// The worker waits for it.
    work: Condvar,
    /// Producers wait for it, where they may.
    room: Condvar,
    /// Flushes wait for it.
    settled: Condvar,
}

#[derive(Debug, Default)]
struct State {
    line: Line,
    /// What delivered spans have left behind.
    #[expect(clippy::vec_box, reason = "they go round as boxes")]
    shells: Vec<Box<SpanData>>,
    begun: Vec<Entry>,
    /// Since when the first of them waits.
    begun_at: Option<Instant>,
    /// Since when the first in line waits, at the most. No wall clock: that may be set back.
    since: Option<Instant>,
    in_flight: usize,
    /// Since when the outlet has what is in flight.
    left_at: Option<Instant>,
    account: Account,
    /// How many of the spooled are for another endpoint.
    aside: u64,
    /// How many producers wait for room.
    waiting: usize,
    /// One of them has waited in vain: until something moves, nobody else need try.
    stuck: bool,
    /// How far a flush wants everything out, as a number of accepted spans.
    flush_to: u64,
    resource: Option<Resource>,
    /// The far side does not take anything just now.
    is_delayed: bool,
    stopping: bool,
    worker_is_gone: bool,
}

impl State {
    fn queued(&self) -> u64 {
        self.line.spans().saturating_add(self.in_flight) as u64
    }

    /// Whether there is room for one more, beside those to whom it was promised.
    fn has_room(&self, limits: &Limits, bytes: usize, promised: usize) -> bool {
        let wanted = bytes.saturating_mul(promised.saturating_add(1));
        self.line.spans().saturating_add(promised) < limits.spans
            && self.line.bytes().saturating_add(wanted) <= limits.bytes
    }

    /// A root has as much room again: without it the spans that were kept would hang in the air.
    fn has_room_for_root(&self, limits: &Limits, bytes: usize) -> bool {
        self.line.spans() < limits.spans.saturating_mul(2)
            && self.line.bytes().saturating_add(bytes) <= limits.bytes.saturating_mul(2)
    }

    fn take(&mut self) -> Vec<Entry> {
        let batch = self.line.take();
        self.in_flight = batch.len();
        self.left_at = Some(Instant::now());
        self.stuck = false;
        // What is left came later, nobody knows when: it goes no later than it may.
        self.since = self.since.filter(|_| self.line.spans() > 0);
        batch
    }

    /// What has begun, but for that whose end goes along: most is that short.
    fn take_begun(&mut self, leaving: &[Entry]) -> Vec<Entry> {
        self.begun_at = None;
        let mut begun = std::mem::take(&mut self.begun);
        if !begun.is_empty() {
            let ended: HashSet<_> = leaving.iter().map(|entry| &entry.span.span_context).collect();
            begun.retain(|root| !ended.contains(&root.span.span_context));
        }
        begun
    }

    fn exporter_has_not_returned(&self) -> Option<String> {
        let waited = self.left_at?.elapsed().as_secs_f64();
        Some(format!("the exporter has not returned for {waited:.1} s; it may have taken them"))
    }

    /// How long the worker may sleep before something has waited for too long.
    fn patience(&self, limits: &Limits) -> Option<Duration> {
        let left = |since: Option<Instant>, longest: Duration| {
            since.map(|since| longest.saturating_sub(since.elapsed()))
        };
        let begun = limits.starts.and_then(|longest| left(self.begun_at, longest));
        left(self.since, limits.wait).into_iter().chain(begun).min()
    }
}

impl Queue {
    pub(crate) fn new(limits: Limits) -> Self {
        let limits = limits.attainable();
        Self {
            limits,
            waits_for: OnceLock::new(),
            full: limits.full_batch(),
            state: Mutex::default(),
            work: Condvar::new(),
            room: Condvar::new(),
            settled: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is room, where that is wanted, and as long as anything moves.
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

impl Sink for Queue {
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

    /// Takes an ended span, or drops it if there is no room.
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
        if is_root && self.limits.prompt {
            state.flush_to = accepted;
        }
        if let Some(shell) = state.shells.pop() {
            spare::keep(shell);
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
    /// Waits for the next batch; `None` when the queue is stopped and empty.
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

    /// Takes back what is left of delivered spans, for those to come: as many as came in, twice.
    pub(crate) fn reuse(&self, entries: Vec<Entry>) {
        let most = entries.len().saturating_mul(2);
        let mut shells: Vec<_> = entries.into_iter().map(|entry| entry.span).collect();
        shells.iter_mut().for_each(|shell| spare::empty(shell));
        let mut state = self.state();
        state.shells.append(&mut shells);
        let kept = state.shells.len().min(most);
        let surplus = state.shells.split_off(kept);
        // Nobody has to wait for what is freed.
        drop(state);
        drop(surplus);
    }

    /// Books the batch that is on its way: what became of it, or why nothing did.
    pub(crate) fn settle(&self, result: Result<Receipt, String>) {
        let mut state = self.state();
        let count = std::mem::take(&mut state.in_flight) as u64;
        state.left_at = None;
        state.account.book(count, result);
        self.settled.notify_all();
    }

    /// Books spans of the batch that is on its way: they are on disk.
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

    /// Notes how many spans on disk are for another endpoint, for which nobody waits.
    pub(crate) fn book_aside(&self, spans: u64) {
        self.state().aside = spans;
        self.settled.notify_all();
    }

    /// Books spans that have left the disk: what became of them, or why nothing did.
    pub(crate) fn settle_spooled(&self, count: u64, result: Result<Receipt, String>) {
        let mut state = self.state();
        state.account.settle_spooled(count, result);
        state.is_delayed = false;
        self.settled.notify_all();
    }

    /// Says why what is on its way is not there yet.
    pub(crate) fn note_delay(&self, error: String) {
        let mut state = self.state();
        state.account.note_error(error);
        state.is_delayed = true;
        self.settled.notify_all();
    }

    /// Sends everything that has ended so far and waits until it is booked; what is on disk may stay there
    /// if the far side does not take it. The error tells of everything that was lost since the last flush.
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

    /// Lets the worker finish what is queued, until the deadline.
    pub(crate) fn stop(&self, deadline: Instant) {
        let mut state = self.state();
        state.stopping = true;
        self.work.notify_one();
        let patience = deadline.saturating_duration_since(Instant::now());
        drop(self.settled.wait_timeout_while(state, patience, |state| !state.worker_is_gone));
    }

    /// The worker's last word: nothing is taken any more.
    pub(crate) fn worker_is_gone(&self) {
        self.state().worker_is_gone = true;
        self.settled.notify_all();
        self.room.notify_all();
    }

    /// Everything that was ever lost, as an error; `None` if there is nothing.
    pub(crate) fn losses(&self) -> Option<DeliveryError> {
        let state = self.state();
        self.error(&state, Losses::default(), state.queued())
    }

    /// Says whom to ask, when time runs out, what the far side was waited for.
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
    use crate::delivery::tests::queue::{limits, session, span};

    #[test]
    fn room_that_whoever_waits_was_promised_is_not_given_to_latecomers() {
        let limits = Limits {
            spans: 4,
            bytes: 1_000,
            overflow: Overflow::Block(Duration::MAX),
            batch: 1,
            wait: Duration::ZERO,
            prompt: false,
            starts: None,
        };
        let mut state = State { waiting: 2, ..State::default() };
        state.line.push(
            Entry { span: Box::new(span(1, "")), session: session() },
            400,
            limits.full_batch(),
        );
        assert!(state.has_room(&limits, 200, state.waiting));
        assert!(!state.has_room(&limits, 201, state.waiting), "bytes of the same size for each");
        assert!(state.has_room(&limits, 600, 0), "those who wait go first");
        state.waiting = 3;
        assert!(!state.has_room(&limits, 1, state.waiting));
    }

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
