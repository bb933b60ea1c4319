//! The warnings that delivery is in trouble, once each.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::report;

/// Warns once of each trouble; the counters and the shutdown's error tell the rest.
#[derive(Debug)]
pub(crate) struct Complaint {
    of_failure: AtomicBool,
    of_drops: AtomicBool,
    may_use_stderr: bool,
}

impl Complaint {
    pub(crate) fn new(may_use_stderr: bool) -> Self {
        let (of_failure, of_drops) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { of_failure, of_drops, may_use_stderr }
    }

    pub(super) fn of_failure(&self, error: &str) {
        if !self.of_failure.swap(true, Ordering::Relaxed) {
            let message = format_args!("spans are not being delivered: {error}");
            report::warn(self.may_use_stderr, &message);
        }
    }

    pub(super) fn of_drops(&self) {
        if !self.of_drops.swap(true, Ordering::Relaxed) {
            let message = "spans are being dropped because the queue is full; \
                           raise `AGENTOPS_MAX_QUEUE_SIZE` or record less";
            report::warn(self.may_use_stderr, &message);
        }
    }
}
