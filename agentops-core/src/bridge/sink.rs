//! Destination of ended spans: the bridge's view of the delivery.

use std::{fmt::Debug, sync::Arc, time::Duration};

use opentelemetry_sdk::{Resource, trace::SpanData};

use crate::session::SessionState;

/// Receiver of ended spans and their sessions.
pub(crate) trait SpanSink: Debug + Send + Sync {
    /// Returns `true` if the sink wants spans that have started, too.
    fn wants_starts(&self) -> bool {
        false
    }
    /// Takes a span that has begun: the root of a session, or one with children.
    fn begin(&self, _span: SpanData, _session: Arc<SessionState>) {}
    /// Takes a span that has ended.
    fn push(&self, span: Box<SpanData>, session: Arc<SessionState>);
    /// Sets the resource of the process that the spans come from.
    fn set_resource(&self, resource: Resource);
    /// Waits, for at most `timeout`, until everything that was pushed is delivered. The error describes the rest.
    fn flush(&self, timeout: Duration) -> Result<(), String>;
}
