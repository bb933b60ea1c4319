//! Versions of a store, and what has changed from one to another.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use super::{
    faults::Faults,
    ids::SessionId,
    known_session::{FileStamp, KnownSession},
    session_summary::SessionSummary,
};

/// State of a store as a reader has seen it last; by default nothing was seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct StoreVersion {
    /// Place of the store.
    store: PathBuf,
    /// Sessions, shared by versions between which none has changed: most of those that a page asks for each second.
    pub(super) sessions: Arc<BTreeMap<SessionId, Arc<KnownSession>>>,
    /// Faults of no single session.
    pub(super) faults: Faults,
    /// Last change of the list of files in a folder, if a later one must have another time.
    pub(super) listed: Option<SystemTime>,
    /// Number of looks at a folder since all of its files were looked at.
    pub(super) looks: u32,
    /// Stamp of a file with all sessions, and the offset of its next line.
    pub(super) file: Option<FileStamp>,
    pub(super) next: u64,
    /// Versions of the stores that are read as one.
    #[cfg(feature = "view")]
    pub(super) parts: Vec<StoreVersion>,
}

/// Changes from one version of a store to the next.
#[derive(Debug, Default)]
pub(crate) struct StoreChanges {
    /// Summaries that are new or differ, newest first.
    pub(crate) changed: Vec<SessionSummary>,
    /// Sessions that are no longer there.
    pub(crate) gone: Vec<SessionId>,
    /// All that could not be read, also if that has not changed.
    pub(crate) faults: Faults,
    /// Version from which the next changes follow.
    pub(crate) version: StoreVersion,
}

impl StoreVersion {
    /// Returns this version if it is one of the store at a place, or else that of a store of which nothing was seen.
    pub(super) fn of_store(&self, store: &Path) -> Self {
        if self.store == store {
            return self.clone();
        }
        Self { store: store.to_owned(), ..Self::default() }
    }

    /// Returns what has changed since another version. All sessions differ from those of another store.
    pub(super) fn changes_since(self, since: &Self) -> StoreChanges {
        let (mut changed, mut faults) = (Vec::new(), self.faults.clone());
        let is_same_list =
            self.store == since.store && Arc::ptr_eq(&self.sessions, &since.sessions);
        for (id, known) in &*self.sessions {
            if known.faults.count() > 0 {
                faults.append(known.faults.clone());
            }
            if is_same_list {
                continue;
            }
            let before = since.sessions.get(id).filter(|_| self.store == since.store);
            let is_same = |before: &Arc<KnownSession>| {
                Arc::ptr_eq(before, known) || before.summary == known.summary
            };
            if !before.is_some_and(is_same) {
                changed.extend(known.summary.clone());
            }
        }
        changed.sort_by_key(|session| (Reverse(session.start), session.id));
        let gone = since.ids().filter(|id| !is_same_list && !self.has(*id)).collect();
        StoreChanges { changed, gone, faults, version: self }
    }

    fn ids(&self) -> impl Iterator<Item = SessionId> {
        let sessions = self.sessions.iter().filter(|(_, known)| known.summary.is_some());
        sessions.map(|(id, _)| *id)
    }

    fn has(&self, id: SessionId) -> bool {
        self.sessions.get(&id).is_some_and(|known| known.summary.is_some())
    }
}

#[cfg(test)]
mod tests;
