//! The one door through which our spans are born, and the first place that asks the session rule.

use std::{borrow::Cow, sync::Arc};

use opentelemetry::{
    Context, KeyValue,
    trace::{Link, SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState},
};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::{
    call::Call,
    current_agent as agent,
    handle_site::HandleSite,
    pending::{Handed, PendingSpan, hand_over},
    scope::Scope,
    site::Site,
    start::{InitialAttributes, NewSession, Parentage, SpanDraft, Start},
    traced_span::{Role, TracedSpan},
};
use crate::{
    attribute::keep_last,
    config::OrphanPolicy,
    error::NoActiveSession,
    process::{
        fork,
        here::{self, with_current},
        may_record, report,
    },
    record::{Extent, SpanKind, semconv::OPERATION_NAME},
    session::{
        InSession, Place, Refusal, SessionRegistry, SessionState, admit_current, innermost,
        look_around, note_unrecorded, parent_in,
    },
};

/// The one door through which our spans are created.
#[doc(alias = "Span Factory")]
#[derive(Debug)]
pub(crate) struct SpanFactory;

impl SpanFactory {
    /// Asks whether a call of this site, which is not silent, gets a span.
    pub(super) fn admit(site: &'static Site) -> Start {
        match Self::ask(Component::of(site)) {
            Ok(start) => start,
            Err(refused) => refused.warn_once(),
        }
    }

    /// The same for a handle.
    pub(super) fn start(component: Component) -> Start {
        Self::ask_unless_silent(component).unwrap_or_else(|refused| refused.warn_once())
    }

    /// The same for a handle that is told when it gets no span.
    pub(super) fn try_start(component: Component) -> Result<Start, NoActiveSession> {
        Self::ask_unless_silent(component).map_err(|refused| refused.error())
    }

    fn ask_unless_silent(component: Component) -> Result<Start, Box<Refused>> {
        if !matches!(component.kind(), SpanKind::Session) && component.site.is_silent() {
            return Ok(Start(None));
        }
        Self::ask(component)
    }

    #[inline(always)]
    fn ask(component: Component) -> Result<Start, Box<Refused>> {
        if matches!(component.kind(), SpanKind::Session) {
            return Ok(Self::admit_session(&component));
        }
        let place = look_around(|place| {
            (Arc::clone(&place.session), agent::around(component.kind(), place))
        });
        match place {
            Ok((session, agent)) if session.registry().is_open() => {
                if session.has_ended() {
                    Self::check_late(&component, &session);
                }
                Ok(Start(Some(SpanDraft::child(component, session, agent))))
            }
            Err(Refusal::NoSession) => Self::refuse(component),
            Ok(_) | Err(Refusal::Silent) => Ok(Start(None)),
        }
    }

    /// The same for a call that starts later: if it has no session yet, it may have one then.
    pub(super) fn admit_later(site: &'static Site) -> Start {
        let may_wait = site.kind() != SpanKind::Session && SessionRegistry::any_open();
        if may_wait && matches!(admit_current(), Err(Refusal::NoSession)) {
            let registry = SessionRegistry::find().filter(|_| !site.is_off());
            return Start(
                registry.map(|registry| {
                    SpanDraft::new(Component::of(site), Parentage::Later(registry))
                }),
            );
        }
        site.admit()
    }

    /// Creates the span of a call that was asked about earlier: its session may have ended since, or begun.
    pub(super) fn begin_later(mut draft: SpanDraft) -> Option<Call> {
        if !matches!(draft.origin, Parentage::Root(..)) {
            draft.origin = draft.component.site.admit().0?.origin;
            draft.name_session();
        }
        Self::begin(draft)
    }

    fn admit_session(component: &Component) -> Start {
        if with_current(Context::is_telemetry_suppressed) {
            return Start(None);
        }
        let Some(registry) = SessionRegistry::find() else {
            tell_of_unrecorded(component);
            return Start(None);
        };
        // Even where a filter hides the session itself: what is below it must know that it is hidden.
        let origin = Parentage::root(registry, component);
        Start(Some(SpanDraft::new(component.clone(), origin)))
    }

    /// Creates the span of a call, unless a subscriber's filter has the last word against it.
    pub(super) fn begin(draft: SpanDraft) -> Option<Call> {
        if !may_record() {
            return None;
        }
        let output = draft.output();
        let SpanDraft { component, origin, sketch } = draft;
        let site = component.site;
        match origin {
            Parentage::Child(session) => {
                if !site.is_still_enabled() {
                    site.note_filtered(None);
                    return None;
                }
                let (scope, built) = new_child(site, &session, sketch);
                let traced = TracedSpan::new(Role::Child(session, component), output, built);
                Some(Call::new(scope, Some(traced)))
            }
            origin => begin_session_with(component, origin, sketch, output),
        }
    }

    /// A call that starts after its session has ended is a mistake where mistakes are to show.
    #[cold]
    fn check_late(component: &Component, session: &SessionState) {
        if session.registry().rules().orphan_policy == OrphanPolicy::Panic {
            let (kind, place) = (component.kind().as_str(), component.place());
            let name = &session.identity().name;
            panic!(
                "{kind} {place} was called after its session `{name}` had ended; end the session after it"
            );
        }
    }

    /// "Tracing is off" is not "no session": where nobody would record the call, nothing is said.
    #[cold]
    fn refuse(component: Component) -> Result<Start, Box<Refused>> {
        let Some(registry) = SessionRegistry::find().filter(|_| component.site.is_enabled()) else {
            return Ok(Start(None));
        };
        if registry.rules().orphan_policy == OrphanPolicy::AutoSession {
            let origin = Parentage::auto_session(registry, &component);
            return Ok(Start(Some(SpanDraft::new(component, origin))));
        }
        registry.count_orphan(&component.place());
        let refused = Box::new(Refused { component, registry });
        #[cfg(feature = "testing")]
        crate::session::saw_orphan(|| refused.error().to_string());
        if refused.registry.rules().orphan_policy == OrphanPolicy::Panic {
            panic!("{}", refused.error());
        }
        Err(refused)
    }
}

/// What asks for a span: an annotated function or a handle.
#[derive(Clone, Debug)]
pub(super) struct Component {
    pub(super) site: &'static Site,
    /// What a handle is called, and stands for.
    handle: Option<Box<HandleSite>>,
}

impl Component {
    const fn of(site: &'static Site) -> Self {
        Self { site, handle: None }
    }

    pub(super) fn handle(site: &'static Site, handle: HandleSite) -> Self {
        Self { site, handle: Some(Box::new(handle)) }
    }

    pub(super) fn kind(&self) -> SpanKind {
        self.handle.as_deref().map_or(self.site.kind(), |handle| handle.kind)
    }

    /// What it is called, and where it is.
    pub(super) fn place(&self) -> Place {
        let line = self.handle.as_deref().map(|handle| (handle.place.file(), handle.place.line()));
        let of_site = self.site.place();
        Place { name: self.name(), line: line.or(of_site.line) }
    }

    pub(super) fn name(&self) -> Cow<'static, str> {
        match self.handle.as_deref() {
            Some(handle) => Cow::Owned(handle.name.clone()),
            None => Cow::Borrowed(self.site.name()),
        }
    }

    /// Claims the one warning of a function, or of a place that starts handles; true the first time.
    pub(super) fn claim_warning(&self) -> bool {
        self.handle.as_deref().map_or_else(|| self.site.claim_warning(), HandleSite::claim_warning)
    }
}

/// A component that gets no span.
struct Refused {
    component: Component,
    registry: Arc<SessionRegistry>,
}

impl Refused {
    #[cold]
    fn warn_once(&self) -> Start {
        // All handles of a kind share one site, which cannot speak for each of them.
        if self.component.handle.is_none() {
            let site = self.component.site;
            self.registry.leave_to(site.place(), &site.orphans);
        }
        if self.component.claim_warning() {
            report::warn(self.registry.rules().may_use_stderr, &self.error());
        }
        Start(None)
    }

    fn error(&self) -> NoActiveSession {
        NoActiveSession::new(self.component.kind().as_str(), &self.component.place())
    }
}

/// Says of a session why nobody records it.
#[cold]
fn tell_of_unrecorded(component: &Component) {
    let Some(registry) = SessionRegistry::find_shut_down() else {
        if !fork::is_child() {
            note_unrecorded(component.place());
        }
        return;
    };
    if fork::is_child() {
        fork::complain(registry.rules().may_use_stderr);
    } else if component.claim_warning() {
        report::warn(registry.rules().may_use_stderr, &shut_down_text(component));
    }
}

fn shut_down_text(component: &Component) -> String {
    format!(
        "session {} was started after agentops had shut down and is not recorded; \
         bind the guard of `init` to a name, such as `_guard`, and keep it until the program ends",
        component.place()
    )
}

/// Creates the span of a session, or of a call that gets one.
#[cold]
fn begin_session_with(
    component: Component,
    origin: Parentage,
    sketch: InitialAttributes,
    output: Option<Extent>,
) -> Option<Call> {
    match origin {
        Parentage::Root(new) => Some(begin_session(component.site, *new, sketch, output)),
        Parentage::AutoSession(new) => begin_in_auto_session(component, *new, sketch, output),
        // `begin_later` has replaced the one, and this is not for the other.
        Parentage::Later(_) | Parentage::Child(_) => None,
    }
}

/// A session that an orphan gets: named after it, with no content of its own, and ending with it.
fn begin_in_auto_session(
    component: Component,
    new: NewSession,
    sketch: InitialAttributes,
    output: Option<Extent>,
) -> Option<Call> {
    let site = component.site;
    let of_session = InitialAttributes::of_auto_session(&sketch);
    let mut session = begin_session(site, new, of_session, None);
    if !session.open() {
        return Some(session);
    }
    let (state, (scope, built)) = session.in_scope(|| {
        let state = admit_current().ok()?;
        let span = site.is_enabled().then(|| new_child(site, &state, sketch))?;
        Some((state, span))
    })?;
    let traced = TracedSpan::new(Role::Child(state, component), output, built);
    Some(Call::new(scope, Some(traced)).inside(session))
}

/// A session is the root of its own trace, whatever is current: the context keeps its baggage and values,
/// but not its span, to which the session only links. What no subscriber wants, and what is not sampled,
/// is silent from here down.
fn begin_session(
    site: &'static Site,
    NewSession { registry, identity }: NewSession,
    sketch: InitialAttributes,
    output: Option<Extent>,
) -> Call {
    let is_enabled = site.is_enabled();
    if !is_enabled {
        site.note_filtered(Some(&registry));
    }
    let sampled = is_enabled && registry.rules().sampling.takes_new();
    let mut sketch = sketch;
    sketch.attributes.extend(identity.root_attributes());
    let session = Arc::new(SessionState::new(registry, identity, sampled));
    let link = innermost().span().span_context().clone();
    let here = here::current().with_value(InSession::new(Arc::clone(&session)));
    let inside = here.with_remote_span_context(no_parent());
    if !sampled {
        return Call::new(Scope::Silent(inside), None);
    }
    // Other layers go on below what is current here; a provider of the program's own is to begin a trace.
    let outer = if SessionRegistry::has_layer() { here } else { inside.clone() };
    let _attached = here::attach(outer);
    let (scope, built) = new_span(site, sketch, link.is_valid().then_some(link), Some(inside));
    let traced = TracedSpan::new(Role::Session(session, site), output, built);
    Call::new(scope, Some(traced))
}

/// A context's span can be replaced but not removed. An invalid one makes the next span a root; that it is
/// "sampled" keeps a parent-based sampler, as the user's own provider may have one, from dropping the root.
fn no_parent() -> SpanContext {
    SpanContext::new(
        TraceId::INVALID,
        SpanId::INVALID,
        TraceFlags::SAMPLED,
        false,
        TraceState::default(),
    )
}

#[inline(always)]
fn new_child(
    site: &'static Site,
    session: &SessionState,
    sketch: InitialAttributes,
) -> (Scope, Option<Context>) {
    let _agent = sketch.agent.as_deref().cloned().and_then(agent::enter);
    match parent_in(session) {
        None => new_span(site, sketch, None, None),
        Some(parent) => new_span_elsewhere(site, sketch, parent),
    }
}

/// A foreign span is the current one. It stays so for its own layer; for a provider of the program's own, which
/// knows no other place, it has to give way.
#[cold]
fn new_span_elsewhere(
    site: &'static Site,
    sketch: InitialAttributes,
    parent: Context,
) -> (Scope, Option<Context>) {
    let _attached = (!SessionRegistry::has_layer()).then(|| here::attach(parent.clone()));
    new_span(site, sketch, None, Some(parent))
}

#[inline(always)]
fn new_span(
    site: &'static Site,
    sketch: InitialAttributes,
    link: Option<SpanContext>,
    parent: Option<Context>,
) -> (Scope, Option<Context>) {
    let InitialAttributes { name, agent, mut attributes } = sketch;
    if agent.is_some() {
        // What the agent's type says and what the call's options say may be the same.
        keep_last(&mut attributes);
    }
    let link = link.map(|link| vec![Link::with_context(link)]);
    let is_client = matches!(site.kind(), SpanKind::Llm);
    let prepared = PendingSpan { name, attributes, is_client, link, parent };
    let (span, handed) = hand_over(prepared, || {
        let metadata = site.metadata();
        let values: [(&tracing::field::Field, Option<&dyn tracing::Value>); 0] = [];
        tracing::Span::new(metadata, &metadata.fields().value_set(&values))
    });
    match handed {
        Handed::Started(context) => (Scope::Span(span), Some(context)),
        Handed::PendingSpan(prepared) => {
            describe_through_the_layer(&span, prepared);
            (Scope::TheirSpan(span), None)
        }
        Handed::Nothing => (Scope::TheirSpan(span), None),
    }
}

/// A layer that is not ours records the span: the user's own provider. It takes attributes one by one.
fn describe_through_the_layer(span: &tracing::Span, prepared: PendingSpan) {
    let PendingSpan { name, mut attributes, link, .. } = prepared;
    attributes.insert(1, KeyValue::new(OPERATION_NAME, name));
    for KeyValue { key, value, .. } in attributes {
        span.set_attribute(key, value);
    }
    for link in link.unwrap_or_default() {
        span.add_link(link.span_context);
    }
}
