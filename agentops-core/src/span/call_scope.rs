//! Scope that a call runs in. Entering it makes the call the current one.

use opentelemetry::Context;
use tracing::span;

use crate::{
    process::{
        prepare_context,
        thread_context::{Attached, attach},
    },
    session::InnermostOwnSpan,
};

/// Scope of a call.
#[derive(Debug)]
pub(super) enum CallScope {
    /// The call's own span.
    Span(tracing::Span),
    /// The call's own span, recorded by a provider of the program's own.
    TheirSpan(tracing::Span),
    /// Session that records nothing; the context alone marks it as silent.
    Silent(Context),
}

/// Guard that keeps a scope entered on this thread until it is dropped.
pub(super) enum Entered<'a> {
    Span(#[expect(dead_code, reason = "held to be dropped")] span::Entered<'a>),
    TheirSpan(
        #[expect(dead_code, reason = "held to be dropped")] span::Entered<'a>,
        #[expect(dead_code, reason = "held to be dropped")] InnermostOwnSpan,
    ),
    Silent(#[expect(dead_code, reason = "held to be dropped")] Attached),
    /// Nothing was entered, since the thread is quiet.
    Nowhere,
}

impl CallScope {
    #[inline(always)]
    pub(super) fn enter(&self) -> Entered<'_> {
        if !prepare_context() {
            return Entered::Nowhere;
        }
        match self {
            Self::Span(span) => Entered::Span(span.enter()),
            Self::TheirSpan(span) => {
                let entered = span.enter();
                Entered::TheirSpan(entered, InnermostOwnSpan::current())
            }
            Self::Silent(context) => Entered::Silent(attach(context.clone())),
        }
    }
}
