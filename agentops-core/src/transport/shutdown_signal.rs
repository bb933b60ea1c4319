//! Shutdown signal: ends pauses at once and limits retries.

use std::{
    sync::{Condvar, PoisonError},
    time::{Duration, Instant},
};

use crate::process::Lock;

/// Signal that is set once, at shutdown, with the deadline.
#[derive(Debug, Default)]
pub(crate) struct ShutdownSignal {
    deadline: Lock<Option<Instant>>,
    set: Condvar,
}

impl ShutdownSignal {
    pub(crate) fn set(&self, deadline: Instant) {
        *self.deadline.lock() = Some(deadline);
        self.set.notify_all();
    }

    pub(crate) fn is_set(&self) -> bool {
        self.deadline.lock().is_some()
    }

    /// Returns the time that is left, or `None` before the shutdown.
    pub(crate) fn remaining(&self) -> Option<Duration> {
        let deadline = *self.deadline.lock();
        deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// Waits for `time` or until the signal is set; returns `true` if it is set.
    pub(crate) fn wait_or_shutdown(&self, time: Duration) -> bool {
        let deadline = self.deadline.lock();
        let waited = self.set.wait_timeout_while(deadline, time, |deadline| deadline.is_none());
        waited.unwrap_or_else(PoisonError::into_inner).0.is_some()
    }
}
