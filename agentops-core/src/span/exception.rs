//! The failure of a call, or its cancellation, on its span.

use opentelemetry::{
    KeyValue,
    trace::{SpanRef, Status},
};

use super::ending::Ending;
use crate::{
    capture::{self, Failure, Outcome},
    process::{Panic, Place},
    record::{Extent, semconv},
    session::EndState,
};

/// An error's message is bounded like this on a span.
pub(super) const MAX_MESSAGE: usize = 4096;

/// The `error.type` of a panic, and its message where that is not known.
const PANIC: &str = "panic";

/// The `error.type` of a call that was dropped half way, where that is a failure, and its message.
const CANCELLED: &str = "cancelled";

/// Records that a call did not return what it is there for.
#[cold]
pub(super) fn say_failure(span: &SpanRef<'_>, ending: &Ending<'_>, redacts: bool) {
    if let Some(told) = exception_of(ending, redacts) {
        record_exception(span, told);
    }
    if matches!(ending, Ending::Said(EndState::Failure) | Ending::Left(EndState::Failure)) {
        // What was wrong was said before, or is not known.
        span.set_status(Status::error(""));
    }
}

/// Records that a call was dropped half way: it has lost a race, as a rule, and that is no failure.
#[cold]
pub(super) fn say_cancelled(span: &SpanRef<'_>, fails: bool) {
    if fails {
        let (kind, message) = (CANCELLED, CANCELLED.to_owned());
        record_exception(span, Exception { kind, of: kind, message, place: None });
    }
    span.set_attribute(KeyValue::new(semconv::CANCELLED, true));
}

/// A failure as it is recorded.
pub(super) struct Exception<'a> {
    /// The innermost type that is known: `error.type`.
    pub(super) kind: &'static str,
    /// The type of the whole: `exception.type`.
    pub(super) of: &'static str,
    pub(super) message: String,
    /// Where it was raised, of a panic.
    pub(super) place: Option<&'a Place>,
}

impl Exception<'_> {
    pub(super) fn of(failure: &Failure<'_>, extent: Extent) -> Self {
        let (kind, of) = (failure.error_type(), failure.exception_type());
        Self { kind, of, message: failure.text(extent), place: None }
    }
}

/// Records a panic: its text as the status, its place on the event as well.
#[cold]
pub(super) fn record_panic(span: &SpanRef<'_>, panic: Option<&Panic>) {
    let message = panic.and_then(|panic| panic.message.as_deref()).unwrap_or(PANIC);
    let message = capture::or_empty(capture::text(message, MAX_MESSAGE), PANIC);
    let place = panic.and_then(|panic| panic.place.as_ref());
    record_exception(span, Exception { kind: PANIC, of: PANIC, message, place });
}

/// Marks a span as failed, with the reason.
pub(super) fn record_exception(span: &SpanRef<'_>, exception: Exception<'_>) {
    let Exception { kind, of, message, place } = exception;
    let mut attributes = vec![
        KeyValue::new(semconv::EXCEPTION_TYPE, of),
        KeyValue::new(semconv::EXCEPTION_MESSAGE, message.clone()),
    ];
    if let Some(Place { file, line, column }) = place {
        attributes.push(KeyValue::new(semconv::CODE_FILE_PATH, file.clone()));
        attributes.push(KeyValue::new(semconv::CODE_LINE_NUMBER, i64::from(*line)));
        attributes.push(KeyValue::new(semconv::CODE_COLUMN_NUMBER, i64::from(*column)));
    }
    span.set_attribute(KeyValue::new(semconv::ERROR_TYPE, kind));
    span.add_event(semconv::EXCEPTION_EVENT, attributes);
    span.set_status(Status::error(message));
}

/// The failure, if something went wrong.
fn exception_of(ending: &Ending<'_>, redacts: bool) -> Option<Exception<'static>> {
    match ending {
        Ending::Finished(Outcome::Failed(failure)) => {
            Some(Exception::of(failure, Extent { max_len: MAX_MESSAGE, redacts }))
        }
        // Panics and cancelled calls have their own ways of being recorded.
        _ => None,
    }
}
