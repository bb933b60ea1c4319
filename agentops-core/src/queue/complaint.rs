//! Warnings about delivery problems, each logged once.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    io,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use crate::{
    config::Receipt,
    disk::private_files,
    process::{
        presentable::{listed, name, presentable_ends, shown},
        report,
    },
};

/// Maximum characters of an error's start and end in a message; the remedy follows it.
pub(super) const MAX_ERROR: [usize; 2] = [600, 599];

fn cut(error: &str) -> Cow<'_, str> {
    presentable_ends(error, MAX_ERROR)
}

/// Set of warnings, each logged once; the counters and the error of `shutdown` have the complete figures.
#[derive(Debug)]
pub(crate) struct Complaint {
    of_failure: AtomicBool,
    of_warning: AtomicBool,
    of_drops: AtomicBool,
    of_spool: AtomicBool,
    of_damage: AtomicBool,
    of_mismatch: AtomicBool,
    of_hindrance: AtomicBool,
    of_left: AtomicBool,
    of_mask: AtomicBool,
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
            of_spool: AtomicBool::new(false),
            of_damage: AtomicBool::new(false),
            of_mismatch: AtomicBool::new(false),
            of_hindrance: AtomicBool::new(false),
            of_left: AtomicBool::new(false),
            of_mask: AtomicBool::new(false),
            #[cfg(feature = "metrics")]
            of_metrics: AtomicBool::new(false),
            may_use_stderr,
        }
    }

    pub(crate) fn may_use_stderr(&self) -> bool {
        self.may_use_stderr
    }

    /// Warns about spans that the endpoint rejected, or about its own warning.
    pub(crate) fn of_receipt(&self, receipt: &Receipt) {
        match receipt {
            Receipt { failed: 1.., reason: Some(reason) } => self.of_failure(reason),
            Receipt { reason: Some(warning), .. } => self.of_warning(warning),
            Receipt { .. } => {}
        }
    }

    pub(crate) fn of_failure(&self, error: &str) {
        if !self.of_failure.swap(true, Ordering::Relaxed) {
            let message = format_args!("spans are not being delivered: {}", cut(error));
            report::warn(self.may_use_stderr, &message);
        }
    }

    fn of_warning(&self, warning: &str) {
        if !self.of_warning.swap(true, Ordering::Relaxed) {
            report::warn(self.may_use_stderr, &cut(warning));
        }
    }

    pub(crate) fn of_spool(&self, dir: &Path, error: &io::Error) {
        if !self.of_spool.swap(true, Ordering::Relaxed) {
            let (trouble, remedy) = match private_files::remedy_of(error) {
                // The folder may be planted: its content may not be the user's.
                Some(remedy) => ("is not used", remedy + ","),
                None => ("cannot be written", "make it writable".to_owned()),
            };
            let message = format_args!(
                "the spool `{}` {trouble}: {error}; {remedy} or set `AGENTOPS_SPOOL_DIR` to another one; spans are \
                 sent from memory meanwhile",
                shown(dir)
            );
            report::warn(self.may_use_stderr, &message);
        }
    }

    /// Warns that git may pick up recorded content, with the error of `private_files::hide_from_git`. It needs no
    /// flag, since a spool is opened once.
    pub(crate) fn of_gitignore(&self, seen: &io::Error) {
        if let Some(warning) = private_files::git_warning(seen) {
            report::warn(self.may_use_stderr, &warning);
        }
    }

    pub(crate) fn of_damage(&self, damage: &str) {
        if !self.of_damage.swap(true, Ordering::Relaxed) {
            let message =
                format_args!("spans on disk cannot be read: {}; they count as failed", cut(damage));
            report::warn(self.may_use_stderr, &message);
        }
    }

    /// Warns about a file whose content differs from what its name or label states.
    pub(crate) fn of_mismatch(&self, mismatch: &str) {
        if !self.of_mismatch.swap(true, Ordering::Relaxed) {
            let message = format_args!(
                "spans on disk are not those that were kept: {mismatch}; what is missing counts as failed, what \
                 nobody knew of as recovered"
            );
            report::warn(self.may_use_stderr, &message);
        }
    }

    /// Warns about a file that exists but cannot be read.
    pub(crate) fn of_hindrance(&self, hindrance: &str) {
        if !self.of_hindrance.swap(true, Ordering::Relaxed) {
            let message = format_args!(
                "spans on disk cannot be read just now: {hindrance}; they wait there for a later program"
            );
            report::warn(self.may_use_stderr, &message);
        }
    }

    /// Warns about a dead process's folder whose files cannot be moved.
    pub(crate) fn of_left(&self, dir: &Path, error: &io::Error) {
        if !self.of_left.swap(true, Ordering::Relaxed) {
            let message = format_args!(
                "what a dead process has left in `{}` cannot be taken over: {error}; it waits there for a later \
                 program",
                shown(dir)
            );
            report::warn(self.may_use_stderr, &message);
        }
    }

    /// Warns about files that are named like those of a spool but are not.
    pub(crate) fn of_strangers(&self, dir: &Path, count: u64) {
        if count > 0 {
            let message = format_args!(
                "{count} files in the spool `{}` are none of agentops', by name, kind or owner; they are left \
                 alone and count nowhere; look at them and remove them",
                shown(dir)
            );
            report::warn(self.may_use_stderr, &message);
        }
    }

    /// Warns about spans on disk that are meant for other endpoints, with the count for each.
    pub(crate) fn of_elsewhere(&self, dir: &Path, spans: &BTreeMap<String, u64>) {
        if spans.is_empty() {
            return;
        }
        let counted =
            spans.iter().map(|(endpoint, count)| format!("{count} for `{}`", name(endpoint)));
        let (counted, dir) = (listed(counted), shown(dir));
        let message = format_args!(
            "spans in the spool `{dir}` wait for another endpoint: {counted}; \
             send them there, or anywhere with `agentops push {dir}`"
        );
        report::warn(self.may_use_stderr, &message);
    }

    pub(crate) fn of_mask(&self) {
        if !self.of_mask.swap(true, Ordering::Relaxed) {
            let message =
                "a mask has panicked; `<mask failed>` stands in place of what it was shown";
            report::warn(self.may_use_stderr, &message);
        }
    }

    #[cfg(feature = "metrics")]
    pub(crate) fn of_metrics(&self, error: &str) {
        if !self.of_metrics.swap(true, Ordering::Relaxed) {
            let message = format_args!(
                "metrics are not being delivered: {}; \
                 set `OTEL_METRICS_EXPORTER` to `none` where nobody takes them",
                cut(error)
            );
            report::warn(self.may_use_stderr, &message);
        }
    }

    pub(crate) fn of_drops(&self) {
        if !self.of_drops.swap(true, Ordering::Relaxed) {
            let message = "spans are being dropped because the queue is full; \
                           raise `AGENTOPS_MAX_QUEUE_SIZE` or record less";
            report::warn(self.may_use_stderr, &message);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fmt::{self, Write},
        sync::{Arc, Mutex},
    };

    use tracing::{
        Event, Subscriber,
        field::{Field, Visit},
        subscriber::with_default,
    };
    use tracing_subscriber::{
        Layer,
        layer::{Context, SubscriberExt},
        registry,
    };

    use super::*;

    /// Layer that collects the lines of a log.
    #[derive(Clone, Default)]
    struct Heard(Arc<Mutex<String>>);

    impl<S: Subscriber> Layer<S> for Heard {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            event.record(&mut Line(&mut self.0.lock().unwrap()));
        }
    }

    struct Line<'a>(&'a mut String);

    impl Visit for Line<'_> {
        fn record_debug(&mut self, _: &Field, value: &dyn fmt::Debug) {
            writeln!(self.0, "{value:?}").unwrap();
        }
    }

    fn heard(complain: impl FnOnce(&Complaint)) -> String {
        let heard = Heard::default();
        with_default(registry().with(heard.clone()), || complain(&Complaint::new(false)));
        let lines = heard.0.lock().unwrap();
        lines.clone()
    }

    const HOSTILE: &str = "http://h/\u{1b}]0;pwned\u{7}\n\u{202e}agentops: FAKE";
    const SHOWN: &str = r"http://h/\u{1b}]0;pwned\u{7} \u{202e}agentops: FAKE";

    #[test]
    fn the_labels_of_a_planted_spool_steer_no_log_and_ten_of_them_are_told() {
        let spans = (0..12).map(|n| (format!("{n:02}{HOSTILE}{}", "x".repeat(9_000)), 1));
        let line = heard(|it| it.of_elsewhere(Path::new("a\u{1b}b"), &spans.collect()));
        let expected =
            r"spans in the spool `a\u{1b}b` wait for another endpoint: 1 for `00http://h/\u{1b}]0;";
        assert!(line.starts_with(expected), "{line}");
        let end = "…`, and 2 more; send them there, or anywhere with `agentops push a\\u{1b}b`\n";
        assert!(line.ends_with(end), "{line}");
        assert!(!line.trim_end().contains(char::is_control) && line.len() < 3_000, "{line}");
    }

    #[test]
    fn what_servers_and_files_say_is_one_line_behind_which_the_remedy_stands() {
        let long = |text: &str| format!("{HOSTILE}{}{text}", "x".repeat(9_000));
        for line in [
            heard(|it| it.of_failure(&long("refused"))),
            heard(|it| {
                it.of_receipt(&Receipt { failed: 0, reason: Some(long("refused")) });
            }),
            heard(|it| it.of_damage(&long("refused"))),
            heard(|it| it.of_spool(Path::new(HOSTILE), &io::Error::other("refused"))),
        ] {
            assert!(line.contains(SHOWN) && line.contains("refused"), "{line}");
            assert!(!line.trim_end().contains(char::is_control) && line.len() < 2_000, "{line}");
        }
        let damage = heard(|it| it.of_damage(&long("refused")));
        assert!(damage.ends_with("refused; they count as failed\n"), "{damage}");
    }
}
