//! How a span's prebuilt attributes reach tracing-opentelemetry.
//!
//! The layer asks its tracer for a builder on the very thread and in the very call that creates the
//! `tracing` span. So the factory leaves what it has gathered in a thread-local, and our tracer hands it
//! over: attributes keep their types (arrays too) and are not copied through `tracing` fields, where
//! unsigned integers would become strings.

use std::{borrow::Cow, cell::RefCell};

use opentelemetry::{
    KeyValue, Value,
    trace::{Link, SpanBuilder, SpanKind as Kind},
};

use crate::{
    kind::SpanKind,
    semconv::{ADOPTED_FROM, SPAN_KIND},
    session::{Birth, Origin},
};

thread_local! {
    static PREPARED: RefCell<Option<Prepared>> = const { RefCell::new(None) };
}

/// What a span says from its start: less to carry about than the builder that it becomes.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) name: Cow<'static, str>,
    pub(crate) attributes: Vec<KeyValue>,
    /// Whether it calls somebody else.
    pub(crate) is_client: bool,
    pub(crate) link: Option<Vec<Link>>,
}

impl Prepared {
    pub(crate) fn builder(self) -> SpanBuilder {
        let mut builder = SpanBuilder::from_name(self.name);
        builder.attributes = Some(self.attributes);
        builder.span_kind = self.is_client.then_some(Kind::Client);
        builder.links = self.link;
        builder
    }
}

/// Leaves something for the span that is just being created.
#[inline(always)]
pub(crate) fn prepare(prepared: Prepared) {
    // A thread that is going down creates no more spans.
    let _ = PREPARED.try_with(|slot| *slot.borrow_mut() = Some(prepared));
}

/// Whether the span that is just being created is one of ours.
pub(crate) fn is_prepared() -> bool {
    PREPARED.try_with(|slot| slot.borrow().is_some()).unwrap_or_default()
}

/// What was left, if there is anything.
pub(crate) fn take_prepared() -> Option<Prepared> {
    PREPARED.try_with(RefCell::take).ok().flatten()
}

/// What a builder tells of the span to be. The factory writes the kind first, the adopter where the span comes
/// from and then the kind.
pub(crate) fn birth_of(builder: &SpanBuilder) -> Option<Birth> {
    let attributes = builder.attributes.as_deref()?;
    let origin = match attributes.first()?.key.as_str() {
        SPAN_KIND => Origin::Own,
        ADOPTED_FROM => Origin::Adopted,
        _ => return None,
    };
    match &attributes.get(usize::from(origin == Origin::Adopted))?.value {
        Value::String(kind) => Some(Birth { slot: SpanKind::slot(kind.as_str()), origin }),
        _ => None,
    }
}

/// Creates a `tracing` span for what is prepared; gives that back if no layer of ours took it.
#[inline(always)]
pub(super) fn hand_over(
    prepared: Prepared,
    create: impl FnOnce() -> tracing::Span,
) -> (tracing::Span, Option<Prepared>) {
    prepare(prepared);
    let span = create();
    (span, if is_prepared() { take_prepared() } else { None })
}
