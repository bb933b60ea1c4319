//! Path of an ended span into the queue.

use std::{mem, sync::Arc};

use opentelemetry::{Array, KeyValue, Value, trace::SpanId};
use opentelemetry_sdk::trace::SpanData;

use super::adopt::{add_missing, clean_up, collect_attributes, is_same_call, merge, normalise};
use super::span_sink::{EndedSpan, SpanSink};
use crate::{
    attribute::{find, find_last},
    llm::Price,
    record::{
        RecordedKind,
        semconv::{INPUT_TOKENS, LATE, OUTPUT, OUTPUT_TOKENS, TAGS},
    },
    session::{
        Amendments, Birth, HeldSpan, LiveSpan, PendingMerge, SessionRegistry, SessionState,
        SpanSource, model_of,
    },
};

/// Kinds that frameworks emit, too.
const MERGED: [RecordedKind; 3] = [RecordedKind::Agent, RecordedKind::Tool, RecordedKind::Llm];

/// Recorder of ended spans: merges the spans of one call, counts and prices them, and queues them.
#[derive(Debug)]
pub(super) struct SpanRecorder {
    pub(super) registry: Arc<SessionRegistry>,
    pub(super) sink: Arc<dyn SpanSink>,
}

impl SpanRecorder {
    pub(super) fn record(&self, mut span: Box<SpanData>, mut live: LiveSpan) {
        // Queued before the lease is returned, so that the root comes last.
        let _lease = live.lease.take();
        if let Some(amendments) = &mut live.amendments {
            for run in mem::take(&mut amendments.agent_runs).into_spans() {
                self.record_agent_run(run, &live.session);
            }
            amendments.cost.take().into_iter().for_each(|usd| live.session.add_other_cost(usd));
        }
        if span.parent_span_id != SpanId::INVALID {
            span.parent_span_id = live.parent;
        }
        match live.birth.source {
            SpanSource::Own => {
                let LiveSpan { session, birth, amendments, .. } = live;
                self.record_own(EndedSpan { kind: birth.kind, span, session }, amendments);
            }
            SpanSource::Adopted => self.record_adopted(span, live),
            SpanSource::Folded => self.record_folded(span, live),
            SpanSource::NotExported => {}
        }
    }

    /// Takes the run of an agent, a span that was derived from its steps and never started.
    pub(super) fn record_agent_run(&self, run: SpanData, session: &Arc<SessionState>) {
        self.registry.counts().count_started();
        session.record_uncounted_end(run.span_context.span_id(), &run);
        let (kind, session) = (RecordedKind::Agent, Arc::clone(session));
        self.sink.push(EndedSpan { kind, span: Box::new(run), session });
    }

    /// Takes a span of ours, with the amendments that were made besides its own recording.
    #[inline(always)]
    pub(super) fn record_own(&self, mut ended: EndedSpan, amendments: Option<Box<Amendments>>) {
        if ended.kind == RecordedKind::Llm {
            clean_up(&mut ended.span, self.registry.rules().capture_content);
        }
        let rest = amendments.and_then(|amendments| amend_at_end(&mut ended, *amendments));
        if ended.kind == RecordedKind::Session {
            self.release_waiting(&ended.session);
            return self.sink.push(ended);
        }
        self.count(&mut ended);
        match rest {
            Some((by_framework, open)) => {
                let EndedSpan { kind, span, session } = ended;
                self.registry.live().hold(HeldSpan { kind, span, session, by_framework }, open);
            }
            None => self.queue_or_hold(ended),
        }
    }

    /// Queues a span of ours, or holds it back if a framework's span around it may be the same call.
    #[inline(always)]
    fn queue_or_hold(&self, ended: EndedSpan) {
        // After the end of its session nothing would release it.
        let may_wait = ended.session.has_adopted() && !ended.session.has_ended();
        if may_wait && MERGED.contains(&ended.kind) {
            self.hold(ended);
        } else {
            self.sink.push(ended);
        }
    }

    /// Holds a span back for the adopted span around it, and queues the spans that do not wait for that one.
    fn hold(&self, EndedSpan { kind, span, session }: EndedSpan) {
        let free = self.registry.live().hold_for_adopted(span.parent_span_id, kind, span);
        for span in free.into_iter().flatten() {
            self.sink.push(EndedSpan { kind, span, session: Arc::clone(&session) });
        }
    }

    /// Takes an adopted span. If a span of ours inside it is the same call, that one is kept.
    fn record_adopted(&self, mut span: Box<SpanData>, live: LiveSpan) {
        let LiveSpan { session, birth: Birth { kind, .. }, agent_run_host, amendments, .. } = live;
        normalise(kind, &mut span, self.registry.rules().capture_content);
        if let Some(host) = agent_run_host {
            self.registry
                .live()
                .amend(host, |amendments| amendments.agent_runs.end_step(kind, &span));
        }
        let mut amendments = amendments.map(|amendments| *amendments).unwrap_or_default();
        let inner = mem::take(&mut amendments.inner);
        amend(&mut span, amendments);
        match inner {
            // Only a span of the same kind is held back.
            PendingMerge::One(own) if is_same_call(kind, &own, &span) => {
                return self.record_merged(EndedSpan { kind, span: own, session }, *span);
            }
            PendingMerge::One(span) => {
                self.sink.push(EndedSpan { kind, span, session: Arc::clone(&session) });
            }
            PendingMerge::None | PendingMerge::Several => {}
        }
        self.count_and_queue(EndedSpan { kind, span, session });
    }

    /// Counts and queues a framework's span that is exported as a call of its own.
    fn count_and_queue(&self, mut ended: EndedSpan) {
        self.registry.counts().count_started();
        self.count(&mut ended);
        self.sink.push(ended);
    }

    fn record_merged(&self, mut own: EndedSpan, adopted: SpanData) {
        let known = KnownUsage::of(&own.span);
        let outer = adopted.span_context.span_id();
        merge(&mut own.span, adopted);
        own.session.record_uncounted_end(outer, &own.span);
        self.count_more(known, &mut own);
        self.sink.push(own);
    }

    /// Counts usage of a span of ours that became known only after the span was counted.
    fn count_more(&self, known: KnownUsage, EndedSpan { kind, span, session }: &mut EndedSpan) {
        if !known.usage && has_usage(span) {
            session.add_tokens(span, known.model);
            let is_model = *kind == RecordedKind::Llm;
            if let Some(usd) = is_model.then(|| self.price(span, session)).flatten() {
                session.add_cost(span, usd);
            }
        }
    }

    /// Completes a span that has held for framework spans of the same call.
    fn complete(&self, HeldSpan { kind, span, session, by_framework }: HeldSpan) -> EndedSpan {
        let mut ended = EndedSpan { kind, span, session };
        let known = KnownUsage::of(&ended.span);
        add_missing(&mut ended.span, by_framework);
        self.count_more(known, &mut ended);
        ended
    }

    /// Takes a framework's span that is the same call as the span around it, and adds its attributes to that one. If
    /// the outer span has ended, this one is recorded by itself.
    fn record_folded(&self, mut span: Box<SpanData>, live: LiveSpan) {
        normalise(live.birth.kind, &mut span, self.registry.rules().capture_content);
        let outer = live.exported_ancestor;
        if self.registry.live().birth(outer).is_some() {
            let attributes = mem::take(&mut span.attributes);
            self.registry
                .live()
                .amend(outer, |amendments| collect_attributes(amendments, attributes));
            if let Some(held) = self.registry.live().end_folded(outer) {
                self.queue_or_hold(self.complete(held));
            }
        } else {
            let LiveSpan { session, birth: Birth { kind, .. }, .. } = live;
            self.count_and_queue(EndedSpan { kind, span, session });
        }
    }

    /// Queues the spans that held for framework spans which have not ended.
    fn release_waiting(&self, session: &Arc<SessionState>) {
        if session.has_adopted() {
            for held in self.registry.live().release_held(session) {
                self.sink.push(self.complete(held));
            }
        }
    }

    /// Adds a span to the totals of its session. A span that ends after its session is marked first.
    #[inline(always)]
    fn count(&self, EndedSpan { kind, span, session }: &mut EndedSpan) {
        if session.has_ended() {
            span.attributes.push(KeyValue::new(LATE, true));
            self.registry.counts().count_late();
        }
        if *kind == RecordedKind::Llm {
            self.price(span, session);
        }
        session.add_span(*kind, span);
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
struct KnownUsage {
    usage: bool,
    model: bool,
}

impl KnownUsage {
    fn of(span: &SpanData) -> Self {
        Self { usage: has_usage(span), model: model_of(span).is_some() }
    }
}

fn has_usage(span: &SpanData) -> bool {
    [INPUT_TOKENS, OUTPUT_TOKENS].iter().any(|key| find(&span.attributes, key).is_some())
}

/// Adds the amendments to a span of ours. If framework spans of the same call are still open, returns the attributes
/// of the ended ones, and the number of open ones.
fn amend_at_end(
    ended: &mut EndedSpan,
    mut amendments: Amendments,
) -> Option<(Vec<KeyValue>, usize)> {
    let waits = amendments.open_folded > 0 && !ended.session.has_ended();
    let rest = waits.then(|| (mem::take(&mut amendments.by_framework), amendments.open_folded));
    amend(&mut ended.span, amendments);
    rest
}

/// Adds the amendments that were made to a span besides its own recording.
fn amend(span: &mut SpanData, amendments: Amendments) {
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
    add_missing(span, by_framework);
}
