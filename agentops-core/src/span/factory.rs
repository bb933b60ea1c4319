//! Creates the spans of admitted calls. All of our spans are created here.

use std::sync::Arc;

use opentelemetry::{
    Context, KeyValue,
    trace::{Link, SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState},
};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::{
    call_scope::CallScope,
    call_site::Site,
    current_agent as agent,
    pending_span::{Handed, PendingSpan, hand_over},
    run_body::Call,
    span_component::Component,
    span_draft::{InitialAttributes, NewSession, Parentage, SpanDraft, Start},
    traced_span::{Role, TracedSpan},
};
use crate::{
    attribute::keep_last,
    process::{prepare_to_record, thread_context},
    record::{Extent, insert_name},
    session::{
        InSession, SessionRegistry, SessionState, admit_current, innermost_context,
        parent_beside_foreign,
    },
};

/// Creator of all our spans.
#[doc(alias = "Span Factory")]
#[derive(Debug)]
pub(crate) struct SpanFactory;

impl SpanFactory {
    /// Creates the span of a call that was admitted earlier. The session may have started or ended since, so the call
    /// is admitted again.
    pub(super) fn begin_later(mut draft: SpanDraft) -> Option<Call> {
        if !matches!(draft.parentage, Parentage::Root(..)) {
            draft.parentage = draft.component.site.admit().0?.parentage;
            draft.name_session();
        }
        Self::begin(draft)
    }

    /// Creates the span of a call, unless a subscriber's filter disables it.
    pub(super) fn begin(draft: SpanDraft) -> Option<Call> {
        if !prepare_to_record() {
            return None;
        }
        let output = draft.output();
        let SpanDraft { component, parentage, initial } = draft;
        let site = component.site;
        match parentage {
            Parentage::Child(session) => {
                if !site.is_still_enabled() {
                    site.note_filtered(None);
                    return None;
                }
                let (scope, built) = new_child(site, initial);
                let traced = TracedSpan::new(Role::Child(session, component), output, built);
                Some(Call::new(scope, Some(traced)))
            }
            parentage => begin_session_with(component, parentage, initial, output),
        }
    }
}

impl Start {
    /// Creates the span, if the call was admitted.
    pub(super) fn begin(self) -> Option<Call> {
        self.0.and_then(SpanFactory::begin)
    }
}

/// Creates the span of a session, or of a call that gets a session of its own.
#[cold]
fn begin_session_with(
    component: Component,
    parentage: Parentage,
    initial: InitialAttributes,
    output: Option<Extent>,
) -> Option<Call> {
    match parentage {
        Parentage::Root(new) => Some(begin_session(component.site, *new, initial, output)),
        Parentage::AutoSession(new) => begin_in_auto_session(component, *new, initial, output),
        // Unreachable: `begin_later` replaces `Later`, and `begin` handles `Child`.
        Parentage::Later(_) | Parentage::Child(_) => None,
    }
}

/// Creates a session for an orphan: named after it, without content of its own, and ending with it.
fn begin_in_auto_session(
    component: Component,
    new: NewSession,
    initial: InitialAttributes,
    output: Option<Extent>,
) -> Option<Call> {
    let site = component.site;
    let of_session = InitialAttributes::of_auto_session(&initial);
    let mut session = begin_session(site, new, of_session, None);
    if !session.open() {
        return Some(session);
    }
    let (state, (scope, built)) = session.in_scope(|| {
        let state = admit_current().ok()?;
        let span = site.is_enabled().then(|| new_child(site, initial))?;
        Some((state, span))
    })?;
    let traced = TracedSpan::new(Role::Child(state, component), output, built);
    Some(Call::new(scope, Some(traced)).inside(session))
}

/// Creates a session as the root of its own trace, whatever span is current. The context keeps its baggage and values
/// but not its span, to which the session only links. A session that no subscriber enables or that is not sampled is
/// silent, and so is everything below it.
fn begin_session(
    site: &'static Site,
    NewSession { registry, identity }: NewSession,
    initial: InitialAttributes,
    output: Option<Extent>,
) -> Call {
    let is_enabled = site.is_enabled();
    if !is_enabled {
        site.note_filtered(Some(registry.core()));
    }
    let sampled = is_enabled && registry.rules().sampling.takes_new();
    let mut initial = initial;
    initial.attributes.extend(identity.root_attributes());
    let session = Arc::new(SessionState::new(Arc::clone(registry.core()), identity, sampled));
    let link = innermost_context().span().span_context().clone();
    let current =
        thread_context::current().with_value(InSession::new(Arc::clone(&session), registry));
    let inside = current.with_remote_span_context(no_parent());
    if !sampled {
        return Call::new(CallScope::Silent(inside), None);
    }
    // Other layers continue below their current span; a provider of the program's own must begin a trace.
    let outer = if SessionRegistry::has_layer() { current } else { inside.clone() };
    let _attached = thread_context::attach(outer);
    let (scope, built) = new_span(site, initial, link.is_valid().then_some(link), Some(inside));
    let traced = TracedSpan::new(Role::Session(session, site), output, built);
    Call::new(scope, Some(traced))
}

/// Returns an invalid span context, which makes the next span a root: a context's span can be replaced but not
/// removed. The sampled flag keeps a parent-based sampler of the user's own provider from dropping the root.
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
fn new_child(site: &'static Site, initial: InitialAttributes) -> (CallScope, Option<Context>) {
    let _agent = initial.agent.as_deref().cloned().and_then(agent::enter);
    match parent_beside_foreign() {
        None => new_span(site, initial, None, None),
        Some(parent) => new_span_elsewhere(site, initial, parent),
    }
}

/// Creates a span where a foreign span is the current one. The foreign span stays current for its own layer. A
/// provider of the program's own takes its parent from nowhere but the current context, so the foreign span is
/// replaced for it.
#[cold]
fn new_span_elsewhere(
    site: &'static Site,
    initial: InitialAttributes,
    parent: Context,
) -> (CallScope, Option<Context>) {
    let _attached = (!SessionRegistry::has_layer()).then(|| thread_context::attach(parent.clone()));
    new_span(site, initial, None, Some(parent))
}

#[inline(always)]
fn new_span(
    site: &'static Site,
    initial: InitialAttributes,
    link: Option<SpanContext>,
    parent: Option<Context>,
) -> (CallScope, Option<Context>) {
    let InitialAttributes { name, agent, kind, mut attributes } = initial;
    if agent.is_some() {
        // The identity of the agent's type and the options of the call may set the same key.
        keep_last(attributes.list());
    }
    let link = link.map(|link| vec![Link::with_context(link)]);
    let pending = PendingSpan { name, kind, attributes, link, parent };
    let (span, handed) = hand_over(pending, || {
        let metadata = site.metadata();
        let values: [(&tracing::field::Field, Option<&dyn tracing::Value>); 0] = [];
        tracing::Span::new(metadata, &metadata.fields().value_set(&values))
    });
    match handed {
        Handed::Started(context) => (CallScope::Span(span), Some(context)),
        Handed::PendingSpan(pending) => {
            describe_through_the_layer(&span, pending);
            (CallScope::TheirSpan(span), None)
        }
        Handed::Nothing => (CallScope::TheirSpan(span), None),
    }
}

/// Sets the attributes one by one, where a layer that is not ours (the user's own provider) records the span.
fn describe_through_the_layer(span: &tracing::Span, pending: PendingSpan) {
    let PendingSpan { name, attributes, link, .. } = pending;
    let mut attributes = attributes.into_list();
    insert_name(&mut attributes, name);
    for KeyValue { key, value, .. } in attributes {
        span.set_attribute(key, value);
    }
    for link in link.unwrap_or_default() {
        span.add_link(link.span_context);
    }
}
