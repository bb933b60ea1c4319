//! What a model call returned, by its type: whether its span goes on in it.
//!
//! A client may hide its stream behind a name, which says nothing to a macro. So the compiler chooses, as in
//! `capture::probe`: a boxed stream or future is replaced by ours, which has the same type; everything else
//! is a value.

use std::{
    collections::HashSet,
    pin::Pin,
    ptr,
    sync::{LazyLock, Mutex, PoisonError},
};

use futures_core::Stream;

use super::Flow;
use crate::{capture::Outcome, fork, report};

/// A returned value, to be asked for its shape.
#[derive(Debug)]
pub struct Shape<'a, T>(pub &'a T);

/// A boxed stream, which another one of the same type can take the place of.
pub trait BoxedStream: Sized {
    /// What it yields.
    type Item;

    #[doc(hidden)]
    fn observed<O>(self, flow: Flow, outcome: O) -> Self
    where
        O: FnMut(&Self::Item) -> Outcome<'_> + Send + Sync + 'static;
}

/// A boxed future, which another one of the same type can take the place of.
pub trait BoxedFuture: Sized {
    /// What it comes to.
    type Output;

    #[doc(hidden)]
    fn recorded<O>(self, flow: Flow, outcome: O) -> Self
    where
        O: FnOnce(&Self::Output) -> Outcome<'_> + Send + Sync + 'static;
}

macro_rules! boxed {
    ($([$($auto:tt)*])*) => {$(
        impl<'a, T: 'a> BoxedStream for Pin<Box<dyn Stream<Item = T> $($auto)* + 'a>> {
            type Item = T;

            fn observed<O>(self, flow: Flow, outcome: O) -> Self
            where
                O: FnMut(&T) -> Outcome<'_> + Send + Sync + 'static,
            {
                Box::pin(flow.stream(self, outcome))
            }
        }

        impl<'a, T: 'a> BoxedFuture for Pin<Box<dyn Future<Output = T> $($auto)* + 'a>> {
            type Output = T;

            fn recorded<O>(self, flow: Flow, outcome: O) -> Self
            where
                O: FnOnce(&T) -> Outcome<'_> + Send + Sync + 'static,
            {
                Box::pin(flow.future(self, outcome))
            }
        }
    )*};
}
boxed!([] [+ Send] [+ Sync] [+ Send + Sync]);

macro_rules! shapes {
    ($($(#[$doc:meta])* $via:ident, $shape:ident: [$($generics:tt)*] $of:ty;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $shape;

        $(#[$doc])*
        pub trait $via {
            /// The shape.
            fn shape(&self) -> $shape;
        }

        impl<$($generics)*> $via for $of {
            fn shape(&self) -> $shape {
                $shape
            }
        }
    )*};
}

shapes! {
    /// First choice: a boxed stream.
    ViaBoxedStream, OfBoxedStream: [T: BoxedStream] &&&&Shape<'_, T>;
    /// Second choice: a boxed future.
    ViaBoxedFuture, OfBoxedFuture: [T: BoxedFuture] &&&Shape<'_, T>;
    /// Third choice: a stream that nothing can take the place of.
    ViaStream, OfStream: [T: Stream] &&Shape<'_, T>;
    /// Fourth choice: any stream in a `Result` that has another name.
    ViaHiddenStream, OfHiddenStream: [T: Stream, E] &Shape<'_, Result<T, E>>;
    /// What is left.
    ViaValue, OfValue: [T] Shape<'_, T>;
}

impl OfBoxedStream {
    /// Lets the span go on in the stream.
    pub fn hand_on<S, O>(self, stream: S, flow: Flow, outcome: O) -> S
    where
        S: BoxedStream,
        O: FnMut(&S::Item) -> Outcome<'_> + Send + Sync + 'static,
    {
        if flow.is_wanted() { stream.observed(flow, outcome) } else { stream }
    }
}

impl OfBoxedFuture {
    /// Lets the span go on in the future.
    pub fn hand_on<F, O>(self, future: F, flow: Flow, outcome: O) -> F
    where
        F: BoxedFuture,
        O: FnOnce(&F::Output) -> Outcome<'_> + Send + Sync + 'static,
    {
        if flow.is_wanted() { future.recorded(flow, outcome) } else { future }
    }
}

impl OfStream {
    /// Ends the span before the stream, and says so.
    pub fn hand_on<S>(self, stream: S, flow: Flow, outcome: impl FnOnce(&S) -> Outcome<'_>) -> S {
        tell_of_stream(&flow);
        flow.value(stream, outcome)
    }
}

impl OfHiddenStream {
    /// Ends the span before the stream, and says so.
    pub fn hand_on<S>(self, result: S, flow: Flow, outcome: impl FnOnce(&S) -> Outcome<'_>) -> S {
        tell_of_stream(&flow);
        flow.value(result, outcome)
    }
}

impl OfValue {
    /// Ends the span with the value.
    pub fn hand_on<T>(self, value: T, flow: Flow, outcome: impl FnOnce(&T) -> Outcome<'_>) -> T {
        flow.value(value, outcome)
    }
}

/// Says of a callsite, once, that its spans end before the stream.
fn tell_of_stream(flow: &Flow) {
    static TOLD: LazyLock<Mutex<HashSet<usize>>> = LazyLock::new(Mutex::default);
    let Some((site, session)) = flow.place() else { return };
    let place = ptr::from_ref(site).addr();
    if fork::is_child() || !TOLD.lock().unwrap_or_else(PoisonError::into_inner).insert(place) {
        return;
    }
    let metadata = site.metadata();
    let (name, file, line) = (metadata.name(), metadata.file(), metadata.line());
    let (file, line) = (file.unwrap_or_default(), line.unwrap_or_default());
    let message = format_args!(
        "the span of `{name}` ({file}:{line}) ends before the stream that it returns, whose type cannot be \
         replaced; return `Pin<Box<dyn Stream<Item = ..> + Send>>` or `impl Stream`, itself or in a `Result` \
         that is spelled out, or write `stream = false` if that is meant"
    );
    report::warn(session.registry().rules().may_use_stderr, &message);
}
