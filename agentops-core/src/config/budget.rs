//! Limits of a session, to stop runaway loops.

use std::{fmt, sync::Arc, time::Duration};

use opentelemetry::KeyValue;

use crate::{
    attribute::saturating_i64, error::debug_as_display, process::presentable::name, record::semconv,
};

/// Limits of a session. A limit is exceeded when usage is greater than it; equal is still within the budget.
///
/// Tokens and costs are those of ended spans. A session that is not recorded (not sampled, or tracing is off)
/// therefore uses none, and no limit stops it.
///
/// ```
/// use std::time::Duration;
///
/// use agentops::{Budget, BudgetPolicy};
///
/// let budget = Budget::new().tokens(50_000).usd(1.0).duration(Duration::from_secs(600));
/// assert_eq!(budget.policy(BudgetPolicy::Cancel).clone(), budget.policy(BudgetPolicy::Cancel));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Budget {
    tokens: Option<u64>,
    usd: Option<f64>,
    duration: Option<Duration>,
    policy: BudgetPolicy,
}

/// Action when a limit is exceeded, in addition to the event, the callback and the warning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BudgetPolicy {
    /// No action; the program decides, by [`SessionRef::budget`](crate::SessionRef::budget) or the callback.
    #[default]
    Report,
    /// Cancels the session. Its future is dropped at its next `.await`, and the session returns a
    /// [`BudgetExceeded`]. Tasks of [`agentops::spawn`](crate::spawn) in the session are aborted at their next
    /// `.await`. Streams that its function has returned or left running, annotated ones and those of
    /// [`in_current_session`](crate::SessionExt::in_current_session), end early, without an item that reports it.
    /// A session that continues in a stream fails if the stream ends early.
    Cancel,
}

impl Budget {
    /// Creates a budget without limits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Limits the tokens of all model calls, input and output together.
    #[must_use]
    pub fn tokens(self, tokens: u64) -> Self {
        Self { tokens: Some(tokens), ..self }
    }

    /// Limits the cost, in US dollars. NaN and negative values are treated as zero.
    ///
    /// A call counts only if its price is known: from the bundled table (feature `cost`), from
    /// [`TracingConfigBuilder::prices`](crate::TracingConfigBuilder::prices), or because it records
    /// `agentops.usage.cost_usd` itself. The first call without a price in a session with this limit logs a
    /// warning, once per process for each cause, and
    /// [`BudgetStatus::is_cost_complete`](crate::BudgetStatus::is_cost_complete) is `false` from then on. An
    /// additional limit of [`tokens`](Self::tokens) needs no prices.
    #[must_use]
    pub fn usd(self, usd: f64) -> Self {
        Self { usd: Some(usd.max(0.0)), ..self }
    }

    /// Limits the time since the session's start.
    #[must_use]
    pub fn duration(self, duration: Duration) -> Self {
        Self { duration: Some(duration), ..self }
    }

    /// Sets the action when a limit is exceeded (default [`BudgetPolicy::Report`]).
    #[must_use]
    pub fn policy(self, policy: BudgetPolicy) -> Self {
        Self { policy, ..self }
    }

    pub(crate) fn has_limits(&self) -> bool {
        self.tokens.is_some() || self.usd.is_some() || self.duration.is_some()
    }

    pub(crate) fn limits_cost(&self) -> bool {
        self.usd.is_some()
    }

    pub(crate) fn limits_time(&self) -> Option<Duration> {
        self.duration
    }

    pub(crate) fn cancels(&self) -> bool {
        self.policy == BudgetPolicy::Cancel
    }

    /// Returns the first limit that is exceeded.
    fn passed(&self, used: &Used) -> Option<Limit> {
        if self.tokens.is_some_and(|limit| used.tokens > limit) {
            Some(Limit::Tokens)
        } else if self.usd.is_some_and(|limit| used.usd > limit) {
            Some(Limit::Usd)
        } else if self.duration.is_some_and(|limit| used.time > limit) {
            Some(Limit::Duration)
        } else {
            None
        }
    }

    /// Returns the error for an exceeded limit, if any.
    pub(crate) fn exceeded(&self, used: &Used, session: &str, id: &str) -> Option<BudgetExceeded> {
        let limit = self.passed(used)?;
        let (used, allowed) = self.figures(limit, used);
        Some(BudgetExceeded {
            session: session.to_owned(),
            id: id.to_owned(),
            limit,
            used,
            allowed,
        })
    }

    /// Returns the limits as attributes of the session's root.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = KeyValue> + use<> {
        let tokens = self.tokens.map(saturating_i64);
        let seconds = self.duration.map(|limit| limit.as_secs_f64());
        [
            tokens.map(|limit| KeyValue::new(semconv::BUDGET_TOKENS, limit)),
            self.usd.map(|limit| KeyValue::new(semconv::BUDGET_USD, limit)),
            seconds.map(|limit| KeyValue::new(semconv::BUDGET_SECONDS, limit)),
        ]
        .into_iter()
        .flatten()
    }

    /// Formats the usage of a limit, and the limit itself.
    fn figures(&self, limit: Limit, used: &Used) -> (String, String) {
        match limit {
            Limit::Tokens => {
                (format!("{} tokens", used.tokens), self.tokens.unwrap_or_default().to_string())
            }
            Limit::Usd => {
                (format!("{} US dollars", used.usd), self.usd.unwrap_or_default().to_string())
            }
            Limit::Duration => {
                let allowed = self.duration.unwrap_or_default().as_secs_f64();
                (format!("{:.1} seconds", used.time.as_secs_f64()), allowed.to_string())
            }
        }
    }
}

/// Usage of a session, as compared with its budget.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Used {
    pub(crate) tokens: u64,
    pub(crate) usd: f64,
    pub(crate) time: Duration,
}

/// Callback for exceeded limits.
#[derive(Clone)]
pub(crate) struct BudgetCallback(pub(crate) Arc<dyn Fn(&BudgetExceeded) + Send + Sync>);

impl fmt::Debug for BudgetCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BudgetCallback")
    }
}

/// One of the limits of a [`Budget`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// Tokens of all model calls.
    Tokens,
    /// Cost in US dollars.
    Usd,
    /// Time since the session's start.
    Duration,
}

impl Limit {
    /// Returns its name in `agentops.session.budget.limit`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tokens => "tokens",
            Self::Usd => "usd",
            Self::Duration => "seconds",
        }
    }
}

/// Error of a session that has exceeded a limit of its budget.
#[derive(Clone, PartialEq, Eq)]
pub struct BudgetExceeded {
    session: String,
    id: String,
    limit: Limit,
    used: String,
    allowed: String,
}

impl BudgetExceeded {
    /// Returns the exceeded limit.
    #[must_use]
    pub const fn limit(&self) -> Limit {
        self.limit
    }

    /// Returns the name of the session.
    #[must_use]
    pub fn session(&self) -> &str {
        &self.session
    }

    /// Returns the id of the session.
    #[must_use]
    pub fn session_id(&self) -> &str {
        &self.id
    }
}

impl fmt::Display for BudgetExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { session, used, allowed, .. } = self;
        let session = name(session);
        write!(
            f,
            "session `{session}` has used {used} of {allowed}; raise its budget or end it earlier"
        )
    }
}

impl std::error::Error for BudgetExceeded {}

debug_as_display!(BudgetExceeded);
