//! Search for the innermost span of agentops, whichever span is OpenTelemetry's current one.
//!
//! A second `tracing-opentelemetry` layer makes its own span OpenTelemetry's current one, and the program's own
//! OpenTelemetry spans become children of that span. agentops leaves it current. The innermost span of agentops is
//! then found through the current `tracing` span, or in the context, where [`InSession`] carries it. Without such
//! a layer the current span is one of agentops, and there is nothing to search for.

use std::cell::Cell;

use opentelemetry::{Context, SpanId, trace::TraceContextExt};
use tracing::{Dispatch, dispatcher, span::Id};
use tracing_opentelemetry::get_otel_context;
use tracing_subscriber::{
    Registry,
    registry::{LookupSpan, SpanRef},
};

use super::{
    BridgedSpan, CarriedSpan, InSession, RegistryLayer, SessionRegistry, SessionState, Since,
    live_spans::list_live,
};
use crate::process::thread_context::{self, Attached, ContextAccess, with_current};

thread_local! {
    /// Id of a span known to be one of agentops: usually the innermost one that this thread has entered.
    // A comparison with it replaces the look-up of the current span in the live spans: 200 instructions a span.
    static INNERMOST_OWN: Cell<SpanId> = const { Cell::new(SpanId::INVALID) };
}

/// Guard that marks the span that was current at its creation as one of agentops.
#[derive(Debug)]
pub(crate) struct InnermostOwnSpan {
    before: SpanId,
}

impl InnermostOwnSpan {
    pub(crate) fn current() -> Self {
        Self { before: INNERMOST_OWN.replace(current_id()) }
    }
}

impl Drop for InnermostOwnSpan {
    fn drop(&mut self) {
        // Once the thread-local is destroyed, the thread looks up no more spans.
        let _ = INNERMOST_OWN.try_with(|innermost| innermost.set(self.before));
    }
}

/// Guard of a span of agentops that is entered on this thread.
#[derive(Debug)]
pub(crate) struct EnteredSpan {
    _attached: Attached,
    _own: Option<InnermostOwnSpan>,
}

/// Enters a span of agentops. If another layer's span is current, it stays current.
pub(crate) fn enter_span(access: ContextAccess, context: Context) -> EnteredSpan {
    match beside_foreign(access, &context) {
        Some(beside) => EnteredSpan { _attached: access.attach(beside), _own: None },
        None => {
            let attached = access.attach(context);
            let own =
                InnermostOwnSpan { before: INNERMOST_OWN.replace(access.with_current(id_in)) };
            EnteredSpan { _attached: attached, _own: Some(own) }
        }
    }
}

/// Returns the current context with `own` added to it, if a foreign span is the current one.
fn beside_foreign(access: ContextAccess, own: &Context) -> Option<Context> {
    access.with_current(|current| {
        let id = id_in(current);
        if id == SpanId::INVALID || INNERMOST_OWN.get() == id {
            return None;
        }
        beside(own, current)
    })
}

// Out of line: only code below a foreign span gets here.
#[cold]
fn beside(own: &Context, current: &Context) -> Option<Context> {
    let in_session = own.get::<InSession>()?;
    let is_remote = current.span().span_context().is_remote();
    if is_remote || list_if_own(&in_session.registry, current) {
        return None;
    }
    let own = CarriedSpan { context: own.clone(), since: Since::Here(current_tracing()) };
    Some(current.with_value(InSession { own: Some(own), ..in_session.clone() }))
}

/// Returns the id of the current `tracing` span.
fn current_tracing() -> Option<Id> {
    dispatcher::get_default(|dispatch| dispatch.current_span().id().cloned())
}

/// Attaches a carried context. The span that it carries as the innermost one is so on this thread from now on.
pub(crate) fn attach_carried(context: &Context) -> Attached {
    let own = context
        .get::<InSession>()
        .and_then(|in_session| Some((in_session, in_session.own.as_ref()?)));
    let Some((in_session, own)) = own else { return thread_context::attach(context.clone()) };
    let own = Some(CarriedSpan { since: Since::Here(current_tracing()), ..own.clone() });
    thread_context::attach(context.with_value(InSession { own, ..in_session.clone() }))
}

/// Returns the context that a new span of agentops starts in, if a foreign span is the current one.
pub(crate) fn parent_beside_foreign() -> Option<Context> {
    let current = current_id();
    if INNERMOST_OWN.get() == current {
        return None;
    }
    let innermost = innermost_beside_foreign(&thread_context::current())?;
    let span = innermost.span();
    // Its children look it up there.
    list_live(&span);
    let span_context = span.span_context().clone();
    Some(with_current(|context| context.with_remote_span_context(span_context)))
}

/// Returns the current context, with the innermost span of agentops as its current span.
pub(crate) fn innermost_context() -> Context {
    let current = thread_context::current();
    if INNERMOST_OWN.get() == id_in(&current) {
        return current;
    }
    innermost_beside_foreign(&current).unwrap_or(current)
}

/// Returns the current context for use in another task or thread. If a foreign span is the current one, the
/// context also carries the innermost span of agentops.
pub(crate) fn context_to_carry() -> Context {
    let current = thread_context::current();
    if INNERMOST_OWN.get() == id_in(&current) {
        return current;
    }
    let Some(in_session) = current.get::<InSession>() else { return current };
    let Some(context) = innermost_beside_foreign(&current) else { return current };
    let own = Some(CarriedSpan { context, since: Since::Elsewhere });
    current.with_value(InSession { own, ..in_session.clone() })
}

/// Returns the context of the innermost span of agentops, if a foreign span is current.
#[cold]
fn innermost_beside_foreign(current: &Context) -> Option<Context> {
    let in_session = current.get::<InSession>()?;
    if list_if_own(&in_session.registry, current) {
        INNERMOST_OWN.set(id_in(current));
        return None;
    }
    let carried = in_session.own.as_ref().filter(|own| is_of(&in_session.session, &own.context));
    let entered = innermost_entered(in_session, carried);
    entered
        .or_else(|| carried.map(|own| own.context.clone()))
        .or_else(|| root(&in_session.session, current))
}

/// Returns the session's root, if no other span was found. Returns `None` if the current span is in the session's
/// trace, such as the span of another process that the session continues from: it stays the parent.
fn root(session: &SessionState, current: &Context) -> Option<Context> {
    let root = session.root()?;
    if root.trace_id() == current.span().span_context().trace_id() {
        return None;
    }
    Some(session.root_context().unwrap_or_else(|| current.with_remote_span_context(root.clone())))
}

/// Returns the innermost span of agentops among those that this thread has entered, skipping spans of other
/// sessions. Returns `None` if that span lies outside of the carried one.
fn innermost_entered(in_session: &InSession, carried: Option<&CarriedSpan>) -> Option<Context> {
    dispatcher::get_default(|dispatch| {
        let current = dispatch.current_span();
        let registry = dispatch.downcast_ref::<Registry>()?;
        let span = registry.span(current.id()?)?;
        let since = match carried {
            Some(CarriedSpan { since: Since::Here(since), .. }) => since.clone(),
            Some(CarriedSpan { since: Since::Elsewhere, .. }) | None => None,
        };
        let later = span.scope().take_while(|span| Some(span.id()) != since);
        let mut own = later.filter_map(|span| context_of(in_session, &span, dispatch));
        let innermost = own.next()?;
        let is_inside = match carried {
            Some(CarriedSpan { context, since: Since::Elsewhere }) => {
                let is_it =
                    |own: &Context| own.span().span_context() == context.span().span_context();
                is_it(&innermost) || own.any(|own| is_it(&own))
            }
            Some(_) | None => true,
        };
        is_inside.then_some(innermost)
    })
}

/// Returns the context that the agentops layer has stored for a `tracing` span of this session or, without that
/// layer, the one of a provider of the program's own.
fn context_of(
    InSession { session, registry, .. }: &InSession,
    span: &SpanRef<'_, Registry>,
    dispatch: &Dispatch,
) -> Option<Context> {
    if dispatch.downcast_ref::<RegistryLayer>().is_none() {
        let theirs = get_otel_context(&span.id(), dispatch);
        return theirs.filter(|theirs| is_of(session, theirs) && list_if_own(registry, theirs));
    }
    let ours = span.extensions().get::<BridgedSpan>().and_then(BridgedSpan::context).cloned();
    ours.filter(|ours| is_of(session, ours))
}

fn is_of(session: &SessionState, context: &Context) -> bool {
    session.is_of_trace(context.span().span_context().trace_id())
}

/// Lists the context's span among the live spans if it is one of agentops. Returns `true` if it is.
fn list_if_own(registry: &SessionRegistry, context: &Context) -> bool {
    let span = context.span();
    list_live(&span) && registry.live().exported_ancestor(span.span_context().span_id()).is_some()
}

fn current_id() -> SpanId {
    with_current(id_in)
}

fn id_in(context: &Context) -> SpanId {
    context.span().span_context().span_id()
}
