//! Exporter for OTLP over HTTP, by our own transport.
//!
//! ```text
//! spans ─encode─▶ body ─pack─▶ segment ─▶ Outbox
//! ```

mod compress;
mod encode;
mod proto_writer;

use std::{
    collections::HashSet,
    iter,
    sync::{Arc, MutexGuard},
    time::Duration,
};

use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::{Resource, error::OTelSdkResult, trace::SpanData};

use self::{
    compress::{encoding, pack},
    encode::Request,
};
use crate::{
    config::{DeliveryFailure, ErasedExporter, ExportedSpan, OtlpTarget, Packing, Receipt, Spans},
    process::Lock,
    record::RecordedKind,
    transport::{Label, Outbox, PROTOBUF, Segment},
};

/// Exporter that encodes spans as OTLP requests.
#[derive(Debug)]
pub(crate) struct OtlpExporter {
    outbox: Arc<Outbox>,
    endpoint: String,
    compression: Option<Packing>,
    resource: Resource,
    /// Open spans that are recorded in the spool, beside the roots of sessions.
    noted: Lock<HashSet<(TraceId, SpanId)>>,
}

impl OtlpExporter {
    pub(crate) fn new(target: &OtlpTarget, outbox: Arc<Outbox>) -> Self {
        Self {
            outbox,
            endpoint: target.endpoint.to_string(),
            compression: target.compression,
            resource: Resource::builder_empty().build(),
            noted: Lock::default(),
        }
    }

    fn noted(&self) -> MutexGuard<'_, HashSet<(TraceId, SpanId)>> {
        self.noted.lock()
    }

    /// Encodes spans as an uncompressed request.
    fn segment(&self, spans: Spans<'_, '_>) -> Segment {
        let mut request = Request::of_about(spans.size_hint().0);
        let mut label = Label {
            endpoint: self.endpoint.clone(),
            content_type: Some(PROTOBUF.to_owned()),
            ..Label::default()
        };
        for ExportedSpan { kind, span } in spans {
            label.spans += 1;
            // Labels are searched for ended roots only if there is a spool.
            if self.outbox.spool().is_some() && (is_root(kind) || self.forget(span)) {
                label.roots.push(name_of(span));
            }
            request.add(span);
        }
        Segment { label, body: request.finish(&self.resource).into() }
    }

    /// Removes a span from those recorded as open; returns `true` if it was one of them.
    fn forget(&self, span: &SpanData) -> bool {
        let mut noted = self.noted();
        !noted.is_empty() && noted.remove(&id_of(span))
    }

    fn packed(&self, Segment { mut label, mut body }: Segment) -> Result<Segment, DeliveryFailure> {
        if let Some(compression) = self.compression {
            let packed = pack(&body, compression);
            body = packed.map_err(|error| DeliveryFailure::Payload(error.to_string()))?.into();
            label.content_encoding = Some(encoding(compression).to_owned());
        }
        Ok(Segment { label, body })
    }
}

impl ErasedExporter for OtlpExporter {
    fn export(&self, batch: Spans<'_, '_>) -> Result<Receipt, DeliveryFailure> {
        let segment = self.packed(self.segment(batch))?;
        self.outbox.send(&segment)
    }

    /// Records each span in a segment of its own, since each is removed when its span ends.
    fn keep_starts(&self, begun: Spans<'_, '_>) {
        let Some(spool) = self.outbox.spool() else { return };
        for begun in begun {
            let (id, is_root) = (id_of(begun.span), is_root(begun.kind));
            // `segment` names only recorded spans in its label and removes them, so the span is added before and after.
            self.noted().extend((!is_root).then_some(id));
            spool.record_start(&self.segment(&mut iter::once(begun)));
            self.noted().extend((!is_root).then_some(id));
        }
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.clone();
    }

    fn shutdown(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

fn is_root(kind: RecordedKind) -> bool {
    kind == RecordedKind::Session
}

fn id_of(span: &SpanData) -> (TraceId, SpanId) {
    (span.span_context.trace_id(), span.span_context.span_id())
}

fn name_of(span: &SpanData) -> String {
    let (trace, id) = id_of(span);
    format!("{trace}-{id}")
}
