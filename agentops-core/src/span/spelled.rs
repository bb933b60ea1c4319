//! Future, stream or iterator with the item type that the function's signature spells out.
//!
//! The compiler is given the item type here, so that the closure for the outcome can be type-checked. It verifies the
//! type only where the function returns, and so reports the same error as without the attribute.

use std::{
    fmt,
    iter::FusedIterator,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::{FusedFuture, FusedStream, Stream};
use pin_project_lite::pin_project;

use super::{
    deferred::Deferred,
    flow::Flow,
    future::{Outcomes, RecordedFuture},
    iterator::RecordedIterator,
    stream::RecordedStream,
};
use crate::capture::Outcome;

pin_project! {
    /// Future, stream or iterator with a spelled-out item type.
    pub struct Spelled<W, T> {
        #[pin]
        work: W,
        item: PhantomData<fn() -> T>,
    }
}

impl<W, T> Spelled<W, T> {
    fn new(work: W) -> Self {
        Self { work, item: PhantomData }
    }
}

impl<W: fmt::Debug, T> fmt::Debug for Spelled<W, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.work.fmt(f)
    }
}

impl Deferred {
    /// Runs the returned future in the span, which starts at the first poll.
    pub fn record_as<T, F, O>(
        self,
        future: F,
        outcome: O,
    ) -> RecordedFuture<Spelled<F, T>, Outcomes<O>>
    where
        O: FnOnce(&T) -> Outcome<'_>,
    {
        RecordedFuture::ending(self, Spelled::new(future), outcome)
    }
}

impl Flow<'_> {
    /// Continues the span in a future that was created inside it.
    pub fn record_as<T, F, O>(
        self,
        future: F,
        outcome: O,
    ) -> RecordedFuture<Spelled<F, T>, Outcomes<O>>
    where
        O: FnOnce(&T) -> Outcome<'_>,
    {
        RecordedFuture::ending(self, Spelled::new(future), outcome)
    }

    /// Continues the span in the stream and records the items.
    pub fn stream_as<T, S, O>(self, stream: S, outcome: O) -> RecordedStream<Spelled<S, T>, O>
    where
        O: FnMut(&T) -> Outcome<'_>,
    {
        RecordedStream::new(self, Spelled::new(stream), outcome)
    }

    /// Continues the span in the iterator and records the items.
    pub fn iterator_as<T, I, O>(self, iterator: I, outcome: O) -> RecordedIterator<Spelled<I, T>, O>
    where
        O: FnMut(&T) -> Outcome<'_>,
    {
        RecordedIterator::new(self, Spelled::new(iterator), outcome)
    }
}

impl<T, F: Future<Output = T>> Future for Spelled<F, T> {
    type Output = T;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<T> {
        self.project().work.poll(task)
    }
}

impl<T, F: FusedFuture<Output = T>> FusedFuture for Spelled<F, T> {
    fn is_terminated(&self) -> bool {
        self.work.is_terminated()
    }
}

impl<T, S: Stream<Item = T>> Stream for Spelled<S, T> {
    type Item = T;

    #[inline(always)]
    fn poll_next(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<T>> {
        self.project().work.poll_next(task)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.work.size_hint()
    }
}

impl<T, S: FusedStream<Item = T>> FusedStream for Spelled<S, T> {
    fn is_terminated(&self) -> bool {
        self.work.is_terminated()
    }
}

impl<T, I: Iterator<Item = T>> Iterator for Spelled<I, T> {
    type Item = T;

    #[inline(always)]
    fn next(&mut self) -> Option<T> {
        self.work.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.work.size_hint()
    }
}

impl<T, I: DoubleEndedIterator<Item = T>> DoubleEndedIterator for Spelled<I, T> {
    fn next_back(&mut self) -> Option<T> {
        self.work.next_back()
    }
}

impl<T, I: ExactSizeIterator<Item = T>> ExactSizeIterator for Spelled<I, T> {
    fn len(&self) -> usize {
        self.work.len()
    }
}

impl<T, I: FusedIterator<Item = T>> FusedIterator for Spelled<I, T> {}
