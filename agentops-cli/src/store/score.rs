//! Score of a session or of a span, as the event `gen_ai.evaluation.result` of OpenTelemetry has it.

use std::borrow::Cow;

use opentelemetry_proto::tonic::common::v1::any_value::Value;

use super::{
    faults::Faults,
    ids::SpanId,
    raw_span::{RawAttribute, RawSpan},
};

/// Name of the event.
pub(super) const EVENT: &str = "gen_ai.evaluation.result";
/// Keys of its attributes.
pub(super) const NAME: &str = "gen_ai.evaluation.name";
pub(super) const VALUE: &str = "gen_ai.evaluation.score.value";
pub(super) const LABEL: &str = "gen_ai.evaluation.score.label";
pub(super) const EXPLANATION: &str = "gen_ai.evaluation.explanation";
/// Key of the one who gave the score.
pub(super) const AUTHOR: &str = "user.id";

/// Score of a session, or of a span of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Score {
    /// Span; `None` for the session.
    pub(crate) span: Option<SpanId>,
    /// Name of what was judged, such as `correctness`.
    pub(crate) name: String,
    pub(crate) value: Option<f64>,
    pub(crate) label: Option<String>,
    pub(crate) explanation: Option<String>,
    /// The one who gave it, if that is known.
    pub(crate) author: Option<String>,
    /// Time at which it was given, in nanoseconds since 1970.
    pub(crate) time: u64,
}

/// Scores of a session, the oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct ScoreList {
    pub(crate) scores: Vec<Score>,
    pub(crate) faults: Faults,
}

impl Score {
    /// Calls `found` with each score that was recorded as an event of a span.
    pub(super) fn for_each_of_span(span: &RawSpan<'_>, id: SpanId, mut found: impl FnMut(Self)) {
        // Events may hold long texts, and scores are rare.
        if memchr::memmem::find(span.events().as_bytes(), EVENT.as_bytes()).is_none() {
            return;
        }
        span.for_each_event(|event| {
            if event.name == EVENT {
                let mut score = Self { span: Some(id), time: event.time(), ..Self::default() };
                event.for_each_attribute(|attribute| score.read(&attribute));
                found(score);
            }
        });
    }

    /// Reads an attribute of the event.
    pub(super) fn read(&mut self, attribute: &RawAttribute<'_>) {
        let text = || attribute.text().map(Cow::into_owned);
        match &*attribute.key {
            NAME => self.name = text().unwrap_or_default(),
            VALUE => self.value = number(attribute),
            LABEL => self.label = text(),
            EXPLANATION => self.explanation = text(),
            AUTHOR => self.author = text(),
            _ => {}
        }
    }
}

/// Returns a finite number, which may be negative.
#[expect(clippy::cast_precision_loss, reason = "a score has fewer digits")]
fn number(attribute: &RawAttribute<'_>) -> Option<f64> {
    let number = match attribute.any_value()?.value? {
        Value::DoubleValue(number) => number,
        Value::IntValue(number) => number as f64,
        _ => return None,
    };
    Some(number).filter(|number| number.is_finite())
}

impl ScoreList {
    /// Adds the scores that were recorded as events of spans.
    pub(super) fn with_recorded(mut self, recorded: &[Score]) -> Self {
        self.scores.extend_from_slice(recorded);
        self.scores.sort_by_key(|score| score.time);
        self
    }
}
