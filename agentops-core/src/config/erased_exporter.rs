//! Type-erased OpenTelemetry span exporter.

use std::{fmt::Debug, time::Duration};

use futures_executor::block_on;
use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    trace::{SpanData, SpanExporter},
};

use crate::record::{RecordedKind, pool};

/// Result of exporting a batch that the endpoint has accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Receipt {
    /// Every span was delivered.
    #[default]
    Complete,
    /// Every span was delivered; the endpoint has a warning.
    Warning(String),
    /// This many spans were rejected; the others were delivered.
    Partial { rejected: u64, reason: String },
}

impl Receipt {
    /// Returns the number of spans that were not delivered.
    pub(crate) const fn rejected(&self) -> u64 {
        match self {
            Self::Complete | Self::Warning(_) => 0,
            Self::Partial { rejected, .. } => *rejected,
        }
    }

    /// Returns the reason of the rejection, or the warning.
    pub(crate) fn into_message(self) -> Option<String> {
        match self {
            Self::Complete => None,
            Self::Warning(message) | Self::Partial { reason: message, .. } => Some(message),
        }
    }
}

/// Cause for which no span of a request or batch was delivered. The text is complete; the variant decides what becomes
/// of the spans.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DeliveryFailure {
    /// The endpoint did not accept the spans in time; a later attempt may succeed.
    #[error("{0}")]
    Temporary(String),
    /// The endpoint refused the key or the address, which an operator can fix.
    #[error("{0}")]
    Configuration(String),
    /// The spans themselves were refused, or cannot be made into a request.
    #[error("{0}")]
    Payload(String),
    /// Files of the spool were damaged or had to be dropped.
    #[error("{0}")]
    Spool(String),
    /// The exporter failed.
    #[error("{0}")]
    Exporter(String),
    /// The exporter panicked with this message.
    #[error("the exporter panicked: {0}")]
    Panicked(String),
}

/// Span that is prepared for export. An exporter may take its data, but leaves the allocation.
#[derive(Debug)]
pub(crate) struct ExportedSpan<'s> {
    pub(crate) kind: RecordedKind,
    pub(crate) span: &'s mut SpanData,
}

/// Spans of a batch, prepared for export lazily, one by one.
pub(crate) type Spans<'a, 's> = &'a mut (dyn Iterator<Item = ExportedSpan<'s>> + 'a);

/// [`SpanExporter`] as the worker uses it: blocking, on the worker's own thread.
pub(crate) trait ErasedExporter: Send + Sync + Debug {
    fn export(&self, batch: Spans<'_, '_>) -> Result<Receipt, DeliveryFailure>;
    /// Recovers what earlier processes left behind, before the first export.
    fn open(&self) {}
    /// Persists spans that have started, in case the process dies before they end.
    fn keep_starts(&self, _: Spans<'_, '_>) {}
    fn set_resource(&mut self, resource: &Resource);
    fn shutdown(&self, timeout: Duration) -> OTelSdkResult;
}

impl<E: SpanExporter> ErasedExporter for E {
    fn export(&self, batch: Spans<'_, '_>) -> Result<Receipt, DeliveryFailure> {
        let batch = batch.map(|exported| pool::detach(exported.span)).collect();
        let result = block_on(SpanExporter::export(self, batch));
        result
            .map(|()| Receipt::Complete)
            .map_err(|error| DeliveryFailure::Exporter(reason(&error)))
    }

    fn set_resource(&mut self, resource: &Resource) {
        SpanExporter::set_resource(self, resource);
    }

    fn shutdown(&self, timeout: Duration) -> OTelSdkResult {
        self.shutdown_with_timeout(timeout)
    }
}

/// Returns the text of an SDK error without the prefix that all SDK errors have.
pub(crate) fn reason(error: &OTelSdkError) -> String {
    match error {
        OTelSdkError::InternalFailure(reason) => reason.clone(),
        error => error.to_string(),
    }
}
