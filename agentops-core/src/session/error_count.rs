//! Error count of a session: an error that is passed up through its callers counts once.
//!
//! ```text
//! llm ask fails: counted ─▶ noted at its caller ─▶ tool search fails: passed on ─▶ noted at its caller …
//! ```

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::SystemTime,
};

use opentelemetry::trace::{SpanId, Status};
use opentelemetry_sdk::trace::SpanData;

use crate::{capture, process::Lock, text::prefix};

/// Error count, and the live callers of failed calls.
#[derive(Debug, Default)]
pub(super) struct ErrorCount {
    count: AtomicU64,
    /// Set while any caller is noted, so that a successful span otherwise takes no lock.
    is_noted: AtomicBool,
    callers: Lock<Callers>,
    /// The session's own span, which is neither counted nor noted.
    root: OnceLock<SpanId>,
}

/// Noted callers, the most recent one last.
#[derive(Debug, Default)]
struct Callers(Vec<Caller>);

/// Span that has not ended and has called something that failed.
#[derive(Debug)]
struct Caller {
    id: SpanId,
    /// Messages of the failures, cut to [`MAX_TEXT`].
    texts: Vec<String>,
    /// End of the last failure.
    since: SystemTime,
    /// Set once a call that started after the last failure has succeeded.
    has_recovered: bool,
}

/// Most callers that are noted; beyond it, the oldest note is dropped.
const MAX_CALLERS: usize = 64;
/// Most messages that are kept per caller, and most bytes of each.
const MAX_TEXTS: usize = 8;
const MAX_TEXT: usize = 256;

impl ErrorCount {
    pub(super) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Sets the session's own span.
    pub(super) fn set_root(&self, root: SpanId) {
        let _ = self.root.set(root);
    }

    /// Counts an ended span. Its children refer to it by `id`.
    #[inline(always)]
    pub(super) fn record_end(&self, id: SpanId, span: &SpanData) {
        if let Status::Error { description } = &span.status {
            self.failed(id, span, description);
        } else if self.is_noted.load(Ordering::Relaxed) {
            self.succeeded(id, span);
        }
    }

    #[cold]
    fn failed(&self, id: SpanId, span: &SpanData, text: &str) {
        let mut callers = self.callers.lock();
        if !callers.remove(id).is_some_and(|caller| caller.passes_on(text)) {
            self.count.fetch_add(1, Ordering::Relaxed);
        }
        let parent = span.parent_span_id;
        let is_counted = parent != SpanId::INVALID && !span.parent_span_is_remote;
        if is_counted && self.root.get() != Some(&parent) {
            callers.note(parent, text, span.end_time);
        }
        self.is_noted.store(!callers.0.is_empty(), Ordering::Relaxed);
    }

    #[cold]
    fn succeeded(&self, id: SpanId, span: &SpanData) {
        let mut callers = self.callers.lock();
        drop(callers.remove(id));
        let caller = callers.0.iter_mut().find(|caller| caller.id == span.parent_span_id);
        // A call that ran in parallel with the failure does not count as a recovery.
        if let Some(caller) = caller.filter(|caller| span.start_time >= caller.since) {
            caller.has_recovered = true;
        }
        self.is_noted.store(!callers.0.is_empty(), Ordering::Relaxed);
    }
}

impl Callers {
    fn remove(&mut self, id: SpanId) -> Option<Caller> {
        let index = self.0.iter().position(|caller| caller.id == id)?;
        Some(self.0.remove(index))
    }

    fn note(&mut self, id: SpanId, text: &str, since: SystemTime) {
        let known = self.remove(id);
        let mut texts = known.map(|caller| caller.texts).unwrap_or_default();
        if texts.len() >= MAX_TEXTS {
            texts.remove(0);
        }
        texts.extend(start_of(text));
        if self.0.len() >= MAX_CALLERS {
            self.0.remove(0);
        }
        self.0.push(Caller { id, texts, since, has_recovered: false });
    }
}

impl Caller {
    /// Returns `true` if `text` is a failed call's error that this caller has passed on: nothing has succeeded
    /// since, or `text` contains the message of a failed call.
    fn passes_on(&self, text: &str) -> bool {
        let words_of = |failed: &String| holds(text, failed) || ends_with_words_of(text, failed);
        !self.has_recovered || self.texts.iter().any(words_of)
    }
}

/// Returns the part of a message that is compared; `None` if it is empty.
fn start_of(text: &str) -> Option<String> {
    Some(prefix(text, MAX_TEXT)).filter(|start| !start.is_empty()).map(str::to_owned)
}

/// Returns `true` if `text` contains `part`; a part that was cut may end in the middle of a word.
fn holds(text: &str, part: &str) -> bool {
    capture::holds(text, part) || (part.len() >= MAX_TEXT - 3 && text.contains(part))
}

/// Returns `true` if `text` ends with `failed` without its causes, which follow a `: `.
fn ends_with_words_of(text: &str, failed: &str) -> bool {
    failed.match_indices(": ").any(|(end, _)| {
        let before = text.strip_suffix(&failed[..end]);
        before.is_some_and(|before| end > 0 && !before.ends_with(char::is_alphanumeric))
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::fixtures::span;

    /// Returns a span that starts and ends at this second.
    fn ended(second: u64, parent: u64, error: Option<&str>) -> SpanData {
        let mut span = span(parent, "");
        span.start_time = SystemTime::UNIX_EPOCH + Duration::from_secs(second);
        span.end_time = span.start_time;
        span.status = error.map_or(Status::Unset, |text| Status::error(text.to_owned()));
        span
    }

    fn count(all: &[(u64, u64, u64, Option<&str>)]) -> (u64, usize) {
        let errors = ErrorCount::default();
        errors.set_root(SpanId::from(1));
        for (second, id, parent, error) in all {
            errors.record_end(SpanId::from(*id), &ended(*second, *parent, *error));
        }
        let noted = errors.callers.lock().0.len();
        assert_eq!(errors.is_noted.load(Ordering::Relaxed), noted > 0);
        (errors.count(), noted)
    }

    #[test]
    fn caller_is_noted_until_it_ends() {
        assert_eq!(count(&[(1, 3, 2, Some("no"))]), (1, 1));
        assert_eq!(count(&[(1, 3, 2, Some("no")), (2, 2, 1, None)]), (1, 0));
        assert_eq!(count(&[(1, 3, 2, Some("no")), (2, 2, 1, Some("of no use"))]), (1, 0));
    }

    #[test]
    fn success_that_started_after_a_failure_is_a_recovery() {
        let own = |started| [(2, 3, 2, Some("no")), (started, 4, 2, None), (5, 2, 1, Some("own"))];
        assert_eq!((count(&own(1)), count(&own(3))), ((1, 0), (2, 0)));
    }

    #[test]
    fn text_is_found_by_its_words() {
        let all = ["no", "oh no", "no: why?", "(no)", "not", "casino", ""];
        assert_eq!(
            all.map(|text| holds(text, "no")),
            [true, true, true, true, false, false, false]
        );
        let long = "é".repeat(500);
        assert!(holds(&format!("because: {long}"), &start_of(&long).unwrap_or_default()));
    }

    #[test]
    fn error_is_recognised_without_its_causes() {
        let failed = "rate limited: status 429: try later";
        let all =
            ["rate limited", "no answer: rate limited", "no answer (rate limited: status 429"];
        assert_eq!(all.map(|text| ends_with_words_of(text, failed)), [true; 3]);
        let all = ["unrate limited", "rate limited again", "try later", ""];
        assert_eq!(all.map(|text| ends_with_words_of(text, failed)), [false; 4]);
    }

    #[test]
    fn callers_and_their_failures_are_bounded() {
        let errors = ErrorCount::default();
        for n in 0..1_000 {
            let text = format!("{n}").repeat(1_000);
            errors.record_end(SpanId::from(n), &ended(n, 10_000 + n / 100, Some(&text)));
            errors.record_end(SpanId::from(n), &ended(n, 20_000 + n, Some(&text)));
        }
        let callers = errors.callers.lock();
        assert_eq!(callers.0.len(), MAX_CALLERS);
        let texts = callers.0.iter().map(|caller| caller.texts.len()).max();
        assert_eq!(texts, Some(MAX_TEXTS));
        assert!(
            callers.0.iter().flat_map(|caller| &caller.texts).all(|text| text.len() <= MAX_TEXT)
        );
    }
}
