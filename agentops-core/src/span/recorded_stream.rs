//! Stream that is a call: its span is current while the stream is polled and ends with it.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::{FusedStream, Stream};
use pin_project_lite::pin_project;

use super::{
    call_ending::CallEnding, item_recorder::ItemRecorder, returned_call::ReturnedCall,
    run_body::Call,
};
use crate::{capture::Outcome, session::Cancellation};

impl ReturnedCall<'_> {
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
        recorder: Option<Box<ItemRecorder>>,
        outcome: O,
        // Still set when the stream is dropped: its poll unwound.
        polling: bool,
    }

    impl<S, O> PinnedDrop for RecordedStream<S, O> {
        /// Cancels the call if the stream is dropped before its end. The stream is dropped inside the span.
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            let Some(recorder) = this.recorder.as_deref_mut() else { return };
            let ending = if *this.polling { CallEnding::Panicked } else { CallEnding::Cancelled };
            let mut stream = this.stream;
            recorder.give_up(|| stream.set(None), &ending);
        }
    }
}

impl<S, O> RecordedStream<S, O> {
    pub(super) fn new(call: ReturnedCall<'_>, stream: S, outcome: O) -> Self {
        let recorder = call.into_open().map(|open| Box::new(ItemRecorder::new(open)));
        Self { stream: Some(stream), recorder, outcome, polling: false }
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
        let Some(recorder) = this.recorder.as_deref_mut() else { return stream.poll_next(task) };
        if let Some(exceeded) = recorder.poll_budget(task.waker()) {
            recorder.stop(&exceeded, || this.stream.set(None));
            *this.recorder = None;
            return Poll::Ready(None);
        }
        *this.polling = true;
        let Call { log, scope } = &mut *recorder.call;
        let entered = scope.enter();
        log.enter();
        let watched = log.watch();
        let poll =
            Cancellation::in_scope(recorder.cancellation.as_ref(), || stream.poll_next(task));
        watched.returned();
        drop(entered);
        match &poll {
            Poll::Ready(Some(item)) => recorder.item((this.outcome)(item)),
            Poll::Ready(None) => {
                recorder.end(&CallEnding::Finished(Outcome::Ignored));
                *this.recorder = None;
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
        f.debug_struct("RecordedStream").field("stream", &self.stream).finish_non_exhaustive()
    }
}
