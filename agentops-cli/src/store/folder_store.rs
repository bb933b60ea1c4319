//! Folder of session files, as a store: files are the database.

use std::{
    fs::{self, DirEntry, File, Metadata},
    io,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use super::{
    SessionList, Store, StoreError, faults::Faults, file_spans::FileSpans, ids::SessionId,
    open_session::open_state, root_search::read_root, session_summary::SessionSummary,
    span_content::SpanContent, span_table::SpanPlace, span_texts::SpanTexts,
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

    /// Returns the session files of the folder. A link is none: it may lead anywhere.
    fn files(&self) -> Result<impl Iterator<Item = (SessionId, DirEntry)>, StoreError> {
        let entries = fs::read_dir(&self.dir);
        let entries = entries.map_err(|error| StoreError::Unreadable(self.dir.clone(), error))?;
        Ok(entries.flatten().filter_map(|entry| {
            let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
            let id = session_of(&entry.path()).filter(|_| is_file)?;
            Some((id, entry))
        }))
    }

    fn summary(
        &self,
        id: SessionId,
        entry: &DirEntry,
        faults: &mut Faults,
    ) -> io::Result<Option<SessionSummary>> {
        let path = entry.path();
        let bytes = entry.metadata().as_ref().map_or(0, Metadata::len);
        let mut file = File::open(&path)?;
        let ended = read_root(&mut file, bytes, |root| SessionSummary::of_root(id, root, bytes))?;
        if let Some(ended) = ended.flatten() {
            return Ok(Some(ended));
        }
        let mut spans = FileSpans::default();
        spans.read_on(&path, id)?;
        let state = open_state(&self.dir, id);
        let summary = SessionSummary::of_spans(id, &spans.table, state, bytes);
        faults.append(spans.faults);
        if summary.is_none() {
            faults.add_file(&path, "no span of this session");
        }
        Ok(summary)
    }
}

/// Returns the session that a file is named after.
fn session_of(path: &Path) -> Option<SessionId> {
    let is_named = path.extension().is_some_and(|ending| ending == ENDING);
    path.file_stem()?.to_str().filter(|_| is_named)?.parse().ok()
}

impl Store for FolderStore {
    fn sessions(&self) -> Result<SessionList, StoreError> {
        let mut list = SessionList::default();
        for (id, entry) in self.files()? {
            match self.summary(id, &entry, &mut list.faults) {
                Ok(summary) => list.sessions.extend(summary),
                // It was removed meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => list.faults.add_file(&entry.path(), error),
            }
        }
        list.sort();
        Ok(list)
    }

    fn ids(&self) -> Result<Vec<SessionId>, StoreError> {
        Ok(self.files()?.map(|(id, _)| id).collect())
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

    fn visit_texts(
        &self,
        session: SessionId,
        visit: &mut dyn FnMut(SpanPlace, SpanTexts<'_>) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let path = self.path_of(session);
        let visited = SpanTexts::visit(&path, session, visit);
        visited.map_err(|error| StoreError::Unreadable(path, error))
    }
}
