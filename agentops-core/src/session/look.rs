//! What the program sees of a session.

use std::{sync::Arc, time::Duration};

use super::{BudgetStatus, SessionState, Totals};

/// A look at a session, from [`current_session`](crate::current_session) or
/// [`sessions`](crate::sessions). It holds nothing open.
#[derive(Clone, Debug)]
pub struct SessionRef {
    state: Arc<SessionState>,
}

impl SessionRef {
    pub(crate) fn new(state: Arc<SessionState>) -> Self {
        Self { state }
    }

    /// Its id: the one it was given, else its trace id in 32 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> String {
        self.state.known_id().map(ToString::to_string).unwrap_or_default()
    }

    /// Its trace id in 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> String {
        self.state.trace().map(|trace| trace.to_string()).unwrap_or_default()
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.state.identity().name
    }

    /// For whom it runs.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        self.state.user_id().map(|user| &**user)
    }

    /// Whether it still runs.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.state.has_ended()
    }

    /// The time since it started.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.state.started().elapsed()
    }

    /// What its ended spans add up to so far.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.state.totals()
    }

    /// What the spans add up to that ended after the session had: they are in no total of it.
    #[must_use]
    pub fn late_totals(&self) -> Totals {
        self.state.late_totals()
    }

    /// How it stands to its budget.
    ///
    /// ```
    /// /// Goes on until there is an answer, or the budget is spent.
    /// fn search_on() -> Option<String> {
    ///     loop {
    ///         if agentops::current_session()?.budget().is_exceeded() {
    ///             return None;
    ///         }
    ///         # return Some("found".to_owned());
    ///     }
    /// }
    /// # search_on();
    /// ```
    #[must_use]
    pub fn budget(&self) -> BudgetStatus {
        self.state.budget()
    }
}
