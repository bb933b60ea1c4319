//! Spans in the lines of a session's file.

use std::io;

use opentelemetry::trace::SpanId;
use opentelemetry_proto::tonic::{
    common::v1::any_value::Value,
    trace::v1::{Span, SpanFlags, TracesData},
};

use super::{json_lines::LineError, session_file::SessionFile};
use crate::record::{RecordedKind, semconv::SPAN_KIND};

/// Calls `look` with each span of a file.
pub(super) fn for_each_span(file: &SessionFile, mut look: impl FnMut(&Span)) -> io::Result<()> {
    let mut lines = file.lines()?;
    while let Some(line) = lines.next_line(|line| look(&line.span)) {
        // Any other error means that the line has no valid spans, so it is skipped.
        if let Err(LineError::Unreadable(error)) = line {
            return Err(error);
        }
    }
    Ok(())
}

/// Returns the spans of a line.
pub(super) fn spans_of(line: &mut TracesData) -> impl Iterator<Item = &mut Span> {
    let scopes = line.resource_spans.iter_mut().flat_map(|resource| &mut resource.scope_spans);
    scopes.flat_map(|scope| &mut scope.spans)
}

/// Returns the first span of a line; a line that ends a span has no other.
pub(super) fn first_of(line: &TracesData) -> Option<&Span> {
    line.resource_spans.first()?.scope_spans.first()?.spans.first()
}

pub(super) fn id(bytes: &[u8]) -> Option<SpanId> {
    bytes.try_into().ok().map(SpanId::from_bytes)
}

/// Returns the value of a string attribute.
pub(super) fn text<'a>(span: &'a Span, key: &str) -> Option<&'a str> {
    let found = span.attributes.iter().find(|attribute| attribute.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text),
        _ => None,
    }
}

/// Returns `true` if a span is a session, including one continued from another process.
pub(super) fn is_session(span: &Span) -> bool {
    text(span, SPAN_KIND).map(RecordedKind::from_attribute) == Some(RecordedKind::Session)
}

/// Returns `true` if a span's parent is in another process.
pub(super) fn is_remote(span: &Span) -> bool {
    span.flags & SpanFlags::ContextIsRemoteMask as u32 != 0
}

/// Returns `true` if a span is the last of its session in its process.
pub(super) fn ends_session(span: &Span) -> bool {
    span.parent_span_id.is_empty() || is_remote(span)
}
