//! Where ended spans go: the processor's view of the delivery.

use std::{fmt::Debug, sync::Arc, time::Duration};

use opentelemetry_sdk::{Resource, trace::SpanData};

use crate::session::SessionState;

/// Takes ended spans together with their sessions.
pub(crate) trait Sink: Debug + Send + Sync {
    /// Takes a span; this never waits.
    fn push(&self, span: SpanData, session: Arc<SessionState>);
    /// Says what process the spans come from.
    fn set_resource(&self, resource: Resource);
    /// Waits until everything that was pushed is delivered; the error says what was not.
    fn flush(&self, timeout: Duration) -> Result<(), String>;
}
