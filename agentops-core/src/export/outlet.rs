//! The last steps of a batch in their order: price, stamp, mask, translate, measure, export, show.

use std::{sync::Arc, time::Duration};

use opentelemetry::{InstrumentationScope, KeyValue, StringValue, trace::Status};
use opentelemetry_sdk::trace::SpanData;

use super::{ConsoleExporter, Meters, left_out::tell_of_left_out, streamed::tell_of_tokens};
use crate::outgoing::{leave_out, translate};
use crate::{
    attribute::{find, kind_of, kind_to_keep},
    config::{Dialects, ErasedExporter, Receipt},
    llm::Price,
    mask::Masks,
    outgoing::{clean_content, mask, mask_resource, mask_scope},
    queue::{Batch, BatchSink, Complaint, Entry},
    record::{
        Extent, SpanKind,
        semconv::{OPERATION_NAME, REDACT, SESSION_END_STATE, UNFINISHED},
    },
    session::{EndState, Rules, SessionState, stamp, tell_of_budget},
};

/// How long an exporter may take to let go.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// So many attributes most spans are given at the most.
const ADDED: usize = 12;

/// What the delivery thread does with a batch.
#[derive(Debug)]
pub(crate) struct ExportPipeline {
    pub(crate) disabled: bool,
    pub(crate) scope: InstrumentationScope,
    pub(crate) masks: Masks,
    pub(crate) dialects: Dialects,
    pub(crate) complaint: Arc<Complaint>,
    pub(crate) exporter: Box<dyn ErasedExporter>,
    pub(crate) console: Option<ConsoleExporter>,
    pub(crate) meters: Meters,
}

impl BatchSink for ExportPipeline {
    fn open(&mut self) {
        if !self.disabled {
            self.exporter.open();
        }
    }

    fn deliver(&mut self, batch: &mut Batch) -> Result<Receipt, String> {
        if let Some(resource) = &batch.resource {
            let resource = mask_resource(resource, &self.masks);
            self.exporter.set_resource(&resource);
            self.meters.set_resource(&resource);
        }
        batch.begun.iter_mut().for_each(abort);
        self.exporter.keep_starts(&mut batch.begun.iter_mut().map(|begun| {
            let span = self.prepare(begun);
            leave_out(span, self.dialects);
            span
        }));
        if batch.entries.is_empty() {
            return Ok(Receipt::default());
        }
        let mut trees = Vec::new();
        let result = self.exporter.export(&mut batch.entries.iter_mut().map(|entry| {
            let span = self.prepare(entry);
            self.meters.record(span);
            trees.extend(self.console.as_ref().and_then(|console| console.take(span)));
            leave_out(span, self.dialects);
            span
        }));
        if let Some(console) = &self.console {
            console.show(&trees);
        }
        result
    }

    fn close(&mut self) {
        self.meters.close();
        let _ = self.exporter.shutdown(CLOSE_TIMEOUT);
    }
}

impl ExportPipeline {
    /// An ended span as the far side is to see it, with all that is known of it.
    fn prepare<'e>(&self, Entry { span, session }: &'e mut Entry) -> &'e mut SpanData {
        if span.instrumentation_scope.name().is_empty() {
            span.instrumentation_scope = self.scope.clone();
        } else {
            mask_scope(&mut span.instrumentation_scope, &self.masks);
        }
        tell_of_left_out(span, session.registry().rules().may_use_stderr);
        make_room(&mut span.attributes);
        let kind = kind_to_keep(span);
        let kind = kind.as_ref().map_or("", StringValue::as_str);
        if !kind.is_empty() && find(&span.attributes, OPERATION_NAME).is_none() {
            span.attributes.insert(1, KeyValue::new(OPERATION_NAME, span.name.clone()));
        }
        price(span, kind, session);
        clean_content(span, kind, extent_of(span, session.registry().rules()));
        stamp(session, span, kind);
        mask(span, &self.masks);
        if self.masks.has_failed() {
            self.complaint.of_mask();
        }
        translate(span, self.dialects);
        span
    }
}

/// The bounds of what a framework has written.
fn extent_of(span: &SpanData, rules: &Rules) -> Extent {
    let redacts = rules.redact_credentials && find(&span.attributes, REDACT).is_none();
    Extent { max_len: rules.max_len, redacts }
}

/// Room for what is added, in a piece of memory that this thread has let go just now: to lengthen the one of
/// the program's thread takes longer. A list that goes round has it already.
fn make_room(attributes: &mut Vec<KeyValue>) {
    if attributes.capacity() - attributes.len() >= ADDED {
        return;
    }
    let mut roomy = Vec::with_capacity(attributes.len() + ADDED);
    roomy.append(attributes);
    *attributes = roomy;
}

/// What has begun as it will have ended if the process dies before it does.
fn abort(Entry { span, .. }: &mut Entry) {
    span.end_time = span.start_time;
    if kind_of(span) == Some(SpanKind::Session.as_str()) {
        span.status = Status::error("the process died");
        span.attributes.push(KeyValue::new(SESSION_END_STATE, EndState::Aborted.as_str()));
    } else {
        span.attributes.push(KeyValue::new(UNFINISHED, true));
    }
}

/// Prices a call that ended before the prices were there, says what is missing, and says on the root what all
/// of them cost.
fn price(span: &mut SpanData, kind: &str, session: &Arc<SessionState>) {
    if kind == SpanKind::Llm.as_str() {
        price_call(span, session);
        tell_of_tokens(span, session.registry().rules().may_use_stderr);
    }
    if kind == SpanKind::Session.as_str() {
        span.attributes.extend(session.totals().costs());
    }
}

fn price_call(span: &mut SpanData, session: &Arc<SessionState>) {
    match session.registry().rules().prices.in_time(span) {
        Price::Known(cost) => {
            span.attributes.extend(cost.attributes());
            session.add_cost(span, cost.usd);
        }
        Price::Unknown => session.note_unpriced(span),
        Price::Open => return,
    }
    tell_of_budget(session);
}
