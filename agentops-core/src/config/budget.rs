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

    /// Returns the first limit that is exceeded, with the usage.
    fn excess(&self, used: &Used) -> Option<Excess> {
        let tokens = self.tokens.filter(|allowed| used.tokens > *allowed);
        let usd = self.usd.filter(|allowed| used.usd > *allowed);
        let time = self.duration.filter(|allowed| used.time > *allowed);
        let tokens = tokens.map(|allowed| Excess::Tokens { used: used.tokens, allowed });
        let usd = usd.map(|allowed| Excess::Usd { used: used.usd, allowed });
        let time = time.map(|allowed| Excess::Duration { used: used.time, allowed });
        tokens.or(usd).or(time)
    }

    /// Returns the error for an exceeded limit, if any.
    pub(crate) fn exceeded(&self, used: &Used, session: &str, id: &str) -> Option<BudgetExceeded> {
        let excess = self.excess(used)?;
        Some(BudgetExceeded { session: session.to_owned(), id: id.to_owned(), excess })
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

/// Usage beyond a limit of a [`Budget`], and the limit.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Excess {
    /// Tokens of all model calls.
    Tokens {
        /// Tokens that were used.
        used: u64,
        /// Tokens of the budget.
        allowed: u64,
    },
    /// Cost in US dollars.
    Usd {
        /// Cost of all calls.
        used: f64,
        /// Cost of the budget.
        allowed: f64,
    },
    /// Time since the session's start.
    Duration {
        /// Time that has passed.
        used: Duration,
        /// Time of the budget.
        allowed: Duration,
    },
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tokens { used, allowed } => write!(f, "{used} tokens of {allowed}"),
            Self::Usd { used, allowed } => write!(f, "{used} US dollars of {allowed}"),
            Self::Duration { used, allowed } => {
                write!(f, "{:.1} seconds of {}", used.as_secs_f64(), allowed.as_secs_f64())
            }
        }
    }
}

/// Error of a session that has exceeded a limit of its budget.
///
/// ```
/// use agentops::{BudgetExceeded, Excess};
///
/// fn overdraft(error: &BudgetExceeded) -> Option<f64> {
///     match error.excess() {
///         Excess::Usd { used, allowed } => Some(used - allowed),
///         _ => None,
///     }
/// }
/// ```
#[derive(Clone, PartialEq, thiserror::Error)]
#[error("session `{}` has used {excess}; raise its budget or end it earlier", name(session))]
pub struct BudgetExceeded {
    session: String,
    id: String,
    excess: Excess,
}

impl BudgetExceeded {
    /// Returns the exceeded limit.
    #[must_use]
    pub const fn limit(&self) -> Limit {
        match self.excess {
            Excess::Tokens { .. } => Limit::Tokens,
            Excess::Usd { .. } => Limit::Usd,
            Excess::Duration { .. } => Limit::Duration,
        }
    }

    /// Returns the usage and the limit as numbers.
    #[must_use]
    pub const fn excess(&self) -> Excess {
        self.excess
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

debug_as_display!(BudgetExceeded);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budget_exceeded_has_numbers_and_says_them() {
        let budget = Budget::new().tokens(100).usd(0.5).duration(Duration::from_secs(2));
        let seconds = Duration::from_millis;
        let within = Used { tokens: 100, usd: 0.5, time: seconds(2_000) };
        assert_eq!(budget.exceeded(&within, "s", "id"), None);
        let (tokens, usd) = (Used { tokens: 111, ..within }, Used { usd: 0.75, ..within });
        let time = Used { time: seconds(2_345), ..within };
        let exceeded = [tokens, usd, time].map(|used| budget.exceeded(&used, "s", "id").unwrap());
        let found =
            exceeded.each_ref().map(|error| (error.limit(), error.excess(), error.to_string()));
        let told =
            |used: &str| format!("session `s` has used {used}; raise its budget or end it earlier");
        let time = Excess::Duration { used: seconds(2_345), allowed: seconds(2_000) };
        let expected = [
            (Limit::Tokens, Excess::Tokens { used: 111, allowed: 100 }, told("111 tokens of 100")),
            (Limit::Usd, Excess::Usd { used: 0.75, allowed: 0.5 }, told("0.75 US dollars of 0.5")),
            (Limit::Duration, time, told("2.3 seconds of 2")),
        ];
        assert_eq!(found, expected);
    }
}
