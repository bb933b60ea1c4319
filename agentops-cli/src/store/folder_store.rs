//! Folder of session files, as a store: files are the database.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use super::{
    SessionList, Store, StoreError,
    faults::Faults,
    file_spans::FileSpans,
    ids::SessionId,
    open_session::{self, complete},
    root_search::read_root,
    session_summary::{SessionState, SessionSummary},
    span_content::SpanContent,
    span_table::SpanPlace,
};

/// Ending of a session's file.
const ENDING: &str = "jsonl";

/// Folder of session files.
#[derive(Debug)]
pub(crate) struct FolderStore {
    dir: PathBuf,
}

impl FolderStore {
    /// Opens a folder.
    ///
    /// # Errors
    /// Returns an error if there is no such folder or it cannot be read.
    pub(crate) fn open(dir: PathBuf) -> Result<Self, StoreError> {
        match fs::read_dir(&dir) {
            Ok(_) => Ok(Self { dir }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(StoreError::NoFolder(dir)),
            Err(error) => Err(StoreError::Unreadable(dir, error)),
        }
    }

    /// Returns the file of a session.
    pub(crate) fn path_of(&self, session: SessionId) -> PathBuf {
        self.dir.join(format!("{session}.{ENDING}"))
    }

    /// Returns the sessions of the folder, each once: those with a file, and those that have only begun. A link is
    /// no file: it may lead anywhere.
    fn entries(&self) -> Result<BTreeSet<SessionId>, StoreError> {
        let entries = fs::read_dir(&self.dir);
        let entries = entries.map_err(|error| StoreError::Unreadable(self.dir.clone(), error))?;
        let files =
            entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
        Ok(files.filter_map(|entry| session_of(&entry.path())).collect())
    }

    fn summary(&self, id: SessionId, faults: &mut Faults) -> io::Result<Option<SessionSummary>> {
        let path = self.path_of(id);
        let ended = || match File::open(&path) {
            Ok(mut file) => {
                let bytes = file.metadata()?.len();
                read_root(&mut file, bytes, |root| SessionSummary::of_root(id, root, bytes))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        };
        if let Some(ended) = ended()?.flatten() {
            return Ok(Some(ended));
        }
        let mut summary = self.open_summary(id, &path, faults)?;
        complete(&mut summary, &self.dir, id);
        if summary.state == SessionState::Aborted
            && let Some(ended) = ended()?.flatten()
        {
            // It has ended since the file was read first.
            return Ok(Some(ended));
        }
        let is_empty = summary.spans == 0 && summary.state == SessionState::Unfinished;
        if is_empty && path.exists() {
            faults.add_file(&path, &"no span of this session");
        }
        Ok(Some(summary).filter(|_| !is_empty))
    }

    /// Summarises a session by its spans so far.
    fn open_summary(
        &self,
        id: SessionId,
        path: &Path,
        faults: &mut Faults,
    ) -> io::Result<SessionSummary> {
        let mut spans = FileSpans::default();
        match spans.read_on(path, id) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        faults.append(spans.faults);
        Ok(SessionSummary::of_spans(id, &spans.table, spans.next))
    }
}

/// Returns the session that a file is named after.
fn session_of(path: &Path) -> Option<SessionId> {
    let is_named =
        path.extension().is_some_and(|ending| ending == ENDING || ending == open_session::ENDING);
    path.file_stem()?.to_str().filter(|_| is_named)?.parse().ok()
}

impl Store for FolderStore {
    fn sessions(&self) -> Result<SessionList, StoreError> {
        let mut list = SessionList::default();
        for id in self.entries()? {
            match self.summary(id, &mut list.faults) {
                Ok(summary) => list.sessions.extend(summary),
                Err(error) => list.faults.add_file(&self.path_of(id), &error),
            }
        }
        list.sort();
        Ok(list)
    }

    fn ids(&self) -> Result<Vec<SessionId>, StoreError> {
        Ok(self.entries()?.into_iter().collect())
    }

    fn spans(&self, session: SessionId) -> Result<FileSpans, StoreError> {
        let (path, mut spans) = (self.path_of(session), FileSpans::default());
        match spans.read_on(&path, session) {
            Ok(()) => Ok(spans),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(StoreError::NoSession(session.to_string()))
            }
            Err(error) => Err(StoreError::Unreadable(path, error)),
        }
    }

    fn content(
        &self,
        session: SessionId,
        place: SpanPlace,
    ) -> Result<Option<SpanContent>, StoreError> {
        let path = self.path_of(session);
        SpanContent::read(&path, place).map_err(|error| StoreError::Unreadable(path, error))
    }
}
