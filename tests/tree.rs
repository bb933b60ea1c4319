//! A trace as indented text: kind, name, error; no ids, no times.

use agentops::{
    opentelemetry::trace::{SpanId, Status},
    opentelemetry_sdk::trace::SpanData,
};

use crate::{attribute, name};

/// The trace below its root; spans whose parent is missing say so.
pub fn of(spans: &[SpanData]) -> String {
    let known = |id: SpanId| spans.iter().any(|span| span.span_context.span_id() == id);
    let mut text = String::new();
    for span in spans {
        if span.parent_span_id == SpanId::INVALID {
            draw(spans, span, 0, &mut text);
        } else if !known(span.parent_span_id) {
            text.push_str("(parent missing) ");
            draw(spans, span, 0, &mut text);
        }
    }
    text
}

fn draw(spans: &[SpanData], span: &SpanData, depth: usize, text: &mut String) {
    let kind = attribute(span, "agentops.span.kind").unwrap_or_else(|| "?".into());
    let error = match &span.status {
        Status::Error { description } => format!(" error={description:?}"),
        _ => String::new(),
    };
    text.push_str(&format!("{}{kind} {}{error}\n", "  ".repeat(depth), name(span)));
    for child in spans.iter().filter(|child| child.parent_span_id == span.span_context.span_id()) {
        draw(spans, child, depth + 1, text);
    }
}
