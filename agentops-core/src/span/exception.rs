//! Records the failure or the cancellation of a call on its span.

use opentelemetry::{
    KeyValue,
    trace::{SpanRef, Status},
};

use super::call_ending::CallEnding;
use crate::{
    capture::{self, Failure, Outcome},
    process::{Panic, PanicLocation},
    record::{Extent, semconv},
    session::EndState,
};

/// Maximum length of an error message on a span, in bytes.
pub(super) const MAX_MESSAGE: usize = 4096;

/// `error.type` of a panic, and its message where the message is unknown.
const PANIC: &str = "panic";

/// `error.type` and message of a cancelled call, where cancellation is a failure.
const CANCELLED: &str = "cancelled";

/// Records the failure of a call, if it failed.
#[cold]
pub(super) fn record_failure(span: &SpanRef<'_>, ending: &CallEnding<'_>, redacts: bool) {
    if let Some(exception) = exception_of(ending, redacts) {
        record_exception(span, exception);
    }
    if matches!(ending, CallEnding::Said(EndState::Failure) | CallEnding::Left(EndState::Failure)) {
        // The cause was recorded before, or is unknown.
        span.set_status(Status::error(""));
    }
}

/// Records that a call was dropped before it completed. It has usually lost a race, which is no failure.
#[cold]
pub(super) fn record_cancelled(span: &SpanRef<'_>, fails: bool) {
    if fails {
        let (kind, message) = (CANCELLED, CANCELLED.to_owned());
        record_exception(span, Exception { kind, of: kind, message, location: None });
    }
    span.set_attribute(KeyValue::new(semconv::CANCELLED, true));
}

/// Failure in the form in which it is recorded.
pub(super) struct Exception<'a> {
    /// Innermost known type: `error.type`.
    pub(super) kind: &'static str,
    /// Type of the whole error: `exception.type`.
    pub(super) of: &'static str,
    pub(super) message: String,
    /// Source location of a panic.
    pub(super) location: Option<&'a PanicLocation>,
}

impl Exception<'_> {
    pub(super) fn of(failure: &Failure<'_>, extent: Extent) -> Self {
        let (kind, of) = (failure.error_type(), failure.exception_type());
        Self { kind, of, message: failure.text(extent), location: None }
    }
}

/// Records a panic: its message as the status, and its location on the event.
#[cold]
pub(super) fn record_panic(span: &SpanRef<'_>, panic: Option<&Panic>) {
    let message = panic.and_then(|panic| panic.message.as_deref()).unwrap_or(PANIC);
    let message = capture::or_empty(capture::text(message, MAX_MESSAGE), PANIC);
    let location = panic.and_then(|panic| panic.location.as_ref());
    record_exception(span, Exception { kind: PANIC, of: PANIC, message, location });
}

/// Marks a span as failed and adds the exception event.
pub(super) fn record_exception(span: &SpanRef<'_>, exception: Exception<'_>) {
    let Exception { kind, of, message, location } = exception;
    let mut attributes = vec![
        KeyValue::new(semconv::EXCEPTION_TYPE, of),
        KeyValue::new(semconv::EXCEPTION_MESSAGE, message.clone()),
    ];
    if let Some(PanicLocation { file, line, column }) = location {
        attributes.push(KeyValue::new(semconv::CODE_FILE_PATH, file.clone()));
        attributes.push(KeyValue::new(semconv::CODE_LINE_NUMBER, i64::from(*line)));
        attributes.push(KeyValue::new(semconv::CODE_COLUMN_NUMBER, i64::from(*column)));
    }
    span.set_attribute(KeyValue::new(semconv::ERROR_TYPE, kind));
    span.add_event(semconv::EXCEPTION_EVENT, attributes);
    span.set_status(Status::error(message));
}

/// Returns the failure, if the call returned one.
fn exception_of(ending: &CallEnding<'_>, redacts: bool) -> Option<Exception<'static>> {
    match ending {
        CallEnding::Finished(Outcome::Failed(failure)) => {
            Some(Exception::of(failure, Extent { max_len: MAX_MESSAGE, redacts }))
        }
        // Panics and cancelled calls are recorded by `record_panic` and `record_cancelled`.
        _ => None,
    }
}
