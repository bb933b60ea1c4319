//! Destination of ended spans: the bridge's view of the delivery.

use std::{fmt::Debug, sync::Arc, time::Duration};

use opentelemetry_sdk::{Resource, trace::SpanData};

use crate::{record::RecordedKind, session::SessionState};

/// Span that has ended, or the copy of a live one that would be exported if the process died. The attributes of its
/// session are added on export.
#[derive(Debug)]
pub(crate) struct EndedSpan {
    pub(crate) kind: RecordedKind,
    pub(crate) span: Box<SpanData>,
    pub(crate) session: Arc<SessionState>,
}

/// Receiver of ended spans.
pub(crate) trait SpanSink: Debug + Send + Sync {
    /// Returns `true` if the sink wants spans that have started, too.
    fn wants_starts(&self) -> bool {
        false
    }
    /// Takes a copy of a span that has started: the root of a session, or a span with children.
    fn begin(&self, _started: EndedSpan) {}
    /// Takes a span that has ended.
    fn push(&self, ended: EndedSpan);
    /// Sets the resource of the process that the spans come from.
    fn set_resource(&self, resource: Resource);
    /// Waits, for at most `timeout`, until everything that was pushed is delivered. The error describes the rest.
    fn flush(&self, timeout: Duration) -> Result<(), String>;
}
