//! OTLP over HTTP, by our own transport.
//!
//! ```text
//! spans ─encode─▶ body ─pack─▶ segment ─▶ Outbox
//! ```

mod encode;
mod pack;
mod wire;

use std::{sync::Arc, time::Duration};

use opentelemetry_sdk::{Resource, error::OTelSdkResult, trace::SpanData};

use self::pack::{encoding, pack};
use crate::{
    attribute::kind_of,
    config::{Compression, OtlpTarget},
    delivery::{Label, Outbox, Segment},
    exporter::{ErasedExporter, Receipt},
    kind::SpanKind,
};

const PROTOBUF: &str = "application/x-protobuf";

/// Makes requests of spans.
#[derive(Debug)]
pub(crate) struct OtlpExporter {
    outbox: Arc<Outbox>,
    endpoint: String,
    compression: Option<Compression>,
    resource: Resource,
}

impl OtlpExporter {
    pub(crate) fn new(target: &OtlpTarget, outbox: Arc<Outbox>) -> Self {
        Self {
            outbox,
            endpoint: target.endpoint.to_string(),
            compression: target.compression,
            resource: Resource::builder_empty().build(),
        }
    }

    fn label(&self, spans: &[SpanData]) -> Label {
        let roots = spans.iter().filter(|span| kind_of(span) == Some(SpanKind::Session.as_str()));
        let roots = roots
            .map(|SpanData { span_context: it, .. }| format!("{}-{}", it.trace_id(), it.span_id()));
        Label {
            endpoint: self.endpoint.clone(),
            content_type: Some(PROTOBUF.to_owned()),
            content_encoding: None,
            spans: spans.len() as u64,
            roots: if self.outbox.spool().is_some() { roots.collect() } else { Vec::new() },
        }
    }

    /// A request that is not packed.
    fn segment(&self, spans: &[SpanData]) -> Segment {
        Segment { label: self.label(spans), body: encode::request(spans, &self.resource).into() }
    }

    fn packed(&self, Segment { mut label, mut body }: Segment) -> Result<Segment, String> {
        if let Some(compression) = self.compression {
            body = pack(&body, compression).map_err(|error| error.to_string())?.into();
            label.content_encoding = Some(encoding(compression).to_owned());
        }
        Ok(Segment { label, body })
    }
}

impl ErasedExporter for OtlpExporter {
    fn export(&self, batch: Vec<SpanData>) -> Result<Receipt, String> {
        let segment = self.segment(&batch);
        // The far side may take its time.
        drop(batch);
        self.outbox.send(&self.packed(segment)?)
    }

    /// Each on its own: a request that waits for nobody to send another one.
    fn keep_roots(&self, roots: Vec<SpanData>) {
        let Some(spool) = self.outbox.spool() else { return };
        roots.chunks(1).for_each(|root| spool.begin(&self.segment(root)));
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.clone();
    }

    fn shutdown(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}
