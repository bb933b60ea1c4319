//! Path of an ended span into the queue.

use std::{mem, sync::Arc};

use opentelemetry::{Array, KeyValue, Value, trace::SpanId};
use opentelemetry_sdk::trace::SpanData;

use super::adopt::{clean_up, fill, fold, is_same_call, merge, settle};
use super::sink::SpanSink;
use crate::{
    attribute::{find, find_last, kind_of},
    llm::Price,
    record::{
        SpanKind,
        semconv::{INPUT_TOKENS, LATE, OUTPUT, OUTPUT_TOKENS, TAGS},
        slot,
    },
    session::{
        Amendments, HeldSpan, LiveSpan, PendingMerge, SessionRegistry, SessionState, SpanSource,
        model_of,
    },
};

/// Kinds that frameworks emit, too.
const MERGED: [usize; 3] = [slot::AGENT, slot::TOOL, slot::LLM];

/// Recorder of ended spans: merges the spans of one call, counts and prices them, and queues them.
#[derive(Debug)]
pub(super) struct SpanRecorder {
    pub(super) registry: Arc<SessionRegistry>,
    pub(super) sink: Arc<dyn SpanSink>,
}

impl SpanRecorder {
    pub(super) fn take(&self, mut span: Box<SpanData>, mut live: LiveSpan) {
        // Queued before the lease is returned, so that the root comes last.
        let _lease = live.lease.take();
        if let Some(amendments) = &mut live.amendments {
            for run in mem::take(&mut amendments.agent_runs).into_spans() {
                self.run(run, &live.session);
            }
            amendments.cost.take().into_iter().for_each(|usd| live.session.add_other_cost(usd));
        }
        if span.parent_span_id != SpanId::INVALID {
            span.parent_span_id = live.parent;
        }
        match live.birth.origin {
            SpanSource::Own => self.own(span, live.session, live.birth.slot, live.amendments),
            SpanSource::Adopted => self.adopted(span, live),
            SpanSource::Folded => self.folded(span, live),
            SpanSource::NotExported => {}
        }
    }

    /// Takes the run of an agent, a span that was derived from its steps and never started.
    pub(super) fn run(&self, run: SpanData, session: &Arc<SessionState>) {
        self.registry.counts().count_started();
        session.record_uncounted_end(run.span_context.span_id(), &run);
        self.sink.push(Box::new(run), Arc::clone(session));
    }

    /// Takes a span of ours, with the amendments that were made besides its own recording.
    #[inline(always)]
    pub(super) fn own(
        &self,
        mut span: Box<SpanData>,
        session: Arc<SessionState>,
        kind: usize,
        amendments: Option<Box<Amendments>>,
    ) {
        if kind == slot::LLM {
            clean_up(&mut span, self.registry.rules().capture_content);
        }
        let rest = amendments.and_then(|amendments| say_at_end(&mut span, *amendments, &session));
        if kind == slot::SESSION {
            self.end_of_session(&session);
            return self.sink.push(span, session);
        }
        self.note_late(&mut span, &session);
        self.count(kind, &mut span, &session);
        match rest {
            Some((by_framework, open_folded)) => {
                let held = HeldSpan { span, session, slot: kind, by_framework };
                self.registry.live().hold(held, open_folded);
            }
            None => self.pass_on(kind, span, session),
        }
    }

    /// Queues a span of ours, or holds it back if a framework's span around it may be the same call.
    #[inline(always)]
    fn pass_on(&self, kind: usize, span: Box<SpanData>, session: Arc<SessionState>) {
        // After the end of its session nothing would release it.
        let may_wait = session.has_adopted() && !session.has_ended();
        if may_wait && MERGED.contains(&kind) {
            let free = self.registry.live().hold_for_adopted(span.parent_span_id, kind, span);
            for span in free.into_iter().flatten() {
                self.sink.push(span, Arc::clone(&session));
            }
        } else {
            self.sink.push(span, session);
        }
    }

    /// Marks and counts a span that ends after its session.
    #[inline(always)]
    fn note_late(&self, span: &mut SpanData, session: &SessionState) {
        if session.has_ended() {
            span.attributes.push(KeyValue::new(LATE, true));
            self.registry.counts().count_late();
        }
    }

    /// Takes an adopted span. If a span of ours inside it is the same call, that one is kept.
    fn adopted(&self, mut span: Box<SpanData>, live: LiveSpan) {
        let LiveSpan { session, birth, agent_run_host, amendments, .. } = live;
        settle(&mut span, self.registry.rules().capture_content);
        if let Some(host) = agent_run_host {
            self.registry.live().amend(host, |amendments| amendments.agent_runs.end_step(&span));
        }
        let mut amendments = amendments.map(|amendments| *amendments).unwrap_or_default();
        let inner = mem::take(&mut amendments.inner);
        say(&mut span, amendments);
        match inner {
            PendingMerge::One(own) if is_same_call(&own, &span) => {
                return self.merged(own, *span, session);
            }
            PendingMerge::One(other) => self.sink.push(other, Arc::clone(&session)),
            PendingMerge::None | PendingMerge::Several => {}
        }
        self.registry.counts().count_started();
        self.note_late(&mut span, &session);
        self.count(birth.slot, &mut span, &session);
        self.sink.push(span, session);
    }

    fn merged(&self, own: Box<SpanData>, adopted: SpanData, session: Arc<SessionState>) {
        let known = Known::of(&own);
        let outer = adopted.span_context.span_id();
        let mut whole = merge(own, adopted);
        session.record_uncounted_end(outer, &whole);
        self.count_more(known, &mut whole, &session);
        self.sink.push(whole, session);
    }

    /// Counts usage of a span of ours that became known only after the span was counted.
    fn count_more(&self, known: Known, span: &mut SpanData, session: &SessionState) {
        if !known.usage && has_usage(span) {
            session.add_tokens(span, known.model);
            let is_model = kind_of(span) == Some(SpanKind::Llm.as_str());
            if let Some(usd) = is_model.then(|| self.price(span, session)).flatten() {
                session.add_cost(span, usd);
            }
        }
    }

    /// Completes a span that has waited for framework spans of the same call.
    fn complete(&self, held: HeldSpan) -> (usize, Box<SpanData>, Arc<SessionState>) {
        let HeldSpan { mut span, session, slot, by_framework } = held;
        let known = Known::of(&span);
        fill(&mut span, by_framework);
        self.count_more(known, &mut span, &session);
        (slot, span, session)
    }

    /// Takes a framework's span that is the same call as the span around it, and adds its attributes to that one. If
    /// the outer span has ended, this one is recorded by itself.
    fn folded(&self, mut span: Box<SpanData>, live: LiveSpan) {
        settle(&mut span, self.registry.rules().capture_content);
        let outer = live.exported_ancestor;
        if self.registry.live().birth(outer).is_some() {
            let attributes = mem::take(&mut span.attributes);
            self.registry.live().amend(outer, |amendments| fold(amendments, attributes));
            if let Some(held) = self.registry.live().end_folded(outer) {
                let (slot, span, session) = self.complete(held);
                self.pass_on(slot, span, session);
            }
        } else {
            self.registry.counts().count_started();
            self.note_late(&mut span, &live.session);
            self.count(live.birth.slot, &mut span, &live.session);
            self.sink.push(span, live.session);
        }
    }

    /// Queues the spans that waited for framework spans which have not ended.
    fn end_of_session(&self, session: &Arc<SessionState>) {
        if session.has_adopted() {
            for held in self.registry.live().release_held(session) {
                let (_, span, session) = self.complete(held);
                self.sink.push(span, session);
            }
        }
    }

    #[inline(always)]
    fn count(&self, kind: usize, span: &mut SpanData, session: &SessionState) {
        if kind == slot::LLM {
            self.price(span, session);
        }
        session.add_span(kind, span);
    }

    /// Prices a model call and returns its cost, if the price is known at once.
    fn price(&self, span: &mut SpanData, session: &SessionState) -> Option<f64> {
        match self.registry.rules().prices.at_once(span) {
            Price::Known(cost) => {
                span.attributes.extend(cost.attributes());
                Some(cost.usd)
            }
            Price::Unknown => {
                session.note_unpriced(span);
                None
            }
            Price::Open => None,
        }
    }
}

/// Facts about a model call that were known when it was counted.
#[derive(Clone, Copy)]
struct Known {
    usage: bool,
    model: bool,
}

impl Known {
    fn of(span: &SpanData) -> Self {
        Self { usage: has_usage(span), model: model_of(span).is_some() }
    }
}

fn has_usage(span: &SpanData) -> bool {
    [INPUT_TOKENS, OUTPUT_TOKENS].iter().any(|key| find(&span.attributes, key).is_some())
}

/// Adds the amendments to a span of ours. If framework spans of the same call are still open, returns the attributes
/// of the ended ones, and the number of open ones.
fn say_at_end(
    span: &mut SpanData,
    mut amendments: Amendments,
    session: &SessionState,
) -> Option<(Vec<KeyValue>, usize)> {
    let waits = amendments.open_folded > 0 && !session.has_ended();
    let rest = waits.then(|| (mem::take(&mut amendments.by_framework), amendments.open_folded));
    say(span, amendments);
    rest
}

/// Adds the amendments that were made to a span besides its own recording.
fn say(span: &mut SpanData, amendments: Amendments) {
    let Amendments { output, tags, tags_left_out, by_framework, .. } = amendments;
    span.dropped_attributes_count = span.dropped_attributes_count.saturating_add(tags_left_out);
    if let Some(output) = output {
        span.attributes.push(KeyValue::new(OUTPUT, output));
    }
    if !tags.is_empty() {
        let mut all = match find_last(&span.attributes, TAGS) {
            Some(Value::Array(Array::String(tags))) => tags.clone(),
            _ => Vec::new(),
        };
        for tag in tags {
            if !all.contains(&tag) {
                all.push(tag);
            }
        }
        span.attributes.push(KeyValue::new(TAGS, Value::Array(Array::String(all))));
    }
    fill(span, by_framework);
}
