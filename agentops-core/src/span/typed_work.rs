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
    deferred_call::Deferred,
    recorded_future::{Outcomes, RecordedFuture},
    recorded_iterator::RecordedIterator,
    recorded_stream::RecordedStream,
    returned_call::ReturnedCall,
};
use crate::capture::Outcome;

pin_project! {
    /// Future, stream or iterator with a spelled-out item type.
    pub struct TypedWork<W, T> {
        #[pin]
        work: W,
        item: PhantomData<fn() -> T>,
    }
}

impl<W, T> TypedWork<W, T> {
    fn new(work: W) -> Self {
        Self { work, item: PhantomData }
    }
}

impl<W: fmt::Debug, T> fmt::Debug for TypedWork<W, T> {
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
    ) -> RecordedFuture<TypedWork<F, T>, Outcomes<O>>
    where
        O: FnOnce(&T) -> Outcome<'_>,
    {
        RecordedFuture::ending(self, TypedWork::new(future), outcome)
    }
}

impl ReturnedCall<'_> {
    /// Continues the span in a future that was created inside it.
    pub fn record_as<T, F, O>(
        self,
        future: F,
        outcome: O,
    ) -> RecordedFuture<TypedWork<F, T>, Outcomes<O>>
    where
        O: FnOnce(&T) -> Outcome<'_>,
    {
        RecordedFuture::ending(self, TypedWork::new(future), outcome)
    }

    /// Continues the span in the stream and records the items.
    pub fn stream_as<T, S, O>(self, stream: S, outcome: O) -> RecordedStream<TypedWork<S, T>, O>
    where
        O: FnMut(&T) -> Outcome<'_>,
    {
        RecordedStream::new(self, TypedWork::new(stream), outcome)
    }

    /// Continues the span in the iterator and records the items.
    pub fn iterator_as<T, I, O>(
        self,
        iterator: I,
        outcome: O,
    ) -> RecordedIterator<TypedWork<I, T>, O>
    where
        O: FnMut(&T) -> Outcome<'_>,
    {
        RecordedIterator::new(self, TypedWork::new(iterator), outcome)
    }
}

impl<T, F: Future<Output = T>> Future for TypedWork<F, T> {
    type Output = T;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<T> {
        self.project().work.poll(task)
    }
}

impl<T, F: FusedFuture<Output = T>> FusedFuture for TypedWork<F, T> {
    fn is_terminated(&self) -> bool {
        self.work.is_terminated()
    }
}

impl<T, S: Stream<Item = T>> Stream for TypedWork<S, T> {
    type Item = T;

    #[inline(always)]
    fn poll_next(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<T>> {
        self.project().work.poll_next(task)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.work.size_hint()
    }
}

impl<T, S: FusedStream<Item = T>> FusedStream for TypedWork<S, T> {
    fn is_terminated(&self) -> bool {
        self.work.is_terminated()
    }
}

impl<T, I: Iterator<Item = T>> Iterator for TypedWork<I, T> {
    type Item = T;

    #[inline(always)]
    fn next(&mut self) -> Option<T> {
        self.work.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.work.size_hint()
    }
}

impl<T, I: DoubleEndedIterator<Item = T>> DoubleEndedIterator for TypedWork<I, T> {
    fn next_back(&mut self) -> Option<T> {
        self.work.next_back()
    }
}

impl<T, I: ExactSizeIterator<Item = T>> ExactSizeIterator for TypedWork<I, T> {
    fn len(&self) -> usize {
        self.work.len()
    }
}

impl<T, I: FusedIterator<Item = T>> FusedIterator for TypedWork<I, T> {}
