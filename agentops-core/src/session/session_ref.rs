//! Read access of the program to a session, and changes to its details.

use std::{sync::Arc, time::Duration};

use opentelemetry::trace::TraceId;

use super::{BudgetStatus, Details, SessionState, Totals, report_exceeded_budget, valid_cost};
use crate::attribute::{FieldValue, field_value, redacted};

/// A reference to a session, from [`current_session`](crate::current_session) or [`sessions`](crate::sessions). It
/// does not keep the session open.
#[derive(Clone, Debug)]
pub struct SessionRef {
    state: Arc<SessionState>,
    trace: TraceId,
}

impl SessionRef {
    /// Creates a reference to a recorded session; `None` if it has no root, and so is not recorded.
    pub(crate) fn new(state: Arc<SessionState>) -> Option<Self> {
        let trace = state.trace()?;
        Some(Self { state, trace })
    }

    /// Returns the session id: the one set by the program, otherwise the trace id as 32 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> String {
        self.state.id(self.trace).to_string()
    }

    /// Returns the id of the trace that the session is the root of. `Display` writes it as 32 hexadecimal digits.
    ///
    /// ```
    /// fn link() -> Option<String> {
    ///     let trace = agentops::current_session()?.trace_id();
    ///     Some(format!("https://traces.example/{trace}"))
    /// }
    /// # link();
    /// ```
    #[must_use]
    pub const fn trace_id(&self) -> TraceId {
        self.trace
    }

    /// Returns the session's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.state.identity().name
    }

    /// Returns the id of the session's user, if one is set.
    #[must_use]
    pub fn user_id(&self) -> Option<String> {
        self.state.details().user_id().map(ToString::to_string)
    }

    /// Sets the session's user, for programs that learn it only after the start. The root and every span that ends
    /// from now on carry it as `user.id`, and so do requests to other processes. An empty or absent id changes
    /// nothing. The call has no effect once the session has ended. If the program has an OpenTelemetry provider of
    /// its own, that provider's other exporters see the values from the start of each span.
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

    /// Sets metadata, replacing an earlier value of the same key. It is recorded as `agentops.metadata.key` on the
    /// root, and in `metadata` on every span that ends from now on. A value whose key looks like a credential is
    /// redacted.
    pub fn set_metadata(&self, key: impl Into<String>, value: impl FieldValue) -> &Self {
        if let Some(value) = field_value(&value) {
            let key = key.into();
            let redacts = self.state.rules().redact_credentials;
            let value = if redacts { redacted(&key, value) } else { value };
            self.change(|details| details.set_metadata(key, value));
        }
        self
    }

    /// Adds a tag to the root and to every span that ends from now on, unless it is there already.
    pub fn add_tag(&self, tag: impl Into<String>) -> &Self {
        let tag = tag.into();
        self.change(|details| details.add_tag(tag));
        self
    }

    fn change(&self, change: impl FnOnce(&mut Details) -> bool) {
        if !self.state.change_details(change) {
            self.state.warn_of_dropped_details();
        }
    }

    /// Adds a cost in US dollars that belongs to no span. It counts in the session's totals, budget and root.
    /// Negative, infinite and NaN values add nothing. The call has no effect once the session has ended.
    ///
    /// See [`CurrentSpan::set_cost`](crate::CurrentSpan::set_cost) for the cost of one call.
    pub fn add_cost(&self, usd: f64) -> &Self {
        if let Some(usd) = valid_cost(usd).filter(|_| self.is_open()) {
            self.state.add_other_cost(usd);
            report_exceeded_budget(&self.state);
        }
        self
    }

    /// Returns `true` if the session has not ended. It stays open after its function has returned while calls,
    /// streams or tasks of it still run.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.state.has_ended()
    }

    /// Returns the time since the session started.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.state.started().elapsed()
    }

    /// Returns the totals of the spans that have ended so far.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.state.totals()
    }

    /// Returns the totals of the spans that ended after the session. They are not part of
    /// [`totals`](Self::totals).
    #[must_use]
    pub fn late_totals(&self) -> Totals {
        self.state.late_totals()
    }

    /// Returns the session's budget and its usage.
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
        self.state.check_budget()
    }
}
