//! What the spans of a session add up to.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use opentelemetry::{KeyValue, SpanId, Value};
use opentelemetry_sdk::trace::SpanData;

use super::{
    errors::Errors,
    models::{ModelTotals, Models, rounded},
};
use crate::{
    attribute::find_last,
    record::{SpanKind, semconv as key, slot},
};

/// The running totals of a session, written from any thread.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    calls: [AtomicU64; SpanKind::SLOTS],
    errors: Errors,
    /// What tools and other things than models cost, in billionths of a US dollar.
    cost: AtomicU64,
    /// What the session's own span costs, likewise.
    own_cost: AtomicU64,
    /// True once anything but a model said what it cost, be it nothing.
    has_cost: AtomicBool,
    models: Models,
}

const NANOS: f64 = 1e9;

impl Counts {
    /// Nothing yet, of what is below a session's own span.
    pub(crate) fn below(root: SpanId) -> Self {
        let counts = Self::default();
        counts.errors.set_root(root);
        counts
    }

    /// Adds one ended span; tokens count where the model was called, and nowhere above.
    #[inline(always)]
    pub(crate) fn add(&self, kind: usize, span: &SpanData) {
        self.calls[kind].fetch_add(1, Ordering::Relaxed);
        self.errors.ended(span.span_context.span_id(), span);
        if !matches!(kind, slot::LLM | slot::TOOL) {
            return;
        }
        let usd = find_last(&span.attributes, key::COST_USD).and_then(dollars);
        if kind == slot::LLM {
            self.models.add_call(span, usd);
        } else if let Some(usd) = usd {
            self.spend(usd);
        }
    }

    /// The failures.
    pub(super) fn errors(&self) -> &Errors {
        &self.errors
    }

    /// Adds a cost that is no model's.
    pub(super) fn spend(&self, usd: f64) {
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
        // Billionths of a dollar: exact up to millions of dollars.
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

/// An amount of money; what is less than nothing, or no number, is none.
pub(crate) fn amount(usd: f64) -> Option<f64> {
    (usd.is_finite() && usd >= 0.0).then_some(usd)
}

fn dollars(cost: &Value) -> Option<f64> {
    let usd = match cost {
        Value::F64(usd) => *usd,
        #[expect(clippy::cast_precision_loss, reason = "nobody spends that much")]
        Value::I64(usd) => *usd as f64,
        _ => return None,
    };
    amount(usd)
}

/// A cost in billionths of a US dollar.
// A float beyond the range of an integer becomes its end.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, as it should; it is not negative"
)]
fn nanos(usd: f64) -> u64 {
    (usd * NANOS) as u64
}

/// The sums of the ended spans of a session, the session's own span not counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Totals {
    calls: [u64; SpanKind::SLOTS],
    errors: u64,
    unpriced: u64,
    /// Of all models together, with what tools cost.
    whole: ModelTotals,
    models: Vec<ModelTotals>,
}

impl Totals {
    /// The number of ended calls of this kind; all custom kinds count together.
    #[must_use]
    pub fn calls(&self, kind: SpanKind) -> u64 {
        let slot = match kind {
            SpanKind::Custom(_) => slot::CUSTOM,
            kind => SpanKind::slot(kind.as_str()),
        };
        self.calls[slot]
    }

    /// The number of failures. An error that travels up through its callers counts once, though each of their
    /// spans fails.
    ///
    /// A failed span counts if none of its direct children has failed. If one has, the span counts only where
    /// its error is plainly another one: a child that started after the failure has succeeded, and the span's
    /// message does not hold the message of a failed child. So each attempt counts, and each failure that the
    /// program recovered from. The session's own span never counts.
    #[must_use]
    pub const fn errors(&self) -> u64 {
        self.errors
    }

    /// The tokens that went into model calls, those of the cache included.
    #[must_use]
    pub const fn input_tokens(&self) -> u64 {
        self.whole.input_tokens
    }

    /// The tokens that came out of model calls, those of reasoning included.
    #[must_use]
    pub const fn output_tokens(&self) -> u64 {
        self.whole.output_tokens
    }

    /// Of the tokens that went in, those that were read from providers' caches.
    #[must_use]
    pub const fn cached_tokens(&self) -> u64 {
        self.whole.cached_tokens
    }

    /// Of the tokens that went in, those that were written to providers' caches.
    #[must_use]
    pub const fn cache_write_tokens(&self) -> u64 {
        self.whole.cache_write_tokens
    }

    /// Of the tokens that came out, those that went into reasoning.
    #[must_use]
    pub const fn reasoning_tokens(&self) -> u64 {
        self.whole.reasoning_tokens
    }

    /// All tokens of model calls.
    #[must_use]
    pub const fn tokens(&self) -> u64 {
        self.whole.input_tokens.saturating_add(self.whole.output_tokens)
    }

    /// The cost of tools, model calls and what else has one, in US dollars, as far as that is known;
    /// `None` if nothing has a known price.
    #[must_use]
    pub const fn cost_usd(&self) -> Option<f64> {
        self.whole.cost_usd
    }

    /// The number of model calls that used tokens and have no known price, so that [`cost_usd`](Self::cost_usd)
    /// lacks them. A call counts here until its price is found.
    #[must_use]
    pub const fn unpriced_calls(&self) -> u64 {
        self.unpriced
    }

    /// The models, in the order in which they were first called.
    #[must_use]
    pub fn models(&self) -> &[ModelTotals] {
        &self.models
    }

    /// The attributes of the root: the kinds that were called, errors, and what was used if anything was.
    pub(crate) fn attributes(&self) -> Vec<KeyValue> {
        let calls = self.calls.iter().enumerate().filter(|(_, calls)| **calls > 0);
        let calls = calls.map(|(slot, calls)| {
            let key = format!("{}{}", key::SESSION_CALLS_PREFIX, SpanKind::slot_name(slot));
            KeyValue::new(key, integer(*calls))
        });
        let errors = KeyValue::new(key::SESSION_ERRORS, integer(self.errors));
        let tokens = [
            (key::SESSION_INPUT_TOKENS, self.input_tokens()),
            (key::SESSION_OUTPUT_TOKENS, self.output_tokens()),
            (key::SESSION_CACHED_TOKENS, self.cached_tokens()),
            (key::SESSION_CACHE_WRITE_TOKENS, self.cache_write_tokens()),
            (key::SESSION_REASONING_TOKENS, self.reasoning_tokens()),
        ];
        let tokens = tokens.into_iter().filter(|(_, tokens)| *tokens > 0);
        let tokens = tokens.map(|(key, tokens)| KeyValue::new(key, integer(tokens)));
        calls.chain([errors]).chain(tokens).chain(self.costs()).collect()
    }

    /// What of the root's attributes may still change when the delivery has priced the last calls.
    pub(crate) fn costs(&self) -> Vec<KeyValue> {
        let cost = self.cost_usd().map(|usd| KeyValue::new(key::SESSION_COST, usd));
        let models = (!self.models.is_empty())
            .then(|| serde_json::to_string(&self.models).ok())
            .flatten()
            .map(|models| KeyValue::new(key::SESSION_MODELS, models));
        cost.into_iter().chain(models).collect()
    }
}

fn integer(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
