//! Call around a body that its function runs itself: a body in a closure would lose `#[track_caller]`.

use std::{fmt, time::Instant};

use super::{Start, call_scope::Entered, returned_call::ReturnedCall, run_body::Call};

/// Call that has begun, and whose body is still to run.
#[derive(Debug)]
pub struct Running {
    call: Option<Box<Call>>,
    began: Option<Instant>,
}

/// Guard that keeps the span of a running call current until it is dropped.
pub struct Inside<'a>(#[expect(dead_code, reason = "held to be dropped")] Option<Entered<'a>>);

impl Running {
    /// Begins the call, if it was admitted.
    #[must_use]
    pub fn new(start: Start) -> Self {
        let Some(call) = start.begin() else { return Self { call: None, began: None } };
        let (mut call, began) = (Box::new(call), Instant::now());
        call.open();
        Self { call: Some(call), began: Some(began) }
    }

    /// Enters the span.
    #[must_use]
    pub fn enter(&self) -> Inside<'_> {
        Inside(self.call.as_ref().map(|call| call.scope.enter()))
    }

    /// Returns the call, after its body has run.
    #[must_use]
    pub fn into_call(self) -> ReturnedCall<'static> {
        ReturnedCall::continuing(self.call, self.began)
    }
}

/// Runs a function's body in its span. The returned [`ReturnedCall`] continues the span in the function's value.
pub fn open<R>(start: Start, body: impl FnOnce() -> R) -> (ReturnedCall<'static>, R) {
    let running = Running::new(start);
    let inside = running.enter();
    let returned = body();
    drop(inside);
    (running.into_call(), returned)
}

/// Runs a function's body in its span, and continues the span in the returned value.
pub(super) fn run_through<R>(
    start: Start,
    body: impl FnOnce() -> R,
    go_on: impl FnOnce(R, ReturnedCall<'_>) -> R,
) -> R {
    let (call, returned) = open(start, body);
    go_on(returned, call)
}

/// Runs a function's body in its span, which ends with the returned value.
#[inline(always)]
pub(super) fn run_whole<R>(
    start: Start,
    body: impl FnOnce() -> R,
    go_on: impl FnOnce(R, ReturnedCall<'_>) -> R,
) -> R {
    // Bound in this order, so that unwinding drops the record before the span that it closes.
    let Some(Call { scope, mut log }) = start.begin() else { return body() };
    let _entered = scope.enter();
    log.open();
    let result = body();
    go_on(result, ReturnedCall::in_function(&mut log))
}

impl fmt::Debug for Inside<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inside")
    }
}
