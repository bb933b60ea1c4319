//! A future that is a call: its span is current at each poll and ends with it.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Instant,
};

use pin_project_lite::pin_project;

use super::{
    Site, Start,
    call::{Call, Log},
    deferred::Deferred,
    stream::Flow,
    traced::Ending,
};
use crate::capture::Outcome;

/// Runs an async function's body in its span, current at each poll, and records what it comes to.
///
/// Called from expanded code at the body's first poll: the span starts here.
pub fn run_async<F, O>(start: Start, body: F, outcome: O) -> Recorded<F, Outcomes<O>>
where
    F: Future,
    O: FnOnce(&F::Output) -> Outcome<'_>,
{
    Recorded::new(Stage::of(start.begin()), body, Outcomes(Some(outcome)))
}

/// Runs an async function's body in its span, which goes on in the stream that it returns.
pub fn open_async<F, H, R>(start: Start, body: F, hand_on: H) -> Recorded<F, HandOn<H>>
where
    F: Future,
    H: FnOnce(F::Output, Flow) -> R,
{
    let hand_on = HandOn::new(start.site(), hand_on);
    Recorded::new(Stage::of(start.begin()), body, hand_on)
}

impl Deferred {
    /// Runs the returned future in the span, which starts at its first poll.
    pub fn record<F, O>(self, future: F, outcome: O) -> Recorded<F, Outcomes<O>>
    where
        F: Future,
        O: FnOnce(&F::Output) -> Outcome<'_>,
    {
        Recorded::new(Stage::Deferred(self), future, Outcomes(Some(outcome)))
    }

    /// Runs the returned future in the span, which goes on in the stream that the future comes to.
    pub fn open<F, H, R>(self, future: F, hand_on: H) -> Recorded<F, HandOn<H>>
    where
        F: Future,
        H: FnOnce(F::Output, Flow) -> R,
    {
        let hand_on = HandOn::new(self.site(), hand_on);
        Recorded::new(Stage::Deferred(self), future, hand_on)
    }
}

impl Flow {
    /// Lets the span go on in a future that was begun inside it.
    pub(super) fn future<F, O>(self, future: F, outcome: O) -> Recorded<F, Outcomes<O>>
    where
        F: Future,
        O: FnOnce(&F::Output) -> Outcome<'_>,
    {
        Recorded::new(Stage::of(self.into_call()), future, Outcomes(Some(outcome)))
    }
}

/// How far a call has come.
#[derive(Debug)]
enum Stage {
    Deferred(Deferred),
    Running(Call),
    /// It has ended, or nobody records it.
    Over,
}

impl Stage {
    fn of(call: Option<Call>) -> Self {
        call.map_or(Self::Over, Self::Running)
    }

    /// The call, which begins now if it was deferred.
    fn running(&mut self) -> Option<&mut Call> {
        if let Self::Deferred(deferred) = self {
            *self = Self::of(deferred.begin());
        }
        match self {
            Self::Running(call) => Some(call),
            Self::Deferred(_) | Self::Over => None,
        }
    }

    fn take(&mut self) -> Option<Call> {
        match std::mem::replace(self, Self::Over) {
            Self::Running(call) => Some(call),
            Self::Deferred(_) | Self::Over => None,
        }
    }
}

/// What is to be done with what a future comes to.
pub trait Finish<T> {
    /// What the future comes to in the end.
    type Output;

    /// Notes that the future is polled.
    fn poll(&mut self) {}

    /// Records the value, inside the span.
    #[doc(hidden)]
    fn record(&mut self, value: &T, log: &mut Log);

    /// Turns the value into what the caller gets.
    #[doc(hidden)]
    fn convert(&mut self, value: T, call: Option<Call>) -> Self::Output;
}

/// Ends the span with the value's outcome.
pub struct Outcomes<O>(Option<O>);

impl<T, O: FnOnce(&T) -> Outcome<'_>> Finish<T> for Outcomes<O> {
    type Output = T;

    fn record(&mut self, value: &T, log: &mut Log) {
        if let Some(outcome) = self.0.take() {
            log.close(&Ending::Finished(outcome(value)));
        }
    }

    fn convert(&mut self, value: T, _: Option<Call>) -> T {
        value
    }
}

/// Hands the span on to the stream in the value.
pub struct HandOn<H> {
    site: Option<&'static Site>,
    began: Option<Instant>,
    hand_on: Option<H>,
}

impl<H> HandOn<H> {
    fn new(site: Option<&'static Site>, hand_on: H) -> Self {
        Self { site, began: None, hand_on: Some(hand_on) }
    }
}

impl<T, R, H: FnOnce(T, Flow) -> R> Finish<T> for HandOn<H> {
    type Output = R;

    fn poll(&mut self) {
        if self.site.is_some() {
            self.began.get_or_insert_with(Instant::now);
        }
    }

    fn record(&mut self, _: &T, _: &mut Log) {}

    fn convert(&mut self, value: T, call: Option<Call>) -> R {
        let Some(hand_on) = self.hand_on.take() else {
            panic!("a future is not polled again after it is ready");
        };
        hand_on(value, Flow::new(call, self.site, self.began))
    }
}

impl<O> fmt::Debug for Outcomes<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outcomes")
    }
}

impl<H> fmt::Debug for HandOn<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HandOn")
    }
}

pin_project! {
    /// The future of an annotated call.
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct Recorded<F, E> {
        #[pin]
        body: Option<F>,
        stage: Stage,
        finish: E,
        // Still set when the future is dropped: its poll unwound.
        polling: bool,
    }

    impl<F, E> PinnedDrop for Recorded<F, E> {
        /// A future that is dropped half way is cancelled; its locals are dropped inside its span.
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let Stage::Running(Call { log, scope }) = this.stage else { return };
            let _entered = scope.enter();
            this.body.set(None);
            log.close(if *this.polling { &Ending::Panicked } else { &Ending::Cancelled });
        }
    }
}

impl<F, E> Recorded<F, E> {
    fn new(stage: Stage, body: F, finish: E) -> Self {
        Self { body: Some(body), stage, finish, polling: false }
    }
}

impl<F: Future, E: Finish<F::Output>> Future for Recorded<F, E> {
    type Output = E::Output;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<E::Output> {
        let this = self.project();
        let Some(body) = this.body.as_pin_mut() else {
            unreachable!("only a drop takes the body away");
        };
        let Some(Call { log, scope }) = this.stage.running() else {
            return body.poll(task).map(|value| this.finish.convert(value, None));
        };
        *this.polling = true;
        this.finish.poll();
        let entered = scope.enter();
        log.open();
        let watched = log.watch();
        let poll = body.poll(task);
        watched.returned();
        if let Poll::Ready(value) = &poll {
            this.finish.record(value, log);
        }
        drop(entered);
        *this.polling = false;
        poll.map(|value| this.finish.convert(value, this.stage.take()))
    }
}
