//! One file as a store: a session file from elsewhere, or what a collector has written, with any number of traces.

use std::{collections::HashMap, fs::File, io, ops::ControlFlow, path::PathBuf};

use super::{
    SessionList, Store, StoreError,
    faults::Faults,
    file_spans::FileSpans,
    ids::SessionId,
    session_summary::{SessionState, SessionSummary},
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
        let summaries = all.iter().filter_map(|(id, spans)| {
            SessionSummary::of_spans(*id, &spans.table, SessionState::Unfinished, 0)
        });
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
}
