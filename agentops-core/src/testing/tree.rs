//! Formats traces as indented text.

use std::fmt::Write;

use opentelemetry::{
    TraceId,
    trace::{SpanId, Status},
};
use opentelemetry_sdk::trace::SpanData;

use super::call::text;
use crate::{attribute::find, record::semconv};

/// Formats spans as indented text: kind, name and error (or `cancelled`) of each, below its parent, in the given
/// order and without ids and times. A span whose parent is not in the list is marked `(parent missing)`.
#[must_use]
pub fn tree_of(spans: &[SpanData]) -> String {
    let mut traces: Vec<TraceId> = Vec::new();
    for span in spans {
        let trace = span.span_context.trace_id();
        if !traces.contains(&trace) {
            traces.push(trace);
        }
    }
    let mut tree = Tree { spans, traces, text: String::new() };
    for span in spans {
        if span.parent_span_id == SpanId::INVALID {
            tree.draw(span, 0);
        } else if !spans.iter().any(|other| other.span_context.span_id() == span.parent_span_id) {
            tree.text.push_str("(parent missing) ");
            tree.draw(span, 0);
        }
    }
    tree.text
}

struct Tree<'a> {
    spans: &'a [SpanData],
    /// Traces in order of their number.
    traces: Vec<TraceId>,
    text: String,
}

impl Tree<'_> {
    fn draw(&mut self, span: &SpanData, depth: usize) {
        let kind = text(span, semconv::SPAN_KIND).unwrap_or_else(|| "?".to_owned());
        let name = text(span, semconv::OPERATION_NAME).unwrap_or_else(|| span.name.to_string());
        let error = match &span.status {
            Status::Error { description } => format!(" error={description:?}"),
            _ if find(&span.attributes, semconv::CANCELLED).is_some() => " cancelled".to_owned(),
            Status::Unset | Status::Ok => String::new(),
        };
        let started_in = self.started_in(span);
        let _ = writeln!(self.text, "{}{kind} {name}{started_in}{error}", "  ".repeat(depth));
        let id = span.span_context.span_id();
        for child in self.spans.iter().filter(|child| child.parent_span_id == id) {
            self.draw(child, depth + 1);
        }
    }

    /// Returns a note with the number of the trace that a session is linked to, if that trace is in the list.
    fn started_in(&self, span: &SpanData) -> String {
        let linked = span.links.iter().find_map(|link| {
            let trace = link.span_context.trace_id();
            self.traces.iter().position(|known| *known == trace)
        });
        linked.map(|place| format!(" (in #{})", place + 1)).unwrap_or_default()
    }
}
