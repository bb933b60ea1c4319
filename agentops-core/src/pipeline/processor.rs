//! The third door: what lives in a session, and what has ended.

use std::{sync::Arc, time::Duration};

use opentelemetry::{
    Context, KeyValue,
    trace::{Span as _, SpanId, TraceContextExt},
};
use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    trace::{Span, SpanData, SpanProcessor},
};

use super::{
    Sink,
    ended::{Ended, SESSION},
    stamp_any,
};
use crate::{
    adopt::birth_kind,
    attribute::{find, kind_of},
    config::ForeignSpans,
    fork,
    kind::SpanKind,
    semconv::{ADOPTED_FROM, GEN_AI_OPERATION, SPAN_KIND},
    session::{
        Admission, Birth, InSession, LiveSpan, LiveSpans, Origin, SessionRegistry, SessionState,
        Step, admit, step_of,
    },
    span::birth,
};

/// Whose provider the processor serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Provider {
    /// Our own: spans are stamped by the worker, off the program's threads.
    Ours,
    /// The user's: spans are stamped when they start, so that the user's exporters see the stamps too.
    Theirs,
}

/// Ties each span to its session while it lives; when it ends, adds it to the session's totals and queues it.
#[doc(alias = "Span Processor")]
#[derive(Debug)]
pub(crate) struct AgentOpsSpanProcessor {
    provider: Provider,
    ended: Ended,
    shutdown_timeout: Duration,
}

impl AgentOpsSpanProcessor {
    pub(crate) fn new(
        provider: Provider,
        registry: Arc<SessionRegistry>,
        sink: Arc<dyn Sink>,
        shutdown_timeout: Duration,
    ) -> Self {
        Self { provider, ended: Ended { registry, sink }, shutdown_timeout }
    }
}

impl AgentOpsSpanProcessor {
    /// The session that a span belongs to. Our own sampler has asked the rule already: what it let in is in,
    /// though the session may have ended a moment ago. A provider of theirs has not asked yet.
    fn session_of<'a>(&self, context: &'a Context) -> Option<&'a Arc<SessionState>> {
        match (self.provider, admit(context)) {
            (_, Admission::Admitted(session)) => Some(session),
            (Provider::Ours, _) => context.get::<InSession>().map(|InSession(session)| session),
            (Provider::Theirs, _) => None,
        }
    }

    fn live(&self) -> &LiveSpans {
        self.ended.registry.live()
    }

    /// What is known of a span that starts; ours says so itself, where the provider is ours.
    fn birth_of(&self, span: &mut Span, parent: SpanId) -> Birth {
        let birth = match self.provider {
            Provider::Ours => birth(),
            Provider::Theirs => self.look_at(span),
        };
        let passing = Birth { slot: SpanKind::SLOTS - 1, origin: Origin::Passing };
        let birth = birth.unwrap_or(passing);
        // One call of a model inside another is the same call.
        let is_model = birth.slot == SpanKind::slot(SpanKind::Llm.as_str());
        if birth.origin == Origin::Adopted && is_model {
            let outer = self.live().nearest(parent).and_then(|outer| self.live().birth(outer));
            if outer.is_some_and(|outer| outer.slot == birth.slot) {
                return Birth { origin: Origin::Folded, ..birth };
            }
        }
        birth
    }

    /// The run of an agent that a framework's span is a step of, where there is no span for the run.
    fn run_of(&self, span: &Span, parent: SpanId, session: &Arc<SessionState>) -> Option<SpanId> {
        let agent = SpanKind::slot(SpanKind::Agent.as_str());
        if self.live().birth(parent).is_none_or(|parent| parent.slot == agent) {
            return None;
        }
        let span = span.exported_data()?;
        let step = step_of(&span)?;
        let found = self.live().tell(parent, |told| match step {
            Step::Tool => told.runs.tool(),
            Step::Turn => {
                let (run, new) = told.runs.turn(&span, parent);
                if let Some(new) = new {
                    session.count(SpanKind::Agent.as_str(), new);
                }
                Some(run)
            }
        });
        let ended = self.live().tell(parent, |told| told.runs.take_ended());
        for run in ended.into_iter().flatten() {
            self.ended.run(run, session);
        }
        found.flatten()
    }

    /// Another provider's span; a foreign one that is to be adopted gets its kind now.
    fn look_at(&self, span: &mut Span) -> Option<Birth> {
        let data = span.exported_data()?;
        if let Some(kind) = kind_of(&data) {
            return Some(Birth { slot: SpanKind::slot(kind), origin: Origin::Own });
        }
        let text = |key| find(&data.attributes, key).map(|value| value.as_str().into_owned());
        let target = text("target").unwrap_or_default();
        let which = self.ended.registry.rules().foreign_spans;
        let kind = birth_kind(&target, &data.name, text(GEN_AI_OPERATION).as_deref());
        let kind = match which {
            ForeignSpans::GenAi => kind?,
            ForeignSpans::All => kind.unwrap_or(SpanKind::Custom("custom")),
            ForeignSpans::None => return None,
        };
        span.set_attribute(KeyValue::new(ADOPTED_FROM, target));
        span.set_attribute(KeyValue::new(SPAN_KIND, kind.as_str()));
        Some(Birth { slot: SpanKind::slot(kind.as_str()), origin: Origin::Adopted })
    }
}

// It runs while tracing-opentelemetry holds its locks, where a panic aborts the process: it emits no event
// and cannot panic.
impl SpanProcessor for AgentOpsSpanProcessor {
    fn on_start(&self, span: &mut Span, context: &Context) {
        if fork::is_child() {
            return;
        }
        let Some(session) = self.session_of(context) else { return };
        let (parent, id) = (context.span().span_context().span_id(), span.span_context().span_id());
        if self.provider == Provider::Theirs {
            span.set_attributes(stamp_any(session, span.span_context().trace_id()));
        }
        let birth = self.birth_of(span, parent);
        if matches!(birth.origin, Origin::Adopted | Origin::Folded) {
            session.note_adopted();
        }
        // Where all spans are ours, each stands for itself.
        let skips = self.provider == Provider::Theirs || session.has_adopted();
        let parent = if skips { self.live().nearest(parent).unwrap_or(parent) } else { parent };
        let stands = matches!(birth.origin, Origin::Own | Origin::Adopted);
        let nearest = if stands { id } else { parent };
        let run =
            (birth.origin == Origin::Adopted).then(|| self.run_of(span, parent, session)).flatten();
        let (run_below, parent) = run.map_or((None, parent), |run| (Some(parent), run));
        let session = Arc::clone(session);
        if birth.slot == SESSION && self.ended.sink.wants_starts() {
            let root = span.exported_data();
            root.into_iter().for_each(|root| self.ended.sink.begin(root, Arc::clone(&session)));
        }
        let live = LiveSpan { session, parent, nearest, birth, run_below, told: None };
        self.live().insert(id, live);
    }

    fn on_end(&self, span: SpanData) {
        if fork::is_child() {
            return;
        }
        if let Some(live) = self.live().remove(span.span_context.span_id()) {
            self.ended.take(span, live);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.ended.sink.flush(self.shutdown_timeout).map_err(OTelSdkError::InternalFailure)
    }

    /// The core shuts the delivery down; here only what has ended so far is sent.
    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.ended.sink.flush(timeout).map_err(OTelSdkError::InternalFailure)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.ended.sink.set_resource(resource.clone());
    }
}
