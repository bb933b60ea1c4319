//! Command `agentops push`: sends the spans that are stored on disk.

use std::{
    env,
    fmt::Display,
    io::{self, IsTerminal, Stderr},
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use agentops_core::{
    TracingConfig,
    push::{Progress, ProgressUnit, Pushed, Pusher, one_line, shown},
};
use clap::Args;
use terminal_size::terminal_size_of;

use super::{Failure, Outcome, cells::counted};
use crate::{
    output::{print_problem, problem_line},
    terminal::{ProgressBar, Screen, TaskState, bytes},
};

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
        let bar = PushBar::on_stderr();
        let pusher = self.pusher(bar.clone())?;
        let mut outcome = Outcome::Fine;
        for path in self.paths {
            let pushed = pusher.push_with(&path, &mut |progress| bar.draw(&progress));
            bar.clear();
            let pushed = pushed.map_err(|error| Failure::Usage(error.to_string()))?;
            let line = format!("{}: {}", shown(&path), summary(&pushed, &pusher.endpoint()));
            screen.line(&one_line(&line))?;
            if !pushed.is_complete() {
                outcome = Outcome::No;
            }
        }
        Ok(outcome)
    }

    fn pusher(&self, bar: PushBar) -> Result<Pusher, Failure> {
        let mut config = TracingConfig::builder();
        if let Some(endpoint) = &self.endpoint {
            config = config.exporter_endpoint(endpoint);
        }
        let config = config.build().map_err(|error| Failure::Usage(error.to_string()))?;
        let pusher = Pusher::new(config, Duration::from_secs(self.timeout), report_once(bar));
        pusher.map_err(|error| Failure::Usage(error.to_string()))
    }
}

/// Reports why sending is delayed, without repeating the same reason.
fn report_once(bar: PushBar) -> impl Fn(&str) + Send + Sync {
    let last = Mutex::new(String::new());
    move |reason| {
        if let Ok(mut last) = last.lock()
            && *last != reason
        {
            bar.report(format_args!("waiting: {reason}"));
            reason.clone_into(&mut last);
        }
    }
}

/// Bar on stderr, if that is a terminal that can show one.
#[derive(Clone, Debug, Default)]
struct PushBar(Arc<Mutex<Option<ProgressBar<Stderr>>>>);

impl PushBar {
    fn on_stderr() -> Self {
        let is_dumb = env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
        let has_bar = io::stderr().is_terminal() && !is_dumb;
        Self(Arc::new(Mutex::new(has_bar.then(|| ProgressBar::new(io::stderr())))))
    }

    /// Calls `act` with the bar if there is one. A terminal that has gone is no reason to send nothing.
    fn with(&self, act: impl FnOnce(&mut ProgressBar<Stderr>) -> io::Result<()>) {
        if let Ok(mut bar) = self.0.lock()
            && let Some(of_terminal) = &mut *bar
            && act(of_terminal).is_err()
        {
            *bar = None;
        }
    }

    fn draw(&self, progress: &Progress) {
        // The window may have changed since.
        let columns = terminal_size_of(io::stderr()).map_or(80, |(columns, _)| columns.0.into());
        self.with(|bar| bar.draw(&task_state(progress), columns, Instant::now()));
    }

    fn clear(&self) {
        self.with(ProgressBar::clear);
    }

    /// Prints a problem above the bar.
    fn report(&self, problem: impl Display) {
        let is_drawn = self.0.lock().is_ok_and(|bar| bar.is_some());
        if is_drawn {
            self.with(|bar| bar.line(&problem_line(problem)));
        } else {
            print_problem(problem);
        }
    }
}

/// Columns of the widest size, such as `12.3 MiB`.
const SIZE: usize = 8;

fn task_state(progress: &Progress) -> TaskState {
    let Progress { unit, done, all, bytes: read, .. } = *progress;
    let noun = match unit {
        ProgressUnit::Sessions => "session",
        ProgressUnit::Spans => "span",
    };
    // Of one width from the first to the last, so that the bar keeps its own.
    let digits = all.to_string().len();
    let counted = format!("{done:>digits$} of {}", counted(all, noun));
    let of_bytes = read.map(|[read, all]| format!("{:>SIZE$} of {}", bytes(read), bytes(all)));
    let texts = [Some(counted), of_bytes].into_iter().flatten().collect();
    TaskState { share: read.unwrap_or([done, all]), texts }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn task_state_counts_sessions_and_bytes_or_spans() {
        let state = |unit, bytes| {
            let TaskState { share, texts } =
                task_state(&Progress { unit, done: 3, all: 12, bytes });
            (share, texts.join("  "))
        };
        let of_files = state(ProgressUnit::Sessions, Some([2 << 20, 8 << 20]));
        assert_eq!(
            of_files,
            ([2 << 20, 8 << 20], " 3 of 12 sessions  2.00 MiB of 8.00 MiB".into())
        );
        assert_eq!(state(ProgressUnit::Spans, None), ([3, 12], " 3 of 12 spans".into()));
    }
}
