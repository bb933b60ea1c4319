//! Folder of session files, as a store: files are the database.

mod folder_look;

use std::{
    cmp::Reverse,
    collections::BTreeSet,
    fs::{self, DirEntry},
    io,
    ops::ControlFlow,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;

use super::{
    Store, StoreError,
    faults::Faults,
    file_spans::FileSpans,
    ids::SessionId,
    known_session::KnownSession,
    open_session::{self, OpenSpan},
    otlp_requests::visit_requests,
    score::ScoreList,
    score_file::{self, ScoreFile},
    search::{
        LineSearch, Needle, SearchQuery, SearchStep, SessionFile, for_each_file, stop_at_hit,
    },
    session_filter::SessionFilter,
    span_content::SpanContent,
    span_table::SpanPlace,
    span_texts::SpanTexts,
    store_version::{StoreChanges, StoreVersion},
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

    /// Names a folder that may not be there yet.
    pub(crate) fn awaited(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// Returns the file of a session.
    pub(crate) fn path_of(&self, session: SessionId) -> PathBuf {
        self.dir.join(format!("{session}.{ENDING}"))
    }

    /// Returns the files of sessions with one of these endings. A link is none: it may lead anywhere.
    fn files(
        &self,
        endings: &'static [&'static str],
    ) -> Result<impl Iterator<Item = (SessionId, DirEntry)>, StoreError> {
        let entries = match fs::read_dir(&self.dir) {
            Ok(entries) => Some(entries),
            // It is not there yet, or no longer.
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(StoreError::Unreadable(self.dir.clone(), error)),
        };
        Ok(entries.into_iter().flatten().flatten().filter_map(|entry| {
            let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
            let id = session_of(&entry.path(), endings).filter(|_| is_file)?;
            Some((id, entry))
        }))
    }

    /// Returns the sessions of the folder: those with a file, and those that have only begun.
    fn entries(&self) -> Result<BTreeSet<SessionId>, StoreError> {
        Ok(self.files(&[ENDING, open_session::ENDING])?.map(|(id, _)| id).collect())
    }

    /// Returns the files that may hold sessions since a moment, the one written last first.
    fn files_since(&self, since: u64) -> Result<Vec<SessionFile>, StoreError> {
        let files = self.files(&[ENDING])?.filter_map(|(session, entry)| {
            let written = nanos(entry.metadata().ok()?.modified().ok()?);
            Some((Reverse(written), SessionFile { session, path: entry.path() }))
        });
        let mut files: Vec<_> = files.filter(|(Reverse(written), _)| *written >= since).collect();
        files.sort_by_key(|(written, file)| (*written, file.session));
        Ok(files.into_iter().map(|(_, file)| file).collect())
    }

    fn is_selected(&self, file: &SessionFile, filter: &SessionFilter) -> io::Result<bool> {
        if filter.is_all() {
            return Ok(true);
        }
        let summary = KnownSession::look(file.session, &file.path, None)?.summary;
        Ok(summary.is_some_and(|summary| filter.selects(&summary)))
    }
}

/// Returns a moment in nanoseconds since 1970.
fn nanos(moment: SystemTime) -> u64 {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// Returns the session that a file is named after.
fn session_of(path: &Path, endings: &[&str]) -> Option<SessionId> {
    let is_named = endings.iter().any(|ending| path.extension() == Some(ending.as_ref()));
    path.file_stem()?.to_str().filter(|_| is_named)?.parse().ok()
}

impl Store for FolderStore {
    fn changes(&self, since: &StoreVersion) -> Result<StoreChanges, StoreError> {
        Ok(self.look(since.of_store(&self.dir))?.changes_since(since))
    }

    fn ids(&self) -> Result<Vec<SessionId>, StoreError> {
        Ok(self.entries()?.into_iter().collect())
    }

    fn spans_from(&self, session: SessionId, position: u64) -> Result<FileSpans, StoreError> {
        let path = self.path_of(session);
        FileSpans::read_from(&path, session, position).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => StoreError::NoSession(session.to_string()),
            _ => StoreError::Unreadable(path, error),
        })
    }

    fn file(&self, session: SessionId) -> Option<PathBuf> {
        Some(self.path_of(session))
    }

    fn open_spans(&self, session: SessionId) -> Vec<OpenSpan> {
        OpenSpan::all(&self.path_of(session))
    }

    fn content(
        &self,
        session: SessionId,
        place: SpanPlace,
    ) -> Result<Option<SpanContent>, StoreError> {
        let path = self.path_of(session);
        SpanContent::read(&path, place).map_err(|error| StoreError::Unreadable(path, error))
    }

    fn visit_contents(
        &self,
        session: SessionId,
        visit: &mut dyn FnMut(SpanPlace, &SpanContent) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let path = self.path_of(session);
        let visited = SpanContent::visit(&path, session, visit);
        visited.map_err(|error| StoreError::Unreadable(path, error))
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

    fn visit_requests(
        &self,
        session: SessionId,
        visit: &mut dyn FnMut(&ExportTraceServiceRequest) -> ControlFlow<()>,
    ) -> Result<Faults, StoreError> {
        let path = self.path_of(session);
        let visited = visit_requests(&path, session, visit);
        visited.map_err(|error| StoreError::Unreadable(path, error))
    }

    fn search(
        &self,
        query: &SearchQuery,
        step: &mut dyn FnMut(SearchStep) -> ControlFlow<()>,
    ) -> Result<Faults, StoreError> {
        let mut files = self.files_since(query.sessions.since)?;
        files.retain(|file| query.sessions.may_select(file.session));
        let (search, mut faults) = (LineSearch::of(query), Faults::default());
        for_each_file(&files, &search.filter, |file, passes| {
            step(SearchStep::Part)?;
            let searched = || {
                if !passes? || !self.is_selected(file, &query.sessions)? {
                    return Ok(ControlFlow::Continue(()));
                }
                search.search(&file.path, |session| session == file.session, &mut faults, step)
            };
            searched().unwrap_or_else(|error: io::Error| {
                // A file that was removed meanwhile holds nothing.
                if error.kind() != io::ErrorKind::NotFound {
                    faults.add_file(&file.path, &error);
                }
                ControlFlow::Continue(())
            })
        });
        Ok(faults)
    }

    fn has_hit(&self, session: SessionId, needle: &Needle) -> Result<bool, StoreError> {
        let path = self.path_of(session);
        let search = LineSearch::new(needle);
        let mut stop = |step| stop_at_hit(&step);
        let searched =
            search.search(&path, |other| other == session, &mut Faults::default(), &mut stop);
        match searched {
            Ok(flow) => Ok(flow.is_break()),
            Err(error) => Err(StoreError::Unreadable(path, error)),
        }
    }

    fn given_scores(&self, session: SessionId) -> ScoreList {
        ScoreFile::beside(&self.path_of(session)).read(session)
    }

    #[cfg(feature = "view")]
    fn check_scorable(&self, session: SessionId) -> Result<(), StoreError> {
        let file = ScoreFile::beside(&self.path_of(session));
        file.check().map_err(|error| StoreError::Unwritable(file.path, error))
    }

    #[cfg(feature = "view")]
    fn add_score(&self, session: SessionId, score: &super::Score) -> Result<(), StoreError> {
        let file = ScoreFile::beside(&self.path_of(session));
        file.append(session, score).map_err(|error| StoreError::Unwritable(file.path, error))
    }

    fn last_write(&self, session: SessionId) -> Result<u64, StoreError> {
        let path = self.path_of(session);
        let written = fs::symlink_metadata(&path).and_then(|file| file.modified());
        written.map(nanos).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => StoreError::NoSession(session.to_string()),
            _ => StoreError::Unreadable(path, error),
        })
    }

    fn remove(&self, session: SessionId) -> Result<(), StoreError> {
        let file = self.path_of(session);
        let beside = [open_session::ENDING, score_file::ENDING];
        for path in beside.map(|ending| file.with_extension(ending)).into_iter().chain([file]) {
            remove_file(&path).map_err(|error| StoreError::Unremovable(path, error))?;
        }
        Ok(())
    }
}

/// Removes a file if there is one. A link is none.
fn remove_file(path: &Path) -> io::Result<()> {
    let removed = fs::symlink_metadata(path)
        .and_then(|found| if found.is_file() { fs::remove_file(path) } else { Ok(()) });
    removed.or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })
}

#[cfg(test)]
mod tests;
