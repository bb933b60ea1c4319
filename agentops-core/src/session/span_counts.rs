//! Counters of one core: spans that started, and calls that no session's totals contain.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

use super::{
    missed_calls::{CallLocation, MissedCalls},
    orphans::Orphans,
};
use crate::process::Lock;

/// Counters of the spans and refused calls of one core.
#[derive(Debug, Default)]
pub(crate) struct SpanCounts {
    started: AtomicU64,
    orphans: AtomicU64,
    late: AtomicU64,
    rejected: AtomicU64,
    /// Calls outside of any session, by location.
    orphan_calls: MissedCalls,
    /// Calls that ended after their session, by location.
    late_calls: MissedCalls,
    /// Callsites that count their own orphans.
    self_counting: Lock<Vec<(CallLocation, &'static Orphans)>>,
}

impl SpanCounts {
    pub(crate) fn count_started(&self) {
        self.started.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a span that ended after its session.
    pub(crate) fn count_late(&self) {
        self.late.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes the location of a call that ended after its session.
    pub(crate) fn note_late_call(&self, location: &CallLocation) {
        self.late_calls.add(location);
    }

    /// Counts a call outside of any session.
    pub(crate) fn count_orphan(&self, location: &CallLocation) {
        self.orphans.fetch_add(1, Ordering::Relaxed);
        self.orphan_calls.add(location);
    }

    /// Counts headers of another process that were rejected.
    pub(crate) fn count_rejected(&self) {
        self.rejected.fetch_add(1, Ordering::Relaxed);
    }

    /// Adds a callsite that counts its further orphans by itself.
    pub(super) fn add_self_counting(&self, location: CallLocation, orphans: &'static Orphans) {
        self.self_counting.lock().push((location, orphans));
    }

    pub(crate) fn started(&self) -> u64 {
        self.started.load(Ordering::Relaxed)
    }

    pub(crate) fn orphans(&self) -> u64 {
        let self_counted: u64 =
            self.self_counting.lock().iter().map(|(_, orphans)| orphans.counted()).sum();
        self.orphans.load(Ordering::Relaxed) + self_counted
    }

    pub(crate) fn late(&self) -> u64 {
        self.late.load(Ordering::Relaxed)
    }

    pub(crate) fn rejected(&self) -> u64 {
        self.rejected.load(Ordering::Relaxed)
    }

    /// Returns the calls outside of any session, by location.
    pub(crate) fn orphan_calls(&self) -> BTreeMap<CallLocation, u64> {
        let mut calls = self.orphan_calls.by_location();
        for (location, orphans) in &*self.self_counting.lock() {
            *calls.entry(location.clone()).or_default() += orphans.counted();
        }
        calls
    }

    /// Returns the calls that ended after their session, by location.
    pub(crate) fn late_calls(&self) -> BTreeMap<CallLocation, u64> {
        self.late_calls.by_location()
    }
}
