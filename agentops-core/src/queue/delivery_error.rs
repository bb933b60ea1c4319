//! Error that reports undelivered spans.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use super::delivery_trouble::MAX_ERROR;
use crate::{error::debug_as_display, process::presentable::presentable_ends, record::Stats};

/// Error of a flush or shutdown after which some spans are not delivered.
#[derive(Clone, thiserror::Error)]
#[error("{} of {} spans were not delivered{}{}", .missing.sum(), .stats.ended, account(.missing), reason(.last_error))]
pub struct DeliveryError {
    pub(super) missing: UndeliveredSpans,
    pub(super) stats: Box<Stats>,
    pub(super) last_error: Option<String>,
}

debug_as_display!(DeliveryError);

/// Undelivered spans by cause.
#[derive(Clone, Copy, Debug)]
pub(super) struct UndeliveredSpans {
    /// Spans for which the queue had no room.
    pub(super) dropped: u64,
    /// Spans that ended after tracing had shut down.
    pub(super) too_late: u64,
    pub(super) failed: u64,
    /// Spans that are neither delivered nor lost.
    pub(super) waits: u64,
}

impl UndeliveredSpans {
    pub(super) const fn sum(self) -> u64 {
        let lost = self.dropped.saturating_add(self.too_late).saturating_add(self.failed);
        lost.saturating_add(self.waits)
    }
}

impl DeliveryError {
    /// Replaces the counters by complete ones.
    pub(crate) fn with_stats(self, stats: Stats) -> Self {
        Self { stats: Box::new(stats), ..self }
    }

    /// Replaces the last error by the reason for which spans still wait, if there are any.
    pub(crate) fn with_reason(mut self, reason: impl FnOnce() -> Option<String>) -> Self {
        if self.missing.waits > 0
            && let Some(reason) = reason()
        {
            self.last_error = Some(reason);
        }
        self
    }

    /// Returns the number of spans that were not delivered.
    #[must_use]
    pub const fn undelivered(&self) -> u64 {
        self.missing.sum()
    }

    /// Returns all counters at the time of the error.
    #[must_use]
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Returns the error of the last failed delivery, or what the request in flight waits for.
    #[must_use]
    pub fn last_error(&self) -> Option<&str> {
        self.last_error.as_deref()
    }
}

fn account(missing: &UndeliveredSpans) -> String {
    let parts = [
        (missing.failed, "failed"),
        (missing.dropped, "dropped because the queue was full"),
        (missing.too_late, "ended after tracing had shut down"),
        (missing.waits, "still queued when time ran out"),
    ];
    let said: Vec<_> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if said.is_empty() { String::new() } else { format!(": {}", said.join(", ")) }
}

fn reason(last_error: &Option<String>) -> String {
    let cut = |error: &String| format!("; {}", presentable_ends(error, MAX_ERROR));
    last_error.as_ref().map(cut).unwrap_or_default()
}
