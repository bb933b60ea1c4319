//! A recorded span from its first entry to its end.

use std::{mem, sync::Arc};

use opentelemetry::{
    Context, KeyValue,
    trace::{SpanRef, Status, TraceContextExt},
};

use super::{clock::watch_the_clock, factory::Component};
use crate::{
    attribute::find,
    capture::{self, Captured, Failure, Message, Outcome},
    extent::Extent,
    fork, here,
    llm::{self, LlmResponse},
    panics::{Moment, Panic, Place},
    quiet::has_recorded,
    report, semconv,
    session::{EndState, OpenSession, SessionRegistry, SessionState, tell_of_budget},
};

/// An error's message is bounded like this on a span.
pub(super) const MAX_MESSAGE: usize = 4096;

/// The `error.type` of a panic, and its message where that is not known.
const PANIC: &str = "panic";

/// How a call ended.
#[derive(Debug)]
pub(super) enum Ending<'a> {
    /// It ran to its end.
    Finished(Outcome<'a>),
    /// It panicked.
    Panicked,
    /// Its future was dropped half way.
    Cancelled,
    /// Whoever held it in hand said so, or nothing.
    Left(EndState),
}

/// What a span is to its session.
#[derive(Debug)]
pub(super) enum Role {
    /// Something that happens in it, and where in the program that is.
    Child(Arc<SessionState>, Component),
    /// The session itself.
    Session(Arc<SessionState>),
}

impl Role {
    fn session(&self) -> &Arc<SessionState> {
        let (Self::Child(session, _) | Self::Session(session)) = self;
        session
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
            Role::Session(session) => begin_session(session, &context),
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

    /// Takes hold of the root of a session from elsewhere, to end it.
    fn of_open(session: OpenSession) -> Self {
        let progress = Progress::Open(session.root);
        Self { progress, ..Self::new(Role::Session(session.state), None, None) }
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
        if let Role::Session(session) = &self.role
            && !close_session(session, &span)
        {
            return;
        }
        match ending {
            Ending::Finished(Outcome::Returned(value, response)) => {
                self.say(&span, value, response.as_deref());
            }
            Ending::Panicked => {
                let panic = self.panic.take().or_else(|| self.panic());
                record_panic(&span, panic.as_deref());
            }
            ending => say_failure(&span, ending, self.redacts()),
        }
        if let Role::Session(session) = &self.role {
            span.set_attributes(session.totals().attributes());
            session.changes().into_iter().for_each(|known| span.set_attribute(known));
            let state = end_state(ending).as_str();
            span.set_attribute(KeyValue::new(semconv::SESSION_END_STATE, state));
        }
        span.end();
        let session = self.role.session();
        if session.has_limits() {
            tell_of_budget(session);
        }
        if let Role::Child(session, component) = &self.role
            && session.has_ended()
        {
            tell_of_late(session, component);
        }
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

/// Says that a call did not return what it is there for.
#[cold]
fn say_failure(span: &SpanRef<'_>, ending: &Ending<'_>, redacts: bool) {
    if let Some((kind, message)) = failure_of(ending, redacts) {
        record_failure(span, kind, message);
    }
    match ending {
        Ending::Cancelled => span.set_attribute(KeyValue::new(semconv::CANCELLED, true)),
        // What was wrong was said before, or is not known.
        Ending::Left(EndState::Failure) => span.set_status(Status::error("")),
        _ => {}
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

/// Says on a span that it failed, and why.
pub(super) fn record_failure(span: &SpanRef<'_>, kind: &'static str, message: String) {
    record_exception(span, kind, message, None);
}

/// Records a panic: its text as the status, its place on the event as well.
#[cold]
fn record_panic(span: &SpanRef<'_>, panic: Option<&Panic>) {
    let message = panic.and_then(|panic| panic.message.as_deref()).unwrap_or(PANIC);
    let place = panic.and_then(|panic| panic.place.as_ref());
    record_exception(span, PANIC, capture::text(message, MAX_MESSAGE), place);
}

fn record_exception(
    span: &SpanRef<'_>,
    kind: &'static str,
    message: String,
    place: Option<&Place>,
) {
    let mut attributes = vec![
        KeyValue::new(semconv::EXCEPTION_TYPE, kind),
        KeyValue::new(semconv::EXCEPTION_MESSAGE, message.clone()),
    ];
    if let Some(Place { file, line, column }) = place {
        attributes.push(KeyValue::new(semconv::CODE_FILE_PATH, file.clone()));
        attributes.push(KeyValue::new(semconv::CODE_LINE_NUMBER, i64::from(*line)));
        attributes.push(KeyValue::new(semconv::CODE_COLUMN_NUMBER, i64::from(*column)));
    }
    span.set_attribute(KeyValue::new(semconv::ERROR_TYPE, kind));
    span.add_event(semconv::EXCEPTION_EVENT, attributes);
    span.set_status(Status::error(message));
}

/// Ends what is still open: the program goes down.
pub(crate) fn end_open_sessions(registry: &SessionRegistry) {
    for session in registry.open_sessions() {
        TracedSpan::of_open(session).close(&Ending::Left(EndState::Shutdown));
    }
}

/// Says of a call, once for each callsite, that it ended after its session had.
#[cold]
fn tell_of_late(session: &SessionState, component: &Component) {
    let (registry, place) = (session.registry(), component.place());
    registry.note_late(&place);
    if component.warns_now() {
        let (kind, name) = (component.kind().as_str(), &session.identity().name);
        let message = format_args!(
            "{kind} {place} ended after its session `{name}` had, and is in no total of it; \
             await or join it before the session ends"
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
    watch_the_clock(session);
    tell_replay_url(session);
}

/// First the door, then the sum: what ends later is no part of it. False if somebody else has ended it.
fn close_session(session: &SessionState, span: &SpanRef<'_>) -> bool {
    let is_first = session.mark_ended();
    if is_first {
        session.registry().remove_session(span.span_context().trace_id());
    }
    is_first
}

/// Where to watch the session, for those who sent it to AgentOps.
fn tell_replay_url(session: &Arc<SessionState>) {
    let rules = session.registry().rules();
    let (session, Some(app)) = (session.look(), &rules.replay_url) else {
        return;
    };
    let (name, trace) = (session.name(), session.trace_id());
    let message = format_args!("session replay of `{name}`: {app}/sessions?trace_id={trace}");
    report::info(rules.may_use_stderr, &message);
}

fn end_state(ending: &Ending<'_>) -> EndState {
    match ending {
        Ending::Left(state) => *state,
        Ending::Finished(Outcome::Failed(_)) | Ending::Panicked => EndState::Failure,
        Ending::Finished(_) => EndState::Success,
        Ending::Cancelled => EndState::Indeterminate,
    }
}

/// The type and the message of what went wrong, if something did.
fn failure_of(ending: &Ending<'_>, redacts: bool) -> Option<(&'static str, String)> {
    match ending {
        Ending::Finished(Outcome::Failed(Failure { kind, message: Message::Debug(error) })) => {
            let extent = Extent { max_len: MAX_MESSAGE, redacts };
            Some((kind, capture::debug_text(*error, extent)))
        }
        Ending::Finished(Outcome::Failed(Failure { kind, message })) => {
            Some((kind, capture::text(message, MAX_MESSAGE)))
        }
        // A panic has its own way of being recorded.
        Ending::Finished(_) | Ending::Left(_) | Ending::Panicked => None,
        Ending::Cancelled => Some(("cancelled", "cancelled".to_owned())),
    }
}
