//! The layer that records the spans of annotated functions, and those that are adopted.

use std::{cell::RefCell, ptr};

use opentelemetry::{
    Context,
    trace::{Span as _, SpanBuilder, TraceContextExt},
};
use tracing_core::{
    Subscriber,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    layer::Context as Subscribed,
    registry::{LookupSpan, SpanRef},
};

use super::fields::Fields;
use super::{adopt::adopted, tracer::AgentOpsTracer};
use crate::{
    process::here::{self, Here, with_current},
    record::SpanKind,
    session::{BridgedSpan, EnteredSpan, InSession, WaitingSpan, enter, parent_in},
    span::{leave_started, take_prepared},
};

/// Records what [`OwnSpanFilter`](crate::bridge::filter::OurSpans) lets through.
#[derive(Debug)]
pub(crate) struct BridgeLayer(pub(crate) AgentOpsTracer);

/// A span that this thread has entered.
struct Inside {
    /// Two subscribers may give the same id to different spans.
    layer: usize,
    id: Id,
    /// A framework's span, whose end only its last exit tells.
    is_adopted: bool,
    _entered: EnteredSpan,
}

thread_local! {
    static INSIDE: RefCell<Vec<Inside>> = const { RefCell::new(Vec::new()) };
}

impl BridgeLayer {
    /// The context with a new span in it.
    fn build(&self, builder: SpanBuilder, parent: &Context) -> Context {
        parent.with_span(self.0.build(builder, parent))
    }

    fn start(&self, WaitingSpan { builder, parent, status }: WaitingSpan) -> Context {
        let mut span = self.0.build(builder, &parent);
        span.set_status(status);
        parent.with_span(span)
    }

    /// The context of a span that is entered or has children: the latest moment for it to start.
    fn context_of<'s, S: LookupSpan<'s>>(&self, span: &SpanRef<'s, S>) -> Option<Context> {
        self.place_of(span).map(|(context, _)| context)
    }

    /// The same, and whether it is a framework's.
    #[inline(always)]
    fn place_of<'s, S: LookupSpan<'s>>(&self, span: &SpanRef<'s, S>) -> Option<(Context, bool)> {
        if let BridgedSpan::Own(context) = span.extensions().get()? {
            return Some((context.clone(), false));
        }
        let started = span.extensions().get::<BridgedSpan>()?.context().cloned();
        started.or_else(|| self.start_waiting(span)).map(|context| (context, true))
    }

    #[cold]
    fn start_waiting<'s, S: LookupSpan<'s>>(&self, span: &SpanRef<'s, S>) -> Option<Context> {
        let mut extensions = span.extensions_mut();
        let context = match extensions.remove()? {
            BridgedSpan::Waiting(waiting) => self.start(*waiting),
            // Another thread was first.
            BridgedSpan::Own(context) | BridgedSpan::Adopted { context, .. } => context,
        };
        extensions.replace(BridgedSpan::Adopted { context: context.clone(), left: None });
        Some(context)
    }

    /// Where a framework's span belongs: below the one that it names, or else where it happens.
    fn parent_of<S>(&self, span: &Attributes<'_>, ctx: &Subscribed<'_, S>) -> Context
    where
        S: Subscriber + for<'s> LookupSpan<'s>,
    {
        if let Some(parent) = span.parent() {
            return ctx.span(parent).and_then(|it| self.context_of(&it)).unwrap_or_default();
        }
        if !span.is_contextual() {
            return Context::new();
        }
        let current = here::current();
        let session = current.get::<InSession>().map(|place| &place.session);
        session.and_then(|session| parent_in(session)).unwrap_or(current)
    }

    fn adopt<S>(&self, span: &Attributes<'_>, ctx: &Subscribed<'_, S>) -> BridgedSpan
    where
        S: Subscriber + for<'s> LookupSpan<'s>,
    {
        let (builder, kind) = adopted(span);
        let builder = builder.with_start_time(opentelemetry::time::now());
        let parent = self.parent_of(span, ctx);
        let mut waiting = WaitingSpan { builder, parent, status: Default::default() };
        let mut fields = Fields::default();
        span.record(&mut fields);
        fields.tell(&mut waiting);
        if kind == SpanKind::Llm {
            // A client may never enter it, and let it live as long as a stream, for which a call waits.
            return BridgedSpan::Adopted { context: self.start(waiting), left: None };
        }
        BridgedSpan::Waiting(Box::new(waiting))
    }

    fn address(&self) -> usize {
        ptr::from_ref(self).addr()
    }
}

impl<S> Layer<S> for BridgeLayer
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Subscribed<'_, S>) {
        let bridged = match take_prepared() {
            Some(prepared) => {
                let (builder, parent) = prepared.builder();
                let context = match parent {
                    Some(parent) => self.build(builder, &parent),
                    None => with_current(|parent| self.build(builder, parent)),
                };
                leave_started(context.clone());
                BridgedSpan::Own(context)
            }
            None => self.adopt(attributes, &ctx),
        };
        if let Some(span) = ctx.span(id) {
            span.extensions_mut().replace(bridged);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, ctx: Subscribed<'_, S>) {
        let Some(span) = ctx.span(id) else { return };
        let mut fields = Fields::default();
        values.record(&mut fields);
        let mut extensions = span.extensions_mut();
        let context = match extensions.get_mut() {
            Some(BridgedSpan::Waiting(waiting)) => return fields.tell(waiting),
            Some(BridgedSpan::Own(context) | BridgedSpan::Adopted { context, .. }) => {
                context.clone()
            }
            None => return,
        };
        drop(extensions);
        fields.tell_started(&context.span());
    }

    fn on_follows_from(&self, id: &Id, follows: &Id, ctx: Subscribed<'_, S>) {
        let Some(follows) = ctx.span(follows).and_then(|it| self.context_of(&it)) else { return };
        let link = follows.span().span_context().clone();
        let Some(span) = ctx.span(id) else { return };
        let mut extensions = span.extensions_mut();
        match extensions.get_mut() {
            Some(BridgedSpan::Waiting(waiting)) => {
                let links = waiting.builder.links.get_or_insert_default();
                links.push(opentelemetry::trace::Link::with_context(link));
            }
            Some(BridgedSpan::Own(context) | BridgedSpan::Adopted { context, .. }) => {
                let context = context.clone();
                drop(extensions);
                context.span().add_link(link, Vec::new());
            }
            None => {}
        }
    }

    fn on_enter(&self, id: &Id, ctx: Subscribed<'_, S>) {
        let Some(here) = Here::get() else { return };
        let place = ctx.span(id).and_then(|span| self.place_of(&span));
        let Some((context, is_adopted)) = place else { return };
        let _entered = enter(here, context);
        let inside = Inside { layer: self.address(), id: id.clone(), is_adopted, _entered };
        // A thread that is going down leaves it at once.
        let _ = INSIDE.try_with(|all| all.borrow_mut().push(inside));
    }

    fn on_exit(&self, id: &Id, ctx: Subscribed<'_, S>) {
        let layer = self.address();
        let left = INSIDE.try_with(|all| {
            let mut all = all.borrow_mut();
            // As a rule it is the last one.
            let left = all.pop_if(|it| it.id == *id && it.layer == layer);
            left.or_else(|| {
                let place = all.iter().rposition(|it| it.id == *id && it.layer == layer)?;
                Some(all.remove(place))
            })
        });
        // To look an own span up again, and to clone its context twice, took 190 instructions of each poll.
        let Ok(Some(Inside { is_adopted: true, .. })) = left else { return };
        let Some(span) = ctx.span(id) else { return };
        if let Some(BridgedSpan::Adopted { left, .. }) = span.extensions_mut().get_mut() {
            *left = Some(opentelemetry::time::now());
        }
    }

    /// Ends a framework's span; one of ours is ended by its call.
    fn on_close(&self, id: Id, ctx: Subscribed<'_, S>) {
        let Some(span) = ctx.span(&id) else { return };
        if matches!(span.extensions().get(), Some(BridgedSpan::Own(_)) | None) {
            return;
        }
        let bridged = span.extensions_mut().remove();
        let (context, left) = match bridged {
            Some(BridgedSpan::Waiting(waiting)) => (self.start(*waiting), None),
            Some(BridgedSpan::Adopted { context, left }) => (context, left),
            Some(BridgedSpan::Own(_)) | None => return,
        };
        match left {
            Some(left) => context.span().end_with_timestamp(left),
            None => context.span().end(),
        }
    }
}
