//! Type-erased OpenTelemetry span exporter.

use std::{fmt::Debug, time::Duration};

use futures_executor::block_on;
use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    trace::{SpanData, SpanExporter},
};

use crate::record::pool;

/// Result of exporting a batch: every span was delivered except those counted here.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Receipt {
    /// Number of spans that the endpoint rejected.
    pub(crate) failed: u64,
    /// Message of the endpoint, about the rejected spans or as a warning.
    pub(crate) reason: Option<String>,
}

impl Receipt {
    /// Creates the receipt of a batch of which no span was delivered.
    pub(crate) fn of_failure(count: u64, reason: String) -> Self {
        Self { failed: count, reason: Some(reason) }
    }
}

/// Spans of a batch, prepared for export lazily, one by one.
pub(crate) type Spans<'a, 's> = &'a mut (dyn Iterator<Item = &'s mut SpanData> + 'a);

/// [`SpanExporter`] as the worker uses it: blocking, on the worker's own thread.
pub(crate) trait ErasedExporter: Send + Sync + Debug {
    fn export(&self, batch: Spans<'_, '_>) -> Result<Receipt, String>;
    /// Recovers what earlier processes left behind, before the first export.
    fn open(&self) {}
    /// Persists spans that have started, in case the process dies before they end.
    fn keep_starts(&self, _: Spans<'_, '_>) {}
    fn set_resource(&mut self, resource: &Resource);
    fn shutdown(&self, timeout: Duration) -> OTelSdkResult;
}

impl<E: SpanExporter> ErasedExporter for E {
    fn export(&self, batch: Spans<'_, '_>) -> Result<Receipt, String> {
        let batch = batch.map(pool::take).collect();
        let result = block_on(SpanExporter::export(self, batch));
        result.map(|()| Receipt::default()).map_err(|error| reason(&error))
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
