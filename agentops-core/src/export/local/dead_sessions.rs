//! Closing of sessions whose processes died, at the start of the next process.

use std::{
    collections::BTreeMap,
    fmt, fs, io,
    path::{Path, PathBuf},
    time::Instant,
};

use opentelemetry::trace::TraceId;

use super::{
    close_trace::{Closed, close},
    file_of,
    find_end::has_ended,
    json_lines::LONGEST_LINE,
    open_ids::{Id, open_in},
    open_session::retract,
    open_spans::{HalfWritten, OpenSpans, half_written},
    session_file::SessionFile,
};
use crate::{
    disk::{
        Slot, Unfit,
        journal::{Aborted, aborted_in},
        private_files::{exists, read_within},
        remedy_of,
    },
    process::{
        Reporter,
        presentable::{self, listed, shown},
    },
};

/// File with its error.
type Problem = (PathBuf, io::Error);

/// Result of closing the sessions of dead processes.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Swept {
    /// Sessions that were closed as `Aborted`: their names and files.
    pub sessions: Vec<(String, PathBuf)>,
    /// Files whose last line was truncated and has been removed.
    pub torn: Vec<PathBuf>,
    /// First file that could not be closed or read, with the error.
    pub problem: Option<(PathBuf, io::Error)>,
    /// `true` if there was not enough time for all of it.
    pub(super) is_behind: bool,
}

/// Closes what dead processes have left open in a folder of sessions: each session without a root gets one, with
/// the end state `Aborted`. A running process holds a lock, and its open sessions are not touched. A second call
/// finds nothing.
///
/// ```no_run
/// let swept = agentops_core::store::close_aborted(".agentops/sessions".as_ref())?;
/// swept.report();
/// # Ok::<_, std::io::Error>(())
/// ```
///
/// # Errors
/// Returns an error if there is something to close and the folder cannot be written.
pub fn close_aborted(sessions: &Path) -> io::Result<Swept> {
    let mut open = OpenSpans::below(sessions);
    let slot = open.left_by_others()?;
    Ok(slot.map(|slot| sweep(sessions, slot, None)).unwrap_or_default())
}

/// Closes what was taken over into a slot, until the deadline.
pub(super) fn sweep(sessions: &Path, slot: &Slot, deadline: Option<Instant>) -> Swept {
    let mut swept = Swept::default();
    for aborted in aborted_in(&slot.dir) {
        for (trace, names) in by_trace(&aborted) {
            if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                swept.is_behind = true;
                return swept;
            }
            let closed = close_one(sessions, &aborted, trace, &names, &mut swept);
            swept.add(closed);
        }
        match half_written(&aborted) {
            Ok(files) => files.into_iter().for_each(|file| swept.add_half_written(sessions, file)),
            Err(problem) => swept.note(problem),
        }
        if swept.problem.is_none() {
            aborted.remove();
        }
    }
    swept
}

fn by_trace(aborted: &Aborted) -> BTreeMap<[u8; 16], Vec<Id>> {
    let mut traces = BTreeMap::<_, Vec<_>>::new();
    for id in aborted.names.iter().filter_map(|name| Id::parse(name)) {
        traces.entry(id.0.to_bytes()).or_default().push(id);
    }
    traces
}

/// Closes one trace, then removes the records of its open spans, so that a crash in between only repeats the work.
/// A record that is not a regular file of this user is reported and skipped.
fn close_one(
    sessions: &Path,
    aborted: &Aborted,
    trace: [u8; 16],
    ids: &[Id],
    swept: &mut Swept,
) -> Result<Option<Closed>, Problem> {
    let trace = TraceId::from_bytes(trace);
    let (mut begun, mut paths) = (Vec::new(), Vec::new());
    for id in ids {
        let path = aborted.path_of(&id.name());
        // One byte more for the line break.
        match read_within(&path, LONGEST_LINE as u64 + 1) {
            Ok(line) => begun.push((*id, line)),
            Err(error) if is_unfit(&error) => {
                swept.note((path, error));
                continue;
            }
            Err(error) => return Err((path, error)),
        }
        paths.push((*id, path));
    }
    if begun.is_empty() {
        return Ok(None);
    }
    let last_seen = u64::try_from(aborted.last_seen.as_nanos()).unwrap_or(u64::MAX);
    let closed = close(sessions, trace, begun, last_seen);
    let closed = closed.map_err(|error| (file_of(sessions, trace), error))?;
    for (id, path) in paths {
        retract(sessions, id);
        let _ = fs::remove_file(path);
    }
    Ok(Some(closed))
}

/// Returns `true` if a later attempt would fail in the same way.
fn is_unfit(error: &io::Error) -> bool {
    Unfit::of(error).is_some() || error.kind() == io::ErrorKind::FileTooLarge
}

/// Removes a new file that holds only the start of a batch: nothing but that batch knew the root. Returns `true` if
/// there was such a file.
fn remove_rootless(
    sessions: &Path,
    HalfWritten { trace, is_new }: HalfWritten,
) -> io::Result<bool> {
    let path = file_of(sessions, trace);
    let is_rootless = is_new
        && exists(&path)?
        && !has_ended(&path)
        && !open_in(sessions).any(|open| open == trace);
    if is_rootless {
        fs::remove_file(&path)?;
    }
    Ok(is_rootless)
}

impl Swept {
    fn add(&mut self, closed: Result<Option<Closed>, Problem>) {
        match closed {
            Ok(None) => {}
            Ok(Some(Closed { path, session, was_torn })) => {
                self.torn.extend(was_torn.then(|| path.clone()));
                self.sessions.extend(session.map(|session| (session, path)));
            }
            Err(problem) => self.note(problem),
        }
    }

    fn note(&mut self, problem: Problem) {
        self.problem = self.problem.take().or(Some(problem));
    }

    /// Repairs the end of a file whose writer died.
    fn add_half_written(&mut self, sessions: &Path, file: HalfWritten) {
        let path = file_of(sessions, file.trace);
        let tidied = SessionFile::tidy_at(&path);
        match tidied.and_then(|was_torn| Ok(remove_rootless(sessions, file)? || was_torn)) {
            Ok(true) => self.torn.push(path),
            Ok(false) => {}
            Err(error) => self.note((path, error)),
        }
    }

    /// Reports the result as `tracing` events, or on stderr where no layer takes them.
    pub fn report(&self) {
        self.report_to(Reporter::LogOrStderr);
    }

    pub(super) fn report_to(&self, reporter: Reporter) {
        if !self.sessions.is_empty() {
            reporter.info(&Sessions(&self.sessions));
        }
        report_torn(reporter, &self.torn);
        if let Some((path, error)) = &self.problem {
            let remedy = remedy_of(error).unwrap_or_else(|| "make it writable".to_owned());
            let path = shown(path);
            let message = format_args!(
                "`{path}`, which a process that died has left open, cannot be closed: {error}; {remedy}"
            );
            reporter.warn(&message);
        }
    }
}

/// Warns about files whose truncated last line was removed.
pub(super) fn report_torn(reporter: Reporter, paths: &[PathBuf]) {
    if paths.is_empty() {
        return;
    }
    let paths = listed(paths.iter().map(|path| format!("`{}`", shown(path))));
    let message =
        format_args!("the last line of {paths} was cut off when its writer died, and is removed");
    reporter.warn(&message);
}

/// Message about closed sessions; a single one is named.
struct Sessions<'a>(&'a [(String, PathBuf)]);

impl fmt::Display for Sessions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [(name, path)] => {
                let (name, path) = (presentable::name(name), shown(path));
                write!(f, "session `{name}`, whose process died, is closed as `Aborted`: {path}")
            }
            sessions => {
                let count = sessions.len();
                write!(f, "{count} sessions, whose processes died, are closed as `Aborted`")
            }
        }
    }
}
