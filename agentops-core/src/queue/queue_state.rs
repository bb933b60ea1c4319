//! Spans in the queue and in flight, and when the next batch is due.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use opentelemetry_sdk::{Resource, trace::SpanData};

use super::{batches::Batches, queue_limits::QueueLimits, span_account::Account};
use crate::bridge::EndedSpan;

/// State of the queue, behind its lock.
#[derive(Debug, Default)]
pub(super) struct QueueState {
    pub(super) batches: Batches,
    /// Empty allocations of delivered spans, for reuse.
    #[expect(clippy::vec_box, reason = "they go round as boxes")]
    pub(super) allocations: Vec<Box<SpanData>>,
    pub(super) started: Vec<EndedSpan>,
    /// Time since which the first of `started` waits.
    pub(super) started_at: Option<Instant>,
    /// Earliest time at which the first queued span can have arrived. Monotonic, since a wall clock may be set back.
    pub(super) since: Option<Instant>,
    pub(super) in_flight: usize,
    /// Time at which the sink received the spans in flight.
    pub(super) left_at: Option<Instant>,
    pub(super) account: Account,
    /// Number of spooled spans that are meant for another endpoint.
    pub(super) aside: u64,
    /// Number of producers that wait for room.
    pub(super) waiting: usize,
    /// A producer has timed out; further producers fail fast until the worker takes a batch.
    pub(super) stuck: bool,
    /// Number of accepted spans up to which a flush wants all of them delivered.
    pub(super) flush_to: u64,
    pub(super) resource: Option<Resource>,
    /// The endpoint does not accept requests at the moment.
    pub(super) is_delayed: bool,
    pub(super) stopping: bool,
    pub(super) worker_is_gone: bool,
}

impl QueueState {
    pub(super) fn queued(&self) -> u64 {
        self.batches.spans().saturating_add(self.in_flight) as u64
    }

    /// Returns `true` if there is room for one more span, beside the waiting producers to whom room is promised.
    pub(super) fn has_room(&self, limits: &QueueLimits, bytes: usize, promised: usize) -> bool {
        let wanted = bytes.saturating_mul(promised.saturating_add(1));
        self.batches.spans().saturating_add(promised) < limits.spans
            && self.batches.bytes().saturating_add(wanted) <= limits.bytes
    }

    /// Returns `true` if there is room for a root. Roots have a second quota of the same size, so that the queued
    /// spans of a trace do not lose their root.
    pub(super) fn has_room_for_root(&self, limits: &QueueLimits, bytes: usize) -> bool {
        self.batches.spans() < limits.spans.saturating_mul(2)
            && self.batches.bytes().saturating_add(bytes) <= limits.bytes.saturating_mul(2)
    }

    pub(super) fn start_delivery(&mut self) -> Vec<EndedSpan> {
        let batch = self.batches.remove_first();
        self.in_flight = batch.len();
        self.left_at = Some(Instant::now());
        self.stuck = false;
        // The arrival of the remaining spans is unknown; keeping the earlier time sends them early rather than late.
        self.since = self.since.filter(|_| self.batches.spans() > 0);
        batch
    }

    /// Takes the started spans, except those whose end is in this batch: most spans are that short.
    pub(super) fn remove_started(&mut self, leaving: &[EndedSpan]) -> Vec<EndedSpan> {
        self.started_at = None;
        let mut started = std::mem::take(&mut self.started);
        if !started.is_empty() {
            let ended: HashSet<_> = leaving.iter().map(|entry| &entry.span.span_context).collect();
            started.retain(|root| !ended.contains(&root.span.span_context));
        }
        started
    }

    pub(super) fn exporter_has_not_returned(&self) -> Option<String> {
        let waited = self.left_at?.elapsed().as_secs_f64();
        Some(format!("the exporter has not returned for {waited:.1} s; it may have taken them"))
    }

    /// Returns how long the worker may sleep before a span has waited for its maximum time.
    pub(super) fn patience(&self, limits: &QueueLimits) -> Option<Duration> {
        let left = |since: Option<Instant>, longest: Duration| {
            since.map(|since| longest.saturating_sub(since.elapsed()))
        };
        let started = limits.starts.and_then(|longest| left(self.started_at, longest));
        left(self.since, limits.wait).into_iter().chain(started).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::Overflow,
        fixtures::{ended, span},
    };

    #[test]
    fn room_promised_to_waiters_is_kept_for_them() {
        let limits = QueueLimits {
            spans: 4,
            bytes: 1_000,
            overflow: Overflow::Block(Duration::MAX),
            batch: 1,
            wait: Duration::ZERO,
            flush_on_session_end: false,
            starts: None,
        };
        let mut state = QueueState { waiting: 2, ..QueueState::default() };
        state.batches.push(ended(span(1, "")), 400, limits.full_batch());
        assert!(state.has_room(&limits, 200, state.waiting));
        assert!(!state.has_room(&limits, 201, state.waiting), "bytes of the same size for each");
        assert!(state.has_room(&limits, 600, 0), "those who wait go first");
        state.waiting = 3;
        assert!(!state.has_room(&limits, 1, state.waiting));
    }
}
