//! Sessions that the commands and the page read.
//!
//! ```text
//! Store ── sessions ─▶ SessionList    one summary a session, newest first
//!       ── changes ──▶ StoreChanges   the summaries that differ from those of an earlier version
//!       ── spans ────▶ SpanTable      one light row a span, from any position on
//! ```
//!
//! Nothing above a store knows of files. Broken input is normal: what is whole is returned, and the rest is counted
//! as [`Faults`].

mod faults;
mod file_spans;
mod file_store;
#[cfg(test)]
pub(crate) mod fixture;
mod folder_store;
mod ids;
#[cfg(feature = "view")]
mod joined_store;
mod known_attributes;
mod known_session;
mod line_reader;
mod line_spans;
mod open_session;
mod otlp_requests;
mod raw_span;
mod root_search;
mod score;
mod score_file;
#[cfg(feature = "view")]
mod score_writer;
mod search;
mod session_filter;
#[cfg(test)]
pub(crate) mod session_fixture;
mod session_summary;
mod span_content;
mod span_table;
mod span_texts;
mod store_version;
mod totals;
mod utc_day;

use std::{io, ops::ControlFlow, path::PathBuf};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;

pub(crate) use self::{
    faults::Faults,
    file_spans::FileSpans,
    file_store::FileStore,
    folder_store::FolderStore,
    ids::{SessionId, SpanId},
    open_session::OpenSpan,
    otlp_requests::{WrittenSpans, write_otlp},
    score::{Score, ScoreList},
    search::{Excerpt, Hit, LetterCase, Needle, SearchQuery, SearchStep},
    session_filter::{SessionFilter, StateFilter},
    session_summary::{SessionState, SessionSummary},
    span_content::{SpanContent, SpanEvent, SpanLink},
    span_table::{SpanPlace, SpanRow, SpanTable, TextId},
    span_texts::SpanTexts,
    store_version::{StoreChanges, StoreVersion},
    totals::{Grouping, Totals, TotalsList},
};

#[cfg(feature = "view")]
pub(crate) use self::joined_store::JoinedStore;

/// Sessions with their spans.
pub(crate) trait Store: Send + Sync {
    /// Returns what has changed since a version of this store; since the default one, that is everything. A session
    /// changes when its summary does: by a span, an end, the death of its process, or another step of what runs.
    ///
    /// # Errors
    /// Returns an error if the store cannot be read at all.
    fn changes(&self, since: &StoreVersion) -> Result<StoreChanges, StoreError>;

    /// Returns a summary of each session, newest first.
    ///
    /// # Errors
    /// Returns an error if the store cannot be read at all.
    fn sessions(&self) -> Result<SessionList, StoreError> {
        let StoreChanges { changed, faults, .. } = self.changes(&StoreVersion::default())?;
        Ok(SessionList { sessions: changed, faults })
    }

    /// Returns the ids of all sessions.
    ///
    /// # Errors
    /// Returns an error if the store cannot be read at all.
    fn ids(&self) -> Result<Vec<SessionId>, StoreError>;

    /// Returns the spans of a session.
    ///
    /// # Errors
    /// Returns an error if there is no such session, or it cannot be read.
    fn spans(&self, session: SessionId) -> Result<FileSpans, StoreError> {
        self.spans_from(session, 0)
    }

    /// Returns the spans of a session that were written from a position on, which is 0 or one that an earlier reading
    /// has returned. If the session was replaced meanwhile, all of it is read.
    ///
    /// # Errors
    /// Returns an error if there is no such session, or it cannot be read.
    fn spans_from(&self, session: SessionId, position: u64) -> Result<FileSpans, StoreError>;

    /// Returns the file that a session stands in.
    fn file(&self, _session: SessionId) -> Option<PathBuf> {
        None
    }

    /// Returns the spans of a session that run now, as far as they are known.
    fn open_spans(&self, _session: SessionId) -> Vec<OpenSpan> {
        Vec::new()
    }

    /// Returns the content of a span of a session; `None` if it is no longer there.
    ///
    /// # Errors
    /// Returns an error if the session cannot be read.
    fn content(
        &self,
        session: SessionId,
        place: SpanPlace,
    ) -> Result<Option<SpanContent>, StoreError>;

    /// Calls `visit` with place and content of each span of a session, in the order of the file, until it breaks.
    ///
    /// # Errors
    /// Returns an error if the session cannot be read.
    fn visit_contents(
        &self,
        session: SessionId,
        visit: &mut dyn FnMut(SpanPlace, &SpanContent) -> ControlFlow<()>,
    ) -> Result<(), StoreError>;

    /// Calls `visit` with place, input and output of each span of a session, in the order of the file, until it breaks.
    ///
    /// # Errors
    /// Returns an error if the session cannot be read.
    fn visit_texts(
        &self,
        session: SessionId,
        visit: &mut dyn FnMut(SpanPlace, SpanTexts<'_>) -> ControlFlow<()>,
    ) -> Result<(), StoreError>;

    /// Calls `visit` with the spans of a session as OTLP requests, in the order of the file, until it breaks. Returns what
    /// could not be read.
    ///
    /// # Errors
    /// Returns an error if the session cannot be read.
    fn visit_requests(
        &self,
        session: SessionId,
        visit: &mut dyn FnMut(&ExportTraceServiceRequest) -> ControlFlow<()>,
    ) -> Result<Faults, StoreError>;

    /// Returns the scores that people gave a session and its spans, the oldest first.
    fn given_scores(&self, session: SessionId) -> ScoreList;

    /// Returns all scores of a session and its spans, the oldest first: those that people gave, and those that the spans
    /// recorded.
    fn scores(&self, session: SessionId, spans: &SpanTable) -> ScoreList {
        self.given_scores(session).with_recorded(spans.scores())
    }

    /// Checks that a session can be given a score, as far as that is known before.
    ///
    /// # Errors
    /// Returns an error if the store cannot be written.
    #[cfg(feature = "view")]
    fn check_scorable(&self, session: SessionId) -> Result<(), StoreError>;

    /// Gives a session, or a span of it, a score.
    ///
    /// # Errors
    /// Returns an error if the store cannot be written.
    #[cfg(feature = "view")]
    fn add_score(&self, session: SessionId, score: &Score) -> Result<(), StoreError>;

    /// Calls `step` with each place of a text, in the newest sessions first, and between them again and again, until it
    /// breaks. Returns what could not be searched.
    ///
    /// # Errors
    /// Returns an error if the store cannot be read at all.
    fn search(
        &self,
        query: &SearchQuery,
        step: &mut dyn FnMut(SearchStep) -> ControlFlow<()>,
    ) -> Result<Faults, StoreError>;

    /// Returns `true` if a text stands in a session.
    ///
    /// # Errors
    /// Returns an error if the session cannot be read.
    fn has_hit(&self, session: SessionId, needle: &Needle) -> Result<bool, StoreError>;

    /// Returns the totals of the sessions that a filter selects.
    ///
    /// # Errors
    /// Returns an error if the store cannot be read at all.
    fn totals(&self, by: Grouping, filter: &SessionFilter) -> Result<TotalsList, StoreError> {
        self.totals_of(self.sessions()?, by, filter)
    }

    /// Returns the totals of those of listed sessions that a filter selects; their files may have changed since.
    ///
    /// # Errors
    /// Returns an error if the store cannot be read at all.
    fn totals_of(
        &self,
        list: SessionList,
        by: Grouping,
        filter: &SessionFilter,
    ) -> Result<TotalsList, StoreError> {
        TotalsList::of_list(self, list, by, filter)
    }

    /// Returns the time of the last write to a session, in nanoseconds since 1970.
    ///
    /// # Errors
    /// Returns an error if there is no such session.
    fn last_write(&self, session: SessionId) -> Result<u64, StoreError>;

    /// Removes a session. One that is no longer there is removed.
    ///
    /// # Errors
    /// Returns an error if it cannot be removed.
    fn remove(&self, session: SessionId) -> Result<(), StoreError>;
}

/// Sessions of a store, newest first.
#[derive(Debug, Default)]
pub(crate) struct SessionList {
    pub(crate) sessions: Vec<SessionSummary>,
    pub(crate) faults: Faults,
}

/// Error of a store.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error(
        "there is no folder `{path}`; run a program with agentops first, or name the folder with `--dir`",
        path = agentops_core::push::shown(.0)
    )]
    NoFolder(PathBuf),
    #[error(
        "`{path}` cannot be read: {1}{remedy}",
        path = agentops_core::push::shown(.0),
        remedy = remedy(.1)
    )]
    Unreadable(PathBuf, #[source] io::Error),
    #[error("`{path}` cannot be removed: {1}", path = agentops_core::push::shown(.0))]
    Unremovable(PathBuf, #[source] io::Error),
    #[cfg(feature = "view")]
    #[error("`{path}` cannot be written: {1}", path = agentops_core::push::shown(.0))]
    Unwritable(PathBuf, #[source] io::Error),
    #[cfg(feature = "view")]
    #[error(
        "`{path}` is a file, which is only read; view its folder to give scores",
        path = agentops_core::push::shown(.0)
    )]
    ReadOnly(PathBuf),
    #[error("there is no session `{0}`; `agentops ls` lists them")]
    NoSession(String),
    #[error(
        "session `{0}` has no spans yet{separator}{1}",
        separator = if .1.count() > 0 { "; " } else { "" }
    )]
    NoSpans(SessionId, Faults),
}

/// Returns what can be done about a file that cannot be read, after a semicolon.
fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "; check the path",
        io::ErrorKind::PermissionDenied => "; make it readable",
        _ => "",
    }
}
