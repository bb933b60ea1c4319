//! Session as one file that shows it: the page with the session in it, and nothing from elsewhere.
//!
//! The file has the style, the session as JSON, the script, and the content of the spans as JSON, in this order: the script
//! draws the session while the browser still reads the content, which is most of the file.

mod page_shell;
mod script_json;

use std::{
    io::{self, Write},
    ops::ControlFlow,
    path::PathBuf,
};

use serde::{
    Serialize, Serializer,
    ser::{Error, SerializeMap},
};

use self::{page_shell::PageShell, script_json::write_script_json};
use super::{
    calls_document::CallsDocument, opened_sessions::OpenedSession,
    related_sessions::RelatedSessions, session_columns::SessionColumns, session_view::SessionView,
    shared_texts::SharedTexts, span_document::SpanDocument, stats_document::SessionTotalsDocument,
};
use crate::store::{SessionId, SessionSummary, Store, StoreError};

pub(crate) use super::shared_texts::PageContent;

/// Session that is exported.
pub(crate) struct ExportedPage<'s> {
    store: &'s dyn Store,
    summary: SessionSummary,
    opened: OpenedSession,
    content: PageContent,
    /// Time of the export, in nanoseconds since 1970.
    now: u64,
}

/// Contents of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PageSummary {
    pub(crate) spans: u64,
    /// Messages that model calls were sent.
    pub(crate) messages: u64,
    /// Bytes of the file.
    pub(crate) bytes: u64,
    /// Texts that were masked.
    pub(crate) masked: u64,
}

impl<'s> ExportedPage<'s> {
    /// Reads the spans of a session.
    ///
    /// # Errors
    /// Returns an error if there are none, or they cannot be read.
    pub(crate) fn read(
        store: &'s dyn Store,
        session: SessionId,
        content: PageContent,
        now: u64,
    ) -> Result<Self, StoreError> {
        let summary = store.sessions()?.sessions.into_iter().find(|other| other.id == session);
        let summary = summary.ok_or_else(|| StoreError::NoSession(session.to_string()))?;
        let mut opened = OpenedSession::default();
        opened.read_on(store, session)?;
        if opened.spans.table.rows().is_empty() {
            return Err(StoreError::NoSpans(session, opened.spans.faults.clone()));
        }
        Ok(Self::new(store, summary, opened, content, now))
    }

    /// Creates the page of a session that was read.
    pub(super) fn new(
        store: &'s dyn Store,
        summary: SessionSummary,
        opened: OpenedSession,
        content: PageContent,
        now: u64,
    ) -> Self {
        Self { store, summary, opened, content, now }
    }

    /// Writes the file. Returns what it holds.
    ///
    /// # Errors
    /// Returns an error if the session cannot be read, or the file cannot be written.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<PageSummary> {
        let (texts, shell) = (SharedTexts::shared(self.content), PageShell::new()?);
        let view = SessionView::new(&self.summary, &self.opened);
        let calls = CallsDocument::read(&view, self.store, &texts).map_err(io::Error::other)?;
        let session = EmbeddedSession { page: self, view: &view, texts: &texts };
        let totals = SessionTotalsDocument::new(view.table(), &texts);
        let content = EmbeddedContent { calls: &calls, totals, spans: EmbeddedSpans(&session) };
        let mut out = Counted { out, bytes: 0 };
        out.write_all(shell.before_session.as_bytes())?;
        write_script_json(&mut out, &session)?;
        out.write_all(shell.before_content.as_bytes())?;
        write_script_json(&mut out, &content)?;
        out.write_all(shell.end.as_bytes())?;
        out.flush()?;
        Ok(PageSummary {
            spans: view.tree.nodes().iter().filter(|node| node.row.is_some()).count() as u64,
            messages: calls.messages(),
            bytes: out.bytes,
            masked: texts.masked(),
        })
    }

    fn file(&self) -> Option<PathBuf> {
        self.store.file(self.summary.id)
    }
}

/// Session in the file.
struct EmbeddedSession<'e> {
    page: &'e ExportedPage<'e>,
    view: &'e SessionView<'e>,
    texts: &'e SharedTexts,
}

/// Content of its spans in the file.
#[derive(Serialize)]
struct EmbeddedContent<'e> {
    calls: &'e CallsDocument,
    totals: SessionTotalsDocument,
    spans: EmbeddedSpans<'e>,
}

impl EmbeddedSession<'_> {
    fn about(&self) -> String {
        let version = env!("CARGO_PKG_VERSION");
        let content = match self.page.content {
            PageContent::Masked => "values that look like keys are masked",
            PageContent::LeftOut => {
                "inputs, outputs, messages, events, errors and comments are left out"
            }
        };
        format!("Written by agentops {version}: {content}.")
    }
}

impl Serialize for EmbeddedSession<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let version = self.page.opened.version(&self.page.summary);
        let related = RelatedSessions::default();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("about", &self.about())?;
        // Dropped before the contents are read: of 100,000 spans the columns take 12 MiB.
        map.serialize_entry(
            "session",
            &SessionColumns::new(self.view, self.texts, &related, &version, self.page.now),
        )?;
        map.end()
    }
}

/// Contents of the spans by their ids, read one after the other.
struct EmbeddedSpans<'e>(&'e EmbeddedSession<'e>);

impl Serialize for EmbeddedSpans<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let EmbeddedSession { page, view, texts } = self.0;
        let (by_place, file) = (view.tree.by_place(view.table()), page.file());
        let (mut map, mut failed) = (serializer.serialize_map(None)?, None);
        let read = page.store.visit_contents(page.summary.id, &mut |place, content| {
            let node = by_place.get(&(place.offset, place.index));
            let Some(row) = node.and_then(|node| view.row(*node)) else {
                return ControlFlow::Continue(());
            };
            let is_here = |session| session == page.summary.id;
            let span =
                SpanDocument::new(view.table(), row, content, file.as_deref(), texts, &is_here);
            failed = map.serialize_entry(&row.id.to_string(), &span).err();
            if failed.is_none() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        if let Some(failed) = failed {
            return Err(failed);
        }
        read.map_err(S::Error::custom)?;
        map.end()
    }
}

/// Writer that counts.
struct Counted<'o> {
    out: &'o mut dyn Write,
    bytes: u64,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
