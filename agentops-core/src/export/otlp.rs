//! OTLP over HTTP, by the official exporter and our own transport.

use std::{sync::Arc, time::Duration};

use futures_executor::block_on;
use opentelemetry_otlp::{
    Protocol, RetryPolicy, SpanExporter as HttpExporter, WithExportConfig, WithHttpConfig,
};
use opentelemetry_proto::{
    tonic::collector::trace::v1::ExportTraceServiceRequest,
    transform::{
        common::tonic::ResourceAttributesWithSchema,
        trace::tonic::group_spans_by_resource_and_scope,
    },
};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{SpanData, SpanExporter},
};

use prost::Message;

use crate::{
    attribute::kind_of,
    config::{Compression, OtlpTarget},
    delivery::{Label, Outbox, Segment},
    error::InitError,
    exporter::{ErasedExporter, Receipt, reason},
    kind::SpanKind,
};

const PROTOBUF: &str = "application/x-protobuf";

/// The official OTLP exporter, whose errors are told in full.
#[derive(Debug)]
pub(crate) struct OtlpExporter {
    http: HttpExporter,
    outbox: Arc<Outbox>,
    endpoint: String,
    resource: ResourceAttributesWithSchema,
}

impl OtlpExporter {
    pub(crate) fn new(target: &OtlpTarget, outbox: Arc<Outbox>) -> Result<Self, InitError> {
        let mut builder = HttpExporter::builder()
            .with_http()
            .with_shared_http_client(outbox.clone())
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
        let (endpoint, resource) = (target.endpoint.to_string(), Default::default());
        Ok(Self { http, outbox, endpoint, resource })
    }

    fn label(&self, spans: &[SpanData]) -> Label {
        let roots = spans.iter().filter(|span| kind_of(span) == Some(SpanKind::Session.as_str()));
        let roots = roots
            .map(|SpanData { span_context: it, .. }| format!("{}-{}", it.trace_id(), it.span_id()));
        Label {
            endpoint: self.endpoint.clone(),
            spans: spans.len() as u64,
            roots: if self.outbox.spool().is_some() { roots.collect() } else { Vec::new() },
            ..Label::default()
        }
    }

    /// A request that waits for nobody to send another one.
    fn segment(&self, root: SpanData) -> Segment {
        let roots = vec![root];
        let label = Label { content_type: Some(PROTOBUF.to_owned()), ..self.label(&roots) };
        let resource_spans = group_spans_by_resource_and_scope(roots, &self.resource);
        let body = ExportTraceServiceRequest { resource_spans }.encode_to_vec().into();
        Segment { label, body }
    }
}

impl ErasedExporter for OtlpExporter {
    fn export(&self, batch: Vec<SpanData>) -> Result<Receipt, String> {
        self.outbox.announce(self.label(&batch));
        let result = block_on(SpanExporter::export(&self.http, batch));
        let receipt = self.outbox.take_receipt();
        match result {
            Ok(()) => Ok(receipt),
            Err(error) => Err(receipt.reason.unwrap_or_else(|| reason(&error))),
        }
    }

    fn keep_roots(&self, roots: Vec<SpanData>) {
        let Some(spool) = self.outbox.spool() else { return };
        roots.into_iter().for_each(|root| spool.begin(&self.segment(root)));
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.into();
        SpanExporter::set_resource(&mut self.http, resource);
    }

    fn shutdown(&self, timeout: Duration) -> OTelSdkResult {
        self.http.shutdown_with_timeout(timeout)
    }
}
