//! Manual spans: handles to sessions, agents, tools and model calls for code that no attribute can mark.
//!
//! ```text
//! Session::builder(…).start() ─┐                              in_scope, instrument
//! Agent::start(…) ─────────────┴▶ SpanHandle ──▶ set_…, record_error ──▶ end(EndState), or drop
//! ```

mod component_handles;
mod instrumented;
mod session_handle;
mod span_handle;

pub(crate) use self::span_handle::SpanHandle;
pub use self::{
    component_handles::{Agent, CustomSpan, HandleBuilder, Llm, Tool},
    instrumented::Instrumented,
    session_handle::{Session, SessionBuilder},
};

use std::fmt;

use futures_core::Stream;
use opentelemetry::Key;
use serde::Serialize;

use super::{CurrentSpan, Event};
use crate::{
    attribute::FieldValue,
    capture::AsError,
    session::{EndState, SessionRef},
};

/// Private supertrait of [`Traced`], which seals it.
mod sealed {
    /// Handle that holds a span.
    pub trait Holder {
        fn held(&self) -> &super::SpanHandle;
    }
}

/// Methods shared by all handles. Each handle also has them as inherent methods; the trait is for code that takes any
/// handle. It is sealed: it cannot be implemented outside of this crate.
///
/// ```
/// use agentops::{EndState, Session, Traced};
///
/// fn finish(span: &impl Traced, ok: bool) {
///     span.end(if ok { EndState::Success } else { EndState::Failure });
/// }
///
/// finish(&Session::start("nightly"), true);
/// ```
#[doc(alias = "TracedObject")]
pub trait Traced: sealed::Holder + fmt::Debug + Clone + Send + Sync {
    /// Runs code inside the span: the spans of calls that it makes are children of this one. Calls made after the
    /// session's end are counted as late.
    fn in_scope<R>(&self, code: impl FnOnce() -> R) -> R {
        self.held().in_scope(code)
    }

    /// Runs a future inside the span, at each of its polls. The span does not end with the future.
    ///
    /// Where `tracing::Instrument` is in scope, its method of the same name takes precedence: write
    /// `(&tool).instrument(future)`.
    fn instrument<F: Future>(&self, future: F) -> Instrumented<F> {
        Instrumented::future(self.held().clone(), future)
    }

    /// Runs a stream inside the span, at each of its polls. The stream holds a clone of the handle. A span whose last
    /// handle is in a stream ends with the stream: as [`EndState::Success`] after the last item, as
    /// [`EndState::Indeterminate`] if the stream is dropped earlier, as a failure if it panics. Items and errors of
    /// the stream are not recorded.
    ///
    /// A budget that [cancels](crate::BudgetPolicy::Cancel) ends the stream of a session's handle early once a limit
    /// is exceeded, and the session fails.
    ///
    /// ```
    /// use agentops::{EndState, Session};
    /// use futures_util::{Stream, stream};
    ///
    /// fn answer(words: Vec<String>) -> impl Stream<Item = String> {
    ///     let session = Session::start("chat");
    ///     session.instrument_stream(stream::iter(words))
    /// }
    /// # let _ = answer(Vec::new());
    /// ```
    fn instrument_stream<S: Stream>(&self, stream: S) -> Instrumented<S> {
        Instrumented::stream(self.held().clone(), stream)
    }

    /// Ends the span now; only the first call counts. A session ends at once, even if calls in it still run. A span
    /// whose last clone is dropped without `end` ends as [`EndState::Indeterminate`], or as a panic during unwinding;
    /// a session then stays open for the calls that still run in it.
    fn end(&self, state: EndState) {
        self.held().end(state);
    }

    /// Returns `true` if the span is recorded and has not ended.
    fn is_recording(&self) -> bool {
        self.held().is_recording()
    }

    /// Returns the span for setting attributes; its methods are no-ops once it has ended.
    fn span(&self) -> CurrentSpan {
        self.held().span()
    }

    /// Returns the session of the span, or the session that the span is, while the span is open.
    fn session(&self) -> Option<SessionRef> {
        self.held().session()
    }
}

/// Implements the methods of a handle of any kind as inherent ones, so that callers need not import the trait.
macro_rules! handle {
    ($handle:ident) => {
        impl sealed::Holder for $handle {
            fn held(&self) -> &SpanHandle {
                &self.0
            }
        }

        impl Traced for $handle {}

        impl $handle {
            /// Runs code inside the span, so that the calls it makes are children of this one; see
            /// [`Traced::in_scope`].
            pub fn in_scope<R>(&self, code: impl FnOnce() -> R) -> R {
                Traced::in_scope(self, code)
            }

            /// Runs a future inside the span, at each of its polls, without ending the span; see
            /// [`Traced::instrument`].
            pub fn instrument<F: Future>(&self, future: F) -> Instrumented<F> {
                Traced::instrument(self, future)
            }

            /// Runs a stream inside the span, at each of its polls. A span whose last handle is in the stream ends
            /// with it; see [`Traced::instrument_stream`].
            pub fn instrument_stream<S: Stream>(&self, stream: S) -> Instrumented<S> {
                Traced::instrument_stream(self, stream)
            }

            /// Ends the span now; only the first call counts. See [`Traced::end`] for what a dropped handle does.
            pub fn end(&self, state: EndState) {
                Traced::end(self, state);
            }

            /// Returns `true` if the span is recorded and has not ended.
            #[must_use]
            pub fn is_recording(&self) -> bool {
                Traced::is_recording(self)
            }

            /// Returns the span for setting attributes; its methods are no-ops once it has ended.
            #[must_use]
            pub fn span(&self) -> CurrentSpan {
                Traced::span(self)
            }

            /// Returns the session of the span, or the session that the span is, while the span is open.
            #[must_use]
            pub fn session(&self) -> Option<SessionRef> {
                Traced::session(self)
            }

            /// Sets an attribute of the span. Of several values for one key the last is kept.
            pub fn set_attribute(&self, key: impl Into<Key>, value: impl FieldValue) -> &Self {
                self.span().set_attribute(key, value);
                self
            }

            /// Sets the input, if content is captured; see [`CurrentSpan::set_input`].
            pub fn set_input<T: Serialize + ?Sized>(&self, input: &T) -> &Self {
                self.span().set_input(input);
                self
            }

            /// Sets the output, if content is captured; see [`CurrentSpan::set_output`].
            pub fn set_output<T: Serialize + ?Sized>(&self, output: &T) -> &Self {
                self.span().set_output(output);
                self
            }

            /// Records an error and marks the span as failed, without ending it; see
            /// [`CurrentSpan::record_error`].
            pub fn record_error<E: fmt::Display + ?Sized>(&self, error: &E) -> &Self {
                self.span().record_error(error);
                self
            }

            /// Records an error together with its causes and marks the span as failed; see
            /// [`CurrentSpan::record_exception`].
            pub fn record_exception<E: AsError + ?Sized>(&self, error: &E) -> &Self {
                self.span().record_exception(error);
                self
            }

            /// Adds an event with the current time: a name, or an [`Event`] with attributes.
            pub fn event(&self, event: impl Into<Event>) -> &Self {
                self.span().event(event);
                self
            }
        }
    };
}

/// Implements the methods of the handle of a call; a session has its own.
macro_rules! call {
    ($handle:ident) => {
        handle!($handle);

        impl $handle {
            /// Adds a tag to the span, unless it has it already.
            pub fn add_tag(&self, tag: impl Into<String>) -> &Self {
                self.span().add_tag(tag);
                self
            }

            /// Sets the cost of the call in US dollars, which counts in the session's totals and budget; see
            /// [`CurrentSpan::set_cost`].
            pub fn set_cost(&self, usd: f64) -> &Self {
                self.span().set_cost(usd);
                self
            }
        }
    };
}

handle!(Session);
call!(Agent);
call!(Tool);
call!(Llm);
call!(CustomSpan);
