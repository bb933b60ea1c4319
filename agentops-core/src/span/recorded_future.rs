//! Future that is a call: its span is current at each poll and ends with it.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Instant,
};

use futures_core::FusedFuture;
use pin_project_lite::pin_project;

use super::{
    call_ending::CallEnding,
    deferred_call::Deferred,
    handover::take_start,
    returned_call::ReturnedCall,
    run_body::{Call, CallRecord},
};
use crate::capture::Outcome;

/// Runs the body of an async function in its span, which is current at each poll, and records the outcome. The body
/// itself asks for the span, by [`hand_over`](super::hand_over), at its first poll.
pub fn run_async<F, O>(body: F, outcome: O) -> RecordedFuture<F, Outcomes<O>>
where
    F: Future,
    O: FnOnce(&F::Output) -> Outcome<'_>,
{
    RecordedFuture::ending(Unstarted, body, outcome)
}

/// Runs the body of an async function in its span, which continues in the value that the body returns.
pub fn open_async<F, H, R>(body: F, go_on: H) -> RecordedFuture<F, Through<H>>
where
    F: Future,
    H: FnOnce(F::Output, ReturnedCall<'_>) -> R,
{
    RecordedFuture::through(Unstarted, body, go_on)
}

impl Deferred {
    /// Runs the returned future in the span, which starts at the first poll.
    pub fn record<F, O>(self, future: F, outcome: O) -> RecordedFuture<F, Outcomes<O>>
    where
        F: Future,
        O: FnOnce(&F::Output) -> Outcome<'_>,
    {
        RecordedFuture::ending(self, future, outcome)
    }

    /// Runs the returned future in the span, which starts at the first poll and continues in the future's output.
    pub fn open<F, H, R>(self, future: F, go_on: H) -> RecordedFuture<F, Through<H>>
    where
        F: Future,
        H: FnOnce(F::Output, ReturnedCall<'_>) -> R,
    {
        RecordedFuture::through(self, future, go_on)
    }
}

impl ReturnedCall<'_> {
    /// Continues the span in a future that was created inside it.
    pub fn record<F, O>(self, future: F, outcome: O) -> RecordedFuture<F, Outcomes<O>>
    where
        F: Future,
        O: FnOnce(&F::Output) -> Outcome<'_>,
    {
        RecordedFuture::ending(self, future, outcome)
    }

    /// Continues the span in a future that was created inside it, and then in the future's output.
    pub fn open<F, H, R>(self, future: F, go_on: H) -> RecordedFuture<F, Through<H>>
    where
        F: Future,
        H: FnOnce(F::Output, ReturnedCall<'_>) -> R,
    {
        RecordedFuture::through(self, future, go_on)
    }
}

/// Progress of a call. It is on the heap, or else it would enlarge each future around it.
#[derive(Debug)]
pub struct Stage(Step);

#[derive(Debug)]
enum Step {
    /// The body was not polled yet, or has not asked for its span yet.
    Unstarted,
    Deferred(Deferred),
    Running(Box<Call>),
    /// The call has ended, or is not recorded.
    Over,
}

/// Call whose body asks for the span.
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

impl From<ReturnedCall<'_>> for Stage {
    fn from(call: ReturnedCall<'_>) -> Self {
        Self(call.into_open().map_or(Step::Over, |open| Step::Running(open.call)))
    }
}

impl Step {
    fn of(call: Option<Call>) -> Self {
        call.map_or(Self::Over, |call| Self::Running(Box::new(call)))
    }

    /// Returns the call, which begins now if it was deferred.
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

/// Action on the output of a future.
pub trait Finish<T> {
    /// Type that the caller gets.
    type Output;

    /// Notes that the future is polled.
    #[inline(always)]
    fn poll(&mut self) {}

    /// Records the value, inside the span.
    #[doc(hidden)]
    fn record(&mut self, value: T, log: &mut CallRecord) -> T;

    /// Converts the value into the type that the caller gets.
    #[doc(hidden)]
    fn convert(&mut self, value: T, call: Option<Box<Call>>) -> Self::Output;
}

/// Ends the span with the outcome of the value.
pub struct Outcomes<O>(Option<O>);

impl<T, O: FnOnce(&T) -> Outcome<'_>> Finish<T> for Outcomes<O> {
    type Output = T;

    #[inline(always)]
    fn record(&mut self, value: T, log: &mut CallRecord) -> T {
        if let Some(outcome) = self.0.take() {
            log.close(&CallEnding::Finished(outcome(&value)));
        }
        value
    }

    #[inline(always)]
    fn convert(&mut self, value: T, _: Option<Box<Call>>) -> T {
        value
    }
}

/// Ends the span with the value, where only the value's type shows that the call does not continue.
pub struct Whole<H>(Option<H>);

impl<T, H: FnOnce(T, ReturnedCall<'_>) -> T> Finish<T> for Whole<H> {
    type Output = T;

    #[inline(always)]
    fn record(&mut self, value: T, log: &mut CallRecord) -> T {
        match self.0.take() {
            Some(go_on) => go_on(value, ReturnedCall::in_function(log)),
            None => value,
        }
    }

    #[inline(always)]
    fn convert(&mut self, value: T, _: Option<Box<Call>>) -> T {
        value
    }
}

/// Continues the span in the value.
pub struct Through<H> {
    began: Option<Instant>,
    go_on: Option<H>,
}

impl<H> Through<H> {
    fn new(go_on: H) -> Self {
        Self { began: None, go_on: Some(go_on) }
    }
}

impl<T, R, H: FnOnce(T, ReturnedCall<'_>) -> R> Finish<T> for Through<H> {
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
        go_on(value, ReturnedCall::continuing(call, self.began))
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
    /// Future of an annotated call.
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
        /// Cancels a call whose future is dropped before it completes. Its locals are dropped inside its span.
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let Step::Running(call) = this.step else { return };
            let Call { log, scope } = &mut **call;
            let _entered = scope.enter();
            this.body.set(None);
            log.close(if *this.polling { &CallEnding::Panicked } else { &CallEnding::Cancelled });
        }
    }
}

impl<F, E> RecordedFuture<F, E> {
    fn new(call: impl Into<Stage>, body: F, finish: E) -> Self {
        Self { body: Some(body), step: call.into().0, finish, polling: false }
    }
}

impl<F, O> RecordedFuture<F, Outcomes<O>> {
    /// Creates the future of a call that ends with it.
    pub(super) fn ending(call: impl Into<Stage>, body: F, outcome: O) -> Self {
        Self::new(call, body, Outcomes(Some(outcome)))
    }
}

impl<F: Future, H> RecordedFuture<F, Through<H>> {
    /// Creates the future of a call that continues in the future's output.
    pub(super) fn through<R>(call: impl Into<Stage>, body: F, go_on: H) -> Self
    where
        H: FnOnce(F::Output, ReturnedCall<'_>) -> R,
    {
        Self::new(call, body, Through::new(go_on))
    }
}

impl<F: Future, H> RecordedFuture<F, Whole<H>> {
    /// Creates the future of a call that ends with the future's output.
    pub(super) fn whole(call: impl Into<Stage>, body: F, go_on: H) -> Self
    where
        H: FnOnce(F::Output, ReturnedCall<'_>) -> F::Output,
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
