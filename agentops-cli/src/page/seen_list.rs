//! List of sessions as the server has seen it last, with the turn at which each changed.

use std::{
    cmp::Reverse,
    collections::HashMap,
    time::{Duration, Instant},
};

use crate::store::{
    Faults, SessionFilter, SessionId, SessionList, SessionSummary, SpanId, Store, StoreChanges,
    StoreError, StoreVersion,
};

/// Time for which a look at the store counts, so that eight tabs cost as much as one.
const FRESH: Duration = Duration::from_millis(200);
/// Most sessions that are named where one is not found.
const MOST_NEAR: usize = 3;
/// Digits in which an id agrees with one that may be meant.
const ALIKE: usize = 4;

/// List of sessions.
#[derive(Debug)]
pub(super) struct SeenList {
    /// Number that no other list of a store has, so that versions of another server are told from its own.
    run: u64,
    turn: u64,
    looked: Option<Instant>,
    version: StoreVersion,
    sessions: HashMap<SessionId, (u64, SessionSummary)>,
    /// Sessions that were there, with the turn at which they went.
    gone: HashMap<SessionId, u64>,
    faults: Faults,
}

/// Part of a list: what has changed since a version, newest first.
#[derive(Debug)]
pub(super) struct ListPart<'l> {
    pub(super) version: String,
    /// The part is the whole list, since the version is not known or was not named.
    pub(super) is_whole: bool,
    pub(super) sessions: Vec<&'l SessionSummary>,
    pub(super) gone: Vec<SessionId>,
    pub(super) faults: &'l Faults,
}

impl SeenList {
    /// Creates the list of a store that was not looked at.
    pub(super) fn new(run: u64) -> Self {
        Self {
            run,
            turn: 0,
            looked: None,
            version: StoreVersion::default(),
            sessions: HashMap::new(),
            gone: HashMap::new(),
            faults: Faults::default(),
        }
    }

    /// Brings the list up to date, if it is not.
    pub(super) fn look(&mut self, store: &dyn Store) -> Result<(), StoreError> {
        if self.looked.is_some_and(|looked| looked.elapsed() < FRESH) {
            return Ok(());
        }
        let StoreChanges { changed, gone, faults, version } = store.changes(&self.version)?;
        if !changed.is_empty() || !gone.is_empty() {
            self.turn += 1;
        }
        for session in changed {
            self.gone.remove(&session.id);
            self.sessions.insert(session.id, (self.turn, session));
        }
        for id in gone {
            self.sessions.remove(&id);
            self.gone.insert(id, self.turn);
        }
        (self.version, self.faults, self.looked) = (version, faults, Some(Instant::now()));
        Ok(())
    }

    /// Marks the list as one that was not looked at lately, so that whoever asks next sees what changed meanwhile.
    pub(super) fn expire(&mut self) {
        self.looked = None;
    }

    /// Returns what has changed since a version, or everything.
    pub(super) fn since(&self, version: Option<&str>) -> ListPart<'_> {
        let since = version.and_then(|version| self.turn_of(version));
        let is_new = |turn: u64| since.is_none_or(|since| turn > since);
        let sessions = self.sessions.values().filter(|(turn, _)| is_new(*turn));
        let mut sessions: Vec<_> = sessions.map(|(_, session)| session).collect();
        sessions.sort_by_key(|session| (Reverse(session.start), session.id));
        let gone = self.gone.iter().filter(|(_, turn)| since.is_some() && is_new(**turn));
        let mut gone: Vec<_> = gone.map(|(id, _)| *id).collect();
        gone.sort_unstable();
        ListPart {
            version: format!("{:x}.{}", self.run, self.turn),
            is_whole: since.is_none(),
            sessions,
            gone,
            faults: &self.faults,
        }
    }

    fn turn_of(&self, version: &str) -> Option<u64> {
        let (run, turn) = version.split_once('.')?;
        (run == format!("{:x}", self.run)).then(|| turn.parse().ok())?
    }

    /// Returns a session.
    pub(super) fn get(&self, id: SessionId) -> Option<&SessionSummary> {
        self.sessions.get(&id).map(|(_, session)| session)
    }

    /// Returns the sessions that a filter selects.
    pub(super) fn selected(&self, filter: &SessionFilter) -> SessionList {
        let sessions = self.sessions.values().map(|(_, session)| session);
        let selected = sessions.filter(|session| filter.selects(session)).cloned().collect();
        SessionList { sessions: selected, faults: self.faults.clone() }
    }

    /// Returns the sessions that were started in a session, each with the span, the first one first.
    pub(super) fn started_in(&self, id: SessionId) -> Vec<(SpanId, &SessionSummary)> {
        let all = self.sessions.values().filter_map(|(_, session)| {
            let (outer, span) = session.started_by?;
            (outer == id).then_some((span, session))
        });
        let mut found: Vec<_> = all.collect();
        found.sort_unstable_by_key(|(_, session)| (session.start, session.id));
        found
    }

    /// Returns the sessions that may be meant by an id that is none: those that begin alike, or else the newest.
    pub(super) fn near(&self, id: SessionId) -> Vec<SessionId> {
        let text = id.to_string();
        let alike = |other: &SessionId| other.to_string()[..ALIKE] == text[..ALIKE];
        let all = self.since(None).sessions.into_iter().map(|session| session.id);
        let (mut near, rest): (Vec<_>, Vec<_>) = all.partition(alike);
        near.extend(rest);
        near.truncate(MOST_NEAR);
        near
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::{TestFolder, TestSpan};

    fn write(folder: &TestFolder, session: u128, name: &str) {
        let root = TestSpan::new(session, 1, 0, &format!("session {name}"));
        folder.write(session, &[&[root.at(session as u64, session as u64 + 1).ended()]]);
    }

    /// Returns the changes since a version: names, ids that are gone, and that the list is whole.
    fn since(list: &SeenList, version: Option<&str>) -> (Vec<String>, usize, bool, String) {
        let part = list.since(version);
        let names = part.sessions.iter().map(|session| session.name.clone()).collect();
        (names, part.gone.len(), part.is_whole, part.version)
    }

    fn look(list: &mut SeenList, folder: &TestFolder) {
        list.expire();
        list.look(&folder.store()).unwrap();
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn list_returns_what_changed_since_a_version() {
        let (folder, mut list) = (TestFolder::new(), SeenList::new(7));
        write(&folder, 1, "one");
        write(&folder, 2, "two");
        look(&mut list, &folder);
        let (all, _, is_whole, version) = since(&list, None);
        assert_eq!((all, is_whole), (names(&["two", "one"]), true));
        look(&mut list, &folder);
        assert_eq!(since(&list, Some(&version)), (Vec::new(), 0, false, version.clone()));
        write(&folder, 3, "three");
        std::fs::remove_file(folder.path_of(1)).unwrap();
        look(&mut list, &folder);
        let (new, gone, is_whole, _) = since(&list, Some(&version));
        assert_eq!((new, gone, is_whole), (names(&["three"]), 1, false));
    }

    #[test]
    fn version_of_another_server_is_answered_with_the_whole_list() {
        let (folder, mut list) = (TestFolder::new(), SeenList::new(7));
        write(&folder, 1, "one");
        look(&mut list, &folder);
        for version in ["8.1", "7", "7.x", "", "garbage"] {
            let (all, _, is_whole, _) = since(&list, Some(version));
            assert_eq!((all, is_whole), (names(&["one"]), true), "{version}");
        }
    }

    #[test]
    fn ids_that_begin_alike_are_near() {
        let (folder, mut list) = (TestFolder::new(), SeenList::new(7));
        let alike = 0xabcd << 112;
        [1, 2, 3, alike | 1].into_iter().for_each(|id| write(&folder, id, "run"));
        look(&mut list, &folder);
        let near = list.near(format!("{:032x}", alike | 2).parse().unwrap());
        let expected = [alike | 1, 3, 2].map(|id| format!("{id:032x}"));
        assert_eq!(near.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
    }
}
