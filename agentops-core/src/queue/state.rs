//! Spans in the queue and in flight, and when the next batch is due.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use opentelemetry_sdk::{Resource, trace::SpanData};

use super::{account::Account, batches::Batches, limits::Limits};
use crate::bridge::EndedSpan;

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) line: Batches,
    /// Empty allocations of delivered spans, for reuse.
    #[expect(clippy::vec_box, reason = "they go round as boxes")]
    pub(super) shells: Vec<Box<SpanData>>,
    pub(super) begun: Vec<EndedSpan>,
    /// Time since which the first of `begun` waits.
    pub(super) begun_at: Option<Instant>,
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

impl State {
    pub(super) fn queued(&self) -> u64 {
        self.line.spans().saturating_add(self.in_flight) as u64
    }

    /// Returns `true` if there is room for one more span, beside the waiting producers to whom room is promised.
    pub(super) fn has_room(&self, limits: &Limits, bytes: usize, promised: usize) -> bool {
        let wanted = bytes.saturating_mul(promised.saturating_add(1));
        self.line.spans().saturating_add(promised) < limits.spans
            && self.line.bytes().saturating_add(wanted) <= limits.bytes
    }

    /// Returns `true` if there is room for a root. Roots have a second quota of the same size, so that the queued
    /// spans of a trace do not lose their root.
    pub(super) fn has_room_for_root(&self, limits: &Limits, bytes: usize) -> bool {
        self.line.spans() < limits.spans.saturating_mul(2)
            && self.line.bytes().saturating_add(bytes) <= limits.bytes.saturating_mul(2)
    }

    pub(super) fn take(&mut self) -> Vec<EndedSpan> {
        let batch = self.line.take();
        self.in_flight = batch.len();
        self.left_at = Some(Instant::now());
        self.stuck = false;
        // The arrival of the remaining spans is unknown; keeping the earlier time sends them early rather than late.
        self.since = self.since.filter(|_| self.line.spans() > 0);
        batch
    }

    /// Takes the started spans, except those whose end is in this batch: most spans are that short.
    pub(super) fn take_begun(&mut self, leaving: &[EndedSpan]) -> Vec<EndedSpan> {
        self.begun_at = None;
        let mut begun = std::mem::take(&mut self.begun);
        if !begun.is_empty() {
            let ended: HashSet<_> = leaving.iter().map(|entry| &entry.span.span_context).collect();
            begun.retain(|root| !ended.contains(&root.span.span_context));
        }
        begun
    }

    pub(super) fn exporter_has_not_returned(&self) -> Option<String> {
        let waited = self.left_at?.elapsed().as_secs_f64();
        Some(format!("the exporter has not returned for {waited:.1} s; it may have taken them"))
    }

    /// Returns how long the worker may sleep before a span has waited for its maximum time.
    pub(super) fn patience(&self, limits: &Limits) -> Option<Duration> {
        let left = |since: Option<Instant>, longest: Duration| {
            since.map(|since| longest.saturating_sub(since.elapsed()))
        };
        let begun = limits.starts.and_then(|longest| left(self.begun_at, longest));
        left(self.since, limits.wait).into_iter().chain(begun).min()
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
    fn room_that_whoever_waits_was_promised_is_not_given_to_latecomers() {
        let limits = Limits {
            spans: 4,
            bytes: 1_000,
            overflow: Overflow::Block(Duration::MAX),
            batch: 1,
            wait: Duration::ZERO,
            flush_on_session_end: false,
            starts: None,
        };
        let mut state = State { waiting: 2, ..State::default() };
        state.line.push(ended(span(1, "")), 400, limits.full_batch());
        assert!(state.has_room(&limits, 200, state.waiting));
        assert!(!state.has_room(&limits, 201, state.waiting), "bytes of the same size for each");
        assert!(state.has_room(&limits, 600, 0), "those who wait go first");
        state.waiting = 3;
        assert!(!state.has_room(&limits, 1, state.waiting));
    }
}
