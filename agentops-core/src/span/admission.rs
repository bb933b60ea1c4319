//! First stage of a span: asks the session rule whether a call gets a span, and handles the refusal.

use std::sync::Arc;

use opentelemetry::Context;

use super::{
    call_site::Site,
    current_agent as agent,
    span_component::Component,
    span_draft::{Parentage, SpanDraft, Start},
};
use crate::{
    config::OrphanPolicy,
    error::{NoActiveSession, NoSessionReason},
    process::{fork, thread_context::with_current},
    record::SpanKind,
    session::{
        CoreState, Refusal, SessionRegistry, SessionState, admit_current, note_unrecorded,
        with_current_session,
    },
};

impl Site {
    /// Asks the session rule for a span. The returned [`Start`] collects the initial attributes; it is inert if the
    /// call gets no span.
    pub fn admit(&'static self) -> Start {
        let is_session = matches!(self.kind(), SpanKind::Session);
        if !is_session && (self.orphans.is_listed() && self.count_if_orphan() || self.is_silent()) {
            return Start(None);
        }
        ask(Component::of(self)).or_warn()
    }

    /// Asks for a span that starts only when the function's future is first polled. A call without a session is not
    /// refused yet, since the future may be polled inside one.
    pub fn admit_later(&'static self) -> Start {
        let may_wait = self.kind() != SpanKind::Session && CoreState::any_open();
        if may_wait && matches!(admit_current(), Err(Refusal::NoSession)) {
            let registry = SessionRegistry::find().filter(|_| !self.is_off());
            return Start(
                registry.map(|registry| {
                    SpanDraft::new(Component::of(self), Parentage::Later(registry))
                }),
            );
        }
        self.admit()
    }
}

/// Answer of the session rule to a call.
enum Admission {
    /// The call gets a span.
    Admitted(SpanDraft),
    /// The call gets no span, and nothing is reported: recording is off, or its session is not sampled.
    Silent,
    /// The call gets no span because it has no session.
    Refused(Box<Refused>),
}

impl Admission {
    /// Returns the start of the call. A refusal warns once.
    #[inline(always)]
    fn or_warn(self) -> Start {
        match self {
            Self::Admitted(draft) => Start(Some(draft)),
            Self::Silent => Start(None),
            Self::Refused(refused) => refused.warn_once(),
        }
    }

    /// Returns the start of the call, or the refusal as an error.
    fn or_error(self) -> Result<Start, NoActiveSession> {
        match self {
            Self::Admitted(draft) => Ok(Start(Some(draft))),
            Self::Silent => Ok(Start(None)),
            Self::Refused(refused) => Err(refused.error()),
        }
    }
}

/// Asks for the span of a handle. A refusal warns once.
pub(super) fn start(component: Component) -> Start {
    ask_unless_silent(component).or_warn()
}

/// Asks for the span of a handle and returns a refusal to the caller as an error instead of warning.
pub(super) fn try_start(component: Component) -> Result<Start, NoActiveSession> {
    ask_unless_silent(component).or_error()
}

fn ask_unless_silent(component: Component) -> Admission {
    if !matches!(component.kind(), SpanKind::Session) && component.site.is_silent() {
        return Admission::Silent;
    }
    ask(component)
}

#[inline(always)]
fn ask(component: Component) -> Admission {
    if matches!(component.kind(), SpanKind::Session) {
        return admit_session(&component);
    }
    let admitted = with_current_session(|inside| {
        (Arc::clone(&inside.session), agent::around(component.kind(), inside))
    });
    match admitted {
        Ok((session, agent)) if session.core().is_open() => {
            if session.has_ended() {
                check_late(&component, &session);
            }
            Admission::Admitted(SpanDraft::child(component, session, agent))
        }
        Err(Refusal::NoSession) => refuse(component),
        Ok(_) | Err(Refusal::Silent) => Admission::Silent,
    }
}

fn admit_session(component: &Component) -> Admission {
    if with_current(Context::is_telemetry_suppressed) {
        return Admission::Silent;
    }
    let Some(registry) = SessionRegistry::find() else {
        warn_of_unrecorded(component);
        return Admission::Silent;
    };
    // A session that a filter hides is admitted too: the calls below it must see that it is hidden.
    let parentage = Parentage::root(registry, component);
    Admission::Admitted(SpanDraft::new(component.clone(), parentage))
}

/// Panics about a call that starts after its session has ended, if the orphan policy is [`OrphanPolicy::Panic`].
#[cold]
fn check_late(component: &Component, session: &SessionState) {
    if session.rules().orphan_policy == OrphanPolicy::Panic {
        let (kind, location) = (component.kind().as_str(), component.location());
        let name = &session.identity().name;
        panic!(
            "{kind} {location} was called after its session `{name}` had ended; end the session after it"
        );
    }
}

/// Handles a call outside of any session according to the orphan policy. "Tracing is off" is not "no session": where no
/// subscriber would record the call, it is neither counted nor reported.
#[cold]
fn refuse(component: Component) -> Admission {
    let Some(registry) = SessionRegistry::find().filter(|_| component.site.is_enabled()) else {
        return Admission::Silent;
    };
    if registry.rules().orphan_policy == OrphanPolicy::AutoSession {
        let parentage = Parentage::auto_session(registry, &component);
        return Admission::Admitted(SpanDraft::new(component, parentage));
    }
    registry.counts().count_orphan(&component.location());
    let refused = Box::new(Refused { component, registry });
    #[cfg(feature = "testing")]
    crate::session::saw_orphan(|| refused.error().to_string());
    if refused.registry.rules().orphan_policy == OrphanPolicy::Panic {
        panic!("{}", refused.error());
    }
    Admission::Refused(refused)
}

/// Component that gets no span because it has no session.
struct Refused {
    component: Component,
    registry: Arc<SessionRegistry>,
}

impl Refused {
    #[cold]
    fn warn_once(&self) -> Start {
        if !self.component.is_handle() {
            let site = self.component.site;
            self.registry.core().let_callsite_count(site.location(), &site.orphans);
        }
        if self.component.claim_warning() {
            self.registry.rules().reporter.warn(&self.error());
        }
        Start(None)
    }

    fn error(&self) -> NoActiveSession {
        let reason = match self.registry.core().roots().is_empty() {
            true => NoSessionReason::NoneOpen,
            false => NoSessionReason::OutsideOfOpen,
        };
        NoActiveSession::new(self.component.kind().as_str(), &self.component.location(), reason)
    }
}

/// Reports why a session is not recorded: no core is installed, agentops has shut down, or the process is a fork's
/// child.
#[cold]
fn warn_of_unrecorded(component: &Component) {
    let Some(registry) = SessionRegistry::find_shut_down() else {
        if !fork::is_child() {
            note_unrecorded(component.location());
        }
        return;
    };
    if fork::is_child() {
        fork::warn_in_child(registry.rules().reporter);
    } else if component.claim_warning() {
        registry.rules().reporter.warn(&shut_down_text(component));
    }
}

fn shut_down_text(component: &Component) -> String {
    format!(
        "session {} was started after agentops had shut down and is not recorded; \
         bind the guard of `init` to a name, such as `_guard`, and keep it until the program ends",
        component.location()
    )
}
