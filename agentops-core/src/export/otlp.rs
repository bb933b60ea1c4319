//! OTLP over HTTP, by the official exporter and our own transport.

use std::sync::Arc;

use opentelemetry_otlp::{
    Protocol, RetryPolicy, SpanExporter as HttpExporter, WithExportConfig, WithHttpConfig,
};
use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    trace::{SpanData, SpanExporter},
};

use crate::{
    config::{Compression, OtlpTarget},
    delivery::Transport,
    error::InitError,
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
            .with_endpoint(target.endpoint.to_string())
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

impl SpanExporter for OtlpExporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.http.export(batch).await.map_err(|error| match self.transport.take_error() {
            Some(reason) => OTelSdkError::InternalFailure(reason),
            None => error,
        })
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.http.set_resource(resource);
    }
}
