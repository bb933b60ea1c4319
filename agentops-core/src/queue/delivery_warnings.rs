//! Warnings about delivery, each given once.

use std::sync::atomic::{AtomicU16, Ordering};

use super::delivery_trouble::DeliveryTrouble;
use crate::{
    config::{DeliveryFailure, Receipt},
    process::Reporter,
};

/// Warnings of one core. Each kind of trouble is reported once; the counters and the error of `shutdown` have the
/// complete figures.
#[derive(Debug)]
pub(crate) struct DeliveryWarnings {
    /// Set of the troubles that were reported, by `DeliveryTrouble::bit`.
    given: AtomicU16,
    reporter: Reporter,
}

impl DeliveryWarnings {
    pub(crate) const fn new(reporter: Reporter) -> Self {
        Self { given: AtomicU16::new(0), reporter }
    }

    pub(crate) const fn reporter(&self) -> Reporter {
        self.reporter
    }

    /// Logs a warning, unless one of the same kind was logged before.
    pub(crate) fn warn_once(&self, trouble: DeliveryTrouble<'_>) {
        let bit = trouble.bit();
        if self.given.fetch_or(bit, Ordering::Relaxed) & bit == 0 {
            self.reporter.warn(&trouble);
        }
    }

    /// Warns if spans were not delivered, or if the endpoint warns.
    pub(crate) fn warn_of_result(&self, result: &Result<Receipt, DeliveryFailure>) {
        match result {
            Ok(Receipt::Complete) => {}
            Ok(Receipt::Warning(message)) => {
                self.warn_once(DeliveryTrouble::EndpointWarning(message));
            }
            Ok(Receipt::Partial { reason, .. }) => self.warn_once(DeliveryTrouble::Failure(reason)),
            Err(failure) => self.warn_once(DeliveryTrouble::Failure(&failure.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fmt::{self, Write},
        io,
        path::Path,
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

    /// Returns the log of a core that has this trouble twice.
    fn heard(trouble: DeliveryTrouble<'_>) -> String {
        let (heard, warnings) = (Heard::default(), DeliveryWarnings::new(Reporter::LogOnly));
        with_default(registry().with(heard.clone()), || {
            warnings.warn_once(trouble);
            warnings.warn_once(trouble);
        });
        let lines = heard.0.lock().unwrap();
        lines.clone()
    }

    const HOSTILE: &str = "http://h/\u{1b}]0;pwned\u{7}\n\u{202e}agentops: FAKE";
    const SHOWN: &str = r"http://h/\u{1b}]0;pwned\u{7} \u{202e}agentops: FAKE";

    #[test]
    fn warning_escapes_and_lists_ten_planted_labels() {
        let spans = (0..12).map(|n| (format!("{n:02}{HOSTILE}{}", "x".repeat(9_000)), 1));
        let spans = spans.collect();
        let line = heard(DeliveryTrouble::Elsewhere(Path::new("a\u{1b}b"), &spans));
        let expected =
            r"spans in the spool `a\u{1b}b` wait for another endpoint: 1 for `00http://h/\u{1b}]0;";
        assert!(line.starts_with(expected), "{line}");
        let end = "…`, and 2 more; send them there, or anywhere with `agentops push a\\u{1b}b`\n";
        assert!(line.ends_with(end), "{line}");
        assert!(!line.trim_end().contains(char::is_control) && line.len() < 3_000, "{line}");
    }

    #[test]
    fn warning_is_given_once_as_one_line_with_remedy() {
        let long = |text: &str| format!("{HOSTILE}{}{text}", "x".repeat(9_000));
        let error = long("refused");
        let disk = io::Error::other("refused");
        for line in [
            heard(DeliveryTrouble::Failure(&error)),
            heard(DeliveryTrouble::EndpointWarning(&error)),
            heard(DeliveryTrouble::Damage(&error)),
            heard(DeliveryTrouble::Spool(Path::new(HOSTILE), &disk)),
        ] {
            assert!(line.contains(SHOWN) && line.contains("refused"), "{line}");
            assert!(!line.trim_end().contains(char::is_control) && line.len() < 2_000, "{line}");
        }
        let damage = heard(DeliveryTrouble::Damage(&error));
        assert!(damage.ends_with("refused; they count as failed\n"), "{damage}");
        assert_eq!(damage.lines().count(), 1, "{damage}");
    }
}
