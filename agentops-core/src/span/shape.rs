//! What a function returns, by its type: whether its span goes on in it.
//!
//! A name says nothing to a macro: a client may hide its stream behind one. So the compiler chooses, as in
//! `capture::probe`, before the function runs: what is boxed is replaced by ours, which has the same type;
//! other streams, futures and iterators are said to be more than they show; everything else is a value.

use std::{fmt, marker::PhantomData};

use futures_core::Stream;
use serde::Serialize;

use super::{
    Flow, Start,
    boxed::{BoxedFuture, BoxedIterator, BoxedStream},
    deferral::Deferral,
    future::{RecordedFuture, Stage, Through, Whole},
    running::{run_through, run_whole},
};
use crate::capture::Outcome;

/// The type of what a function returns, to be asked for its shape.
pub struct Shape<T>(PhantomData<fn() -> T>);

impl<T> Shape<T> {
    /// The shape of a value.
    pub fn of(_: &T) -> Self {
        Self(PhantomData)
    }

    /// The shape of what a closure returns.
    pub fn of_body(_: &impl FnOnce() -> T) -> Self {
        Self(PhantomData)
    }

    /// The shape of what a future comes to.
    pub fn of_future(_: &impl Future<Output = T>) -> Self {
        Self(PhantomData)
    }
}

impl<T, E> Shape<Result<T, E>> {
    /// The shape of the success.
    #[must_use]
    pub fn ok(self) -> Shape<T> {
        Shape(PhantomData)
    }
}

impl<T> Shape<Option<T>> {
    /// The shape of what there is.
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
            /// The shape.
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
    /// A boxed future.
    ViaBoxedFuture: [T: BoxedFuture] &&&&&&&&Shape<T> => OfBoxedFuture = OfBoxedFuture;
    /// A boxed iterator.
    ViaBoxedIterator: [T: BoxedIterator] &&&&&&&Shape<T> => OfBoxedIterator = OfBoxedIterator;
    /// A stream that nothing can take the place of.
    ViaStream: [T: Stream] &&&&&&Shape<T> => OfDeferred = OfDeferred(Deferral::Stream);
    /// What is still to be awaited, a future or what becomes one.
    ViaFuture: [T: IntoFuture] &&&&&Shape<T> => OfDeferred = OfDeferred(Deferral::Future);
    /// Data, even if it is an iterator, as a range is.
    ViaData: [T: Serialize] &&&&Shape<T> => OfValue = OfValue;
    /// An iterator that nothing can take the place of.
    ViaIterator: [T: Iterator] &&&Shape<T> => OfDeferred = OfDeferred(Deferral::Iterator);
    /// Any stream in a `Result` that has another name.
    ViaHiddenStream: [T: Stream, E] &&Shape<Result<T, E>> => OfDeferred = OfDeferred(Deferral::Stream);
    /// Likewise a future.
    ViaHiddenFuture: [T: IntoFuture, E] &Shape<Result<T, E>> => OfDeferred = OfDeferred(Deferral::Future);
    /// What is left.
    ViaValue: [T] Shape<T> => OfValue = OfValue;
}

/// A boxed stream.
#[derive(Clone, Copy, Debug)]
pub struct OfBoxedStream;

/// A boxed future.
#[derive(Clone, Copy, Debug)]
pub struct OfBoxedFuture;

/// A boxed iterator.
#[derive(Clone, Copy, Debug)]
pub struct OfBoxedIterator;

/// What does its work later, and cannot be replaced.
#[derive(Clone, Copy, Debug)]
pub struct OfDeferred(Deferral);

/// A value.
#[derive(Clone, Copy, Debug)]
pub struct OfValue;

/// Two ways to run a call: its span goes on after it, or ends with it.
macro_rules! running {
    ($run:ident, $recorded:ident, $finish:ident: $($shape:ident)*) => {$(
        impl $shape {
            /// Runs a function's body in its span.
            #[inline(always)]
            pub fn run<R>(
                self,
                start: Start,
                body: impl FnOnce() -> R,
                go_on: impl FnOnce(R, Flow<'_>) -> R,
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
                H: FnOnce(F::Output, Flow<'_>) -> F::Output,
            {
                RecordedFuture::$recorded(call, future, go_on)
            }
        }
    )*};
}
running! { run_through, through, Through: OfBoxedStream OfBoxedFuture OfBoxedIterator }
running! { run_whole, whole, Whole: OfDeferred OfValue }

impl OfBoxedStream {
    /// Lets the span go on in the stream.
    pub fn hand_on<S, O>(self, stream: S, flow: Flow<'_>, outcome: O) -> S
    where
        S: BoxedStream,
        O: FnMut(&S::Item) -> Outcome<'_> + Send + Sync + 'static,
    {
        hand_on_stream(stream, flow, outcome)
    }
}

impl OfBoxedFuture {
    /// Lets the span go on in the future.
    pub fn hand_on<F, O>(self, future: F, flow: Flow<'_>, outcome: O) -> F
    where
        F: BoxedFuture,
        O: FnOnce(&F::Output) -> Outcome<'_> + Send + Sync + 'static,
    {
        hand_on_future(future, flow, outcome)
    }
}

impl OfBoxedIterator {
    /// Lets the span go on in the iterator.
    pub fn hand_on<I, O>(self, iterator: I, flow: Flow<'_>, outcome: O) -> I
    where
        I: BoxedIterator,
        O: FnMut(&I::Item) -> Outcome<'_> + Send + Sync + 'static,
    {
        if flow.is_wanted() { iterator.iterated(flow, outcome) } else { iterator }
    }
}

impl OfDeferred {
    /// Ends the span before the work, and says so.
    pub fn hand_on<T>(
        self,
        value: T,
        flow: Flow<'_>,
        outcome: impl FnOnce(&T) -> Outcome<'_>,
    ) -> T {
        let (deferral, place) = (self.0, flow.place());
        flow.value(value, |value| match outcome(value) {
            Outcome::Returned(..) => {
                if let Some((site, session)) = place {
                    deferral.tell(site, session.registry().rules().may_use_stderr);
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
        flow: Flow<'_>,
        outcome: impl FnOnce(&T) -> Outcome<'_>,
    ) -> T {
        flow.value(value, outcome)
    }
}

/// Lets the span go on in a stream, whose function says by an option that it returns one.
pub fn hand_on_stream<S, O>(stream: S, flow: Flow<'_>, outcome: O) -> S
where
    S: BoxedStream,
    O: FnMut(&S::Item) -> Outcome<'_> + Send + Sync + 'static,
{
    if flow.is_wanted() { stream.observed(flow, outcome) } else { stream }
}

/// Lets the span go on in a future, whose function says by an option that it returns one.
pub fn hand_on_future<F, O>(future: F, flow: Flow<'_>, outcome: O) -> F
where
    F: BoxedFuture,
    O: FnOnce(&F::Output) -> Outcome<'_> + Send + Sync + 'static,
{
    if flow.is_wanted() { future.recorded(flow, outcome) } else { future }
}
