//! Several stores as one: folders and files that are looked at together.

use std::{
    collections::BTreeMap,
    ops::ControlFlow,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;

use super::{
    Store, StoreError,
    faults::Faults,
    file_spans::FileSpans,
    ids::SessionId,
    known_session::KnownSession,
    open_session::OpenSpan,
    score::{Score, ScoreList},
    search::{Hit, Needle, SearchQuery, SearchStep},
    span_content::SpanContent,
    span_table::SpanPlace,
    span_texts::SpanTexts,
    store_version::{StoreChanges, StoreVersion},
};

/// Stores that are read as one. A session that several of them have is read from the one that has most of it.
pub(crate) struct JoinedStore {
    parts: Vec<Arc<dyn Store>>,
    /// Number of the store that each session is read from, as the last look has found it.
    places: Mutex<BTreeMap<SessionId, usize>>,
}

/// Sessions of all stores.
#[derive(Default)]
struct Merged {
    sessions: BTreeMap<SessionId, (usize, Arc<KnownSession>)>,
    faults: Faults,
}

impl JoinedStore {
    /// Joins stores.
    pub(crate) fn new(parts: Vec<Arc<dyn Store>>) -> Self {
        Self { parts, places: Mutex::default() }
    }

    fn places(&self) -> MutexGuard<'_, BTreeMap<SessionId, usize>> {
        // A panic leaves no half of a map: it is replaced whole.
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the places, which are looked for if nobody has looked yet.
    fn known_places(&self) -> Result<BTreeMap<SessionId, usize>, StoreError> {
        if self.places().is_empty() {
            self.sessions()?;
        }
        Ok(self.places().clone())
    }

    fn known_part(&self, session: SessionId) -> Option<&Arc<dyn Store>> {
        self.places().get(&session).map(|place| &self.parts[*place])
    }

    /// Returns the store that a session is read from.
    fn part(&self, session: SessionId) -> Result<&dyn Store, StoreError> {
        if let Some(part) = self.known_part(session) {
            return Ok(&**part);
        }
        self.sessions()?;
        let part = self.known_part(session).map(|part| &**part);
        part.ok_or_else(|| StoreError::NoSession(session.to_string()))
    }
}

impl Merged {
    /// Adds the sessions of the store with a number.
    fn add(&mut self, parts: &[Arc<dyn Store>], place: usize, version: &StoreVersion) {
        self.faults.append(version.faults.clone());
        for (id, known) in version.sessions.iter() {
            let earlier = self.sessions.get(id);
            let is_more = earlier.is_none_or(|(_, earlier)| size(known) > size(earlier));
            if let Some((first, earlier)) = earlier
                && known.summary.is_some()
                && earlier.summary.is_some()
            {
                let left_out = &parts[if is_more { *first } else { place }];
                let reason =
                    format!("session `{id}` is left out, since another file has more of it");
                self.faults.add_file(&left_out.file(*id).unwrap_or_default(), &reason);
            }
            if is_more {
                self.sessions.insert(*id, (place, Arc::clone(known)));
            }
        }
    }
}

/// Returns what tells which of two has more of a session, and is newer.
fn size(known: &KnownSession) -> Option<(u64, u64)> {
    known.summary.as_ref().map(|summary| (summary.spans, summary.end))
}

impl Store for JoinedStore {
    fn changes(&self, since: &StoreVersion) -> Result<StoreChanges, StoreError> {
        let mut version = since.of_store(&PathBuf::from(format!("{} stores", self.parts.len())));
        version.parts.resize_with(self.parts.len(), StoreVersion::default);
        let mut merged = Merged::default();
        for (place, part) in self.parts.iter().enumerate() {
            version.parts[place] = part.changes(&version.parts[place])?.version;
            merged.add(&self.parts, place, &version.parts[place]);
        }
        let Merged { sessions, faults } = merged;
        *self.places() = sessions.iter().map(|(id, (place, _))| (*id, *place)).collect();
        version.sessions =
            Arc::new(sessions.into_iter().map(|(id, (_, known))| (id, known)).collect());
        version.faults = faults;
        Ok(version.changes_since(since))
    }

    fn ids(&self) -> Result<Vec<SessionId>, StoreError> {
        let ids = self.parts.iter().map(|part| part.ids()).collect::<Result<Vec<_>, _>>()?;
        let mut ids = ids.concat();
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    }

    fn spans_from(&self, session: SessionId, position: u64) -> Result<FileSpans, StoreError> {
        self.part(session)?.spans_from(session, position)
    }

    fn file(&self, session: SessionId) -> Option<PathBuf> {
        self.part(session).ok()?.file(session)
    }

    fn open_spans(&self, session: SessionId) -> Vec<OpenSpan> {
        self.part(session).map(|part| part.open_spans(session)).unwrap_or_default()
    }

    fn content(
        &self,
        session: SessionId,
        place: SpanPlace,
    ) -> Result<Option<SpanContent>, StoreError> {
        self.part(session)?.content(session, place)
    }

    fn visit_contents(
        &self,
        session: SessionId,
        visit: &mut dyn FnMut(SpanPlace, &SpanContent) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.part(session)?.visit_contents(session, visit)
    }

    fn visit_texts(
        &self,
        session: SessionId,
        visit: &mut dyn FnMut(SpanPlace, SpanTexts<'_>) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.part(session)?.visit_texts(session, visit)
    }

    fn visit_requests(
        &self,
        session: SessionId,
        visit: &mut dyn FnMut(&ExportTraceServiceRequest) -> ControlFlow<()>,
    ) -> Result<Faults, StoreError> {
        self.part(session)?.visit_requests(session, visit)
    }

    fn given_scores(&self, session: SessionId) -> ScoreList {
        self.part(session).map(|part| part.given_scores(session)).unwrap_or_default()
    }

    fn check_scorable(&self, session: SessionId) -> Result<(), StoreError> {
        self.part(session)?.check_scorable(session)
    }

    fn add_score(&self, session: SessionId, score: &Score) -> Result<(), StoreError> {
        self.part(session)?.add_score(session, score)
    }

    fn search(
        &self,
        query: &SearchQuery,
        step: &mut dyn FnMut(SearchStep) -> ControlFlow<()>,
    ) -> Result<Faults, StoreError> {
        let places = self.known_places()?;
        let (mut faults, mut flow) = (Faults::default(), ControlFlow::Continue(()));
        for (place, part) in self.parts.iter().enumerate() {
            if flow.is_break() {
                break;
            }
            faults.append(part.search(query, &mut |found| {
                let is_elsewhere = |hit: &Hit| places.get(&hit.session) != Some(&place);
                if !matches!(&found, SearchStep::Hit(hit) if is_elsewhere(hit)) {
                    flow = step(found);
                }
                flow
            })?);
        }
        Ok(faults)
    }

    fn has_hit(&self, session: SessionId, needle: &Needle) -> Result<bool, StoreError> {
        self.part(session)?.has_hit(session, needle)
    }

    fn last_write(&self, session: SessionId) -> Result<u64, StoreError> {
        self.part(session)?.last_write(session)
    }

    fn remove(&self, session: SessionId) -> Result<(), StoreError> {
        self.part(session)?.remove(session)
    }
}

#[cfg(test)]
mod tests {
    use std::slice;

    use super::*;
    use crate::store::{
        FileStore, LetterCase, SessionFilter,
        fixture::{TestFolder, TestSpan, line},
    };

    fn root(session: u128, name: &str) -> TestSpan {
        let start = session as u64 * 1_000;
        TestSpan::new(session, 1, 0, &format!("session {name}")).at(start, start + 100).ended()
    }

    fn tool(session: u128, id: u64) -> TestSpan {
        let start = session as u64 * 1_000;
        TestSpan::new(session, id, 1, "tool find").at(start, start + 9).text("input.value", "tea")
    }

    fn id(session: u128) -> SessionId {
        format!("{session:032x}").parse().unwrap()
    }

    fn joined(folder: &TestFolder, file: &TestFolder) -> JoinedStore {
        let of_file = FileStore::open(file.path_of(9)).unwrap();
        JoinedStore::new(vec![Arc::new(folder.store()), Arc::new(of_file)])
    }

    fn names(sessions: &[crate::store::SessionSummary]) -> Vec<(String, u64)> {
        sessions.iter().map(|session| (session.name.clone(), session.spans)).collect()
    }

    fn named(names: &[(&str, u64)]) -> Vec<(String, u64)> {
        names.iter().map(|(name, spans)| ((*name).to_owned(), *spans)).collect()
    }

    /// Returns a folder with the sessions 1 and 2, and another with a file of the sessions 2 and 3.
    fn two() -> (TestFolder, TestFolder) {
        let (folder, file) = (TestFolder::new(), TestFolder::new());
        folder.write(1, &[&[tool(1, 2)], &[root(1, "one")]]);
        folder.write(2, &[&[tool(2, 2)]]);
        file.write(9, &[&[root(2, "two"), tool(2, 2)], &[root(3, "three")]]);
        (folder, file)
    }

    #[test]
    fn sessions_of_all_stores_are_listed_once() {
        let (folder, file) = two();
        let list = joined(&folder, &file).sessions().unwrap();
        assert_eq!(names(&list.sessions), named(&[("three", 1), ("two", 2), ("one", 1)]));
        let left_out = format!(
            "1 part could not be read, first `{}`: session `{:032x}` is left out, since another file has more of it",
            folder.path_of(2).display(),
            2
        );
        assert_eq!(list.faults.to_string(), left_out);
    }

    #[test]
    fn session_is_read_from_the_store_that_has_more_of_it() {
        let (folder, file) = two();
        let store = joined(&folder, &file);
        let read = |session| {
            let spans = store.spans(id(session)).unwrap();
            (spans.table.rows().len(), store.file(id(session)).unwrap())
        };
        assert_eq!(read(1), (2, folder.path_of(1)));
        assert_eq!([2, 3].map(read), [(2, file.path_of(9)), (1, file.path_of(9))]);
        let none = store.spans(id(4)).unwrap_err();
        assert!(matches!(none, StoreError::NoSession(_)), "{none}");
    }

    #[test]
    fn search_and_totals_count_a_session_once() {
        let (folder, file) = two();
        let store = joined(&folder, &file);
        let query = SearchQuery {
            needle: Needle::new("tea", LetterCase::Matters),
            sessions: SessionFilter::default(),
            kind: None,
        };
        let mut found = Vec::new();
        let mut step = |step| {
            if let SearchStep::Hit(hit) = step {
                found.push(hit.session);
            }
            ControlFlow::Continue(())
        };
        store.search(&query, &mut step).unwrap();
        assert_eq!(found, [1, 2].map(id));
        let totals = store.totals(crate::store::Grouping::Tool, &SessionFilter::default()).unwrap();
        assert_eq!(totals.all.calls, 2);
    }

    #[test]
    fn changes_of_any_store_follow_a_version() {
        let (folder, file) = two();
        let store = joined(&folder, &file);
        let first = store.changes(&StoreVersion::default()).unwrap();
        let none = store.changes(&first.version).unwrap();
        assert_eq!((none.changed.len(), none.gone.len()), (0, 0));
        file.append(9, &line(slice::from_ref(&root(4, "four"))));
        std::fs::remove_file(folder.path_of(1)).unwrap();
        let next = store.changes(&none.version).unwrap();
        assert_eq!((names(&next.changed), next.gone), (named(&[("four", 1)]), vec![id(1)]));
    }

    #[test]
    fn score_goes_to_the_store_of_its_session() {
        let (folder, file) = two();
        let store = joined(&folder, &file);
        let score = Score { name: "correctness".to_owned(), value: Some(1.0), ..Score::default() };
        store.add_score(id(1), &score).unwrap();
        assert_eq!(store.given_scores(id(1)).scores, slice::from_ref(&score));
        let refused = store.add_score(id(3), &score).unwrap_err();
        assert!(matches!(refused, StoreError::ReadOnly(_)), "{refused}");
    }
}
