//! Manual sending of spans on disk, from spools and from local session files; for the `push` command.
//!
//! ```text
//! spool ─▶ SpoolSender ────────────────┐
//! files ─▶ JsonLines ─▶ requests ─┴─▶ Transport
//! ```

mod progress;
mod span_batch;

use std::{
    borrow::Cow,
    fs::{self, File},
    io::{self, BufReader},
    mem,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use http::{Request, header};
use prost::Message;

use self::progress::{CountedFile, ReadBytes};
#[doc(hidden)]
pub use self::{
    progress::{Progress, ProgressUnit},
    span_batch::SpanBatch,
};
pub use crate::export::{JsonLines, LineError, LineSpan};
#[doc(hidden)]
pub use crate::process::presentable::shown;
use crate::{
    config::{Destination, Endpoint, SpoolSettings, TracingConfig},
    disk::{
        private_files::{open_named, open_to_read},
        remedy_of,
    },
    error::debug_as_display,
    export::close_aborted,
    process::{
        Lock,
        presentable::presentable,
        report::{LONGEST_MESSAGE, Reporter},
    },
    queue::{DeliveryWarnings, RecoveryLedger},
    transport::{
        OnDelay, Persistence, SegmentChoice, ShutdownSignal, Spool, SpoolSender, Transport,
    },
};

/// Maximum number of skipped files that are named, and the maximum characters for each.
const MOST_NAMED: usize = 10;
const LONGEST_WHY: usize = 500;

/// Error of [`Pusher::new`] and [`Pusher::push`].
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum PushError {
    /// No endpoint is set.
    #[error("there is nowhere to push to; set `AGENTOPS_EXPORTER_ENDPOINT` or `AGENTOPS_API_KEY`")]
    Nowhere,
    /// The path does not exist, or is neither a spool nor a file or folder of sessions.
    #[error(
        "`{}` is neither a spool nor a folder of sessions nor a file of one; \
         name what `AGENTOPS_SPOOL_DIR` or `AGENTOPS_LOCAL_DIR` names",
        shown(.0)
    )]
    Nothing(PathBuf),
    /// The path cannot be read, or does not belong to the user.
    #[error("{}", unreadable(.0, .1))]
    Unreadable(PathBuf, #[source] io::Error),
}

debug_as_display!(PushError);

fn unreadable(path: &Path, error: &io::Error) -> String {
    match remedy_of(error) {
        // The text names the path already.
        Some(remedy) => format!("{error}; {remedy}"),
        None => format!("`{}` cannot be read: {error}", shown(path)),
    }
}

/// Result of pushing a path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pushed {
    /// Spans that the endpoint has accepted.
    pub sent: u64,
    /// Spans that the endpoint rejected, or that cannot be read; those of a spool have been deleted.
    pub failed: u64,
    /// Spans that were not sent and are still on disk.
    pub left: u64,
    /// Spans of a spool that a running program holds and will send itself.
    pub held: u64,
    /// Lines that could not be read as spans.
    pub unreadable: u64,
    /// Skipped files of a folder: not a regular file of this user with a single hard link, or not readable.
    pub skipped: u64,
    /// Reasons for which the first ten of them were skipped.
    pub skipped_why: Vec<String>,
    /// Sessions in files that were closed as `Aborted` before they were sent, since their processes had died.
    pub aborted: u64,
    /// Reason for which spans failed or are left, or a warning of the endpoint.
    pub reason: Option<String>,
}

impl Pushed {
    /// Returns `true` if everything was delivered.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failed + self.left + self.unreadable + self.skipped == 0
    }

    fn skip(&mut self, path: &Path, error: &io::Error) {
        self.skipped += 1;
        if self.skipped_why.len() < MOST_NAMED {
            let why = unreadable(path, error);
            self.skipped_why.push(presentable(&why, LONGEST_WHY).into_owned());
        }
    }
}

/// Sends spans on disk to the endpoint of a configuration.
#[derive(Debug)]
pub struct Pusher {
    transport: Arc<Transport>,
    endpoint: Endpoint,
    /// Reason for which the last request was delayed.
    delay: Arc<Lock<Option<String>>>,
}

impl Pusher {
    /// Prepares to send. An endpoint that accepts nothing for `patience` is given up; `on_delay` is called with
    /// the reason before each retry.
    ///
    /// # Errors
    /// Returns an error if the configuration has no endpoint.
    pub fn new(
        mut config: TracingConfig,
        patience: Duration,
        on_delay: impl Fn(&str) + Send + Sync + 'static,
    ) -> Result<Self, PushError> {
        config.report_notes(Reporter::LogOrStderr);
        let Destination::Otlp(target) = config.destination else { return Err(PushError::Nowhere) };
        let (stop, delay) = (Arc::new(ShutdownSignal::default()), Arc::new(Lock::default()));
        let (stopping, noting) = (Arc::clone(&stop), Arc::clone(&delay));
        let on_delay = OnDelay(Box::new(move |reason: String, waited| {
            on_delay(&reason);
            *noting.lock() = Some(reason);
            if waited >= patience {
                stopping.set(Instant::now());
            }
        }));
        let transport = Arc::new(Transport::new(&target, stop, on_delay, Persistence::Disk));
        Ok(Self { transport, endpoint: target.endpoint, delay })
    }

    /// Returns the endpoint, without secrets.
    #[must_use]
    pub fn endpoint(&self) -> String {
        self.endpoint.to_string()
    }

    /// Sends a spool, which is empty afterwards except for spans that a running program holds, or the sessions in
    /// a folder or a file, which are kept.
    ///
    /// # Errors
    /// Returns an error if there is nothing to send at this path, or if it cannot be read.
    pub fn push(&self, path: &Path) -> Result<Pushed, PushError> {
        self.push_with(path, &mut |_| {})
    }

    /// Does the same as [`push`](Self::push), and calls `on_progress` at the start and after each request and file.
    ///
    /// # Errors
    /// Returns an error if there is nothing to send at this path, or if it cannot be read.
    #[doc(hidden)]
    pub fn push_with(
        &self,
        path: &Path,
        on_progress: &mut dyn FnMut(Progress),
    ) -> Result<Pushed, PushError> {
        let unreadable = |error| PushError::Unreadable(path.to_owned(), error);
        if Spool::is_at(path) {
            return self.push_spool(path, on_progress).map_err(unreadable);
        }
        let mut pushed = Pushed { aborted: close_aborted_at(path), ..Pushed::default() };
        let files = Files::at(path).map_err(unreadable)?;
        if files.paths.is_empty() {
            return Err(PushError::Nothing(path.to_owned()));
        }
        let (all, read) = (files.paths.len() as u64, ReadBytes::default());
        let bytes = files.bytes();
        let mut report = |done| {
            let bytes = Some([read.get().min(bytes), bytes]);
            on_progress(Progress { unit: ProgressUnit::Sessions, done, all, bytes });
        };
        report(0);
        for (path, done) in files.paths.iter().zip(0..) {
            match files.open(path) {
                Ok(file) => {
                    let file = CountedFile { file, read: &read };
                    self.push_file(path, file, &mut pushed, &mut || report(done))
                }
                Err(error) if files.are_listed => {
                    pushed.skip(path, &error);
                    Ok(())
                }
                Err(error) => Err(error),
            }
            .map_err(|error| PushError::Unreadable(path.clone(), error))?;
            report(done + 1);
        }
        Ok(pushed)
    }

    fn push_spool(&self, dir: &Path, on_progress: &mut dyn FnMut(Progress)) -> io::Result<Pushed> {
        // No size or age limit, so that everything is sent.
        let settings =
            SpoolSettings { dir: dir.to_owned(), max_bytes: u64::MAX, max_age: Duration::MAX };
        let ledger = Arc::new(RecoveryLedger::default());
        let warnings = Arc::new(DeliveryWarnings::new(Reporter::LogOnly));
        let spool =
            Arc::new(Spool::open(settings, Arc::clone(&ledger) as _, Arc::clone(&warnings))?);
        let sender = SpoolSender {
            spool: Arc::clone(&spool),
            transport: Arc::clone(&self.transport),
            endpoint: self.endpoint.clone(),
            warnings,
            segments: SegmentChoice::All,
        };
        spool.seal();
        sender.run_with(&mut || {
            let stats = ledger.stats();
            let done = stats.sent + stats.failed;
            let unit = ProgressUnit::Spans;
            on_progress(Progress { unit, done, all: done + stats.spooled, bytes: None });
        });
        let (stats, losses) = (ledger.stats(), ledger.losses());
        let lost = losses.and_then(|losses| losses.last_error().map(str::to_owned));
        let reason = if stats.spooled > 0 { self.delay() } else { lost };
        let (sent, failed, left) = (stats.sent, stats.failed, stats.spooled);
        let held = Spool::spans_at(dir).saturating_sub(left);
        Ok(Pushed { sent, failed, left, held, reason, ..Pushed::default() })
    }

    fn push_file(
        &self,
        path: &Path,
        file: CountedFile<'_>,
        pushed: &mut Pushed,
        report: &mut dyn FnMut(),
    ) -> io::Result<()> {
        let mut batch = SpanBatch::default();
        let mut lines = JsonLines::new(BufReader::new(file));
        while let Some(line) = lines.next_line(|span| {
            batch.add(span);
            if batch.is_full() {
                self.send(mem::take(&mut batch), pushed);
                report();
            }
        }) {
            match line {
                Ok(()) => {}
                Err(LineError::Unreadable(error)) => return Err(error),
                Err(problem) => {
                    pushed.unreadable += 1;
                    pushed.reason = Some(format!("`{}`: {problem}", shown(path)));
                }
            }
        }
        self.send(batch, pushed);
        Ok(())
    }

    fn send(&self, batch: SpanBatch, pushed: &mut Pushed) {
        let spans = batch.spans();
        let Some(request) = batch.into_request() else { return };
        let request = Request::post(&self.endpoint.0)
            .header(header::CONTENT_TYPE, "application/x-protobuf")
            .body(request.encode_to_vec().into());
        let sent = match &request {
            Ok(request) => self.transport.send(request).map_err(|failure| failure.to_string()),
            Err(error) => Err(error.to_string()),
        };
        match sent {
            Ok(receipt) => {
                pushed.failed += receipt.rejected().min(spans);
                pushed.sent += spans.saturating_sub(receipt.rejected());
                pushed.reason = receipt.into_message().or(pushed.reason.take());
            }
            Err(reason) => {
                pushed.left += spans;
                pushed.reason = self.delay().or(Some(reason));
            }
        }
    }

    fn delay(&self) -> Option<String> {
        self.delay.lock().clone()
    }
}

/// Returns a message as one line without control characters, whatever foreign names and texts it contains.
#[doc(hidden)]
pub fn one_line(message: &str) -> Cow<'_, str> {
    presentable(message, LONGEST_MESSAGE)
}

/// Closes sessions that dead processes have left open in a folder, or in that of a file. A session whose file
/// cannot be written is sent as it is.
fn close_aborted_at(path: &Path) -> u64 {
    let dir = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new("")) };
    match close_aborted(dir) {
        Ok(swept) => {
            swept.report();
            swept.sessions.len() as u64
        }
        Err(error) => {
            let remedy = remedy_of(&error).map(|remedy| format!("; {remedy}")).unwrap_or_default();
            let dir = shown(dir);
            let message = format_args!(
                "what dead processes left open in `{dir}` cannot be closed: {error}{remedy}"
            );
            Reporter::LogOrStderr.warn(&message);
            0
        }
    }
}

/// A single file, or the session files in a folder.
struct Files {
    paths: Vec<PathBuf>,
    /// `true` if they were found in a folder, where other users may have chosen their names.
    are_listed: bool,
}

impl Files {
    fn at(path: &Path) -> io::Result<Self> {
        if !path.exists() {
            return Ok(Self { paths: Vec::new(), are_listed: false });
        }
        if !path.is_dir() {
            return Ok(Self { paths: vec![path.to_owned()], are_listed: false });
        }
        let entries = fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path()));
        let mut paths: Vec<_> = entries.collect::<io::Result<_>>()?;
        paths.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
        paths.sort();
        Ok(Self { paths, are_listed: true })
    }

    /// Returns the size of all files.
    fn bytes(&self) -> u64 {
        self.paths
            .iter()
            .filter_map(|path| fs::symlink_metadata(path).ok())
            .map(|it| it.len())
            .sum()
    }

    /// Opens a file: one named by the user as it is, one found in a folder only if it is the user's own.
    fn open(&self, path: &Path) -> io::Result<File> {
        if self.are_listed { open_to_read(path) } else { open_named(path) }
    }
}
