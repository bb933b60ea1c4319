//! OTLP over HTTP, by the official exporter and our own transport.

use std::{sync::Arc, time::Duration};

use futures_executor::block_on;
use opentelemetry_otlp::{
    Protocol, RetryPolicy, SpanExporter as HttpExporter, WithExportConfig, WithHttpConfig,
};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter},
};

use crate::{
    config::{Compression, OtlpTarget},
    delivery::Transport,
    error::InitError,
    exporter::{ErasedExporter, Receipt, reason},
};

/// The official OTLP exporter, whose errors are told in full.
#[derive(Debug)]
pub(crate) struct OtlpExporter {
    http: HttpExporter,
    transport: Arc<Transport>,
}

impl OtlpExporter {
    pub(crate) fn new(target: &OtlpTarget, transport: Arc<Transport>) -> Result<Self, InitError> {
        let mut builder = HttpExporter::builder()
            .with_http()
            .with_shared_http_client(transport.clone())
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(target.endpoint.0.to_string())
            .with_timeout(target.timeout)
            // The transport retries: it knows when to stop.
            .with_retry_policy(RetryPolicy::disabled());
        if let Some(compression) = target.compression {
            builder = builder.with_compression(match compression {
                Compression::Gzip => opentelemetry_otlp::Compression::Gzip,
                Compression::Zstd => opentelemetry_otlp::Compression::Zstd,
            });
        }
        let http = builder.build().map_err(|error| InitError::Exporter(error.to_string()))?;
        Ok(Self { http, transport })
    }
}

impl ErasedExporter for OtlpExporter {
    fn export(&self, batch: Vec<SpanData>) -> Result<Receipt, String> {
        let result = block_on(SpanExporter::export(&self.http, batch));
        let receipt = self.transport.take_receipt();
        match result {
            Ok(()) => Ok(receipt),
            Err(error) => Err(receipt.reason.unwrap_or_else(|| reason(&error))),
        }
    }

    fn set_resource(&mut self, resource: &Resource) {
        SpanExporter::set_resource(&mut self.http, resource);
    }

    fn shutdown(&self, timeout: Duration) -> OTelSdkResult {
        self.http.shutdown_with_timeout(timeout)
    }
}
