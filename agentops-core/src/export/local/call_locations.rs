//! Source locations of the functions in a session, as attributes of spans in its file.
//!
//! In a session that a process starts, only the first span of a function that it writes has `code.file.path` and
//! `code.line.number`, besides spans that ended when it died; the location of any other span is that of a span with the
//! same `code.function.name`. No other export has them: they would be the same texts on each of many spans.

use std::collections::{HashMap, HashSet};

use opentelemetry::{KeyValue, TraceId, Value};
use opentelemetry_sdk::trace::SpanData;

use crate::{
    attribute::find,
    record::semconv::{CODE_FILE_PATH, CODE_FUNCTION_NAME, CODE_LINE_NUMBER},
    span::location_of,
};

/// Functions whose locations were written, for each session that is being written.
#[derive(Debug, Default)]
pub(super) struct CallLocations(HashMap<TraceId, HashSet<&'static str>>);

impl CallLocations {
    /// Adds the location of its function to a span, if it is the first one of that function in its session.
    pub(super) fn locate(&mut self, span: &mut SpanData) {
        let trace = span.span_context.trace_id();
        if let Some((function, location)) = location(span)
            && self.0.entry(trace).or_default().insert(function)
        {
            span.attributes.extend(location);
        }
    }

    /// Forgets a session that is no longer written, or whose spans could not be.
    pub(super) fn forget(&mut self, trace: TraceId) {
        self.0.remove(&trace);
    }
}

/// Adds the location of its function to a span.
pub(super) fn locate(span: &mut SpanData) {
    let location = location(span).map(|(_, location)| location);
    span.attributes.extend(location.into_iter().flatten());
}

/// Returns the function of a span, and its location as attributes.
fn location(span: &SpanData) -> Option<(&'static str, [KeyValue; 2])> {
    let Some(Value::String(function)) = find(&span.attributes, CODE_FUNCTION_NAME) else {
        return None;
    };
    let (function, (file, line)) = location_of(function.as_str())?;
    let line = KeyValue::new(CODE_LINE_NUMBER, i64::from(line));
    Some((function, [KeyValue::new(CODE_FILE_PATH, file), line]))
}
