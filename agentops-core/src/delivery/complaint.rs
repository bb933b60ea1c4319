//! The one warning that delivery is in trouble.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::report;

/// Warns once; the counters and the shutdown's error tell the rest.
#[derive(Debug)]
pub(crate) struct Complaint {
    was_made: AtomicBool,
    may_use_stderr: bool,
}

impl Complaint {
    pub(crate) fn new(may_use_stderr: bool) -> Self {
        Self { was_made: AtomicBool::new(false), may_use_stderr }
    }

    pub(super) fn make(&self, error: &str) {
        if !self.was_made.swap(true, Ordering::Relaxed) {
            report::warn(
                self.may_use_stderr,
                &format_args!("spans are not being delivered: {error}"),
            );
        }
    }
}
