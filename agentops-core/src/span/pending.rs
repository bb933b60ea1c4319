//! How a span's prebuilt attributes reach our layer, and the span that it makes of them comes back.
//!
//! A layer sees the fields of a `tracing` span and nothing else. So the factory leaves what it has gathered in
//! a thread-local, and our layer takes it in the very call that creates the `tracing` span: attributes keep
//! their types (arrays too) and are not copied through `tracing` fields, where unsigned integers would become
//! strings. In its place the layer leaves the context of the span.

use std::{borrow::Cow, cell::RefCell, mem};

use opentelemetry::{
    Context, KeyValue, Value,
    trace::{Link, SpanBuilder, SpanKind as Kind},
};

use crate::{
    record::{
        SpanKind,
        semconv::{ADOPTED_FROM, SPAN_KIND},
    },
    session::{Birth, SpanSource},
};

thread_local! {
    static HANDED: RefCell<Handed> = const { RefCell::new(Handed::Nothing) };
}

/// What lies between the factory and our layer.
#[derive(Debug)]
pub(super) enum Handed {
    Nothing,
    /// For the layer: what the span is to be.
    PendingSpan(PendingSpan),
    /// For the factory: the context with the span in it.
    Started(Context),
}

/// What a span says from its start: less to carry about than the builder that it becomes.
#[derive(Debug)]
pub(crate) struct PendingSpan {
    pub(crate) name: Cow<'static, str>,
    pub(crate) attributes: Vec<KeyValue>,
    /// Whether it calls somebody else.
    pub(crate) is_client: bool,
    pub(crate) link: Option<Vec<Link>>,
    /// Where it belongs, if not into the current context.
    pub(crate) parent: Option<Context>,
}

impl PendingSpan {
    /// The builder, and where the span belongs if not into the current context.
    pub(crate) fn builder(self) -> (SpanBuilder, Option<Context>) {
        let mut builder = SpanBuilder::from_name(self.name);
        builder.attributes = Some(self.attributes);
        builder.span_kind = self.is_client.then_some(Kind::Client);
        builder.links = self.link;
        (builder, self.parent)
    }
}

fn replace(handed: Handed) -> Handed {
    // A thread that is going down creates no more spans.
    HANDED.try_with(|slot| mem::replace(&mut *slot.borrow_mut(), handed)).unwrap_or(Handed::Nothing)
}

/// Takes what was left for the span that is just being created; none if it is not one of ours.
pub(crate) fn take_prepared() -> Option<PendingSpan> {
    match replace(Handed::Nothing) {
        Handed::PendingSpan(prepared) => Some(prepared),
        Handed::Nothing | Handed::Started(_) => None,
    }
}

/// Leaves the context of the span that was just created.
pub(crate) fn leave_started(context: Context) {
    replace(Handed::Started(context));
}

/// What the attributes of a span to be tell of it. The factory writes the kind first, the adopter where the
/// span comes from and then the kind.
pub(crate) fn birth_of(attributes: &[KeyValue]) -> Option<Birth> {
    let origin = match attributes.first()?.key.as_str() {
        SPAN_KIND => SpanSource::Own,
        ADOPTED_FROM => SpanSource::Adopted,
        _ => return None,
    };
    match &attributes.get(usize::from(origin == SpanSource::Adopted))?.value {
        Value::String(kind) => Some(Birth { slot: SpanKind::slot(kind.as_str()), origin }),
        _ => None,
    }
}

/// Creates a `tracing` span for what is prepared: gives back the context of the span, or what was prepared if
/// no layer of ours took it.
#[inline(always)]
pub(super) fn hand_over(
    prepared: PendingSpan,
    create: impl FnOnce() -> tracing::Span,
) -> (tracing::Span, Handed) {
    replace(Handed::PendingSpan(prepared));
    let span = create();
    (span, replace(Handed::Nothing))
}
