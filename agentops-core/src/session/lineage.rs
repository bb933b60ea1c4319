//! The innermost span of ours, whatever else is current.
//!
//! Another layer of `tracing-opentelemetry` beside ours makes its own span the current one of OpenTelemetry, and
//! the spans of the program hang below that: it stays where it is. Ours then is found by the `tracing` span that
//! is current, or in the context, where [`InSession`] carries it along. Where nobody else is, the current
//! span is ours, and nothing has to be found.

use std::cell::Cell;

use opentelemetry::{Context, SpanId, trace::TraceContextExt};
use tracing::{Dispatch, dispatcher, span::Id};
use tracing_opentelemetry::get_otel_context;
use tracing_subscriber::{
    Registry,
    registry::{LookupSpan, SpanRef},
};

use super::{BridgedSpan, InSession, OwnPlace, RegistryLayer, SessionState, Since};
use crate::process::here::{self, Attached, Here, with_current};

thread_local! {
    /// A span that is known to be ours: as a rule the innermost one of ours that this thread has entered.
    static OURS: Cell<SpanId> = const { Cell::new(SpanId::INVALID) };
}

/// As long as it lives, the span that was current when it began is known to be ours.
#[derive(Debug)]
pub(crate) struct InnermostOwnSpan {
    before: SpanId,
}

impl InnermostOwnSpan {
    pub(crate) fn current() -> Self {
        Self { before: OURS.replace(current_id()) }
    }
}

impl Drop for InnermostOwnSpan {
    fn drop(&mut self) {
        // A thread that is going down asks no more.
        let _ = OURS.try_with(|ours| ours.set(self.before));
    }
}

/// A span of ours that is entered, on this thread, until this is dropped.
#[derive(Debug)]
pub(crate) struct EnteredSpan {
    _attached: Attached,
    _ours: Option<InnermostOwnSpan>,
}

/// Enters a span of ours. Another layer's span that is current stays so.
pub(crate) fn enter(here: Here, context: Context) -> EnteredSpan {
    match beside_foreign(here, &context) {
        Some(beside) => EnteredSpan { _attached: here.attach(beside), _ours: None },
        None => {
            let attached = here.attach(context);
            let ours = InnermostOwnSpan { before: OURS.replace(here.with_current(id_in)) };
            EnteredSpan { _attached: attached, _ours: Some(ours) }
        }
    }
}

/// The current context with a span of ours in it, where somebody else's span is the current one.
fn beside_foreign(here: Here, own: &Context) -> Option<Context> {
    here.with_current(|current| {
        let id = id_in(current);
        if id == SpanId::INVALID || OURS.get() == id {
            return None;
        }
        beside(own, current)
    })
}

#[cold]
fn beside(own: &Context, current: &Context) -> Option<Context> {
    let place = own.get::<InSession>()?;
    let is_remote = current.span().span_context().is_remote();
    if is_remote || is_ours(&place.session, current) {
        return None;
    }
    let own = OwnPlace { context: own.clone(), since: Since::Here(current_tracing()) };
    Some(current.with_value(InSession { own: Some(own), ..place.clone() }))
}

/// The `tracing` span that is current.
fn current_tracing() -> Option<Id> {
    dispatcher::get_default(|dispatch| dispatch.current_span().id().cloned())
}

/// Attaches a context that was carried here: what it says is the innermost is so from now on.
pub(crate) fn attach(context: &Context) -> Attached {
    let own = context.get::<InSession>().and_then(|place| Some((place, place.own.as_ref()?)));
    let Some((place, own)) = own else { return here::attach(context.clone()) };
    let own = Some(OwnPlace { since: Since::Here(current_tracing()), ..own.clone() });
    here::attach(context.with_value(InSession { own, ..place.clone() }))
}

/// Where a span of ours belongs, if not into the current context: a foreign span is the current one there.
pub(crate) fn parent_in(session: &SessionState) -> Option<Context> {
    let current = current_id();
    if OURS.get() == current {
        return None;
    }
    let nearest = nearest(session)?;
    let span = nearest.span();
    // Asked, it lets itself be found by those below it.
    span.is_recording();
    let place = span.span_context().clone();
    Some(with_current(|context| context.with_remote_span_context(place)))
}

/// The innermost span of ours in the current context, as the current one.
pub(crate) fn innermost() -> Context {
    let current = here::current();
    let is_known = OURS.get() == current.span().span_context().span_id();
    let session = current.get::<InSession>().filter(|_| !is_known).map(|place| &place.session);
    session.and_then(|session| nearest(session)).unwrap_or(current)
}

/// The current context for somewhere else: where a foreign span is the current one, the innermost of ours goes
/// along.
pub(crate) fn carried() -> Context {
    let current = here::current();
    if OURS.get() == current.span().span_context().span_id() {
        return current;
    }
    let Some(place) = current.get::<InSession>() else { return current };
    let Some(context) = nearest(&place.session) else { return current };
    let own = Some(OwnPlace { context, since: Since::Elsewhere });
    current.with_value(InSession { own, ..place.clone() })
}

/// The nearest span of ours, if a foreign one is current.
#[cold]
fn nearest(session: &SessionState) -> Option<Context> {
    let current = here::current();
    let id = current.span().span_context().span_id();
    if is_ours(session, &current) {
        OURS.set(id);
        return None;
    }
    let carried = current.get::<InSession>().and_then(|place| place.own.clone());
    let carried = carried.filter(|own| is_of(session, &own.context));
    let entered = entered(session, carried.as_ref());
    entered.or(carried.map(|own| own.context)).or_else(|| root(session, &current))
}

/// Where nothing else is known, the session itself; but what goes on from another process belongs there.
fn root(session: &SessionState, current: &Context) -> Option<Context> {
    let root = session.root()?;
    if root.trace_id() == current.span().span_context().trace_id() {
        return None;
    }
    let open = session.registry().root_of(root.trace_id());
    Some(open.unwrap_or_else(|| current.with_remote_span_context(root.clone())))
}

/// The innermost span of ours among those that this thread has entered. They may be another session's, or
/// lie outside of the one that was carried here.
fn entered(session: &SessionState, carried: Option<&OwnPlace>) -> Option<Context> {
    dispatcher::get_default(|dispatch| {
        let current = dispatch.current_span();
        let registry = dispatch.downcast_ref::<Registry>()?;
        let span = registry.span(current.id()?)?;
        let since = match carried {
            Some(OwnPlace { since: Since::Here(since), .. }) => since.clone(),
            Some(OwnPlace { since: Since::Elsewhere, .. }) | None => None,
        };
        let later = span.scope().take_while(|span| Some(span.id()) != since);
        let mut own = later.filter_map(|span| context_of(session, &span, dispatch));
        let innermost = own.next()?;
        let is_inside = match carried {
            Some(OwnPlace { context, since: Since::Elsewhere }) => {
                let is_it =
                    |own: &Context| own.span().span_context() == context.span().span_context();
                is_it(&innermost) || own.any(|own| is_it(&own))
            }
            Some(_) | None => true,
        };
        is_inside.then_some(innermost)
    })
}

/// What our layer records of a `tracing` span in this session, or, where there is none, a provider of the
/// program's own.
fn context_of(
    session: &SessionState,
    span: &SpanRef<'_, Registry>,
    dispatch: &Dispatch,
) -> Option<Context> {
    if dispatch.downcast_ref::<RegistryLayer>().is_none() {
        let theirs = get_otel_context(&span.id(), dispatch);
        return theirs.filter(|theirs| is_of(session, theirs) && is_ours(session, theirs));
    }
    let ours = span.extensions().get::<BridgedSpan>().and_then(BridgedSpan::context).cloned();
    ours.filter(|ours| is_of(session, ours))
}

fn is_of(session: &SessionState, context: &Context) -> bool {
    session.is_of_trace(context.span().span_context().trace_id())
}

fn is_ours(session: &SessionState, context: &Context) -> bool {
    let span = context.span();
    // Asked, it lets itself be found.
    span.is_recording()
        && session.registry().live().nearest(span.span_context().span_id()).is_some()
}

fn current_id() -> SpanId {
    with_current(id_in)
}

fn id_in(context: &Context) -> SpanId {
    context.span().span_context().span_id()
}
