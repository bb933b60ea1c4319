//! The one door through which our spans are born, and the first place that asks the session rule.

use std::{borrow::Cow, sync::Arc};

use opentelemetry::{
    Context, KeyValue,
    trace::{Link, SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState},
};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::{
    agent,
    call::Call,
    handoff::{Prepared, hand_over},
    lineage::skip_foreign,
    scope::Scope,
    site::Site,
    start::{Draft, NewSession, Origin, Sketch, Start},
    traced::{Role, TracedSpan},
};
use crate::{
    attribute::keep_last,
    config::OrphanPolicy,
    error::NoActiveSession,
    extent::Extent,
    fork,
    kind::SpanKind,
    report,
    semconv::OPERATION_NAME,
    session::{InSession, Refusal, SessionRegistry, SessionState, admit_current, look_around},
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

    /// The same for a component that can do without a span, and is told when it gets none.
    pub(super) fn start(component: Component) -> Result<Start, NoActiveSession> {
        if !matches!(component.kind(), SpanKind::Session) && component.site.is_silent() {
            return Ok(Start(None));
        }
        Self::ask(component).map_err(|refused| refused.error())
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
                Ok(Start(Some(Draft::child(&component, session, agent))))
            }
            Err(Some(refusal)) => Self::refuse(component, refusal),
            _ => Ok(Start(None)),
        }
    }

    /// The same for a call that starts later: if it has no session yet, it may have one then.
    pub(super) fn admit_later(site: &'static Site) -> Start {
        let may_wait = site.kind() != SpanKind::Session && SessionRegistry::any_open();
        if may_wait && matches!(admit_current(), Err(Some(Refusal::NoSession))) {
            let registry = SessionRegistry::find().filter(|_| !site.is_off());
            return Start(
                registry.map(|registry| Draft::new(&Component::of(site), Origin::Later(registry))),
            );
        }
        site.admit()
    }

    /// Creates the span of a call that was asked about earlier: its session may have ended since, or begun.
    pub(super) fn begin_later(mut draft: Draft) -> Option<Call> {
        if !matches!(draft.origin, Origin::Root(..)) {
            draft.origin = draft.site.admit().0?.origin;
        }
        Self::begin(draft)
    }

    fn admit_session(component: &Component) -> Start {
        if Context::map_current(Context::is_telemetry_suppressed) {
            return Start(None);
        }
        let Some(registry) = SessionRegistry::find() else {
            if let Some(registry) = SessionRegistry::find_shut_down()
                && component.site.warns_now()
            {
                if fork::is_child() {
                    fork::complain(registry.rules().may_use_stderr);
                    return Start(None);
                }
                report::warn(registry.rules().may_use_stderr, &shut_down_text(component));
            }
            return Start(None);
        };
        // Even where a filter hides the session itself: what is below it must know that it is hidden.
        let origin = Origin::root(registry, component);
        Start(Some(Draft::new(component, origin)))
    }

    /// Creates the span of a call, unless a subscriber's filter has the last word against it.
    pub(super) fn begin(draft: Draft) -> Option<Call> {
        let output = draft.output();
        let Draft { site, origin, sketch } = draft;
        match origin {
            Origin::Child(session) => {
                if !site.is_still_enabled() {
                    return None;
                }
                let span = new_child(site, &session, sketch);
                let role = Role::Child(session);
                Some(Call::new(Scope::Span(span), Some(TracedSpan::new(role, output))))
            }
            origin => begin_session_with(site, origin, sketch, output),
        }
    }

    /// "Tracing is off" is not "no session": where nobody would record the call, nothing is said.
    #[cold]
    fn refuse(component: Component, refusal: Refusal) -> Result<Start, Box<Refused>> {
        let Some(registry) = SessionRegistry::find().filter(|_| component.site.is_enabled()) else {
            return Ok(Start(None));
        };
        if registry.rules().orphan_policy == OrphanPolicy::AutoSession {
            let origin = Origin::auto_session(registry, &component);
            return Ok(Start(Some(Draft::new(&component, origin))));
        }
        registry.count_refused(&component.name(), refusal);
        let refused = Box::new(Refused { component, registry, refusal });
        #[cfg(feature = "testing")]
        crate::session::saw_orphan(|| refused.error().to_string());
        if refused.registry.rules().orphan_policy == OrphanPolicy::Panic {
            panic!("{}", refused.error());
        }
        Err(refused)
    }
}

/// What asks for a span: an annotated function or a handle.
#[derive(Debug)]
pub(super) struct Component {
    pub(super) site: &'static Site,
    /// What a handle is called, and stands for.
    handle: Option<Box<(SpanKind, String)>>,
}

impl Component {
    const fn of(site: &'static Site) -> Self {
        Self { site, handle: None }
    }

    pub(super) fn handle(site: &'static Site, kind: SpanKind, name: String) -> Self {
        Self { site, handle: Some(Box::new((kind, name))) }
    }

    pub(super) fn kind(&self) -> SpanKind {
        self.handle.as_deref().map_or(self.site.kind(), |(kind, _)| *kind)
    }

    pub(super) fn name(&self) -> Cow<'static, str> {
        match self.handle.as_deref() {
            Some((_, name)) => Cow::Owned(name.clone()),
            None => Cow::Borrowed(self.site.name()),
        }
    }
}

/// A component that gets no span.
struct Refused {
    component: Component,
    registry: Arc<SessionRegistry>,
    refusal: Refusal,
}

impl Refused {
    #[cold]
    fn warn_once(&self) -> Start {
        if self.refusal == Refusal::NoSession {
            let site = self.component.site;
            self.registry.leave_to(site.name(), &site.orphans);
        }
        if self.component.site.warns_now() {
            report::warn(self.registry.rules().may_use_stderr, &self.error());
        }
        Start(None)
    }

    fn error(&self) -> NoActiveSession {
        let problem = match self.refusal {
            Refusal::NoSession => {
                "was called outside of any session and is not recorded; call it below a `#[session]` \
                 function (a spawned task or thread needs the session's context)"
            }
            Refusal::SessionEnded => {
                "was called after its session had ended and is not recorded; await or join it before \
                 the `#[session]` function returns"
            }
        };
        NoActiveSession::new(self.component.kind().as_str(), &self.component.name(), problem)
    }
}

fn shut_down_text(component: &Component) -> String {
    format!(
        "session `{}` was started after agentops had shut down and is not recorded; \
         bind the guard of `init` to a name, such as `_guard`, and keep it until the program ends",
        component.name()
    )
}

/// Creates the span of a session, or of a call that gets one.
#[cold]
fn begin_session_with(
    site: &'static Site,
    origin: Origin,
    sketch: Sketch,
    output: Option<Extent>,
) -> Option<Call> {
    match origin {
        Origin::Root(new) => Some(begin_session(site, *new, sketch, output)),
        Origin::AutoSession(new) => begin_in_auto_session(site, *new, sketch, output),
        // `begin_later` has replaced the one, and this is not for the other.
        Origin::Later(_) | Origin::Child(_) => None,
    }
}

/// A session that an orphan gets: named after it, with no content of its own, and ending with it.
fn begin_in_auto_session(
    site: &'static Site,
    new: NewSession,
    sketch: Sketch,
    output: Option<Extent>,
) -> Option<Call> {
    let of_session = Sketch::of_auto_session(&sketch);
    let mut session = begin_session(site, new, of_session, None);
    if !session.open() {
        return Some(session);
    }
    let (state, span) = session.in_scope(|| {
        let _agent = sketch.agent.as_deref().cloned().and_then(agent::enter);
        let state = admit_current().ok()?;
        site.is_enabled().then(|| (state, new_span(site, sketch, None)))
    })?;
    let traced = TracedSpan::new(Role::Child(state), output);
    Some(Call::new(Scope::Span(span), Some(traced)).inside(session))
}

/// A session is the root of its own trace, whatever is current: the context keeps its baggage and values,
/// but not its span, to which the session only links. What no subscriber wants, and what is not sampled,
/// is silent from here down.
fn begin_session(
    site: &'static Site,
    NewSession { registry, identity }: NewSession,
    sketch: Sketch,
    output: Option<Extent>,
) -> Call {
    let sampled = is_sampled(registry.rules().sample_rate) && site.is_enabled();
    let mut sketch = sketch;
    sketch.attributes.extend(identity.root_attributes());
    let session = Arc::new(SessionState::new(registry, identity, sampled));
    let (context, link) = Context::map_current(|outer| {
        let inside = outer
            .with_value(InSession::new(Arc::clone(&session)))
            .with_remote_span_context(no_parent());
        (inside, outer.span().span_context().clone())
    });
    if !sampled {
        return Call::new(Scope::Silent(context), None);
    }
    let _attached = context.attach();
    let span = new_span(site, sketch, link.is_valid().then_some(link));
    let traced = TracedSpan::new(Role::Session(session), output);
    Call::new(Scope::Span(span), Some(traced))
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

fn is_sampled(rate: f64) -> bool {
    rate >= 1.0 || random_fraction() < rate
}

/// Uniform in 0..1, from the same source as the span ids.
fn random_fraction() -> f64 {
    let random = u64::from_be_bytes(RandomIdGenerator::default().new_span_id().to_bytes());
    // 53 bits: what an f64 holds.
    #[expect(clippy::cast_precision_loss, reason = "both numbers have at most 54 bits")]
    {
        (random >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[inline(always)]
fn new_child(site: &'static Site, session: &SessionState, sketch: Sketch) -> tracing::Span {
    let _ours = skip_foreign(session);
    let _agent = sketch.agent.as_deref().cloned().and_then(agent::enter);
    new_span(site, sketch, None)
}

#[inline(always)]
fn new_span(site: &'static Site, sketch: Sketch, link: Option<SpanContext>) -> tracing::Span {
    let Sketch { name, agent, mut attributes } = sketch;
    if agent.is_some() {
        // What the agent's type says and what the call's options say may be the same.
        keep_last(&mut attributes);
    }
    let link = link.map(|link| vec![Link::with_context(link)]);
    let is_client = matches!(site.kind(), SpanKind::Llm);
    let (span, left) = hand_over(Prepared { name, attributes, is_client, link }, || {
        let metadata = site.metadata();
        let values: [(&tracing::field::Field, Option<&dyn tracing::Value>); 0] = [];
        tracing::Span::new(metadata, &metadata.fields().value_set(&values))
    });
    if let Some(prepared) = left {
        describe_through_the_layer(&span, prepared);
    }
    span
}

/// A layer that is not ours records the span: the user's own provider. It takes attributes one by one.
fn describe_through_the_layer(span: &tracing::Span, prepared: Prepared) {
    let Prepared { name, mut attributes, link, .. } = prepared;
    attributes.insert(1, KeyValue::new(OPERATION_NAME, name));
    for KeyValue { key, value, .. } in attributes {
        span.set_attribute(key, value);
    }
    for link in link.unwrap_or_default() {
        span.add_link(link.span_context);
    }
}
