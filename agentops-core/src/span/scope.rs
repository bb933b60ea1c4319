//! What a call runs inside of: entered, it makes the call the current one.

use opentelemetry::Context;
use tracing::span;

use crate::{
    process::{
        here::{Attached, attach},
        is_quiet,
    },
    session::InnermostOwnSpan,
};

/// Where a call runs.
#[derive(Debug)]
pub(super) enum Scope {
    /// In its own span.
    Span(tracing::Span),
    /// In its own span, which a provider of the program's own records.
    TheirSpan(tracing::Span),
    /// In a session that records nothing: only the context says so.
    Silent(Context),
}

/// A scope that is entered, on this thread, until this is dropped.
pub(super) enum Entered<'a> {
    Span(#[expect(dead_code, reason = "held to be dropped")] span::Entered<'a>),
    TheirSpan(
        #[expect(dead_code, reason = "held to be dropped")] span::Entered<'a>,
        #[expect(dead_code, reason = "held to be dropped")] InnermostOwnSpan,
    ),
    Silent(#[expect(dead_code, reason = "held to be dropped")] Attached),
    /// The thread is quiet.
    Nowhere,
}

impl Scope {
    #[inline(always)]
    pub(super) fn enter(&self) -> Entered<'_> {
        if is_quiet() {
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
