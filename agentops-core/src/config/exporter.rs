//! Any OpenTelemetry span exporter, behind a `dyn`.

use std::{fmt::Debug, time::Duration};

use futures_executor::block_on;
use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    trace::{SpanData, SpanExporter},
};

use crate::record::pool;

/// What became of a batch that was taken: all of it was delivered, but for what is told here.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Receipt {
    /// How many spans the far side rejected.
    pub(crate) failed: u64,
    /// What it said, of those or as a warning.
    pub(crate) reason: Option<String>,
}

impl Receipt {
    /// Nothing of so many spans was delivered.
    pub(crate) fn of_failure(count: u64, reason: String) -> Self {
        Self { failed: count, reason: Some(reason) }
    }
}

/// Spans that are made ready for the far side one by one, as they are asked for.
pub(crate) type Spans<'a, 's> = &'a mut (dyn Iterator<Item = &'s mut SpanData> + 'a);

/// A [`SpanExporter`] as the worker uses it: blocking, on the worker's own thread.
pub(crate) trait ErasedExporter: Send + Sync + Debug {
    fn export(&self, batch: Spans<'_, '_>) -> Result<Receipt, String>;
    /// Looks, before anything is exported, after what earlier processes have left.
    fn open(&self) {}
    /// Keeps what has begun, in case nobody lives to end it.
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

/// An SDK error without the words that every SDK error begins with.
pub(crate) fn reason(error: &OTelSdkError) -> String {
    match error {
        OTelSdkError::InternalFailure(reason) => reason.clone(),
        error => error.to_string(),
    }
}
