//! Future or stream that runs inside a span without ending it.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::Stream;
use pin_project_lite::pin_project;

use crate::{session::Cancellation, span::SpanHandle};

pin_project! {
    /// Future or stream inside the span of a handle, from [`Traced::instrument`](super::Traced::instrument) or
    /// [`Traced::instrument_stream`](super::Traced::instrument_stream).
    #[must_use = "futures and streams do nothing unless polled"]
    #[derive(Debug)]
    pub struct Instrumented<T> {
        #[pin]
        inner: Option<T>,
        held: SpanHandle,
        // Set for streams only: a future has to return a value and cannot be ended early.
        cancellation: Option<Cancellation>,
    }

    impl<T> PinnedDrop for Instrumented<T> {
        /// Drops the future or stream inside the span.
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            this.held.in_scope(|| this.inner.set(None));
        }
    }
}

impl<T> Instrumented<T> {
    pub(super) fn future(held: SpanHandle, future: T) -> Self {
        Self { inner: Some(future), held, cancellation: None }
    }

    pub(super) fn stream(held: SpanHandle, stream: T) -> Self {
        Self { inner: Some(stream), cancellation: held.cancellation(), held }
    }
}

impl<F: Future> Future for Instrumented<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(future) = this.inner.as_pin_mut() else {
            unreachable!("only a drop takes a future away");
        };
        this.held.poll(|| future.poll(task))
    }
}

impl<S: Stream> Stream for Instrumented<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        // A cancelled stream has ended.
        let Some(stream) = this.inner.as_mut().as_pin_mut() else { return Poll::Ready(None) };
        let cancellation = this.cancellation.as_ref();
        if let Some(exceeded) =
            cancellation.and_then(|cancellation| this.held.poll_budget(cancellation, task.waker()))
        {
            this.held.in_scope(|| this.inner.set(None));
            this.held.stop(&exceeded);
            return Poll::Ready(None);
        }
        let poll =
            Cancellation::in_scope(cancellation, || this.held.poll(|| stream.poll_next(task)));
        if matches!(poll, Poll::Ready(None)) {
            this.held.note_success();
        }
        poll
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.as_ref().map_or((0, Some(0)), Stream::size_hint)
    }
}
