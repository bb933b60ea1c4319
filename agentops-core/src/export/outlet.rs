//! The last steps of a batch in their order: stamp, translate, export, show.

use std::time::Duration;

use opentelemetry_sdk::{error::OTelSdkError, trace::SpanData};

use super::{ConsoleExporter, dialect::translate};
use crate::{
    config::Dialects,
    delivery::{Batch, Entry, Outlet},
    exporter::ErasedExporter,
    pipeline::{kind_of, stamp},
};

/// How long an exporter may take to let go.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// What the delivery thread does with a batch.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(crate) dialects: Dialects,
    pub(crate) exporter: Box<dyn ErasedExporter>,
    pub(crate) console: Option<ConsoleExporter>,
}

impl Outlet for Pipeline {
    fn deliver(&mut self, batch: Batch) -> Result<(), String> {
        if let Some(resource) = &batch.resource {
            self.exporter.set_resource(resource);
        }
        let spans: Vec<_> =
            batch.entries.into_iter().map(|entry| prepare(entry, self.dialects)).collect();
        let shown = self.console.as_ref().map(|console| (console, spans.clone()));
        let result = self.exporter.export(spans).map_err(|error| reason(&error));
        if let Some((console, spans)) = shown {
            console.show(&spans);
        }
        result
    }

    fn close(&mut self) {
        let _ = self.exporter.shutdown(CLOSE_TIMEOUT);
    }
}

/// An SDK error without the words that every SDK error begins with.
fn reason(error: &OTelSdkError) -> String {
    match error {
        OTelSdkError::InternalFailure(reason) => reason.clone(),
        error => error.to_string(),
    }
}

/// An ended span as the far side is to see it.
fn prepare(Entry { mut span, session, .. }: Entry, dialects: Dialects) -> SpanData {
    let kind = kind_of(&span).unwrap_or_default();
    let stamps = stamp(&session, span.span_context.trace_id(), kind);
    span.attributes.extend(stamps);
    translate(&mut span, dialects);
    span
}
