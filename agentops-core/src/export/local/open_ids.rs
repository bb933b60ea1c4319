//! Ids of open spans, as in the names of their records below the folder of sessions.

use std::path::{Path, PathBuf};

use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_sdk::trace::SpanData;

use super::written_spans::id;
use crate::disk::journal::names_in;

/// Name of the folder with the slots, below that of the sessions.
const OPEN: &str = ".open";

/// Id of a span with its trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Id(pub(super) TraceId, pub(super) SpanId);

impl Id {
    pub(super) fn of(span: &SpanData) -> Self {
        Self(span.span_context.trace_id(), span.span_context.span_id())
    }

    /// Returns the id of a span in a line; ids of another length are invalid.
    pub(super) fn of_written(span: &Span) -> Self {
        let trace = span.trace_id.as_slice().try_into().map(TraceId::from_bytes);
        Self(trace.unwrap_or(TraceId::INVALID), id(&span.span_id).unwrap_or(SpanId::INVALID))
    }

    pub(super) fn name(self) -> String {
        format!("{}-{}", self.0, self.1)
    }

    /// Parses the name of an id.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let (trace, span) = name.split_once('-').filter(|_| name.len() == 32 + 1 + 16)?;
        Some(Self(TraceId::from_hex(trace).ok()?, SpanId::from_hex(span).ok()?))
    }
}

/// Returns the folder with the slots.
pub(super) fn places_in(sessions: &Path) -> PathBuf {
    sessions.join(OPEN)
}

/// Returns the traces with open spans, of any process.
pub(super) fn open_in(sessions: &Path) -> impl Iterator<Item = TraceId> + use<> {
    names_in(&places_in(sessions)).filter_map(|name| Id::parse(&name)).map(|id| id.0)
}
