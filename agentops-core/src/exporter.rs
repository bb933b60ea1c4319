//! Any OpenTelemetry span exporter, behind a `dyn`.

use std::{fmt::Debug, time::Duration};

use futures_executor::block_on;
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter},
};

/// A [`SpanExporter`] as the worker uses it: blocking, on the worker's own thread.
pub(crate) trait ErasedExporter: Send + Sync + Debug {
    fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult;
    fn set_resource(&mut self, resource: &Resource);
    fn shutdown(&self, timeout: Duration) -> OTelSdkResult;
}

impl<E: SpanExporter> ErasedExporter for E {
    fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        block_on(SpanExporter::export(self, batch))
    }

    fn set_resource(&mut self, resource: &Resource) {
        SpanExporter::set_resource(self, resource);
    }

    fn shutdown(&self, timeout: Duration) -> OTelSdkResult {
        self.shutdown_with_timeout(timeout)
    }
}
