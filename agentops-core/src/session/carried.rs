//! What is polled in the place that it was carried from.

use std::{
    pin::Pin,
    task::{Context as Task, Poll},
};

use futures_core::Stream;
use futures_sink::Sink;
use opentelemetry::Context;
use pin_project_lite::pin_project;

use crate::here::attach;

pin_project! {
    /// A future, stream or sink that is polled in a place of a session, wherever that happens; from
    /// [`SessionExt`](super::SessionExt) and [`SessionContext::instrument`](super::SessionContext::instrument).
    #[must_use = "futures, streams and sinks do nothing unless polled"]
    #[derive(Clone, Debug)]
    pub struct Carried<T> {
        #[pin]
        inner: T,
        context: Context,
    }
}

impl<T> Carried<T> {
    pub(super) fn new(inner: T, context: Context) -> Self {
        Self { inner, context }
    }

    fn there<R>(self: Pin<&mut Self>, poll: impl FnOnce(Pin<&mut T>) -> R) -> R {
        let this = self.project();
        let _attached = attach(this.context.clone());
        poll(this.inner)
    }
}

impl<T: Future> Future for Carried<T> {
    type Output = T::Output;

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<T::Output> {
        self.there(|inner| inner.poll(task))
    }
}

impl<T: Stream> Stream for Carried<T> {
    type Item = T::Item;

    fn poll_next(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<T::Item>> {
        self.there(|inner| inner.poll_next(task))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}

impl<I, T: Sink<I>> Sink<I> for Carried<T> {
    type Error = T::Error;

    fn poll_ready(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Result<(), T::Error>> {
        self.there(|inner| inner.poll_ready(task))
    }

    fn start_send(self: Pin<&mut Self>, item: I) -> Result<(), T::Error> {
        self.there(|inner| inner.start_send(item))
    }

    fn poll_flush(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Result<(), T::Error>> {
        self.there(|inner| inner.poll_flush(task))
    }

    fn poll_close(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Result<(), T::Error>> {
        self.there(|inner| inner.poll_close(task))
    }
}
