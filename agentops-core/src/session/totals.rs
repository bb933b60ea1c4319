//! What the spans of a session add up to.

use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::{KeyValue, Value, trace::Status};
use opentelemetry_sdk::trace::SpanData;

use crate::{attribute::find_last, kind::SpanKind, semconv as key};

/// The running totals of a session, written from any thread.
#[derive(Debug, Default)]
pub(super) struct Counts {
    calls: [AtomicU64; SpanKind::SLOTS],
    errors: AtomicU64,
    input_tokens: AtomicU64,
    output_tokens: AtomicU64,
    /// In billionths of a US dollar.
    cost: AtomicU64,
}

const NANOS: f64 = 1e9;

impl Counts {
    /// Adds one ended span; tokens count where the model was called, and nowhere above.
    pub(super) fn add(&self, kind: &str, span: &SpanData) {
        self.calls[SpanKind::slot(kind)].fetch_add(1, Ordering::Relaxed);
        if matches!(span.status, Status::Error { .. }) {
            self.errors.fetch_add(1, Ordering::Relaxed);
        }
        let is_model = kind == SpanKind::Llm.as_str();
        if is_model {
            self.add_tokens(span);
        }
        if is_model || kind == SpanKind::Tool.as_str() {
            add(&self.cost, find_last(&span.attributes, key::COST_USD).map_or(0, nanos));
        }
    }

    pub(super) fn add_tokens(&self, span: &SpanData) {
        let count = |key| find_last(&span.attributes, key).map_or(0, tokens);
        add(&self.input_tokens, count(key::INPUT_TOKENS));
        add(&self.output_tokens, count(key::OUTPUT_TOKENS));
    }

    pub(super) fn add_cost(&self, usd: f64) {
        add(&self.cost, nanos(&Value::F64(usd)));
    }

    pub(super) fn totals(&self) -> Totals {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        // Billionths of a dollar: exact up to millions of dollars.
        #[expect(clippy::cast_precision_loss, reason = "nobody spends that much")]
        let cost_usd = load(&self.cost) as f64 / NANOS;
        Totals {
            calls: self.calls.each_ref().map(load),
            errors: load(&self.errors),
            input_tokens: load(&self.input_tokens),
            output_tokens: load(&self.output_tokens),
            cost_usd,
        }
    }
}

fn tokens(count: &Value) -> i64 {
    match count {
        Value::I64(tokens) => *tokens,
        _ => 0,
    }
}

/// A cost in billionths of a US dollar.
fn nanos(cost: &Value) -> i64 {
    match cost {
        // A float beyond the range of an integer becomes its end, one that is no number zero.
        #[expect(clippy::cast_possible_truncation, reason = "saturates, as it should")]
        Value::F64(usd) => (*usd * NANOS) as i64,
        Value::I64(usd) => usd.saturating_mul(1_000_000_000),
        _ => 0,
    }
}

/// Less than nothing adds nothing.
fn add(counter: &AtomicU64, amount: i64) {
    counter.fetch_add(u64::try_from(amount).unwrap_or(0), Ordering::Relaxed);
}

/// What the ended spans of a session add up to, the session's own span not counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Totals {
    calls: [u64; SpanKind::SLOTS],
    errors: u64,
    input_tokens: u64,
    output_tokens: u64,
    cost_usd: f64,
}

impl Totals {
    /// How many calls of this kind have ended; all custom kinds count together.
    #[must_use]
    pub fn calls(&self, kind: SpanKind) -> u64 {
        let slot = match kind {
            SpanKind::Custom(_) => SpanKind::SLOTS - 1,
            kind => SpanKind::slot(kind.as_str()),
        };
        self.calls[slot]
    }

    /// How many of them ended in an error.
    #[must_use]
    pub const fn errors(&self) -> u64 {
        self.errors
    }

    /// The tokens that went into model calls.
    #[must_use]
    pub const fn input_tokens(&self) -> u64 {
        self.input_tokens
    }

    /// The tokens that came out of model calls.
    #[must_use]
    pub const fn output_tokens(&self) -> u64 {
        self.output_tokens
    }

    /// All tokens of model calls.
    #[must_use]
    pub const fn tokens(&self) -> u64 {
        self.input_tokens.saturating_add(self.output_tokens)
    }

    /// What tools and model calls said they cost, in US dollars.
    #[must_use]
    pub const fn cost_usd(&self) -> f64 {
        self.cost_usd
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
            (key::SESSION_INPUT_TOKENS, self.input_tokens),
            (key::SESSION_OUTPUT_TOKENS, self.output_tokens),
        ];
        let tokens = tokens.into_iter().filter(|(_, tokens)| *tokens > 0);
        let tokens = tokens.map(|(key, tokens)| KeyValue::new(key, integer(tokens)));
        let cost = (self.cost_usd > 0.0).then(|| KeyValue::new(key::SESSION_COST, self.cost_usd));
        calls.chain([errors]).chain(tokens).chain(cost).collect()
    }
}

fn integer(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
