//! Layer that records the spans of annotated functions and adopted spans.

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

use super::tracing_fields::Fields;
use super::{adopt::adopted_builder, tracer::AgentOpsTracer};
use crate::{
    process::thread_context::{self, ContextAccess, with_current},
    record::RecordedKind,
    session::{
        Birth, BridgedSpan, EnteredSpan, EnteredTracingSpan, SpanSource, WaitingSpan, enter_span,
        parent_in_layer,
    },
    span::{leave_started, take_pending},
};

/// Layer that records the spans that [`OwnSpanFilter`](crate::bridge::own_span_filter::OwnSpanFilter) accepts.
#[derive(Debug)]
pub(crate) struct BridgeLayer(pub(crate) AgentOpsTracer);

/// Span that this thread has entered.
struct EnteredHere {
    /// Address of the layer that entered the span: two subscribers may give the same id to different spans.
    layer: usize,
    id: Id,
    /// A framework's span ends at its last exit.
    source: SpanSource,
    _entered: EnteredSpan,
}

thread_local! {
    static ENTERED: RefCell<Vec<EnteredHere>> = const { RefCell::new(Vec::new()) };
}

impl BridgeLayer {
    /// Starts a span and returns the context that holds it.
    fn build(&self, birth: Birth, builder: SpanBuilder, parent: &Context) -> Context {
        parent.with_span(self.0.build(birth, builder, parent))
    }

    fn start(&self, WaitingSpan { kind, builder, parent, status }: WaitingSpan) -> Context {
        let birth = Birth { kind, source: SpanSource::Adopted };
        let mut span = self.0.build(birth, builder, &parent);
        span.set_status(status);
        parent.with_span(span)
    }

    /// Returns the context of a span that is entered or has children. A waiting span starts now at the latest.
    fn context_of<'s, S: LookupSpan<'s>>(&self, span: &SpanRef<'s, S>) -> Option<Context> {
        self.context_and_source(span).map(|(context, _)| context)
    }

    /// Returns the context as [`Self::context_of`] does, and the source of the span.
    #[inline(always)]
    fn context_and_source<'s, S: LookupSpan<'s>>(
        &self,
        span: &SpanRef<'s, S>,
    ) -> Option<(Context, SpanSource)> {
        if let BridgedSpan::Own(context) = span.extensions().get()? {
            return Some((context.clone(), SpanSource::Own));
        }
        let started = BridgedSpan::context_of(span);
        started.or_else(|| self.start_waiting(span)).map(|context| (context, SpanSource::Adopted))
    }

    #[cold]
    fn start_waiting<'s, S: LookupSpan<'s>>(&self, span: &SpanRef<'s, S>) -> Option<Context> {
        let mut extensions = span.extensions_mut();
        let context = match extensions.remove()? {
            BridgedSpan::Waiting(waiting) => self.start(*waiting),
            // Another thread started it first.
            BridgedSpan::Own(context) | BridgedSpan::Adopted { context, .. } => context,
        };
        extensions.replace(BridgedSpan::Adopted { context: context.clone(), left: None });
        Some(context)
    }

    /// Returns the parent of a framework's span: the span that it names, or else the current one.
    fn parent_of<S>(&self, span: &Attributes<'_>, ctx: &Subscribed<'_, S>) -> Context
    where
        S: Subscriber + for<'s> LookupSpan<'s>,
    {
        if let Some(parent) = span.parent() {
            return ctx.span(parent).and_then(|span| self.context_of(&span)).unwrap_or_default();
        }
        if !span.is_contextual() {
            return Context::new();
        }
        let current = thread_context::current();
        parent_in_layer(entered_spans(ctx)).unwrap_or(current)
    }

    fn adopt<S>(&self, span: &Attributes<'_>, ctx: &Subscribed<'_, S>) -> BridgedSpan
    where
        S: Subscriber + for<'s> LookupSpan<'s>,
    {
        let (builder, kind) = adopted_builder(span);
        let builder = builder.with_start_time(opentelemetry::time::now());
        let parent = self.parent_of(span, ctx);
        let mut waiting = WaitingSpan { kind, builder, parent, status: Default::default() };
        let mut fields = Fields::default();
        span.record(&mut fields);
        fields.add_to_waiting(&mut waiting);
        if kind == RecordedKind::Llm {
            // Started at once: a client may never enter the span, and may keep it open as long as a stream, for which
            // one of our calls waits.
            return BridgedSpan::Adopted { context: self.start(waiting), left: None };
        }
        BridgedSpan::Waiting(Box::new(waiting))
    }

    fn address(&self) -> usize {
        ptr::from_ref(self).addr()
    }
}

/// Returns the layer's spans that this thread has entered, innermost first.
fn entered_spans<S>(ctx: &Subscribed<'_, S>) -> impl Iterator<Item = EnteredTracingSpan>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    let entered = ctx.lookup_current().into_iter().flat_map(|span| span.scope());
    entered.map(|span| (span.id(), BridgedSpan::context_of(&span)))
}

impl<S> Layer<S> for BridgeLayer
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Subscribed<'_, S>) {
        let bridged = match take_pending() {
            Some(pending) => {
                let birth = Birth { kind: pending.kind, source: SpanSource::Own };
                let (builder, parent) = pending.builder();
                let context = match parent {
                    Some(parent) => self.build(birth, builder, &parent),
                    None => with_current(|parent| self.build(birth, builder, parent)),
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
            Some(BridgedSpan::Waiting(waiting)) => return fields.add_to_waiting(waiting),
            Some(BridgedSpan::Own(context) | BridgedSpan::Adopted { context, .. }) => {
                context.clone()
            }
            None => return,
        };
        drop(extensions);
        fields.set_on_started(&context.span());
    }

    fn on_follows_from(&self, id: &Id, follows: &Id, ctx: Subscribed<'_, S>) {
        let Some(follows) = ctx.span(follows).and_then(|span| self.context_of(&span)) else {
            return;
        };
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
        let Some(access) = ContextAccess::get() else { return };
        let found = ctx.span(id).and_then(|span| self.context_and_source(&span));
        let Some((context, source)) = found else { return };
        let _entered = enter_span(access, context);
        let inside = EnteredHere { layer: self.address(), id: id.clone(), source, _entered };
        // A thread that is being torn down leaves the span at once.
        let _ = ENTERED.try_with(|all| all.borrow_mut().push(inside));
    }

    fn on_exit(&self, id: &Id, ctx: Subscribed<'_, S>) {
        let layer = self.address();
        let left = ENTERED.try_with(|all| {
            let mut all = all.borrow_mut();
            // Usually it is the last one.
            let left = all.pop_if(|entered| entered.id == *id && entered.layer == layer);
            left.or_else(|| {
                let mut entered = all.iter();
                let index = entered.rposition(|span| span.id == *id && span.layer == layer)?;
                Some(all.remove(index))
            })
        });
        // Looking an own span up again and cloning its context twice cost 190 instructions of each poll.
        let Ok(Some(EnteredHere { source: SpanSource::Adopted, .. })) = left else { return };
        let Some(span) = ctx.span(id) else { return };
        if let Some(BridgedSpan::Adopted { left, .. }) = span.extensions_mut().get_mut() {
            *left = Some(opentelemetry::time::now());
        }
    }

    /// Ends a framework's span. A span of ours is ended by its call.
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
