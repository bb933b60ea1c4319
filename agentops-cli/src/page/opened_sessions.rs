//! Sessions that are looked at, as far as they have been read.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex},
};

use crate::store::{
    FileSpans, OpenSpan, ScoreList, SessionId, SessionState, SessionSummary, Store, StoreError,
};

/// Most spans that are kept of sessions that were looked at before: a row has 168 bytes, so these are 16 MiB.
const MOST_SPANS: usize = 100_000;
/// Most sessions that are kept.
const MOST_SESSIONS: usize = 16;

/// Session that is looked at.
#[derive(Clone, Debug, Default)]
pub(super) struct OpenedSession {
    /// Spans, which an export shares: 17 MiB of 100,000. They are copied only if they grow meanwhile.
    pub(super) spans: Arc<FileSpans>,
    /// Spans that run now.
    open: Vec<OpenSpan>,
    /// Name of the service or the program that recorded the spans.
    pub(super) program: Option<String>,
    pub(super) scores: ScoreList,
    /// Number of times that the file was replaced.
    replaced: u64,
}

/// Sessions that are looked at, the one that was asked for last at the end.
#[derive(Debug, Default)]
pub(super) struct OpenedSessions {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    id: SessionId,
    /// Number of spans, as far as it is known.
    spans: usize,
    session: Arc<Mutex<OpenedSession>>,
}

impl OpenedSession {
    /// Reads what is new of a session.
    pub(super) fn read_on(&mut self, store: &dyn Store, id: SessionId) -> Result<(), StoreError> {
        let part = match store.spans_from(id, self.spans.next) {
            // It has only begun.
            Err(StoreError::NoSession(_)) => FileSpans::default(),
            part => part?,
        };
        if part.from < self.spans.next {
            self.replaced += 1;
            self.program = None;
        }
        if self.spans.grows_by(&part) {
            Arc::make_mut(&mut self.spans).grow(part);
        }
        self.open = store.open_spans(id);
        self.scores = store.scores(id, &self.spans.table);
        if let (None, Some(first)) = (&self.program, self.spans.table.rows().first()) {
            // An unreadable line is no reason to show nothing of the others.
            let content = store.content(id, first.place).ok().flatten();
            self.program = content.and_then(|content| content.program());
        }
        Ok(())
    }

    /// Returns the version of what is known of the session.
    pub(super) fn version(&self, summary: &SessionSummary) -> String {
        let mut hasher = DefaultHasher::new();
        let rows = self.spans.table.rows();
        (self.replaced, self.spans.next, rows.len(), self.spans.faults.count()).hash(&mut hasher);
        rows.last().map(|row| (row.id, row.end)).hash(&mut hasher);
        (&summary.name, summary.state == SessionState::Running).hash(&mut hasher);
        (summary.end, &summary.step, &self.program).hash(&mut hasher);
        let ScoreList { scores, faults } = &self.scores;
        let last = scores.last().map(|score| (score.time, score.span, &score.name));
        (scores.len(), last, faults.count()).hash(&mut hasher);
        self.open.iter().for_each(|span| (span.id, span.parent).hash(&mut hasher));
        format!("{:016x}", hasher.finish())
    }
}

impl OpenedSessions {
    /// Returns a session, which becomes the one that was asked for last.
    pub(super) fn open(&mut self, id: SessionId) -> Arc<Mutex<OpenedSession>> {
        let known = self.entries.iter().position(|entry| entry.id == id);
        let entry = known.map(|place| self.entries.remove(place));
        let entry = entry.unwrap_or_else(|| Entry { id, spans: 0, session: Arc::default() });
        let session = Arc::clone(&entry.session);
        self.entries.push(entry);
        session
    }

    /// Notes the number of spans of a session. If all have too many, those are forgotten that were not asked for longest.
    pub(super) fn note(&mut self, id: SessionId, spans: usize) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.id == id) {
            entry.spans = spans;
        }
        while self.entries.len() > 1 && self.has_too_many() {
            self.entries.remove(0);
        }
    }

    fn has_too_many(&self) -> bool {
        let spans: usize = self.entries.iter().map(|entry| entry.spans).sum();
        self.entries.len() > MOST_SESSIONS || spans > MOST_SPANS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::{TestFolder, TestSpan, line};

    fn ids(sessions: &OpenedSessions) -> Vec<u8> {
        let last = |entry: &Entry| u8::from_str_radix(&entry.id.to_string()[30..], 16).unwrap();
        sessions.entries.iter().map(last).collect()
    }

    fn id(number: u8) -> SessionId {
        format!("{number:032x}").parse().unwrap()
    }

    #[test]
    fn copy_shares_spans_until_they_grow() {
        let folder = TestFolder::new();
        let text = |id| line(&[TestSpan::new(1, id, 0, "tool look")]);
        folder.write_text(1, &text(1));
        let (store, mut session) = (folder.store(), OpenedSession::default());
        session.read_on(&store, id(1)).unwrap();
        let copy = session.clone();
        session.read_on(&store, id(1)).unwrap();
        assert!(Arc::ptr_eq(&copy.spans, &session.spans));
        folder.write_text(1, &(text(1) + &text(2)));
        session.read_on(&store, id(1)).unwrap();
        let rows = [&copy, &session].map(|session| session.spans.table.rows().len());
        assert_eq!(rows, [1, 2]);
    }

    #[test]
    fn opened_sessions_forget_those_not_asked_for_longest() {
        let mut sessions = OpenedSessions::default();
        for number in 1..=3 {
            sessions.open(id(number));
            sessions.note(id(number), MOST_SPANS / 4);
        }
        sessions.open(id(1));
        assert_eq!(ids(&sessions), [2, 3, 1]);
        sessions.open(id(4));
        sessions.note(id(4), MOST_SPANS / 2);
        assert_eq!(ids(&sessions), [3, 1, 4]);
        sessions.open(id(5));
        sessions.note(id(5), 10 * MOST_SPANS);
        assert_eq!(ids(&sessions), [5]);
        (6..100).for_each(|number| {
            sessions.open(id(number));
            sessions.note(id(number), 0);
        });
        assert_eq!(sessions.entries.len(), MOST_SESSIONS);
    }
}
