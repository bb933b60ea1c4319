//! How a session stands to its budget.

use std::time::Duration;

use super::Totals;
use crate::config::{Budget, BudgetExceeded};

/// The budget of a session, and what was used of it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BudgetStatus {
    /// The limits.
    pub budget: Budget,
    /// The totals at the time of the question.
    pub totals: Totals,
    /// The time since the session started.
    pub elapsed: Duration,
    /// The first limit that was passed, if one was.
    pub exceeded: Option<BudgetExceeded>,
}

impl BudgetStatus {
    /// True if a limit was passed.
    #[must_use]
    pub const fn is_exceeded(&self) -> bool {
        self.exceeded.is_some()
    }

    /// True if the price of every call is known that used tokens; otherwise a limit in dollars is reached
    /// later than it should be, or never. [`Totals::unpriced_calls`] tells how many are missing.
    #[must_use]
    pub const fn is_cost_complete(&self) -> bool {
        self.totals.unpriced_calls() == 0
    }
}
