//! Spans as they stand in the lines of a session's file.

use std::io;

use opentelemetry::trace::SpanId;
use opentelemetry_proto::tonic::{
    common::v1::any_value::Value,
    trace::v1::{Span, SpanFlags, TracesData},
};

use super::{file::SessionFile, lines::LineError};
use crate::record::{SpanKind, semconv::SPAN_KIND};

/// Passes over a file, span by span.
pub(super) fn for_each_span(file: &SessionFile, mut look: impl FnMut(&Span)) -> io::Result<()> {
    let mut lines = file.lines()?;
    while let Some(line) = lines.next_line(|it| look(&it.span)) {
        // What else is wrong with a line: it is nobody's span.
        if let Err(LineError::Unreadable(error)) = line {
            return Err(error);
        }
    }
    Ok(())
}

/// The spans of a line.
pub(super) fn spans_of(line: &mut TracesData) -> impl Iterator<Item = &mut Span> {
    let scopes = line.resource_spans.iter_mut().flat_map(|resource| &mut resource.scope_spans);
    scopes.flat_map(|scope| &mut scope.spans)
}

/// The only span of a line that ends one.
pub(super) fn first_of(line: &TracesData) -> Option<&Span> {
    line.resource_spans.first()?.scope_spans.first()?.spans.first()
}

pub(super) fn id(bytes: &[u8]) -> Option<SpanId> {
    bytes.try_into().ok().map(SpanId::from_bytes)
}

/// An attribute that is a text.
pub(super) fn text<'a>(span: &'a Span, key: &str) -> Option<&'a str> {
    let found = span.attributes.iter().find(|it| it.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text),
        _ => None,
    }
}

/// True for a session, be it one that goes on here from another process.
pub(super) fn is_session(span: &Span) -> bool {
    text(span, SPAN_KIND) == Some(SpanKind::Session.as_str())
}

/// True if a span's parent is in another process.
pub(super) fn is_remote(span: &Span) -> bool {
    span.flags & SpanFlags::ContextIsRemoteMask as u32 != 0
}
