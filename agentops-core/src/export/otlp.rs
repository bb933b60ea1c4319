//! OTLP over HTTP, by our own transport.
//!
//! ```text
//! spans ─encode─▶ body ─pack─▶ segment ─▶ Outbox
//! ```

mod encode;
mod pack;
mod wire;

use std::{iter, sync::Arc, time::Duration};

use opentelemetry_sdk::{Resource, error::OTelSdkResult, trace::SpanData};

use self::{
    encode::Request,
    pack::{encoding, pack},
};
use crate::{
    attribute::kind_of,
    config::{OtlpTarget, Packing},
    delivery::{Label, Outbox, Segment},
    exporter::{ErasedExporter, Receipt, Spans},
    kind::SpanKind,
};

const PROTOBUF: &str = "application/x-protobuf";

/// Makes requests of spans.
#[derive(Debug)]
pub(crate) struct OtlpExporter {
    outbox: Arc<Outbox>,
    endpoint: String,
    compression: Option<Packing>,
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

    /// A request that is not packed.
    fn segment(&self, spans: Spans<'_, '_>) -> Segment {
        let mut request = Request::of_about(spans.size_hint().0);
        let mut label = Label {
            endpoint: self.endpoint.clone(),
            content_type: Some(PROTOBUF.to_owned()),
            ..Label::default()
        };
        for span in spans {
            label.spans += 1;
            // Only what waits on disk is looked for by its roots.
            label.roots.extend(self.outbox.spool().and_then(|_| name_of_root(span)));
            request.add(span);
        }
        Segment { label, body: request.finish(&self.resource).into() }
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
    fn export(&self, batch: Spans<'_, '_>) -> Result<Receipt, String> {
        let segment = self.packed(self.segment(batch))?;
        self.outbox.send(&segment)
    }

    /// Each on its own: a request that waits for nobody to send another one.
    fn keep_starts(&self, begun: Spans<'_, '_>) {
        let Some(spool) = self.outbox.spool() else { return };
        let roots = begun.filter(|span| name_of_root(span).is_some());
        roots.for_each(|root| spool.begin(&self.segment(&mut iter::once(root))));
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.clone();
    }

    fn shutdown(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

fn name_of_root(span: &SpanData) -> Option<String> {
    let SpanData { span_context: it, .. } = span;
    let is_root = kind_of(span) == Some(SpanKind::Session.as_str());
    is_root.then(|| format!("{}-{}", it.trace_id(), it.span_id()))
}
