//! How a session stands to its budget.

use std::time::Duration;

use super::Totals;
use crate::budget::{Budget, BudgetExceeded};

/// How a session stands to its budget.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BudgetStatus {
    /// The limits.
    pub budget: Budget,
    /// What was used of them when this was asked.
    pub totals: Totals,
    /// The time since the session started.
    pub elapsed: Duration,
    /// The first limit that was passed, if one was.
    pub exceeded: Option<BudgetExceeded>,
}

impl BudgetStatus {
    /// Whether a limit was passed.
    #[must_use]
    pub const fn is_exceeded(&self) -> bool {
        self.exceeded.is_some()
    }
}
