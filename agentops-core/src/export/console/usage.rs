//! Model, tokens and cost of a call, or of several.

use std::fmt;

use opentelemetry::{KeyValue, Value};

use super::span_texts::text;
use crate::{attribute::find, record::semconv};

/// Known values of a call, of all calls of a session, or of a run of equal calls.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Usage {
    pub(super) model: Option<String>,
    input: Option<i64>,
    output: Option<i64>,
    cost: Option<f64>,
}

impl Usage {
    pub(super) fn of(attributes: &[KeyValue]) -> Self {
        let first = |keys: [&str; 2]| keys.iter().find_map(|key| find(attributes, key));
        let tokens = |keys| first(keys).and_then(|value| value.as_str().parse().ok());
        let models = [semconv::REQUEST_MODEL, semconv::RESPONSE_MODEL];
        Self {
            model: models.iter().find_map(|key| text(attributes, key)),
            input: tokens([semconv::INPUT_TOKENS, semconv::SESSION_INPUT_TOKENS]),
            output: tokens([semconv::OUTPUT_TOKENS, semconv::SESSION_OUTPUT_TOKENS]),
            cost: match first([semconv::COST_USD, semconv::SESSION_COST]) {
                Some(Value::F64(usd)) => Some(*usd),
                _ => None,
            },
        }
    }

    /// Adds tokens and cost of a call with the same model.
    pub(super) fn add(&mut self, other: &Self) {
        self.input = sum(self.input, other.input, i64::saturating_add);
        self.output = sum(self.output, other.output, i64::saturating_add);
        self.cost = sum(self.cost, other.cost, |one, two| one + two);
    }
}

/// Returns the sum of what is known.
fn sum<T>(one: Option<T>, two: Option<T>, add: impl FnOnce(T, T) -> T) -> Option<T> {
    match (one, two) {
        (Some(one), Some(two)) => Some(add(one, two)),
        (one, two) => one.or(two),
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |tokens: Option<i64>| {
            tokens.map_or_else(|| "?".to_owned(), |tokens| tokens.to_string())
        };
        let (input, output) = (self.input, self.output);
        let tokens = (input.is_some() || output.is_some())
            .then(|| format!("{} → {} tokens", count(input), count(output)));
        let known = [self.model.clone(), tokens, self.cost.map(dollars)];
        f.write_str(&known.into_iter().flatten().collect::<Vec<_>>().join("  "))
    }
}

/// Formats a cost with at least two significant digits, however small it is.
fn dollars(usd: f64) -> String {
    let mut digits = 2;
    while digits < 9 && usd > 0.0 && usd * 10_f64.powi(digits) < 10.0 {
        digits += 1;
    }
    format!("${usd:.*}", usize::try_from(digits).unwrap_or(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detail_prefers_request_model_over_response_model() {
        let detail = |attributes: &[KeyValue]| Usage::of(attributes).to_string();
        let asked = KeyValue::new(semconv::REQUEST_MODEL, "gpt-5");
        let answered = KeyValue::new(semconv::RESPONSE_MODEL, "gpt-5-2026");
        let tokens = KeyValue::new(semconv::OUTPUT_TOKENS, 3);
        assert_eq!(detail(&[answered.clone(), asked]), "gpt-5");
        assert_eq!(detail(&[answered, tokens]), "gpt-5-2026  ? → 3 tokens");
        assert_eq!(detail(&[]), "");
    }

    #[test]
    fn run_sums_what_is_known() {
        let usage = |attributes: &[KeyValue]| Usage::of(attributes);
        let [input, output] = [semconv::INPUT_TOKENS, semconv::OUTPUT_TOKENS];
        let cost = |usd: f64| KeyValue::new(semconv::COST_USD, usd);
        let mut all = usage(&[KeyValue::new(input, 12), cost(0.25)]);
        all.add(&usage(&[KeyValue::new(input, 30), KeyValue::new(output, 3), cost(0.5)]));
        all.add(&usage(&[]));
        assert_eq!(all.to_string(), "42 → 3 tokens  $0.75");
    }

    #[test]
    fn dollars_show_small_costs_without_rounding_to_zero() {
        let shown = [0.0, 12.5, 0.4, 0.001_84, 0.000_000_25].map(dollars);
        assert_eq!(shown, ["$0.00", "$12.50", "$0.40", "$0.0018", "$0.00000025"]);
    }
}
