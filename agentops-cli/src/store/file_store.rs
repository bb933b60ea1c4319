//! One file as a store: a session file from elsewhere, or what a collector has written, with any number of traces.

use std::{
    collections::HashSet,
    fs::{self, File},
    io, mem,
    ops::ControlFlow,
    path::PathBuf,
    sync::Arc,
    time::UNIX_EPOCH,
};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;

use super::{
    Store, StoreError,
    faults::Faults,
    file_spans::{FileSpans, SessionSpans},
    ids::SessionId,
    known_session::{FileStamp, KnownSession},
    otlp_requests::visit_requests,
    score::ScoreList,
    score_file::ScoreFile,
    search::{LineSearch, Needle, SearchQuery, SearchStep, stop_at_hit},
    session_summary::SessionSummary,
    span_content::SpanContent,
    span_table::SpanPlace,
    span_texts::SpanTexts,
    store_version::{StoreChanges, StoreVersion},
};

/// One file of OTLP as JSON lines.
#[derive(Debug)]
pub(crate) struct FileStore {
    path: PathBuf,
}

impl FileStore {
    /// Opens a file.
    ///
    /// # Errors
    /// Returns an error if it cannot be read.
    pub(crate) fn open(path: PathBuf) -> Result<Self, StoreError> {
        match File::open(&path) {
            Ok(_) => Ok(Self { path }),
            Err(error) => Err(StoreError::Unreadable(path, error)),
        }
    }

    fn unreadable(&self, error: io::Error) -> StoreError {
        StoreError::Unreadable(self.path.clone(), error)
    }

    /// Brings a version of this store up to date.
    fn look(&self, mut version: StoreVersion) -> io::Result<StoreVersion> {
        let stamp = FileStamp::of(&self.path)?;
        if stamp.is_none() {
            // It was removed after it was opened.
            return Ok(StoreVersion::default().of_store(&self.path));
        }
        if stamp == version.file {
            return Ok(version);
        }
        let read = SessionSpans::read_from(&self.path, version.next)?;
        if read.from < version.next {
            version.sessions = Arc::default();
        }
        version.faults = mem::take(&mut version.faults).before(read.from);
        version.faults.append(read.faults);
        for (id, table) in read.tables {
            let known = version.sessions.get(&id).and_then(|known| known.summary.clone());
            let mut summary = known.unwrap_or_else(|| SessionSummary::begun(id));
            summary.add(&table);
            let known = KnownSession::of(Some(summary)).into();
            Arc::make_mut(&mut version.sessions).insert(id, known);
        }
        (version.file, version.next) = (stamp, read.next);
        Ok(version)
    }
}

impl Store for FileStore {
    fn changes(&self, since: &StoreVersion) -> Result<StoreChanges, StoreError> {
        let version = self.look(since.of_store(&self.path));
        Ok(version.map_err(|error| self.unreadable(error))?.changes_since(since))
    }

    fn ids(&self) -> Result<Vec<SessionId>, StoreError> {
        Ok(self.sessions()?.sessions.into_iter().map(|session| session.id).collect())
    }

    fn spans_from(&self, session: SessionId, position: u64) -> Result<FileSpans, StoreError> {
        let spans = FileSpans::read_from(&self.path, session, position);
        let spans = spans.map_err(|error| self.unreadable(error))?;
        if spans.from == 0 && spans.table.rows().is_empty() {
            return Err(StoreError::NoSession(session.to_string()));
        }
        Ok(spans)
    }

    fn file(&self, _: SessionId) -> Option<PathBuf> {
        Some(self.path.clone())
    }

    fn content(&self, _: SessionId, place: SpanPlace) -> Result<Option<SpanContent>, StoreError> {
        SpanContent::read(&self.path, place).map_err(|error| self.unreadable(error))
    }

    fn visit_contents(
        &self,
        session: SessionId,
        visit: &mut dyn FnMut(SpanPlace, &SpanContent) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let visited = SpanContent::visit(&self.path, session, visit);
        visited.map_err(|error| self.unreadable(error))
    }

    fn visit_texts(
        &self,
        session: SessionId,
        visit: &mut dyn FnMut(SpanPlace, SpanTexts<'_>) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let visited = SpanTexts::visit(&self.path, session, visit);
        visited.map_err(|error| self.unreadable(error))
    }

    fn visit_requests(
        &self,
        session: SessionId,
        visit: &mut dyn FnMut(&ExportTraceServiceRequest) -> ControlFlow<()>,
    ) -> Result<Faults, StoreError> {
        let visited = visit_requests(&self.path, session, visit);
        visited.map_err(|error| self.unreadable(error))
    }

    fn search(
        &self,
        query: &SearchQuery,
        step: &mut dyn FnMut(SearchStep) -> ControlFlow<()>,
    ) -> Result<Faults, StoreError> {
        let wanted = if query.sessions.is_all() { None } else { Some(self.sessions()?) };
        let wanted = wanted.map(|list| {
            let wanted = list.sessions.into_iter();
            let wanted = wanted.filter(|session| query.sessions.selects(session));
            wanted.map(|session| session.id).collect::<HashSet<_>>()
        });
        let wants = |id| wanted.as_ref().is_none_or(|wanted| wanted.contains(&id));
        let mut faults = Faults::default();
        match LineSearch::of(query).search(&self.path, wants, &mut faults, step) {
            Ok(_) => Ok(faults),
            Err(error) => Err(self.unreadable(error)),
        }
    }

    fn has_hit(&self, session: SessionId, needle: &Needle) -> Result<bool, StoreError> {
        let mut stop = |step| stop_at_hit(&step);
        let wants = |id| id == session;
        let searched =
            LineSearch::new(needle).search(&self.path, wants, &mut Faults::default(), &mut stop);
        Ok(searched.map_err(|error| self.unreadable(error))?.is_break())
    }

    fn given_scores(&self, session: SessionId) -> ScoreList {
        ScoreFile::beside(&self.path).read(session)
    }

    #[cfg(feature = "view")]
    fn check_scorable(&self, _: SessionId) -> Result<(), StoreError> {
        Err(StoreError::ReadOnly(self.path.clone()))
    }

    #[cfg(feature = "view")]
    fn add_score(&self, session: SessionId, _: &super::Score) -> Result<(), StoreError> {
        self.check_scorable(session)
    }

    fn last_write(&self, _: SessionId) -> Result<u64, StoreError> {
        let written = fs::metadata(&self.path).and_then(|file| file.modified());
        let written = written.map_err(|error| self.unreadable(error))?;
        let since = written.duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
    }

    fn remove(&self, _: SessionId) -> Result<(), StoreError> {
        let error = io::Error::other("it is a file with other sessions");
        Err(StoreError::Unremovable(self.path.clone(), error))
    }
}
