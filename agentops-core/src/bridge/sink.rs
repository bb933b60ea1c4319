//! Where ended spans go: the processor's view of the delivery.

use std::{fmt::Debug, sync::Arc, time::Duration};

use opentelemetry_sdk::{Resource, trace::SpanData};

use crate::session::SessionState;

/// Takes ended spans together with their sessions.
pub(crate) trait SpanSink: Debug + Send + Sync {
    /// Whether it wants to know what has begun.
    fn wants_starts(&self) -> bool {
        false
    }
    /// Takes a span that has begun: the root of a session, or one with children.
    fn begin(&self, _span: SpanData, _session: Arc<SessionState>) {}
    /// Takes a span that has ended.
    fn push(&self, span: Box<SpanData>, session: Arc<SessionState>);
    /// Says what process the spans come from.
    fn set_resource(&self, resource: Resource);
    /// Waits until everything that was pushed is delivered; the error says what was not.
    fn flush(&self, timeout: Duration) -> Result<(), String>;
}
