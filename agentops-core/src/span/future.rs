//! A future that is a call: its span is current at each poll and ends with it.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Instant,
};

use futures_core::FusedFuture;
use pin_project_lite::pin_project;

use super::{
    call::{Call, CallRecord},
    deferred::Deferred,
    ending::Ending,
    flow::Flow,
    handover::take_start,
};
use crate::capture::Outcome;

/// Runs an async function's body in its span, current at each poll, and records what it comes to. The body asks
/// for the span itself, by [`hand_over`](super::hand_over), at its first poll.
pub fn run_async<F, O>(body: F, outcome: O) -> RecordedFuture<F, Outcomes<O>>
where
    F: Future,
    O: FnOnce(&F::Output) -> Outcome<'_>,
{
    RecordedFuture::ending(Unstarted, body, outcome)
}

/// Runs an async function's body in its span, which goes on in what that comes to.
pub fn open_async<F, H, R>(body: F, go_on: H) -> RecordedFuture<F, Through<H>>
where
    F: Future,
    H: FnOnce(F::Output, Flow<'_>) -> R,
{
    RecordedFuture::through(Unstarted, body, go_on)
}

impl Deferred {
    /// Runs the returned future in the span, which starts at its first poll.
    pub fn record<F, O>(self, future: F, outcome: O) -> RecordedFuture<F, Outcomes<O>>
    where
        F: Future,
        O: FnOnce(&F::Output) -> Outcome<'_>,
    {
        RecordedFuture::ending(self, future, outcome)
    }

    /// Runs the returned future in the span, which goes on in what the future comes to.
    pub fn open<F, H, R>(self, future: F, go_on: H) -> RecordedFuture<F, Through<H>>
    where
        F: Future,
        H: FnOnce(F::Output, Flow<'_>) -> R,
    {
        RecordedFuture::through(self, future, go_on)
    }
}

impl Flow<'_> {
    /// Lets the span go on in a future that was begun inside it.
    pub fn record<F, O>(self, future: F, outcome: O) -> RecordedFuture<F, Outcomes<O>>
    where
        F: Future,
        O: FnOnce(&F::Output) -> Outcome<'_>,
    {
        RecordedFuture::ending(self, future, outcome)
    }

    /// Lets the span go on in such a future, and in what the future comes to.
    pub fn open<F, H, R>(self, future: F, go_on: H) -> RecordedFuture<F, Through<H>>
    where
        F: Future,
        H: FnOnce(F::Output, Flow<'_>) -> R,
    {
        RecordedFuture::through(self, future, go_on)
    }
}

/// How far a call has come. It is on the heap, or else it would be a part of each future around it.
#[derive(Debug)]
pub struct Stage(Step);

#[derive(Debug)]
enum Step {
    /// The body was not polled, or waits for something that its span is to tell.
    Unstarted,
    Deferred(Deferred),
    Running(Box<Call>),
    /// It has ended, or nobody records it.
    Over,
}

/// A call whose span the body asks for.
#[derive(Clone, Copy, Debug)]
pub struct Unstarted;

impl From<Unstarted> for Stage {
    fn from(_: Unstarted) -> Self {
        Self(Step::Unstarted)
    }
}

impl From<Deferred> for Stage {
    fn from(deferred: Deferred) -> Self {
        Self(Step::Deferred(deferred))
    }
}

impl From<Flow<'_>> for Stage {
    fn from(flow: Flow<'_>) -> Self {
        Self(flow.into_begun().map_or(Step::Over, |begun| Step::Running(begun.call)))
    }
}

impl Step {
    fn of(call: Option<Call>) -> Self {
        call.map_or(Self::Over, |call| Self::Running(Box::new(call)))
    }

    /// The call, which begins now if it was deferred.
    fn running(&mut self) -> Option<&mut Call> {
        if let Self::Deferred(deferred) = self {
            *self = Self::of(deferred.begin());
        }
        match self {
            Self::Running(call) => Some(call),
            Self::Unstarted | Self::Deferred(_) | Self::Over => None,
        }
    }

    fn take(&mut self) -> Option<Box<Call>> {
        match std::mem::replace(self, Self::Over) {
            Self::Running(call) => Some(call),
            Self::Unstarted | Self::Deferred(_) | Self::Over => None,
        }
    }
}

/// What is to be done with what a future comes to.
pub trait Finish<T> {
    /// What the future comes to in the end.
    type Output;

    /// Notes that the future is polled.
    #[inline(always)]
    fn poll(&mut self) {}

    /// Records the value, inside the span.
    #[doc(hidden)]
    fn record(&mut self, value: T, log: &mut CallRecord) -> T;

    /// Turns the value into what the caller gets.
    #[doc(hidden)]
    fn convert(&mut self, value: T, call: Option<Box<Call>>) -> Self::Output;
}

/// Ends the span with the value's outcome.
pub struct Outcomes<O>(Option<O>);

impl<T, O: FnOnce(&T) -> Outcome<'_>> Finish<T> for Outcomes<O> {
    type Output = T;

    #[inline(always)]
    fn record(&mut self, value: T, log: &mut CallRecord) -> T {
        if let Some(outcome) = self.0.take() {
            log.close(&Ending::Finished(outcome(&value)));
        }
        value
    }

    #[inline(always)]
    fn convert(&mut self, value: T, _: Option<Box<Call>>) -> T {
        value
    }
}

/// Ends the span with the value, of which only its type tells that.
pub struct Whole<H>(Option<H>);

impl<T, H: FnOnce(T, Flow<'_>) -> T> Finish<T> for Whole<H> {
    type Output = T;

    #[inline(always)]
    fn record(&mut self, value: T, log: &mut CallRecord) -> T {
        match self.0.take() {
            Some(go_on) => go_on(value, Flow::inside(log)),
            None => value,
        }
    }

    #[inline(always)]
    fn convert(&mut self, value: T, _: Option<Box<Call>>) -> T {
        value
    }
}

/// Lets the span go on in the value.
pub struct Through<H> {
    began: Option<Instant>,
    go_on: Option<H>,
}

impl<H> Through<H> {
    fn new(go_on: H) -> Self {
        Self { began: None, go_on: Some(go_on) }
    }
}

impl<T, R, H: FnOnce(T, Flow<'_>) -> R> Finish<T> for Through<H> {
    type Output = R;

    fn poll(&mut self) {
        self.began.get_or_insert_with(Instant::now);
    }

    fn record(&mut self, value: T, _: &mut CallRecord) -> T {
        value
    }

    fn convert(&mut self, value: T, call: Option<Box<Call>>) -> R {
        let Some(go_on) = self.go_on.take() else {
            panic!("a future is not polled again after it is ready");
        };
        go_on(value, Flow::own(call, self.began))
    }
}

impl<O> fmt::Debug for Outcomes<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outcomes")
    }
}

impl<H> fmt::Debug for Whole<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Whole")
    }
}

impl<H> fmt::Debug for Through<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Through")
    }
}

pin_project! {
    /// The future of an annotated call.
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct RecordedFuture<F, E> {
        #[pin]
        body: Option<F>,
        step: Step,
        finish: E,
        // Still set when the future is dropped: its poll unwound.
        polling: bool,
    }

    impl<F, E> PinnedDrop for RecordedFuture<F, E> {
        /// A future that is dropped half way is cancelled; its locals are dropped inside its span.
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let Step::Running(call) = this.step else { return };
            let Call { log, scope } = &mut **call;
            let _entered = scope.enter();
            this.body.set(None);
            log.close(if *this.polling { &Ending::Panicked } else { &Ending::Cancelled });
        }
    }
}

impl<F, E> RecordedFuture<F, E> {
    fn new(call: impl Into<Stage>, body: F, finish: E) -> Self {
        Self { body: Some(body), step: call.into().0, finish, polling: false }
    }
}

impl<F, O> RecordedFuture<F, Outcomes<O>> {
    /// A call that ends with the future.
    pub(super) fn ending(call: impl Into<Stage>, body: F, outcome: O) -> Self {
        Self::new(call, body, Outcomes(Some(outcome)))
    }
}

impl<F: Future, H> RecordedFuture<F, Through<H>> {
    /// A call that goes on in what the future comes to.
    pub(super) fn through<R>(call: impl Into<Stage>, body: F, go_on: H) -> Self
    where
        H: FnOnce(F::Output, Flow<'_>) -> R,
    {
        Self::new(call, body, Through::new(go_on))
    }
}

impl<F: Future, H> RecordedFuture<F, Whole<H>> {
    /// A call that ends with what the future comes to.
    pub(super) fn whole(call: impl Into<Stage>, body: F, go_on: H) -> Self
    where
        H: FnOnce(F::Output, Flow<'_>) -> F::Output,
    {
        Self::new(call, body, Whole(Some(go_on)))
    }
}

impl<F: Future, E: Finish<F::Output>> Future for RecordedFuture<F, E> {
    type Output = E::Output;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<E::Output> {
        let this = self.project();
        let Some(mut body) = this.body.as_pin_mut() else {
            unreachable!("only a drop takes the body away");
        };
        if matches!(this.step, Step::Unstarted) {
            let poll = body.as_mut().poll(task);
            let Some(start) = take_start() else {
                return poll.map(|value| this.finish.convert(value, None));
            };
            *this.step = Step::of(start.begin());
        }
        let Some(Call { log, scope }) = this.step.running() else {
            return body.poll(task).map(|value| this.finish.convert(value, None));
        };
        *this.polling = true;
        this.finish.poll();
        let entered = scope.enter();
        log.open();
        let watched = log.watch();
        let poll = body.poll(task);
        watched.returned();
        let poll = poll.map(|value| this.finish.record(value, log));
        drop(entered);
        *this.polling = false;
        poll.map(|value| this.finish.convert(value, this.step.take()))
    }
}

impl<F: FusedFuture, E: Finish<F::Output>> FusedFuture for RecordedFuture<F, E> {
    fn is_terminated(&self) -> bool {
        self.body.as_ref().is_none_or(FusedFuture::is_terminated)
    }
}
