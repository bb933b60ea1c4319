//! Command `agentops push`: sends the spans that are stored on disk.

use std::{path::PathBuf, sync::Mutex, time::Duration};

use agentops_core::{
    TracingConfig,
    push::{Pushed, Pusher, one_line, shown},
};
use clap::Args;

use super::{Failure, Outcome};
use crate::{output::print_problem, terminal::Screen};

/// Send spans stored on disk: spools, and sessions in local files.
///
/// A spool is empty afterwards, except for the spans that a running program holds. Sessions in local files are
/// kept, so a second push sends them again; those whose program died are closed as `Aborted` first. The endpoint
/// and the key are configured by the environment, as for programs: `AGENTOPS_EXPORTER_ENDPOINT`,
/// `AGENTOPS_API_KEY`, `OTEL_EXPORTER_OTLP_*`. Headers from `OTEL_EXPORTER_OTLP_*` are sent only to the endpoint in
/// `OTEL_EXPORTER_OTLP_ENDPOINT`. The exit status is 0 if all spans were sent, 1 if not, 2 if nothing could be
/// tried.
#[derive(Debug, Args)]
pub(crate) struct Push {
    /// Spools, session folders and session files.
    #[arg(required = true, env = "AGENTOPS_SPOOL_DIR", value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// OTLP/HTTP endpoint; overrides the environment.
    #[arg(long, value_name = "URL")]
    endpoint: Option<String>,

    /// Give up when the endpoint has accepted nothing for this many seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    timeout: u64,
}

impl Push {
    /// Sends all paths.
    pub(crate) fn run(self, screen: &mut Screen<'_>) -> Result<Outcome, Failure> {
        let pusher = self.pusher()?;
        let mut outcome = Outcome::Fine;
        for path in self.paths {
            let pushed = pusher.push(&path).map_err(|error| Failure::Usage(error.to_string()))?;
            let line = format!("{}: {}", shown(&path), summary(&pushed, &pusher.endpoint()));
            screen.line(&one_line(&line))?;
            if !pushed.is_complete() {
                outcome = Outcome::No;
            }
        }
        Ok(outcome)
    }

    fn pusher(&self) -> Result<Pusher, Failure> {
        let mut config = TracingConfig::builder();
        if let Some(endpoint) = &self.endpoint {
            config = config.exporter_endpoint(endpoint);
        }
        let config = config.build().map_err(|error| Failure::Usage(error.to_string()))?;
        let pusher = Pusher::new(config, Duration::from_secs(self.timeout), report_once());
        pusher.map_err(|error| Failure::Usage(error.to_string()))
    }
}

/// Reports why sending is delayed, without repeating the same reason.
fn report_once() -> impl Fn(&str) + Send + Sync {
    let last = Mutex::new(String::new());
    move |reason| {
        if let Ok(mut last) = last.lock()
            && *last != reason
        {
            print_problem(format_args!("waiting: {reason}"));
            reason.clone_into(&mut last);
        }
    }
}

fn summary(pushed: &Pushed, endpoint: &str) -> String {
    let rest = [
        (pushed.failed, "spans failed"),
        (pushed.left, "spans are still there"),
        (pushed.unreadable, "lines cannot be read"),
        (pushed.held, "spans are in the hands of a running program"),
    ];
    let rest = rest.into_iter().filter(|(count, _)| *count > 0);
    let rest: String = rest.map(|(count, what)| format!(", {count} {what}")).collect();
    let rest = format!("{rest}{}", skipped(pushed));
    let reason = pushed.reason.as_ref().map(|reason| format!("; {reason}")).unwrap_or_default();
    format!("{} spans sent to {endpoint}{rest}{reason}", pushed.sent)
}

/// Lists the files that were skipped, the first few by name.
fn skipped(pushed: &Pushed) -> String {
    if pushed.skipped == 0 {
        return String::new();
    }
    let named = pushed.skipped_why.join("; ");
    let more = pushed.skipped - pushed.skipped_why.len() as u64;
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!(", {} files are left out: {named}{more}", pushed.skipped)
}
