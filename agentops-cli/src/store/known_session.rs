//! Session as a look at its files has found it, from which the next look goes on.

use std::{
    fs::{self, File},
    io, mem,
    path::Path,
    time::SystemTime,
};

use super::{
    faults::Faults,
    file_spans::FileSpans,
    ids::SessionId,
    open_session::complete,
    root_search::read_root,
    session_summary::{SessionState, SessionSummary},
};

/// Length of a file and time of its last write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileStamp {
    bytes: u64,
    written: Option<SystemTime>,
}

/// Session as a look at its files has found it.
#[derive(Debug, Default)]
pub(super) struct KnownSession {
    /// Summary; `None` if there is nothing to tell.
    pub(super) summary: Option<SessionSummary>,
    pub(super) faults: Faults,
    /// Stamp of its file, if it has ended.
    settled: Option<FileStamp>,
    /// Spans so far, if it has no root.
    so_far: Option<SpansSoFar>,
}

/// Spans of a session without a root, as far as its file was read.
#[derive(Clone, Debug)]
struct SpansSoFar {
    summary: SessionSummary,
    faults: Faults,
    /// Stamp of the file before it was read; `None` if there was none.
    stamp: Option<FileStamp>,
    /// Offset of the next line.
    next: u64,
}

impl FileStamp {
    /// Returns the stamp of a file; `None` if there is none.
    pub(super) fn of(path: &Path) -> io::Result<Option<Self>> {
        let found = if_found(fs::metadata(path))?;
        Ok(found.map(|file| Self { bytes: file.len(), written: file.modified().ok() }))
    }
}

impl KnownSession {
    /// Looks at a session by its file and by what its process has written beside it.
    pub(super) fn look(id: SessionId, path: &Path, earlier: Option<&Self>) -> io::Result<Self> {
        let stamp = FileStamp::of(path)?;
        let so_far = earlier.and_then(|earlier| earlier.so_far.as_ref());
        if let Some(so_far) = so_far.filter(|so_far| so_far.stamp == stamp) {
            return Self::look_beside(id, path, so_far.clone());
        }
        match read_ended(id, path)? {
            Some(summary) => Ok(Self::ended(summary, stamp)),
            None => Self::look_beside(id, path, SpansSoFar::read_on(so_far, id, path, stamp)?),
        }
    }

    /// Looks at what the process of a session without a root has written beside its file.
    fn look_beside(id: SessionId, path: &Path, so_far: SpansSoFar) -> io::Result<Self> {
        let mut summary = so_far.summary.clone();
        complete(&mut summary, path);
        if summary.state == SessionState::Aborted
            && let Some(summary) = read_ended(id, path)?
        {
            // It has ended since the file was read first.
            return Ok(Self::ended(summary, None));
        }
        let is_empty = summary.spans == 0 && summary.state == SessionState::Unfinished;
        let mut faults = so_far.faults_in(summary.state);
        // Lines that could not be read tell more than that there are no others.
        if is_empty && faults.count() == 0 && path.exists() {
            faults.add_file(path, &"no span of this session");
        }
        let summary = Some(summary).filter(|_| !is_empty);
        Ok(Self { summary, faults, settled: None, so_far: Some(so_far) })
    }

    /// Describes a session whose file cannot be read now: by what was known of it.
    pub(super) fn unreadable(path: &Path, error: &io::Error, earlier: Option<&Self>) -> Self {
        let mut known = Self::of(earlier.and_then(|earlier| earlier.summary.clone()));
        known.faults.add_file(path, error);
        known
    }

    /// Describes a session by a summary alone.
    pub(super) fn of(summary: Option<SessionSummary>) -> Self {
        Self { summary, ..Self::default() }
    }

    fn ended(summary: SessionSummary, settled: Option<FileStamp>) -> Self {
        Self { settled, ..Self::of(Some(summary)) }
    }

    /// Returns `true` if the session has ended, so that its file alone tells of a change.
    pub(super) fn is_settled(&self) -> bool {
        self.settled.is_some()
    }

    /// Returns `true` if the session has ended, and its file has not changed since.
    pub(super) fn is_current(&self, path: &Path) -> bool {
        self.is_settled() && FileStamp::of(path).is_ok_and(|stamp| stamp == self.settled)
    }
}

impl SpansSoFar {
    fn begun(id: SessionId) -> Self {
        let summary = SessionSummary::begun(id);
        Self { summary, faults: Faults::default(), stamp: None, next: 0 }
    }

    /// Reads a file on from where an earlier look stopped.
    fn read_on(
        earlier: Option<&Self>,
        id: SessionId,
        path: &Path,
        stamp: Option<FileStamp>,
    ) -> io::Result<Self> {
        let mut so_far = earlier.cloned().unwrap_or_else(|| Self::begun(id));
        let Some(read) = if_found(FileSpans::read_from(path, id, so_far.next))? else {
            return Ok(Self::begun(id));
        };
        if read.from < so_far.next {
            so_far = Self::begun(id);
        }
        so_far.faults = mem::take(&mut so_far.faults).before(read.from);
        so_far.faults.append(read.faults);
        so_far.summary.add(&read.table);
        so_far.summary.bytes = read.next;
        Ok(Self { stamp, next: read.next, ..so_far })
    }

    /// Returns the faults of a session in a state. A last line that is cut off is none while its writer runs.
    fn faults_in(&self, state: SessionState) -> Faults {
        let faults = self.faults.clone();
        if state == SessionState::Running { faults.before(self.next) } else { faults }
    }
}

/// Summarises a session by its root, if it has ended.
fn read_ended(id: SessionId, path: &Path) -> io::Result<Option<SessionSummary>> {
    let Some(mut file) = if_found(File::open(path))? else { return Ok(None) };
    let bytes = file.metadata()?.len();
    Ok(read_root(&mut file, bytes, |root| SessionSummary::of_root(id, root, bytes))?.flatten())
}

/// Returns `None` in place of the error that there is no such file.
fn if_found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
