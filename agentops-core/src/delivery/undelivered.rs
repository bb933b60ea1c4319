//! The error that says what was not delivered.

use super::Stats;

/// Some spans were not delivered.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{} of {} spans were not delivered{}{}", .undelivered, .stats.ended, account(.stats), reason(.last_error))]
pub struct DeliveryError {
    pub(super) undelivered: u64,
    pub(super) stats: Box<Stats>,
    pub(super) last_error: Option<String>,
}

impl DeliveryError {
    /// The same with complete counters.
    pub(crate) fn with_stats(self, stats: Stats) -> Self {
        Self { stats: Box::new(stats), ..self }
    }

    /// How many spans were not delivered.
    #[must_use]
    pub const fn undelivered(&self) -> u64 {
        self.undelivered
    }

    /// All counters at that moment.
    #[must_use]
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// What the last failed delivery said.
    #[must_use]
    pub fn last_error(&self) -> Option<&str> {
        self.last_error.as_deref()
    }
}

fn account(stats: &Stats) -> String {
    let parts = [
        (stats.failed, "failed"),
        (stats.dropped, "dropped because the queue was full"),
        (stats.queued, "still queued when time ran out"),
    ];
    let said: Vec<_> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if said.is_empty() { String::new() } else { format!(": {}", said.join(", ")) }
}

fn reason(last_error: &Option<String>) -> String {
    last_error.as_ref().map(|error| format!("; {error}")).unwrap_or_default()
}
