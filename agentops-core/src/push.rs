//! What waits on disk, sent by hand: spools, and sessions in local files. For the command line's `push`.
//!
//! ```text
//! spool ─▶ Sender ────────────────┐
//! files ─▶ JsonLines ─▶ requests ─┴─▶ Transport
//! ```

use std::{
    borrow::Cow,
    fs::{self, File},
    io::{self, BufReader},
    mem,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use http::{Request, header};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    trace::v1::{ResourceSpans, ScopeSpans, Span},
};
use prost::Message;

pub use crate::export::{JsonLines, LineError, LineSpan};
#[doc(hidden)]
pub use crate::presentable::shown;
use crate::{
    config::{Destination, Endpoint, Overflow, SpoolSettings, TracingConfig},
    delivery::{Complaint, Limits, OnDelay, Queue, Sender, Spool, Stop, Transport},
    error::debug_as_display,
    export::close_aborted,
    presentable::presentable,
    private_files::{open_named, open_to_read, remedy_of},
    report::{self, LONGEST_MESSAGE},
};

/// So many spans of files go out at once, or a few more.
const BATCH: u64 = 2048;
/// So many bytes are gathered for that.
const BATCH_BYTES: usize = 2 << 20;

/// So many files that are left out are named, each with so many characters.
const MOST_NAMED: usize = 10;
const LONGEST_WHY: usize = 500;

/// Why nothing was pushed.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum PushError {
    /// No endpoint is set.
    #[error("there is nowhere to push to; set `AGENTOPS_EXPORTER_ENDPOINT` or `AGENTOPS_API_KEY`")]
    Nowhere,
    /// There is something else at a path, or nothing.
    #[error(
        "`{}` is neither a spool nor a folder of sessions nor a file of one; \
         name what `AGENTOPS_SPOOL_DIR` or `AGENTOPS_LOCAL_DIR` names",
        shown(.0)
    )]
    Nothing(PathBuf),
    /// It cannot be read, or is not the user's own.
    #[error("{}", unreadable(.0, .1))]
    Unreadable(PathBuf, #[source] io::Error),
}

debug_as_display!(PushError);

fn unreadable(path: &Path, error: &io::Error) -> String {
    match remedy_of(error) {
        // It names what is wrong.
        Some(remedy) => format!("{error}; {remedy}"),
        None => format!("`{}` cannot be read: {error}", shown(path)),
    }
}

/// What became of the spans at a path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pushed {
    /// Spans that the far side has accepted.
    pub sent: u64,
    /// Spans that it rejected, or that cannot be read; of a spool, they are gone.
    pub failed: u64,
    /// Spans that are still where they were.
    pub left: u64,
    /// Spans of a spool that a running program holds, which sends them itself.
    pub held: u64,
    /// Lines that hold no spans that could be read.
    pub unreadable: u64,
    /// Files of a folder that were left out: what is not a regular file of this user with one name, or cannot be opened.
    pub skipped: u64,
    /// Problems of the first ten of them.
    pub skipped_why: Vec<String>,
    /// Sessions in files that were closed as `Aborted` first, since their processes had died.
    pub aborted: u64,
    /// Why, as far as there is anything to say.
    pub reason: Option<String>,
}

impl Pushed {
    /// Whether everything has arrived.
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

/// Sends what waits on disk to where a configuration sends.
#[derive(Debug)]
pub struct Pusher {
    transport: Arc<Transport>,
    endpoint: Endpoint,
    /// Why something was not sent yet.
    delay: Arc<Mutex<Option<String>>>,
}

impl Pusher {
    /// Prepares to send. An endpoint that takes nothing for as long as `patience` is given up; `on_delay`
    /// hears each time why it has to be asked again.
    ///
    /// # Errors
    /// If the configuration names no endpoint.
    pub fn new(
        mut config: TracingConfig,
        patience: Duration,
        on_delay: impl Fn(&str) + Send + Sync + 'static,
    ) -> Result<Self, PushError> {
        config.tell_notes(true);
        let Destination::Otlp(target) = config.destination else { return Err(PushError::Nowhere) };
        let (stop, delay) = (Arc::new(Stop::default()), Arc::new(Mutex::default()));
        let (stopping, noting) = (Arc::clone(&stop), Arc::clone(&delay));
        let on_delay = OnDelay(Box::new(move |reason: String, waited| {
            on_delay(&reason);
            *noting.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
            if waited >= patience {
                stopping.set(Instant::now());
            }
        }));
        let transport = Arc::new(Transport::new(&target, stop, on_delay, true));
        Ok(Self { transport, endpoint: target.endpoint, delay })
    }

    /// Where it sends to, without what is secret.
    #[must_use]
    pub fn endpoint(&self) -> String {
        self.endpoint.to_string()
    }

    /// Sends a spool, which is empty afterwards, but for what a running program holds; or the sessions in a
    /// folder or a file, which stay.
    ///
    /// # Errors
    /// If there is nothing to be sent at this path, or it cannot be read.
    pub fn push(&self, path: &Path) -> Result<Pushed, PushError> {
        let unreadable = |error| PushError::Unreadable(path.to_owned(), error);
        if Spool::is_at(path) {
            return self.push_spool(path).map_err(unreadable);
        }
        let mut pushed = Pushed { aborted: close_aborted_at(path), ..Pushed::default() };
        let files = Files::at(path).map_err(unreadable)?;
        if files.paths.is_empty() {
            return Err(PushError::Nothing(path.to_owned()));
        }
        for path in &files.paths {
            match files.open(path) {
                Ok(file) => self.push_file(path, file, &mut pushed),
                Err(error) if files.are_listed => {
                    pushed.skip(path, &error);
                    Ok(())
                }
                Err(error) => Err(error),
            }
            .map_err(|error| PushError::Unreadable(path.clone(), error))?;
        }
        Ok(pushed)
    }

    fn push_spool(&self, dir: &Path) -> io::Result<Pushed> {
        // Nothing is too old or too much to be sent.
        let settings =
            SpoolSettings { dir: dir.to_owned(), max_bytes: u64::MAX, max_age: Duration::MAX };
        let ledger = Arc::new(Queue::new(LEDGER));
        let complaint = Arc::new(Complaint::new(false));
        let spool = Arc::new(Spool::open(settings, Arc::clone(&ledger), Arc::clone(&complaint))?);
        let sender = Sender {
            spool: Arc::clone(&spool),
            transport: Arc::clone(&self.transport),
            endpoint: self.endpoint.clone(),
            complaint,
            takes_all: true,
        };
        spool.seal();
        sender.run();
        let (stats, losses) = (ledger.stats(), ledger.losses());
        let lost = losses.and_then(|losses| losses.last_error().map(str::to_owned));
        let reason = if stats.spooled > 0 { self.delay() } else { lost };
        let (sent, failed, left) = (stats.sent, stats.failed, stats.spooled);
        let held = Spool::spans_at(dir).saturating_sub(left);
        Ok(Pushed { sent, failed, left, held, reason, ..Pushed::default() })
    }

    fn push_file(&self, path: &Path, file: File, pushed: &mut Pushed) -> io::Result<()> {
        let mut gathered = Gathered::default();
        let mut lines = JsonLines::new(BufReader::new(file));
        while let Some(line) = lines.next_line(|span| {
            gathered.add(span);
            if gathered.is_enough() {
                self.send(mem::take(&mut gathered), pushed);
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
        self.send(gathered, pushed);
        Ok(())
    }

    fn send(&self, Gathered { request, spans, .. }: Gathered, pushed: &mut Pushed) {
        if spans == 0 {
            return;
        }
        let request = Request::post(&self.endpoint.0)
            .header(header::CONTENT_TYPE, "application/x-protobuf")
            .body(request.encode_to_vec().into());
        let sent = match &request {
            Ok(request) => self.transport.send(request).map_err(|unsent| unsent.reason),
            Err(error) => Err(error.to_string()),
        };
        match sent {
            Ok(receipt) => {
                pushed.failed += receipt.failed.min(spans);
                pushed.sent += spans.saturating_sub(receipt.failed);
                pushed.reason = receipt.reason.or(pushed.reason.take());
            }
            Err(reason) => {
                pushed.left += spans;
                pushed.reason = self.delay().or(Some(reason));
            }
        }
    }

    fn delay(&self) -> Option<String> {
        self.delay.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What a spool is accounted in: nothing ever waits in it.
const LEDGER: Limits = Limits {
    spans: 1,
    bytes: 1,
    overflow: Overflow::Drop,
    batch: 1,
    wait: Duration::ZERO,
    prompt: false,
    starts: None,
};

/// Spans that go out together.
#[derive(Default)]
struct Gathered {
    request: ExportTraceServiceRequest,
    spans: u64,
    /// Bytes of the request, which is also about what they take in memory.
    bytes: usize,
}

impl Gathered {
    fn add(&mut self, line: LineSpan<'_>) {
        let LineSpan { span, resource, resource_schema, scope, scope_schema, .. } = line;
        self.spans += 1;
        self.bytes += size_of::<Span>() + span.encoded_len();
        let resources = &mut self.request.resource_spans;
        if line.is_first_of_resource || resources.is_empty() {
            self.bytes += resource.map_or(0, Message::encoded_len);
            resources.push(ResourceSpans {
                resource: resource.cloned(),
                schema_url: resource_schema.to_owned(),
                scope_spans: Vec::new(),
            });
        }
        let Some(ResourceSpans { scope_spans: scopes, .. }) = resources.last_mut() else { return };
        if line.is_first_of_scope || scopes.is_empty() {
            self.bytes += scope.map_or(0, Message::encoded_len);
            scopes.push(ScopeSpans {
                scope: scope.cloned(),
                schema_url: scope_schema.to_owned(),
                spans: Vec::new(),
            });
        }
        if let Some(last) = scopes.last_mut() {
            last.spans.push(span);
        }
    }

    fn is_enough(&self) -> bool {
        self.spans >= BATCH || self.bytes >= BATCH_BYTES
    }
}

/// A message as one line that steers no terminal, whatever names and texts of others are in it.
#[doc(hidden)]
pub fn one_line(message: &str) -> Cow<'_, str> {
    presentable(message, LONGEST_MESSAGE)
}

/// Closes what dead processes have left open in a folder, or in that of a file. What cannot be written is sent
/// as it is.
fn close_aborted_at(path: &Path) -> u64 {
    let dir = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new("")) };
    match close_aborted(dir) {
        Ok(swept) => {
            swept.tell(true);
            swept.sessions.len() as u64
        }
        Err(error) => {
            let remedy = remedy_of(&error).map(|remedy| format!("; {remedy}")).unwrap_or_default();
            let dir = shown(dir);
            let message = format_args!(
                "what dead processes left open in `{dir}` cannot be closed: {error}{remedy}"
            );
            report::warn(true, &message);
            0
        }
    }
}

/// A file itself, or the files of sessions in a folder.
struct Files {
    paths: Vec<PathBuf>,
    /// True if they were found in a folder, where others may have chosen their names.
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

    /// Opens a file: one that the user named may be anybody's, one that was found must be the user's own.
    fn open(&self, path: &Path) -> io::Result<File> {
        if self.are_listed { open_to_read(path) } else { open_named(path) }
    }
}
