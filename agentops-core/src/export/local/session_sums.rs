//! Totals of a session whose process died, computed from the spans in its file.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, SystemTime},
};

use opentelemetry::{
    KeyValue, Value,
    trace::{SpanContext, SpanId, Status, TraceFlags, TraceId, TraceState},
};
use opentelemetry_proto::tonic::{
    common::v1::any_value::Value as Any,
    trace::v1::{Span, status::StatusCode},
};
use opentelemetry_sdk::trace::SpanData;

use super::written_spans::{id, is_remote, is_session};
use crate::{
    outgoing::neutral,
    record::{RecordedKind, pool, semconv as key},
    session::RunningTotals,
};

/// Attributes from which totals are computed.
const COUNTED: [&str; 9] = [
    key::SPAN_KIND,
    key::COST_USD,
    key::REQUEST_MODEL,
    key::RESPONSE_MODEL,
    key::INPUT_TOKENS,
    key::OUTPUT_TOKENS,
    key::CACHE_READ_TOKENS,
    key::CACHE_CREATION_TOKENS,
    key::REASONING_TOKENS,
];

/// Parents of the spans of a trace, and its session spans; a session that continues in other processes has several.
#[derive(Debug, Default)]
pub(super) struct Family {
    parents: HashMap<SpanId, SpanId>,
    sessions: HashSet<SpanId>,
}

impl Family {
    pub(super) fn add(&mut self, span: &Span) {
        let Some(this) = id(&span.span_id) else { return };
        self.parents.insert(this, id(&span.parent_span_id).unwrap_or(SpanId::INVALID));
        if is_session(span) {
            self.sessions.insert(this);
        }
    }

    pub(super) fn has(&self, span: SpanId) -> bool {
        self.parents.contains_key(&span)
    }

    /// Returns the session of a span: its nearest ancestor that is one.
    fn session_of(&self, span: SpanId) -> Option<SpanId> {
        let mut above = self.parents.get(&span)?;
        // Bounds the walk, in case the parents form a cycle.
        for _ in 0..self.parents.len() {
            if self.sessions.contains(above) {
                return Some(*above);
            }
            above = self.parents.get(above)?;
        }
        None
    }
}

/// Totals of sessions.
#[derive(Debug)]
pub(super) struct Sums<'f> {
    family: &'f Family,
    /// Session of spans below an unknown span.
    root: Option<SpanId>,
    counts: HashMap<SpanId, RunningTotals>,
}

impl<'f> Sums<'f> {
    /// Creates empty totals for some sessions of a trace with this root.
    pub(super) fn of(sessions: &[SpanId], root: Option<SpanId>, family: &'f Family) -> Self {
        let counts =
            sessions.iter().map(|session| (*session, RunningTotals::below(*session))).collect();
        Self { family, root, counts }
    }

    /// Adds an ended span; its descendants must have been added before.
    pub(super) fn add(&self, span: &Span) {
        let Some(this) = id(&span.span_id).filter(|_| !is_session(span)) else { return };
        let session = self.family.session_of(this).or(self.root);
        if let Some(counts) = session.and_then(|session| self.counts.get(&session)) {
            let span = counted(span);
            let kind = RecordedKind::among(&span.attributes);
            kind.into_iter().for_each(|kind| counts.add(kind, &span));
        }
    }

    /// Returns the totals as attributes of a session's own span.
    pub(super) fn attributes(&self, session: SpanId) -> Vec<KeyValue> {
        self.counts.get(&session).map_or_else(Vec::new, |counts| counts.totals().attributes())
    }
}

/// Converts the fields of a span that totals need.
fn counted(span: &Span) -> SpanData {
    let attributes = span.attributes.iter().filter_map(|attribute| {
        let name = neutral(&attribute.key);
        let name = COUNTED.into_iter().find(|counted| *counted == name)?;
        let value: Value = match attribute.value.as_ref()?.value.as_ref()? {
            Any::StringValue(text) => text.clone().into(),
            Any::IntValue(number) => (*number).into(),
            Any::DoubleValue(number) => (*number).into(),
            _ => return None,
        };
        Some(KeyValue::new(name, value))
    });
    let moment = |nanos| SystemTime::UNIX_EPOCH + Duration::from_nanos(nanos);
    let this = id(&span.span_id).unwrap_or(SpanId::INVALID);
    let trace = TraceId::from(1);
    SpanData {
        span_context: SpanContext::new(trace, this, TraceFlags::SAMPLED, false, TraceState::NONE),
        parent_span_id: id(&span.parent_span_id).unwrap_or(SpanId::INVALID),
        parent_span_is_remote: is_remote(span),
        start_time: moment(span.start_time_unix_nano),
        end_time: moment(span.end_time_unix_nano),
        status: status_of(span),
        ..pool::blank(attributes.collect())
    }
}

fn status_of(span: &Span) -> Status {
    match &span.status {
        Some(status) if status.code() == StatusCode::Error => Status::error(status.message.clone()),
        _ => Status::Unset,
    }
}
