//! Totals of a session's spans.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use opentelemetry::{KeyValue, SpanId, Value};
use opentelemetry_sdk::trace::SpanData;

use super::{
    error_count::ErrorCount,
    model_totals::{ModelTotals, Models, rounded},
};
use crate::{
    attribute::{find_last, saturating_i64},
    llm::Usage,
    record::{RecordedKind, SpanKind, semconv as key},
};

/// Running totals of a session, updated from any thread.
#[derive(Debug, Default)]
pub(crate) struct RunningTotals {
    calls: [AtomicU64; RecordedKind::ALL.len()],
    errors: ErrorCount,
    /// Cost of tools and everything else but models, in billionths of a US dollar.
    cost: AtomicU64,
    /// Cost of the session's own span, in billionths of a US dollar.
    own_cost: AtomicU64,
    /// Set once anything but a model has a cost, even 0.
    has_cost: AtomicBool,
    models: Models,
}

const NANOS: f64 = 1e9;

impl RunningTotals {
    /// Creates empty totals for the spans below a session's own span.
    pub(crate) fn below(root: SpanId) -> Self {
        let counts = Self::default();
        counts.errors.set_root(root);
        counts
    }

    /// Adds one ended span. Tokens are counted on model calls only, not on the spans above them.
    #[inline(always)]
    pub(crate) fn add(&self, kind: RecordedKind, span: &SpanData) {
        self.calls[kind.index()].fetch_add(1, Ordering::Relaxed);
        self.errors.record_end(span.span_context.span_id(), span);
        if !matches!(kind, RecordedKind::Llm | RecordedKind::Tool) {
            return;
        }
        let usd = find_last(&span.attributes, key::COST_USD).and_then(dollars);
        if kind == RecordedKind::Llm {
            self.models.add_call(span, usd);
        } else if let Some(usd) = usd {
            self.add_other_cost(usd);
        }
    }

    /// Returns the error count.
    pub(super) fn errors(&self) -> &ErrorCount {
        &self.errors
    }

    /// Adds a cost in US dollars that belongs to no model.
    pub(super) fn add_other_cost(&self, usd: f64) {
        self.cost.fetch_add(nanos(usd), Ordering::Relaxed);
        self.has_cost.store(true, Ordering::Relaxed);
    }

    pub(super) fn set_own_cost(&self, usd: f64) {
        self.own_cost.store(nanos(usd), Ordering::Relaxed);
        self.has_cost.store(true, Ordering::Relaxed);
    }

    /// Adds the tokens of a model call that was counted before they were known.
    pub(super) fn add_tokens(&self, span: &SpanData, knew_model: bool) {
        self.models.add_tokens(span, knew_model);
    }

    /// Adds the cost of a model call that was counted before it was known.
    pub(super) fn add_cost(&self, span: &SpanData, usd: f64) {
        self.models.add_cost(span, usd);
    }

    pub(crate) fn totals(&self) -> Totals {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (models, mut whole) = self.models.all();
        // `f64` holds billionths of a dollar exactly up to millions of dollars.
        #[expect(clippy::cast_precision_loss, reason = "nobody spends that much")]
        let others = self
            .has_cost
            .load(Ordering::Relaxed)
            .then(|| load(&self.cost).saturating_add(load(&self.own_cost)) as f64 / NANOS);
        let costs = [whole.cost_usd, others];
        whole.cost_usd = costs.into_iter().flatten().reduce(|sum, usd| sum + usd).map(rounded);
        let (calls, errors) = (self.calls.each_ref().map(load), self.errors.count());
        Totals { calls, errors, unpriced: self.models.unpriced(), whole, models }
    }
}

/// Returns an amount of money; `None` if it is negative, infinite or NaN.
pub(crate) fn valid_cost(usd: f64) -> Option<f64> {
    (usd.is_finite() && usd >= 0.0).then_some(usd)
}

fn dollars(cost: &Value) -> Option<f64> {
    let usd = match cost {
        Value::F64(usd) => *usd,
        #[expect(clippy::cast_precision_loss, reason = "nobody spends that much")]
        Value::I64(usd) => *usd as f64,
        _ => return None,
    };
    valid_cost(usd)
}

/// Converts US dollars to billionths of a dollar.
// A value beyond the range of the integer saturates.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, as it should; it is not negative"
)]
fn nanos(usd: f64) -> u64 {
    (usd * NANOS) as u64
}

/// Totals of a session's ended spans. The session's own span is not counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Totals {
    calls: [u64; RecordedKind::ALL.len()],
    errors: u64,
    unpriced: u64,
    /// Totals of all models together, plus the cost of tools.
    whole: ModelTotals,
    models: Vec<ModelTotals>,
}

impl Totals {
    /// Returns the number of ended calls of this kind. All custom kinds count together.
    #[must_use]
    pub fn calls(&self, kind: SpanKind) -> u64 {
        self.calls[kind.without_name().index()]
    }

    /// Returns the number of failures. An error that is passed up through its callers counts once, though each of
    /// their spans fails.
    ///
    /// A failed span counts if none of its direct children has failed. If one has, the span counts only if its
    /// error is clearly a different one: a child that started after the failure has succeeded, and the span's
    /// message does not contain the message of a failed child. So each attempt counts, and so does each failure
    /// that the program recovered from. The session's own span never counts.
    #[must_use]
    pub const fn errors(&self) -> u64 {
        self.errors
    }

    /// Returns the tokens of all model calls; a count that no call has is unknown. The tokens of the budget are its
    /// [total](Usage::total).
    #[must_use]
    pub const fn usage(&self) -> Usage {
        self.whole.usage
    }

    /// Returns the known cost of model calls, tools and all other spans in US dollars; `None` if no price is
    /// known.
    #[must_use]
    pub const fn cost_usd(&self) -> Option<f64> {
        self.whole.cost_usd
    }

    /// Returns the number of model calls that used tokens but have no known price, and so are missing from
    /// [`cost_usd`](Self::cost_usd). A call counts here until its price is found.
    #[must_use]
    pub const fn unpriced_calls(&self) -> u64 {
        self.unpriced
    }

    /// Returns the models in the order of their first calls.
    #[must_use]
    pub fn models(&self) -> &[ModelTotals] {
        &self.models
    }

    /// Returns the attributes of the root: calls by kind, errors, and usage if there was any.
    pub(crate) fn attributes(&self) -> Vec<KeyValue> {
        let calls = RecordedKind::ALL.into_iter().zip(self.calls).filter(|(_, calls)| *calls > 0);
        let calls = calls.map(|(kind, calls)| {
            let key = format!("{}{}", key::SESSION_CALLS_PREFIX, kind.as_str());
            KeyValue::new(key, saturating_i64(calls))
        });
        let errors = KeyValue::new(key::SESSION_ERRORS, saturating_i64(self.errors));
        let usage = self.usage();
        let tokens = [
            (key::SESSION_INPUT_TOKENS, usage.input),
            (key::SESSION_OUTPUT_TOKENS, usage.output),
            (key::SESSION_CACHED_TOKENS, usage.cached),
            (key::SESSION_CACHE_WRITE_TOKENS, usage.cache_write),
            (key::SESSION_REASONING_TOKENS, usage.reasoning),
        ];
        let tokens = tokens.into_iter().filter_map(|(key, tokens)| Some((key, tokens?)));
        let tokens = tokens.filter(|(_, tokens)| *tokens > 0);
        let tokens = tokens.map(|(key, tokens)| KeyValue::new(key, saturating_i64(tokens)));
        calls.chain([errors]).chain(tokens).chain(self.costs()).collect()
    }

    /// Returns the attributes of the root that may still change while the export adds prices to the last calls.
    pub(crate) fn costs(&self) -> Vec<KeyValue> {
        let cost = self.cost_usd().map(|usd| KeyValue::new(key::SESSION_COST, usd));
        let models = (!self.models.is_empty())
            .then(|| serde_json::to_string(&self.models).ok())
            .flatten()
            .map(|models| KeyValue::new(key::SESSION_MODELS, models));
        cost.into_iter().chain(models).collect()
    }
}
