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
use tracing_subscriber::{Registry, registry::LookupSpan};

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
    let since = Since::Here(innermost_id(in_session));
    let own = CarriedSpan { context: own.clone(), since };
    Some(current.with_value(InSession { own: Some(own), ..in_session.clone() }))
}

/// Returns the id of the innermost `tracing` span of agentops that this thread has entered.
fn innermost_id(in_session: &InSession) -> Option<Id> {
    dispatcher::get_default(|dispatch| {
        let mut entered = entered_spans(in_session, dispatch);
        entered.find_map(|(id, context)| context.map(|_| id))
    })
}

/// Attaches a carried context. The span that it carries as the innermost one is so on this thread from now on.
pub(crate) fn attach_carried(context: &Context) -> Attached {
    let own = context
        .get::<InSession>()
        .and_then(|in_session| Some((in_session, in_session.own.as_ref()?)));
    let Some((in_session, own)) = own else { return thread_context::attach(context.clone()) };
    let since = Since::Here(innermost_id(in_session));
    let own = Some(CarriedSpan { since, ..own.clone() });
    thread_context::attach(context.with_value(InSession { own, ..in_session.clone() }))
}

/// Span that this thread has entered. It has a context if agentops records it.
pub(crate) type EnteredTracingSpan = (Id, Option<Context>);

/// Returns the context that a new span of agentops starts in, if a foreign span is the current one.
pub(crate) fn parent_beside_foreign() -> Option<Context> {
    parent_beside(innermost_beside_foreign)
}

/// Returns the context as [`parent_beside_foreign`] does, for the layer that creates the span. `entered` are the
/// layer's spans that this thread has entered, innermost first.
// `dispatcher::get_default` lends no subscriber to a layer that creates a span, once any thread has a subscriber of
// its own.
pub(crate) fn parent_in_layer(
    entered: impl Iterator<Item = EnteredTracingSpan>,
) -> Option<Context> {
    parent_beside(|current| {
        search_beside_foreign(current, |in_session, carried| {
            innermost_among(in_session, carried, entered)
        })
    })
}

fn parent_beside(search: impl FnOnce(&Context) -> Option<Context>) -> Option<Context> {
    let current = current_id();
    if INNERMOST_OWN.get() == current {
        return None;
    }
    let innermost = search(&thread_context::current())?;
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
    search_beside_foreign(current, innermost_entered)
}

fn search_beside_foreign(
    current: &Context,
    search_entered: impl FnOnce(&InSession, Option<&CarriedSpan>) -> Option<Context>,
) -> Option<Context> {
    let in_session = current.get::<InSession>()?;
    if list_if_own(&in_session.registry, current) {
        INNERMOST_OWN.set(id_in(current));
        return None;
    }
    let carried = in_session.own.as_ref().filter(|own| is_of(&in_session.session, &own.context));
    let entered = search_entered(in_session, carried);
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

fn innermost_entered(in_session: &InSession, carried: Option<&CarriedSpan>) -> Option<Context> {
    dispatcher::get_default(|dispatch| {
        innermost_among(in_session, carried, entered_spans(in_session, dispatch))
    })
}

/// Returns the innermost span of agentops among those that this thread has entered, skipping spans of other
/// sessions. Returns `None` if that span lies outside of the carried one.
fn innermost_among(
    in_session: &InSession,
    carried: Option<&CarriedSpan>,
    entered: impl Iterator<Item = EnteredTracingSpan>,
) -> Option<Context> {
    let since = match carried {
        Some(CarriedSpan { since: Since::Here(since), .. }) => since.as_ref(),
        Some(CarriedSpan { since: Since::Elsewhere, .. }) | None => None,
    };
    let later = entered.take_while(|(id, _)| Some(id) != since);
    let own = later.filter_map(|(_, context)| context);
    let mut own = own.filter(|context| is_of(&in_session.session, context));
    let innermost = own.next()?;
    let is_inside = match carried {
        Some(CarriedSpan { context, since: Since::Elsewhere }) => {
            let is_it = |own: &Context| own.span().span_context() == context.span().span_context();
            is_it(&innermost) || own.any(|own| is_it(&own))
        }
        Some(_) | None => true,
    };
    is_inside.then_some(innermost)
}

/// Returns the `tracing` spans that this thread has entered, innermost first. Their contexts are those that the
/// agentops layer has stored or, without that layer, those of a provider of the program's own.
fn entered_spans(
    in_session: &InSession,
    dispatch: &Dispatch,
) -> impl Iterator<Item = EnteredTracingSpan> {
    let has_layer = dispatch.downcast_ref::<RegistryLayer>().is_some();
    let current = dispatch.current_span();
    let registry = dispatch.downcast_ref::<Registry>();
    let innermost = current.id().and_then(|id| registry?.span(id));
    innermost.into_iter().flat_map(|span| span.scope()).map(move |span| {
        let context = if has_layer {
            BridgedSpan::context_of(&span)
        } else {
            provider_context(in_session, &span.id(), dispatch)
        };
        (span.id(), context)
    })
}

fn provider_context(
    InSession { session, registry, .. }: &InSession,
    id: &Id,
    dispatch: &Dispatch,
) -> Option<Context> {
    get_otel_context(id, dispatch)
        .filter(|theirs| is_of(session, theirs) && list_if_own(registry, theirs))
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
