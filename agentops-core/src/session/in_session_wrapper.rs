//! Wrapper that polls a future, a stream or a sink in a session.

#[cfg(feature = "tokio")]
use std::sync::Arc;
use std::{
    pin::Pin,
    task::{Context as Task, Poll},
};

use futures_core::Stream;
use futures_sink::Sink;
use opentelemetry::Context;
use pin_project_lite::pin_project;

#[cfg(feature = "tokio")]
use super::SessionState;
use super::{Cancellation, SessionLease, attach_carried, lease_in};

pin_project! {
    /// A future, stream or sink that is polled in a session. Created by [`SessionExt`](super::SessionExt) and
    /// [`SessionContext::instrument`](super::SessionContext::instrument). The session stays open until it
    /// completes or is dropped.
    #[must_use = "futures, streams and sinks do nothing unless polled"]
    #[derive(Clone, Debug)]
    pub struct Carried<T> {
        // Fields are dropped in this order: `inner` must be gone before the lease lets the session end.
        #[pin]
        inner: T,
        context: Context,
        lease: Option<SessionLease>,
        cancellation: Option<Cancellation>,
    }
}

impl<T> Carried<T> {
    pub(super) fn new(inner: T, context: Context) -> Self {
        let lease = lease_in(&context);
        let cancellation = lease.as_ref().map(SessionLease::session).and_then(Cancellation::of);
        Self { inner, context, lease, cancellation }
    }

    /// Returns the session, if it is recorded.
    #[cfg(feature = "tokio")]
    pub(super) fn session(&self) -> Option<&Arc<SessionState>> {
        self.lease.as_ref().map(SessionLease::session)
    }
}

impl<F: Future> Future for Carried<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _attached = attach_carried(this.context);
        let poll = this.inner.poll(task);
        if poll.is_ready() {
            *this.lease = None;
        }
        poll
    }
}

impl<S: Stream> Stream for Carried<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        let exceeded = this
            .cancellation
            .as_ref()
            .and_then(|cancellation| cancellation.poll_after_return(task.waker()));
        let _attached = attach_carried(this.context);
        let poll = if exceeded.is_some() {
            Poll::Ready(None)
        } else {
            Cancellation::in_scope(this.cancellation.as_ref(), || this.inner.poll_next(task))
        };
        if matches!(poll, Poll::Ready(None)) {
            *this.lease = None;
        }
        poll
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}

impl<I, S: Sink<I>> Sink<I> for Carried<S> {
    type Error = S::Error;

    fn poll_ready(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Result<(), S::Error>> {
        let this = self.project();
        let _attached = attach_carried(this.context);
        this.inner.poll_ready(task)
    }

    fn start_send(self: Pin<&mut Self>, item: I) -> Result<(), S::Error> {
        let this = self.project();
        let _attached = attach_carried(this.context);
        this.inner.start_send(item)
    }

    fn poll_flush(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Result<(), S::Error>> {
        let this = self.project();
        let _attached = attach_carried(this.context);
        this.inner.poll_flush(task)
    }

    fn poll_close(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Result<(), S::Error>> {
        let this = self.project();
        let _attached = attach_carried(this.context);
        let poll = this.inner.poll_close(task);
        if poll.is_ready() {
            *this.lease = None;
        }
        poll
    }
}
