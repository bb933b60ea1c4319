//! Session as one file that shows it: the page with the session in it, and nothing from elsewhere.
//!
//! The file has the style, the session as JSON, and the script, in this order: the script finds the session when it runs.

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
            return Err(StoreError::NoSpans(session, opened.spans.faults));
        }
        Ok(Self { store, summary, opened, content, now })
    }

    /// Writes the file. Returns what it holds.
    ///
    /// # Errors
    /// Returns an error if the session cannot be read, or the file cannot be written.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<PageSummary> {
        let (texts, shell) = (SharedTexts::shared(self.content), PageShell::new()?);
        let view = SessionView::new(&self.summary, &self.opened);
        let calls = CallsDocument::read(&view, self.store, &texts).map_err(io::Error::other)?;
        let embedded = Embedded { page: self, view: &view, calls: &calls, texts: &texts };
        let mut out = Counted { out, bytes: 0 };
        out.write_all(shell.before_session.as_bytes())?;
        write_script_json(&mut out, &embedded)?;
        out.write_all(shell.after_session.as_bytes())?;
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
struct Embedded<'e> {
    page: &'e ExportedPage<'e>,
    view: &'e SessionView<'e>,
    calls: &'e CallsDocument,
    texts: &'e SharedTexts,
}

impl Embedded<'_> {
    fn about(&self) -> String {
        let version = env!("CARGO_PKG_VERSION");
        let content = match self.page.content {
            PageContent::Masked => "values that look like keys are masked",
            PageContent::LeftOut => "inputs, outputs, messages, events and errors are left out",
        };
        format!("Written by agentops {version}: {content}.")
    }
}

impl Serialize for Embedded<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let version = self.page.opened.version(&self.page.summary);
        let related = RelatedSessions::default();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("about", &self.about())?;
        let columns = SessionColumns::new(self.view, self.texts, &related, &version, self.page.now);
        map.serialize_entry("session", &columns)?;
        map.serialize_entry("calls", self.calls)?;
        let totals = SessionTotalsDocument::new(self.view.table(), self.texts);
        map.serialize_entry("totals", &totals)?;
        map.serialize_entry("spans", &EmbeddedSpans(self))?;
        map.end()
    }
}

/// Contents of the spans by their ids, read one after the other.
struct EmbeddedSpans<'e>(&'e Embedded<'e>);

impl Serialize for EmbeddedSpans<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Embedded { page, view, texts, .. } = self.0;
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
