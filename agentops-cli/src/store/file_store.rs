//! One file as a store: a session file from elsewhere, or what a collector has written, with any number of traces.

use std::{
    collections::{HashMap, HashSet},
    fs::{self, File},
    io,
    ops::ControlFlow,
    path::PathBuf,
    time::UNIX_EPOCH,
};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;

use super::{
    SessionList, Store, StoreError,
    faults::Faults,
    file_spans::FileSpans,
    ids::SessionId,
    otlp_requests::visit_requests,
    search::{Hit, LineSearch, Needle, SearchQuery},
    session_summary::SessionSummary,
    span_content::SpanContent,
    span_table::SpanPlace,
    span_texts::SpanTexts,
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

    fn read(&self) -> Result<(HashMap<SessionId, FileSpans>, Faults), StoreError> {
        let read = || -> io::Result<_> {
            let (mut all, mut faults) = (HashMap::new(), Faults::default());
            FileSpans::read_all(&self.path, &mut all, &mut faults)?;
            Ok((all, faults))
        };
        read().map_err(|error| StoreError::Unreadable(self.path.clone(), error))
    }
}

impl Store for FileStore {
    fn sessions(&self) -> Result<SessionList, StoreError> {
        let (all, faults) = self.read()?;
        let summaries =
            all.iter().map(|(id, spans)| SessionSummary::of_spans(*id, &spans.table, 0));
        let mut list = SessionList { sessions: summaries.collect(), faults };
        list.sort();
        Ok(list)
    }

    fn ids(&self) -> Result<Vec<SessionId>, StoreError> {
        Ok(self.read()?.0.into_keys().collect())
    }

    fn spans(&self, session: SessionId) -> Result<FileSpans, StoreError> {
        let (mut all, faults) = self.read()?;
        let mut spans =
            all.remove(&session).ok_or_else(|| StoreError::NoSession(session.to_string()))?;
        spans.faults.append(faults);
        Ok(spans)
    }

    fn content(&self, _: SessionId, place: SpanPlace) -> Result<Option<SpanContent>, StoreError> {
        let path = self.path.clone();
        SpanContent::read(&path, place).map_err(|error| StoreError::Unreadable(path, error))
    }

    fn visit_texts(
        &self,
        session: SessionId,
        visit: &mut dyn FnMut(SpanPlace, SpanTexts<'_>) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let visited = SpanTexts::visit(&self.path, session, visit);
        visited.map_err(|error| StoreError::Unreadable(self.path.clone(), error))
    }

    fn visit_requests(
        &self,
        session: SessionId,
        visit: &mut dyn FnMut(&ExportTraceServiceRequest) -> ControlFlow<()>,
    ) -> Result<Faults, StoreError> {
        let visited = visit_requests(&self.path, session, visit);
        visited.map_err(|error| StoreError::Unreadable(self.path.clone(), error))
    }

    fn search(
        &self,
        query: &SearchQuery,
        hit: &mut dyn FnMut(Hit) -> ControlFlow<()>,
    ) -> Result<Faults, StoreError> {
        let wanted = if query.sessions.is_all() { None } else { Some(self.sessions()?) };
        let wanted = wanted.map(|list| {
            let wanted = list.sessions.into_iter();
            let wanted = wanted.filter(|session| query.sessions.selects(session));
            wanted.map(|session| session.id).collect::<HashSet<_>>()
        });
        let wants = |id| wanted.as_ref().is_none_or(|wanted| wanted.contains(&id));
        let mut faults = Faults::default();
        match LineSearch::of(query).search(&self.path, wants, &mut faults, hit) {
            Ok(_) => Ok(faults),
            Err(error) => Err(StoreError::Unreadable(self.path.clone(), error)),
        }
    }

    fn has_hit(&self, session: SessionId, needle: &Needle) -> Result<bool, StoreError> {
        let mut stop = |_| ControlFlow::Break(());
        let wants = |id| id == session;
        let searched =
            LineSearch::new(needle).search(&self.path, wants, &mut Faults::default(), &mut stop);
        let searched =
            searched.map_err(|error| StoreError::Unreadable(self.path.clone(), error))?;
        Ok(searched.is_break())
    }

    fn last_write(&self, _: SessionId) -> Result<u64, StoreError> {
        let written = fs::metadata(&self.path).and_then(|file| file.modified());
        let written = written.map_err(|error| StoreError::Unreadable(self.path.clone(), error))?;
        let since = written.duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
    }

    fn remove(&self, _: SessionId) -> Result<(), StoreError> {
        let error = io::Error::other("it is a file with other sessions");
        Err(StoreError::Unremovable(self.path.clone(), error))
    }
}
