//! Prepares a span for its endpoint: price, content, stamp, mask, translate, in this order.

use std::sync::Arc;

use opentelemetry::{InstrumentationScope, KeyValue, StringValue, trace::Status};
use opentelemetry_sdk::{Resource, trace::SpanData};

use super::{
    content::clean_content,
    dialect::{leave_out, translate},
    left_out::tell_of_left_out,
    mask::{mask, mask_resource, mask_scope},
    streamed::tell_of_tokens,
};
use crate::{
    attribute::{find, kind_of, kind_to_keep},
    config::Dialects,
    llm::Price,
    mask::Masks,
    queue::{Complaint, Entry},
    record::{
        Extent, SpanKind,
        semconv::{OPERATION_NAME, REDACT, SESSION_END_STATE, UNFINISHED},
    },
    session::{EndState, Rules, SessionState, report_exceeded_budget, stamp},
};

/// Number of attributes that preparation adds to most spans, at most.
const ADDED: usize = 12;

/// Steps before a span is exported.
#[derive(Debug)]
pub(crate) struct Preparation {
    pub(crate) scope: InstrumentationScope,
    pub(crate) masks: Masks,
    pub(crate) dialects: Dialects,
    pub(crate) complaint: Arc<Complaint>,
}

impl Preparation {
    /// Returns the masked resource of the process.
    pub(crate) fn resource(&self, resource: &Resource) -> Resource {
        mask_resource(resource, &self.masks)
    }

    /// Prepares an ended span: adds everything that is known of it, and translates it into the dialects.
    pub(crate) fn prepare<'e>(&self, Entry { span, session }: &'e mut Entry) -> &'e mut SpanData {
        if span.instrumentation_scope.name().is_empty() {
            span.instrumentation_scope = self.scope.clone();
        } else {
            mask_scope(&mut span.instrumentation_scope, &self.masks);
        }
        tell_of_left_out(span, session.rules().may_use_stderr);
        make_room(&mut span.attributes);
        let kind = kind_to_keep(span);
        let kind = kind.as_ref().map_or("", StringValue::as_str);
        if !kind.is_empty() && find(&span.attributes, OPERATION_NAME).is_none() {
            span.attributes.insert(1, KeyValue::new(OPERATION_NAME, span.name.clone()));
        }
        price(span, kind, session);
        clean_content(span, kind, extent_of(span, session.rules()));
        stamp(session, span, kind);
        mask(span, &self.masks);
        if self.masks.has_failed() {
            self.complaint.of_mask();
        }
        translate(span, self.dialects);
        span
    }

    /// Drops the attributes that no dialect of the export writes.
    pub(crate) fn leave_out(&self, span: &mut SpanData) {
        leave_out(span, self.dialects);
    }
}

/// Returns the bounds of content that a framework has recorded.
fn extent_of(span: &SpanData, rules: &Rules) -> Extent {
    let redacts = rules.redact_credentials && find(&span.attributes, REDACT).is_none();
    Extent { max_len: rules.max_len, redacts }
}

/// Reserves room for the attributes to be added, in memory that this thread has just freed: growing the list that the
/// program's thread has allocated takes longer. A recycled list has the room already.
fn make_room(attributes: &mut Vec<KeyValue>) {
    if attributes.capacity() - attributes.len() >= ADDED {
        return;
    }
    let mut roomy = Vec::with_capacity(attributes.len() + ADDED);
    roomy.append(attributes);
    *attributes = roomy;
}

/// Ends a span that has started in the way that is recorded if the process dies before the span ends.
pub(crate) fn abort(Entry { span, .. }: &mut Entry) {
    span.end_time = span.start_time;
    if kind_of(span) == Some(SpanKind::Session.as_str()) {
        span.status = Status::error("the process died");
        span.attributes.push(KeyValue::new(SESSION_END_STATE, EndState::Aborted.as_str()));
    } else {
        span.attributes.push(KeyValue::new(UNFINISHED, true));
    }
}

/// Prices a call that ended before the prices were loaded, warns of missing token counts, and sets the total costs on
/// a session's root.
fn price(span: &mut SpanData, kind: &str, session: &Arc<SessionState>) {
    if kind == SpanKind::Llm.as_str() {
        price_call(span, session);
        tell_of_tokens(span, session.rules().may_use_stderr);
    }
    if kind == SpanKind::Session.as_str() {
        span.attributes.extend(session.totals().costs());
    }
}

fn price_call(span: &mut SpanData, session: &Arc<SessionState>) {
    match session.rules().prices.in_time(span) {
        Price::Known(cost) => {
            span.attributes.extend(cost.attributes());
            session.add_cost(span, cost.usd);
        }
        Price::Unknown => session.note_unpriced(span),
        Price::Open => return,
    }
    report_exceeded_budget(session);
}
