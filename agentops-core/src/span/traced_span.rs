//! A recorded span from its first entry to its end.

use std::{mem, sync::Arc};

use opentelemetry::{
    Context, KeyValue,
    trace::{SpanRef, TraceContextExt},
};

use super::{
    Site,
    component::Component,
    deferral::Deferral,
    ending::Ending,
    exception::{record_panic, say_cancelled, say_failure},
};
use crate::session::watch_the_clock;
use crate::{
    attribute::find,
    capture::{self, Captured, Outcome},
    llm::{self, LlmResponse},
    process::{Moment, Panic, fork, has_recorded, here, presentable::name, report},
    record::{Extent, SpanKind, semconv},
    session::{EndState, OpenSession, SessionLease, SessionState, tell_of_budget},
};

/// What a span is to its session.
#[derive(Debug)]
pub(super) enum Role {
    /// Something that happens in it, and where in the program that is.
    Child(Arc<SessionState>, Component),
    /// The session itself, and its callsite.
    Session(Arc<SessionState>, &'static Site),
}

impl Role {
    fn session(&self) -> &Arc<SessionState> {
        let (Self::Child(session, _) | Self::Session(session, _)) = self;
        session
    }

    fn site(&self) -> &'static Site {
        let (Self::Child(_, Component { site, .. }) | Self::Session(_, site)) = self;
        site
    }
}

/// A span that is being recorded: ids, start, end, attributes and status live in its OpenTelemetry span.
#[doc(alias = "TracedObject")]
#[derive(Debug)]
pub(super) struct TracedSpan {
    role: Role,
    /// The bounds of the recorded output, if it is recorded.
    output: Option<Extent>,
    progress: Progress,
    /// The moment at which the code that runs in it was entered.
    entered: Moment,
    /// The panic of that code, if the span ends later.
    panic: Option<Arc<Panic>>,
}

/// How far a span has come.
#[derive(Debug)]
enum Progress {
    /// Its scope was not entered yet; the context that our layer has built, if it is ours that records it.
    New(Option<Context>),
    /// It is recorded, in this context.
    Open(Context),
    /// It has ended, or nobody records it.
    Over,
}

impl TracedSpan {
    pub(super) fn new(role: Role, output: Option<Extent>, built: Option<Context>) -> Self {
        let progress = Progress::New(built);
        Self { role, output, progress, entered: Moment::default(), panic: None }
    }

    /// Takes hold of the span, which its scope has just made current. False if nobody records it.
    #[inline]
    pub(super) fn open(&mut self) -> bool {
        self.enter();
        let Progress::New(built) = &mut self.progress else { return self.is_open() };
        let context = built.take().unwrap_or_else(here::current);
        self.progress = Progress::Over;
        let span = context.span();
        // Only what is not to be exported has to be asked.
        if !span.span_context().is_sampled() && !span.is_recording() {
            return false;
        }
        match &self.role {
            Role::Child(session, _) => session.registry().count_started(),
            Role::Session(session, _) => begin_session(session, &context),
        }
        if self.output.is_some_and(|output| !output.redacts) {
            self.keep_credentials(&span);
        }
        self.progress = Progress::Open(context);
        true
    }

    /// Enters its code: earlier panics are not its own.
    #[inline(always)]
    pub(super) fn enter(&mut self) {
        self.entered = Moment::now();
    }

    /// The panic that unwinds its code at this moment, if it is known.
    pub(super) fn panic(&self) -> Option<Arc<Panic>> {
        self.entered.unwinding()
    }

    /// Keeps the panic of its code, where the span ends later: no panic after this one is its own.
    pub(super) fn note_panic(&mut self, panic: Option<Arc<Panic>>) {
        self.panic = panic;
        self.entered = Moment::NEVER;
    }

    /// Lets what is said inside of the span have credentials in it, as what goes in and comes out has.
    #[cold]
    fn keep_credentials(&self, span: &SpanRef<'_>) {
        let registry = self.role.session().registry();
        // Who is asked whether it records can be found from then on.
        if registry.rules().redact_credentials && span.is_recording() {
            let id = span.span_context().span_id();
            registry.live().tell(id, |told| told.keeps_credentials = true);
        }
    }

    /// The context with this span in it, while it is open.
    pub(super) fn context(&self) -> Option<&Context> {
        match &self.progress {
            Progress::Open(context) => Some(context),
            Progress::New(_) | Progress::Over => None,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self.progress, Progress::Open(_))
    }

    pub(super) fn site(&self) -> &'static Site {
        self.role.site()
    }

    /// What it stands for.
    pub(super) fn kind(&self) -> SpanKind {
        match &self.role {
            Role::Child(_, component) => component.kind(),
            Role::Session(..) => SpanKind::Session,
        }
    }

    /// The bounds of the recorded output, if it is recorded.
    pub(super) fn output(&self) -> Option<Extent> {
        self.output
    }

    /// Adds attributes, while the span is open.
    pub(super) fn note(&self, attributes: Vec<KeyValue>) {
        if let Some(context) = self.context() {
            context.span().set_attributes(attributes);
        }
    }

    /// Ends the span at this moment, whatever else still holds it. Only the first ending counts.
    pub(super) fn close(&mut self, ending: &Ending<'_>) {
        if !self.is_open() {
            return;
        }
        let Progress::Open(context) = mem::replace(&mut self.progress, Progress::Over) else {
            return;
        };
        if fork::is_child() {
            return;
        }
        has_recorded();
        let span = context.span();
        match ending {
            Ending::Finished(Outcome::Returned(value, response)) => {
                match self.deferral(value).filter(|_| response.is_none()) {
                    Some(deferral) => {
                        let rules = self.role.session().registry().rules();
                        span.set_attribute(deferral.mark(self.site(), rules.may_use_stderr));
                    }
                    None => self.say(&span, value, response.as_deref()),
                }
            }
            Ending::Finished(Outcome::Deferred(to)) => {
                span.set_attribute(KeyValue::new(semconv::DEFERRED, *to));
            }
            Ending::Panicked => {
                let panic = self.panic.take().or_else(|| self.panic());
                record_panic(&span, panic.as_deref());
            }
            Ending::Cancelled => say_cancelled(&span, self.site().settings.cancelled_fails),
            ending => say_failure(&span, ending, self.redacts()),
        }
        match &self.role {
            Role::Session(session, _) => {
                end_session(session, &context, ending);
                if session.has_limits() {
                    tell_of_budget(session);
                }
            }
            Role::Child(session, component) => end_call(session, component, &span),
        }
    }

    /// The work that the function has left behind, if it did: the compiler knows only of what is a
    /// future, a stream or an iterator as a whole.
    #[inline]
    fn deferral(&self, value: &Captured<'_>) -> Option<Deferral> {
        let found = match value {
            Captured::Opaque(of) => Deferral::boxed_in(of),
            Captured::Debug(_, of) => Deferral::named(of),
            _ => None,
        };
        found.filter(|_| !self.site().settings.returns_value)
    }

    fn redacts(&self) -> bool {
        let rules = self.role.session().registry().rules();
        rules.redact_credentials && self.output.is_none_or(|output| output.redacts)
    }

    /// Says what came out, unless a model's answer says that better.
    fn say(&self, span: &SpanRef<'_>, value: &Captured<'_>, response: Option<&LlmResponse>) {
        let mut speaks = false;
        if let Some(response) = response {
            let told = answer(response, self.output);
            speaks = find(&told, semconv::OUTPUT).is_some();
            span.set_attributes(told);
        }
        if let Some(extent) = self.output.filter(|_| !speaks) {
            let output = capture::value(value, extent);
            span.set_attribute(KeyValue::new(semconv::OUTPUT, output));
        }
    }
}

/// What a model's answer tells, and, as far as it is captured, says.
pub(super) fn answer(response: &LlmResponse, extent: Option<Extent>) -> Vec<KeyValue> {
    let mut attributes: Vec<_> = response.attributes().collect();
    let Some(extent) = extent else { return attributes };
    if let Some(messages) = response.output_json(extent) {
        attributes.push(KeyValue::new(semconv::OUTPUT_MESSAGES, messages));
    }
    let text = response.output.as_ref().map(llm::Message::text).filter(|text| !text.is_empty());
    if let Some(text) = text {
        // The words rather than the whole value that holds them.
        let json = capture::value(&Captured::Serialize(&text), extent);
        attributes.push(KeyValue::new(semconv::OUTPUT, json));
    }
    attributes
}

/// Says of a call, once for each callsite, that it ended after its session had.
#[cold]
fn tell_of_late(session: &SessionState, component: &Component) {
    let (registry, place) = (session.registry(), component.place());
    registry.note_late(&place);
    if component.claim_warning() {
        let (kind, name) = (component.kind().as_str(), name(&session.identity().name));
        let message = format_args!(
            "{kind} {place} ended after its session `{name}` had, and is in no total of it; \
             start it by `agentops::spawn`, with `.in_current_session()` or by `agentops::thread::spawn`, \
             which keep the session open, or end the session after it"
        );
        report::warn(registry.rules().may_use_stderr, &message);
    }
}

fn begin_session(session: &Arc<SessionState>, root: &Context) {
    let place = root.span().span_context().clone();
    let trace = place.trace_id();
    session.set_root(&place);
    let registry = session.registry();
    #[cfg(feature = "testing")]
    crate::session::saw_session(root, trace);
    registry.count_started();
    registry.add_session(trace, OpenSession { state: Arc::clone(session), root: root.clone() });
    let limit = session.identity().budget.limits_time();
    watch_the_clock(session, limit.and_then(|limit| session.started().checked_add(limit)));
    tell_replay_url(session);
}

/// Ends a session at once if the program says so; else when nothing of it runs any longer.
fn end_session(session: &Arc<SessionState>, root: &Context, ending: &Ending<'_>) {
    if let Ending::Said(state) = ending {
        session.finish(*state);
    } else if session.leave(end_state(ending), root) {
        watch_the_clock(session, session.drain_deadline());
    }
}

/// Ends a call, and maybe its session, if nothing else of that runs any longer.
#[inline(always)]
fn end_call(session: &Arc<SessionState>, component: &Component, span: &SpanRef<'_>) {
    let is_late = session.has_ended();
    // The session is told of its budget before it ends.
    let lease = session.has_limits().then(|| SessionLease::of(session));
    span.end();
    if lease.is_some() {
        tell_of_budget(session);
    }
    if is_late {
        tell_of_late(session, component);
    }
}

/// Where to watch the session, for those who sent it to AgentOps.
fn tell_replay_url(session: &Arc<SessionState>) {
    let rules = session.registry().rules();
    let (session, Some(app)) = (session.look(), &rules.replay_url) else {
        return;
    };
    let (name, trace) = (name(session.name()), session.trace_id());
    let message = format_args!("session replay of `{name}`: {app}/sessions?trace_id={trace}");
    report::info(rules.may_use_stderr, &message);
}

fn end_state(ending: &Ending<'_>) -> EndState {
    match ending {
        Ending::Said(state) | Ending::Left(state) => *state,
        Ending::Finished(Outcome::Failed(_)) | Ending::Panicked => EndState::Failure,
        Ending::Finished(_) => EndState::Success,
        Ending::Cancelled | Ending::Dropped => EndState::Indeterminate,
    }
}
