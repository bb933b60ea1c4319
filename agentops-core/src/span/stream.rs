//! Stream that is a call: its span is current while the stream is polled and ends with it.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::{FusedStream, Stream};
use pin_project_lite::pin_project;

use super::{call::Call, ending::Ending, flow::Flow, flowing::Flowing};
use crate::{capture::Outcome, session::Cancellation};

impl Flow<'_> {
    /// Continues the span in the stream and records the items.
    pub fn stream<S, O>(self, stream: S, outcome: O) -> RecordedStream<S, O>
    where
        S: Stream,
        O: FnMut(&S::Item) -> Outcome<'_>,
    {
        RecordedStream::new(self, stream, outcome)
    }
}

pin_project! {
    /// Stream of an annotated call.
    #[must_use = "streams do nothing unless polled"]
    pub struct RecordedStream<S, O> {
        #[pin]
        stream: Option<S>,
        flowing: Option<Box<Flowing>>,
        outcome: O,
        // Still set when the stream is dropped: its poll unwound.
        polling: bool,
    }

    impl<S, O> PinnedDrop for RecordedStream<S, O> {
        /// Cancels the call if the stream is dropped before its end. The stream is dropped inside the span.
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            let Some(flowing) = this.flowing.as_deref_mut() else { return };
            let ending = if *this.polling { Ending::Panicked } else { Ending::Cancelled };
            let mut stream = this.stream;
            flowing.give_up(|| stream.set(None), &ending);
        }
    }
}

impl<S, O> RecordedStream<S, O> {
    pub(super) fn new(flow: Flow<'_>, stream: S, outcome: O) -> Self {
        let flowing = flow.into_begun().map(|begun| Box::new(Flowing::new(begun)));
        Self { stream: Some(stream), flowing, outcome, polling: false }
    }
}

impl<S, O> Stream for RecordedStream<S, O>
where
    S: Stream,
    O: FnMut(&S::Item) -> Outcome<'_>,
{
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        // A cancelled stream has ended.
        let Some(stream) = this.stream.as_mut().as_pin_mut() else { return Poll::Ready(None) };
        let Some(flowing) = this.flowing.as_deref_mut() else { return stream.poll_next(task) };
        if let Some(exceeded) = flowing.poll_budget(task.waker()) {
            flowing.stop(&exceeded, || this.stream.set(None));
            *this.flowing = None;
            return Poll::Ready(None);
        }
        *this.polling = true;
        let Call { log, scope } = &mut *flowing.call;
        let entered = scope.enter();
        log.enter();
        let watched = log.watch();
        let poll = Cancellation::in_scope(flowing.cancellation.as_ref(), || stream.poll_next(task));
        watched.returned();
        drop(entered);
        match &poll {
            Poll::Ready(Some(item)) => flowing.item((this.outcome)(item)),
            Poll::Ready(None) => {
                flowing.end(&Ending::Finished(Outcome::Ignored));
                *this.flowing = None;
            }
            Poll::Pending => {}
        }
        *this.polling = false;
        poll
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.as_ref().map_or((0, None), Stream::size_hint)
    }
}

impl<S, O> FusedStream for RecordedStream<S, O>
where
    S: FusedStream,
    O: FnMut(&S::Item) -> Outcome<'_>,
{
    fn is_terminated(&self) -> bool {
        self.stream.as_ref().is_none_or(FusedStream::is_terminated)
    }
}

impl<S: fmt::Debug, O> fmt::Debug for RecordedStream<S, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observed").field("stream", &self.stream).finish_non_exhaustive()
    }
}
