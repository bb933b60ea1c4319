//! Work that a function leaves to what it returns, where its span cannot go on: it is marked, and said once.

use std::{
    collections::HashSet,
    ptr,
    sync::{LazyLock, Mutex, PoisonError},
};

use super::{Flow, Site};
use crate::{capture::Outcome, fork, report};

/// The kind of value that does the work.
#[derive(Clone, Copy, Debug)]
pub(super) enum Deferral {
    /// A stream.
    Stream,
    /// A future, or what becomes one.
    Future,
    /// An iterator.
    Iterator,
}

impl Deferral {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Stream => "stream",
            Self::Future => "future",
            Self::Iterator => "iterator",
        }
    }

    const fn remedy(self) -> &'static str {
        match self {
            Self::Stream => {
                "return `impl Stream<Item = ..>` or `Pin<Box<dyn Stream<Item = ..> + Send>>`, itself or in a \
                 `Result` that is spelled out, or write `stream = false` if that is meant"
            }
            Self::Future => {
                "make it an `async fn`, return `impl Future<Output = ..>` or \
                 `Pin<Box<dyn Future<Output = ..> + Send>>`, or write `future = false` if that is meant"
            }
            Self::Iterator => {
                "return `impl Iterator<Item = ..>` or `Box<dyn Iterator<Item = ..>>`, or write \
                 `stream = false` if that is meant"
            }
        }
    }

    /// Ends the span before the work, marked; an error instead of it is told as such.
    pub(super) fn end<T>(
        self,
        value: T,
        flow: Flow<'_>,
        outcome: impl FnOnce(&T) -> Outcome<'_>,
    ) -> T {
        let place = flow.place();
        flow.value(value, |value| match outcome(value) {
            Outcome::Returned(..) => {
                if let Some((site, session)) = place {
                    self.tell(site, session.registry().rules().may_use_stderr);
                }
                Outcome::Deferred(self.as_str())
            }
            failed => failed,
        })
    }

    /// Warns of a callsite, once, that its spans end before the work.
    fn tell(self, site: &'static Site, may_use_stderr: bool) {
        static TOLD: LazyLock<Mutex<HashSet<usize>>> = LazyLock::new(Mutex::default);
        let place = ptr::from_ref(site).addr();
        if fork::is_child() || !TOLD.lock().unwrap_or_else(PoisonError::into_inner).insert(place) {
            return;
        }
        let (place, what, remedy) = (site.place(), self.as_str(), self.remedy());
        let message = format_args!(
            "the span of {place} ends before the {what} that it returns, whose type cannot be replaced; {remedy}"
        );
        report::warn(may_use_stderr, &message);
    }
}
