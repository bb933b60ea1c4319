//! Prepares a span for its endpoint: price, content, stamp, mask, translate, in this order.

use std::sync::Arc;

use opentelemetry::{InstrumentationScope, KeyValue, trace::Status};
use opentelemetry_sdk::{Resource, trace::SpanData};

use super::{
    content::clean_content,
    dialect::{drop_unselected, translate},
    dropped::warn_of_dropped,
    mask::{mask, mask_resource, mask_scope},
    missing_tokens::warn_of_missing_tokens,
};
use crate::{
    attribute::find,
    bridge::EndedSpan,
    config::{Dialects, ExportedSpan},
    llm::Price,
    mask::Masks,
    queue::{DeliveryTrouble, DeliveryWarnings},
    record::{
        Extent, RecordedKind, insert_name,
        semconv::{REDACT, SESSION_END_STATE, UNFINISHED},
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
    pub(crate) warnings: Arc<DeliveryWarnings>,
}

impl Preparation {
    /// Returns the masked resource of the process.
    pub(crate) fn resource(&self, resource: &Resource) -> Resource {
        mask_resource(resource, &self.masks)
    }

    /// Prepares an ended span: adds everything that is known of it, and translates it into the dialects.
    pub(crate) fn prepare<'e>(&self, ended: &'e mut EndedSpan) -> ExportedSpan<'e> {
        let EndedSpan { kind, span, session } = ended;
        let kind = *kind;
        if span.instrumentation_scope.name().is_empty() {
            span.instrumentation_scope = self.scope.clone();
        } else {
            mask_scope(&mut span.instrumentation_scope, &self.masks);
        }
        warn_of_dropped(span, session.rules().reporter);
        make_room(&mut span.attributes);
        insert_name(&mut span.attributes, span.name.clone());
        price(span, kind, session);
        clean_content(span, kind, extent_of(span, session.rules()));
        stamp(session, span, kind);
        mask(span, &self.masks);
        if self.masks.has_failed() {
            self.warnings.warn_once(DeliveryTrouble::MaskPanic);
        }
        translate(span, kind, self.dialects);
        ExportedSpan { kind, span }
    }

    /// Drops the attributes that no dialect of the export writes.
    pub(crate) fn drop_unselected(&self, ExportedSpan { kind, span }: &mut ExportedSpan<'_>) {
        drop_unselected(span, *kind, self.dialects);
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
pub(crate) fn abort(EndedSpan { kind, span, .. }: &mut EndedSpan) {
    span.end_time = span.start_time;
    if *kind == RecordedKind::Session {
        span.status = Status::error("the process died");
        span.attributes.push(KeyValue::new(SESSION_END_STATE, EndState::Aborted.as_str()));
    } else {
        span.attributes.push(KeyValue::new(UNFINISHED, true));
    }
}

/// Prices a call that ended before the prices were loaded, warns of missing token counts, and sets the total costs on
/// a session's root.
fn price(span: &mut SpanData, kind: RecordedKind, session: &Arc<SessionState>) {
    if kind == RecordedKind::Llm {
        price_call(span, session);
        warn_of_missing_tokens(span, session.rules().reporter);
    }
    if kind == RecordedKind::Session {
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
