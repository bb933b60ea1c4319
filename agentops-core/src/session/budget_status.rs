//! Budget of a session and its usage.

use std::time::Duration;

use super::Totals;
use crate::config::{Budget, BudgetExceeded};

/// A session's budget and its usage at the time of the call.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BudgetStatus {
    /// Limits of the budget.
    pub budget: Budget,
    /// Totals at the time of the call.
    pub totals: Totals,
    /// Time since the session started.
    pub elapsed: Duration,
    /// First limit that was exceeded, if any.
    pub exceeded: Option<BudgetExceeded>,
}

impl BudgetStatus {
    /// Returns `true` if a limit was exceeded.
    #[must_use]
    pub const fn is_exceeded(&self) -> bool {
        self.exceeded.is_some()
    }

    /// Returns `true` if every call that used tokens has a known price. Otherwise a limit in dollars takes effect
    /// too late, or never; [`Totals::unpriced_calls`] returns the number of calls without a price.
    #[must_use]
    pub const fn is_cost_complete(&self) -> bool {
        self.totals.unpriced_calls() == 0
    }
}
