//! First stage of a span: asks the session rule whether a call gets a span, and handles the refusal.

use std::sync::Arc;

use opentelemetry::Context;

use super::{
    component::Component,
    current_agent as agent,
    site::Site,
    start::{Parentage, SpanDraft, Start},
};
use crate::{
    config::OrphanPolicy,
    error::{NoActiveSession, NoSessionReason},
    process::{fork, here::with_current, report},
    record::SpanKind,
    session::{
        Refusal, SessionRegistry, SessionState, admit_current, note_unrecorded,
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
        ask(Component::of(self)).unwrap_or_else(|refused| refused.warn_once())
    }

    /// Asks for a span that starts only when the function's future is first polled. A call without a session is not
    /// refused yet, since the future may be polled inside one.
    pub fn admit_later(&'static self) -> Start {
        let may_wait = self.kind() != SpanKind::Session && SessionRegistry::any_open();
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

/// Asks for the span of a handle. A refusal warns once.
pub(super) fn start(component: Component) -> Start {
    ask_unless_silent(component).unwrap_or_else(|refused| refused.warn_once())
}

/// Asks for the span of a handle and returns a refusal to the caller as an error instead of warning.
pub(super) fn try_start(component: Component) -> Result<Start, NoActiveSession> {
    ask_unless_silent(component).map_err(|refused| refused.error())
}

fn ask_unless_silent(component: Component) -> Result<Start, Box<Refused>> {
    if !matches!(component.kind(), SpanKind::Session) && component.site.is_silent() {
        return Ok(Start(None));
    }
    ask(component)
}

#[inline(always)]
fn ask(component: Component) -> Result<Start, Box<Refused>> {
    if matches!(component.kind(), SpanKind::Session) {
        return Ok(admit_session(&component));
    }
    let place = with_current_session(|place| {
        (Arc::clone(&place.session), agent::around(component.kind(), place))
    });
    match place {
        Ok((session, agent)) if session.registry().is_open() => {
            if session.has_ended() {
                check_late(&component, &session);
            }
            Ok(Start(Some(SpanDraft::child(component, session, agent))))
        }
        Err(Refusal::NoSession) => refuse(component),
        Ok(_) | Err(Refusal::Silent) => Ok(Start(None)),
    }
}

fn admit_session(component: &Component) -> Start {
    if with_current(Context::is_telemetry_suppressed) {
        return Start(None);
    }
    let Some(registry) = SessionRegistry::find() else {
        tell_of_unrecorded(component);
        return Start(None);
    };
    // A session that a filter hides is admitted too: the calls below it must see that it is hidden.
    let origin = Parentage::root(registry, component);
    Start(Some(SpanDraft::new(component.clone(), origin)))
}

/// Panics about a call that starts after its session has ended, if the orphan policy is [`OrphanPolicy::Panic`].
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

/// Handles a call outside of any session according to the orphan policy. "Tracing is off" is not "no session": where no
/// subscriber would record the call, it is neither counted nor reported.
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
            self.registry.let_callsite_count(site.place(), &site.orphans);
        }
        if self.component.claim_warning() {
            report::warn(self.registry.rules().may_use_stderr, &self.error());
        }
        Start(None)
    }

    fn error(&self) -> NoActiveSession {
        let reason = match self.registry.has_open_session() {
            true => NoSessionReason::OutsideOfOpen,
            false => NoSessionReason::NoneOpen,
        };
        NoActiveSession::new(self.component.kind().as_str(), &self.component.place(), reason)
    }
}

/// Reports why a session is not recorded: no core is installed, agentops has shut down, or the process is a fork's
/// child.
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
