//! The warnings that delivery is in trouble, once each.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::report;

/// Warns once of each trouble; the counters and the shutdown's error tell the rest.
#[derive(Debug)]
pub(crate) struct Complaint {
    of_failure: AtomicBool,
    of_warning: AtomicBool,
    of_drops: AtomicBool,
    #[cfg(feature = "metrics")]
    of_metrics: AtomicBool,
    may_use_stderr: bool,
}

impl Complaint {
    pub(crate) fn new(may_use_stderr: bool) -> Self {
        Self {
            of_failure: AtomicBool::new(false),
            of_warning: AtomicBool::new(false),
            of_drops: AtomicBool::new(false),
            #[cfg(feature = "metrics")]
            of_metrics: AtomicBool::new(false),
            may_use_stderr,
        }
    }

    pub(crate) fn of_failure(&self, error: &str) {
        if !self.of_failure.swap(true, Ordering::Relaxed) {
            let message = format_args!("spans are not being delivered: {error}");
            report::warn(self.may_use_stderr, &message);
        }
    }

    /// What the far side took and is not happy with.
    pub(super) fn of_warning(&self, warning: &str) {
        if !self.of_warning.swap(true, Ordering::Relaxed) {
            report::warn(self.may_use_stderr, &warning);
        }
    }

    #[cfg(feature = "metrics")]
    pub(crate) fn of_metrics(&self, error: &str) {
        if !self.of_metrics.swap(true, Ordering::Relaxed) {
            let message = format_args!(
                "metrics are not being delivered: {error}; \
                 set `OTEL_METRICS_EXPORTER` to `none` where nobody takes them"
            );
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
