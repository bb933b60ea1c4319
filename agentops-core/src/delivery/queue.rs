//! The bounded queue between the program's threads and the worker, with the account of every span.

use std::{
    collections::VecDeque,
    mem::size_of,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use opentelemetry::{Array, KeyValue, Value, trace::SpanId};
use opentelemetry_sdk::{Resource, trace::SpanData};

use super::{DeliveryError, Stats};
use crate::{exporter::Receipt, pipeline::Sink, session::SessionState};

/// The bounds of the queue, with what makes a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) spans: usize,
    pub(crate) bytes: usize,
    pub(crate) batch: usize,
    pub(crate) wait: Duration,
    /// Whether the end of a session is worth a batch of its own: for whoever is watching.
    pub(crate) prompt: bool,
}

/// A batch of this many bytes is large enough to go.
const BATCH_BYTES: usize = 4 << 20;

/// How long the worker sleeps where there is nothing to do; a push wakes it.
const IDLE: Duration = Duration::from_secs(3600);

/// An ended span with the session that stamps it.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) span: SpanData,
    pub(crate) session: Arc<SessionState>,
    bytes: usize,
}

/// What the worker is to do next.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) entries: Vec<Entry>,
    pub(crate) resource: Option<Resource>,
}

/// The queue.
#[derive(Debug)]
pub(crate) struct Queue {
    limits: Limits,
    state: Mutex<State>,
    work: Condvar,
    settled: Condvar,
}

#[derive(Debug, Default)]
struct State {
    entries: VecDeque<Entry>,
    bytes: usize,
    in_flight: usize,
    // Counted since the start; with `entries` and `in_flight` they add up.
    ended: u64,
    sent: u64,
    dropped: u64,
    failed: u64,
    /// How far a flush wants everything out, as a number of accepted spans.
    flush_to: u64,
    resource: Option<Resource>,
    last_error: Option<String>,
    stopping: bool,
    worker_is_gone: bool,
}

impl State {
    fn accepted(&self) -> u64 {
        self.ended - self.dropped
    }

    fn settled(&self) -> u64 {
        self.sent + self.failed
    }

    fn queued(&self) -> u64 {
        (self.entries.len() + self.in_flight) as u64
    }

    fn take(&mut self, most: usize) -> Vec<Entry> {
        let mut bytes = 0;
        let fits = |entry: &&Entry| {
            let fits = bytes < BATCH_BYTES;
            bytes += entry.bytes;
            fits
        };
        let count = self.entries.iter().take(most).take_while(fits).count();
        let batch: Vec<_> = self.entries.drain(..count).collect();
        self.bytes -= batch.iter().map(|entry| entry.bytes).sum::<usize>();
        self.in_flight = batch.len();
        batch
    }

    /// How long the first in line has waited: since its span ended.
    fn age(&self) -> Option<Duration> {
        self.entries.front().map(|entry| entry.span.end_time.elapsed().unwrap_or_default())
    }
}

impl Queue {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, state: Mutex::default(), work: Condvar::new(), settled: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink for Queue {
    /// Takes an ended span, or drops it if there is no room. A root always has room: without it the spans
    /// that were kept would hang in the air.
    fn push(&self, span: SpanData, session: Arc<SessionState>) {
        let bytes = estimate(&span);
        let is_root = span.parent_span_id == SpanId::INVALID;
        let mut state = self.state();
        state.ended += 1;
        let full =
            state.entries.len() >= self.limits.spans || state.bytes + bytes > self.limits.bytes;
        if (full && !is_root) || state.worker_is_gone {
            state.dropped += 1;
            return;
        }
        state.bytes += bytes;
        state.entries.push_back(Entry { span, session, bytes });
        if is_root && self.limits.prompt {
            state.flush_to = state.accepted();
        }
        let due = state.entries.len() == self.limits.batch || state.flush_to == state.accepted();
        if due || state.entries.len() == 1 {
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
                let entries = state.take(self.limits.batch);
                return Some(Batch { entries, resource: state.resource.take() });
            }
            if state.stopping && state.entries.is_empty() {
                return None;
            }
            let age = state.age();
            let patience = age.map_or(IDLE, |age| self.limits.wait.saturating_sub(age));
            state =
                self.work.wait_timeout(state, patience).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn is_due(&self, state: &State) -> bool {
        let Some(age) = state.age() else { return false };
        state.entries.len() >= self.limits.batch
            || state.bytes >= BATCH_BYTES
            || state.stopping
            || state.flush_to > state.settled() + state.in_flight as u64
            || age >= self.limits.wait
    }

    /// Books the batch that is on its way: what became of it, or why nothing did.
    pub(crate) fn settle(&self, result: Result<Receipt, String>) {
        let mut state = self.state();
        let count = std::mem::take(&mut state.in_flight) as u64;
        let receipt = result.unwrap_or_else(|error| Receipt { failed: count, reason: Some(error) });
        let failed = receipt.failed.min(count);
        state.sent += count - failed;
        state.failed += failed;
        if failed > 0 {
            state.last_error = receipt.reason;
        }
        self.settled.notify_all();
    }

    /// Says why the batch that is on its way is not there yet.
    pub(crate) fn note_error(&self, error: String) {
        self.state().last_error = Some(error);
    }

    /// Sends everything that has ended so far and waits until it is booked.
    pub(crate) fn flush(&self, timeout: Duration) -> Result<(), DeliveryError> {
        let mut state = self.state();
        let target = state.accepted();
        let failed_before = state.failed;
        state.flush_to = state.flush_to.max(target);
        self.work.notify_one();
        let state = self
            .settled
            .wait_timeout_while(state, timeout, |state| {
                state.settled() < target && !state.worker_is_gone
            })
            .unwrap_or_else(PoisonError::into_inner)
            .0;
        match (state.failed - failed_before) + target.saturating_sub(state.settled()) {
            0 => Ok(()),
            undelivered => Err(delivery_error(&state, undelivered)),
        }
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
    }

    /// Everything that was ever lost, as an error; `None` if there is nothing.
    pub(crate) fn losses(&self) -> Option<DeliveryError> {
        let state = self.state();
        match state.dropped + state.failed + state.queued() {
            0 => None,
            undelivered => Some(delivery_error(&state, undelivered)),
        }
    }

    pub(crate) fn has_dropped(&self) -> bool {
        self.state().dropped > 0
    }

    pub(crate) fn stats(&self) -> Stats {
        stats_of(&self.state())
    }
}

fn stats_of(state: &State) -> Stats {
    Stats {
        ended: state.ended,
        queued: state.queued(),
        sent: state.sent,
        dropped: state.dropped,
        failed: state.failed,
        ..Stats::default()
    }
}

fn delivery_error(state: &State, undelivered: u64) -> DeliveryError {
    DeliveryError { undelivered, stats: stats_of(state), last_error: state.last_error.clone() }
}

/// Roughly what a span takes in memory.
fn estimate(span: &SpanData) -> usize {
    let attributes = |list: &[KeyValue]| list.iter().map(attribute_bytes).sum::<usize>();
    let events = span.events.iter().map(|event| event.name.len() + attributes(&event.attributes));
    size_of::<Entry>() + span.name.len() + attributes(&span.attributes) + events.sum::<usize>()
}

fn attribute_bytes(attribute: &KeyValue) -> usize {
    let heap = match &attribute.value {
        Value::String(text) => text.as_str().len(),
        Value::Array(Array::String(texts)) => {
            texts.iter().map(|text| text.as_str().len() + 24).sum()
        }
        Value::Array(Array::I64(list)) => list.len() * 8,
        Value::Array(Array::F64(list)) => list.len() * 8,
        _ => 0,
    };
    size_of::<KeyValue>() + heap
}
