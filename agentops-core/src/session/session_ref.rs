//! What the program sees of a session.

use std::{sync::Arc, time::Duration};

use super::{BudgetStatus, Details, SessionState, Totals, amount, tell_of_budget};
use crate::attribute::{FieldValue, field_value, redacted};

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
    pub fn user_id(&self) -> Option<String> {
        self.state.known().user_id().map(ToString::to_string)
    }

    /// Sets the user for whom it runs, where that becomes known only later: its root and every span that ends from now
    /// on carry it as `user.id`, and requests to other processes too. An empty id, or none, changes nothing,
    /// and nothing changes after the session's end. Where the program has a provider of its own, its other
    /// exporters see on a span what was known when that started.
    ///
    /// ```
    /// fn log_in(user: &str) {
    ///     if let Some(session) = agentops::current_session() {
    ///         session.set_user_id(user).set_metadata("plan", "pro").add_tag("known");
    ///     }
    /// }
    /// # log_in("u-7");
    /// ```
    pub fn set_user_id(&self, id: impl FieldValue) -> &Self {
        let id = field_value(&id).map(|id| id.as_str().into_owned()).filter(|id| !id.is_empty());
        if let Some(id) = id {
            self.change(|details| {
                details.user_id = Some(id.into());
                true
            });
        }
        self
    }

    /// Sets metadata, in place of an earlier value of the same key: `agentops.metadata.key` on its
    /// root, and `metadata` on every span that ends from now on. What is named like a credential is redacted.
    pub fn set_metadata(&self, key: impl Into<String>, value: impl FieldValue) -> &Self {
        if let Some(value) = field_value(&value) {
            let key = key.into();
            let redacts = self.state.registry().rules().redact_credentials;
            let value = if redacts { redacted(&key, value) } else { value };
            self.change(|details| details.set_metadata(key, value));
        }
        self
    }

    /// Adds a tag to its root and to every span that ends from now on; one that is there already is not added
    /// again.
    pub fn add_tag(&self, tag: impl Into<String>) -> &Self {
        let tag = tag.into();
        self.change(|details| details.add_tag(tag));
        self
    }

    fn change(&self, change: impl FnOnce(&mut Details) -> bool) {
        if !self.state.change(change) {
            self.state.tell_of_excess();
        }
    }

    /// Adds a cost, in US dollars, that belongs to no span: to its totals, its budget and its root. What is no
    /// number, or negative, adds nothing, and nothing is added after the session's end.
    ///
    /// See [`CurrentSpan::set_cost`](crate::CurrentSpan::set_cost) for the cost of one call.
    pub fn add_cost(&self, usd: f64) -> &Self {
        if let Some(usd) = amount(usd).filter(|_| self.is_open()) {
            self.state.spend(usd);
            tell_of_budget(&self.state);
        }
        self
    }

    /// True if it has not ended: its function runs, or something that the function has left behind.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.state.has_ended()
    }

    /// The time since it started.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.state.started().elapsed()
    }

    /// The totals of its ended spans so far.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.state.totals()
    }

    /// The totals of the spans that ended after the session had: they are in no total of it.
    #[must_use]
    pub fn late_totals(&self) -> Totals {
        self.state.late_totals()
    }

    /// Its budget, and what was used of it.
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
