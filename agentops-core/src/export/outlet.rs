//! The last steps of a batch in their order: price, stamp, mask, translate, measure, export, show.

use std::{sync::Arc, time::Duration};

use opentelemetry::{InstrumentationScope, KeyValue, trace::Status};
use opentelemetry_sdk::trace::SpanData;

use super::{ConsoleExporter, Meters, dialect::translate};
use crate::{
    adopt::clean_content,
    attribute::kind_of,
    config::Dialects,
    delivery::{Batch, Complaint, Entry, Outlet},
    exporter::{ErasedExporter, Receipt},
    kind::SpanKind,
    mask::Masks,
    pipeline::{mask, stamp},
    semconv::{COST_USD, SESSION_END_STATE},
    session::{EndState, SessionState},
    span::tell_of_budget,
    spare,
};

/// How long an exporter may take to let go.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// What the delivery thread does with a batch.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(crate) scope: InstrumentationScope,
    pub(crate) masks: Masks,
    pub(crate) dialects: Dialects,
    pub(crate) complaint: Arc<Complaint>,
    pub(crate) exporter: Box<dyn ErasedExporter>,
    pub(crate) console: Option<ConsoleExporter>,
    pub(crate) meters: Meters,
}

impl Outlet for Pipeline {
    fn deliver(&mut self, batch: &mut Batch) -> Result<Receipt, String> {
        if let Some(resource) = &batch.resource {
            self.exporter.set_resource(resource);
            self.meters.set_resource(resource);
        }
        if !batch.begun.is_empty() {
            let roots = batch.begun.drain(..).map(|root| self.prepare(&mut abort(root)));
            let roots = roots.collect();
            self.exporter.keep_roots(roots);
        }
        if batch.entries.is_empty() {
            return Ok(Receipt::default());
        }
        let spans: Vec<_> = batch.entries.iter_mut().map(|entry| self.prepare(entry)).collect();
        if self.masks.has_failed() {
            self.complaint.of_mask();
        }
        self.meters.record(&spans);
        let shown = self.console.as_ref().map(|console| (console, spans.clone()));
        let result = self.exporter.export(spans);
        if let Some((console, spans)) = shown {
            console.show(&spans);
        }
        result
    }

    fn close(&mut self) {
        self.meters.close();
        let _ = self.exporter.shutdown(CLOSE_TIMEOUT);
    }
}

impl Pipeline {
    /// An ended span as the far side is to see it.
    fn prepare(&self, Entry { span, session }: &mut Entry) -> SpanData {
        let mut span = spare::empty(span);
        if span.instrumentation_scope.name().is_empty() {
            span.instrumentation_scope = self.scope.clone();
        }
        price(&mut span, session);
        clean_content(&mut span, session.registry().rules().max_len);
        let kind = kind_of(&span).unwrap_or_default();
        let stamps = stamp(session, span.span_context.trace_id(), kind);
        span.attributes.extend(stamps);
        mask(&mut span, &self.masks);
        translate(&mut span, self.dialects);
        span
    }
}

/// A session as it will have ended if the process dies before it does.
fn abort(mut root: Entry) -> Entry {
    let span = &mut root.span;
    span.end_time = span.start_time;
    span.status = Status::error("the process died");
    span.attributes.push(KeyValue::new(SESSION_END_STATE, EndState::Aborted.as_str()));
    root
}

/// Prices a call that ended before the prices were there, and says on the root what all of them cost.
fn price(span: &mut SpanData, session: &Arc<SessionState>) {
    let is_model = kind_of(span) == Some(SpanKind::Llm.as_str());
    if is_model && let Some(usd) = session.registry().rules().prices.in_time(span) {
        span.attributes.push(KeyValue::new(COST_USD, usd));
        session.add_cost(span, usd);
        tell_of_budget(session);
    }
    let is_root = kind_of(span) == Some(SpanKind::Session.as_str());
    if is_root {
        span.attributes.extend(session.totals().costs());
    }
}
