//! Shape of a function's return type, which decides whether its span continues in the returned value.
//!
//! A macro sees only names, and a type alias may hide a stream. The compiler therefore chooses, as in
//! `capture::probe`, before the function runs: a boxed value is replaced by our wrapper of the same type; other
//! streams, futures and iterators are marked as deferred work; everything else is a value.

use std::{fmt, marker::PhantomData};

use futures_core::Stream;
use serde::Serialize;

use super::{
    ReturnedCall, Start,
    boxed_work::{BoxedFuture, BoxedIterator, BoxedStream},
    recorded_future::{RecordedFuture, Stage, Through, Whole},
    running_call::{run_through, run_whole},
    unfollowed_work::Deferral,
};
use crate::capture::Outcome;

/// Type of a function's return value, from which the shape is chosen.
pub struct Shape<T>(PhantomData<fn() -> T>);

impl<T> Shape<T> {
    /// Returns the shape of a value.
    pub fn of(_: &T) -> Self {
        Self(PhantomData)
    }

    /// Returns the shape of a closure's return value.
    pub fn of_body(_: &impl FnOnce() -> T) -> Self {
        Self(PhantomData)
    }

    /// Returns the shape of a future's output.
    pub fn of_future(_: &impl Future<Output = T>) -> Self {
        Self(PhantomData)
    }
}

impl<T, E> Shape<Result<T, E>> {
    /// Returns the shape of the `Ok` value.
    #[must_use]
    pub fn ok(self) -> Shape<T> {
        Shape(PhantomData)
    }
}

impl<T> Shape<Option<T>> {
    /// Returns the shape of the `Some` value.
    #[must_use]
    pub fn some(self) -> Shape<T> {
        Shape(PhantomData)
    }
}

impl<T> fmt::Debug for Shape<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shape")
    }
}

macro_rules! shapes {
    ($($(#[$doc:meta])* $via:ident: [$($generics:tt)*] $of:ty => $shape:ty = $value:expr;)*) => {$(
        $(#[$doc])*
        pub trait $via {
            /// Returns the shape.
            fn shape(&self) -> $shape;
        }

        impl<$($generics)*> $via for $of {
            fn shape(&self) -> $shape {
                $value
            }
        }
    )*};
}

shapes! {
    /// First choice: a boxed stream.
    ViaBoxedStream: [T: BoxedStream] &&&&&&&&&Shape<T> => OfBoxedStream = OfBoxedStream;
    /// Boxed future.
    ViaBoxedFuture: [T: BoxedFuture] &&&&&&&&Shape<T> => OfBoxedFuture = OfBoxedFuture;
    /// Boxed iterator.
    ViaBoxedIterator: [T: BoxedIterator] &&&&&&&Shape<T> => OfBoxedIterator = OfBoxedIterator;
    /// Stream that no wrapper can replace.
    ViaStream: [T: Stream] &&&&&&Shape<T> => OfDeferred = OfDeferred(Deferral::Stream);
    /// Future that no wrapper can replace, or a type that becomes a future.
    ViaFuture: [T: IntoFuture] &&&&&Shape<T> => OfDeferred = OfDeferred(Deferral::Future);
    /// Data, even if it is an iterator, as a range is.
    ViaData: [T: Serialize] &&&&Shape<T> => OfValue = OfValue;
    /// Iterator that no wrapper can replace.
    ViaIterator: [T: Iterator] &&&Shape<T> => OfDeferred = OfDeferred(Deferral::Iterator);
    /// Stream in a `Result` behind a type alias.
    ViaHiddenStream: [T: Stream, E] &&Shape<Result<T, E>> => OfDeferred = OfDeferred(Deferral::Stream);
    /// Future in a `Result` behind a type alias.
    ViaHiddenFuture: [T: IntoFuture, E] &Shape<Result<T, E>> => OfDeferred = OfDeferred(Deferral::Future);
    /// Fallback: any other value.
    ViaValue: [T] Shape<T> => OfValue = OfValue;
}

/// Shape of a boxed stream.
#[derive(Clone, Copy, Debug)]
pub struct OfBoxedStream;

/// Shape of a boxed future.
#[derive(Clone, Copy, Debug)]
pub struct OfBoxedFuture;

/// Shape of a boxed iterator.
#[derive(Clone, Copy, Debug)]
pub struct OfBoxedIterator;

/// Shape of a value that does its work later and cannot be replaced.
#[derive(Clone, Copy, Debug)]
pub struct OfDeferred(Deferral);

/// Shape of a plain value.
#[derive(Clone, Copy, Debug)]
pub struct OfValue;

/// Implements the two ways to run a call: its span continues in the value, or ends with it.
macro_rules! running {
    ($run:ident, $recorded:ident, $finish:ident: $($shape:ident)*) => {$(
        impl $shape {
            /// Runs a function's body in its span.
            #[inline(always)]
            pub fn run<R>(
                self,
                start: Start,
                body: impl FnOnce() -> R,
                go_on: impl FnOnce(R, ReturnedCall<'_>) -> R,
            ) -> R {
                $run(start, body, go_on)
            }

            /// Runs a future in the span of a call.
            pub fn record<F, H>(
                self,
                call: impl Into<Stage>,
                future: F,
                go_on: H,
            ) -> RecordedFuture<F, $finish<H>>
            where
                F: Future,
                H: FnOnce(F::Output, ReturnedCall<'_>) -> F::Output,
            {
                RecordedFuture::$recorded(call, future, go_on)
            }
        }
    )*};
}
running! { run_through, through, Through: OfBoxedStream OfBoxedFuture OfBoxedIterator }
running! { run_whole, whole, Whole: OfDeferred OfValue }

impl OfBoxedStream {
    /// Continues the span in the stream.
    pub fn hand_on<S, O>(self, stream: S, call: ReturnedCall<'_>, outcome: O) -> S
    where
        S: BoxedStream,
        O: FnMut(&S::Item) -> Outcome<'_> + Send + Sync + 'static,
    {
        hand_on_stream(stream, call, outcome)
    }
}

impl OfBoxedFuture {
    /// Continues the span in the future.
    pub fn hand_on<F, O>(self, future: F, call: ReturnedCall<'_>, outcome: O) -> F
    where
        F: BoxedFuture,
        O: FnOnce(&F::Output) -> Outcome<'_> + Send + Sync + 'static,
    {
        hand_on_future(future, call, outcome)
    }
}

impl OfBoxedIterator {
    /// Continues the span in the iterator.
    pub fn hand_on<I, O>(self, iterator: I, call: ReturnedCall<'_>, outcome: O) -> I
    where
        I: BoxedIterator,
        O: FnMut(&I::Item) -> Outcome<'_> + Send + Sync + 'static,
    {
        if call.is_wanted() { iterator.iterated(call, outcome) } else { iterator }
    }
}

impl OfDeferred {
    /// Ends the span before the work is done, marks it, and warns.
    pub fn hand_on<T>(
        self,
        value: T,
        call: ReturnedCall<'_>,
        outcome: impl FnOnce(&T) -> Outcome<'_>,
    ) -> T {
        let (deferral, site) = (self.0, call.site_and_session());
        call.value(value, |value| match outcome(value) {
            Outcome::Returned(..) => {
                if let Some((site, session)) = site {
                    deferral.warn(site, session.rules().reporter);
                }
                Outcome::Deferred(deferral.as_str())
            }
            failed => failed,
        })
    }
}

impl OfValue {
    /// Ends the span with the value.
    #[inline(always)]
    pub fn hand_on<T>(
        self,
        value: T,
        call: ReturnedCall<'_>,
        outcome: impl FnOnce(&T) -> Outcome<'_>,
    ) -> T {
        call.value(value, outcome)
    }
}

/// Continues the span in a stream, if an option of the function declares that it returns one.
pub fn hand_on_stream<S, O>(stream: S, call: ReturnedCall<'_>, outcome: O) -> S
where
    S: BoxedStream,
    O: FnMut(&S::Item) -> Outcome<'_> + Send + Sync + 'static,
{
    if call.is_wanted() { stream.observed(call, outcome) } else { stream }
}

/// Continues the span in a future, if an option of the function declares that it returns one.
pub fn hand_on_future<F, O>(future: F, call: ReturnedCall<'_>, outcome: O) -> F
where
    F: BoxedFuture,
    O: FnOnce(&F::Output) -> Outcome<'_> + Send + Sync + 'static,
{
    if call.is_wanted() { future.recorded(call, outcome) } else { future }
}
