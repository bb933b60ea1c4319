//! Store that a server watches: read as far as somebody asks, and no further.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{
    access::Access,
    api_error::ApiError,
    opened_sessions::{OpenedSession, OpenedSessions},
    seen_list::SeenList,
    session_view::row_of,
    store_place::StorePlace,
};
use crate::store::{Score, SessionId, SessionSummary, Store};

/// Store that is watched.
pub(crate) struct WatchedStore {
    store: Arc<dyn Store>,
    /// Place of the store as it is shown.
    pub(super) place: StorePlace,
    access: Access,
    list: Mutex<SeenList>,
    opened: Mutex<OpenedSessions>,
}

impl WatchedStore {
    /// Creates the store with the place that is shown. `run` is a number that no other server of the store has.
    pub(crate) fn new(store: Arc<dyn Store>, place: StorePlace, access: Access, run: u64) -> Self {
        let (list, opened) = (Mutex::new(SeenList::new(run)), Mutex::default());
        Self { store, place, access, list, opened }
    }

    pub(super) fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Reads the list before somebody asks for it: while a browser starts, 10,000 sessions are read.
    pub(super) fn warm(&self) {
        let mut list = locked(&self.list);
        // What cannot be read says so to the one who asks.
        let _ = list.look(&*self.store);
        list.expire();
    }

    /// Reads the list of sessions as it is now.
    pub(super) fn list<T>(&self, read: impl FnOnce(&SeenList) -> T) -> Result<T, ApiError> {
        let mut list = locked(&self.list);
        list.look(&*self.store)?;
        Ok(read(&list))
    }

    /// Reads the list of sessions as it was when it was last looked at.
    pub(super) fn seen<T>(&self, read: impl FnOnce(&SeenList) -> T) -> T {
        read(&locked(&self.list))
    }

    /// Returns the summary of a session that the store lists.
    pub(super) fn summary(&self, id: SessionId) -> Result<SessionSummary, ApiError> {
        self.list(|list| {
            let found = list.get(id).cloned();
            found.ok_or_else(|| ApiError::NoSession { session: id, near: list.near(id) })
        })?
    }

    /// Returns what may be done with a session.
    pub(super) fn access(&self, id: SessionId) -> Access {
        match self.store.check_scorable(id) {
            Ok(()) => self.access,
            Err(_) => Access::ReadOnly,
        }
    }

    /// Gives a session, or a span that it has, a score.
    pub(super) fn add_score(&self, id: SessionId, score: &Score) -> Result<(), ApiError> {
        if self.access == Access::ReadOnly {
            return Err(ApiError::ReadOnly);
        }
        self.session(id, |_, opened| {
            let table = &opened.spans.table;
            let missing = score.span.filter(|span| row_of(table, *span).is_none());
            missing.map_or(Ok(()), |span| Err(ApiError::no_span(table, span)))
        })?;
        Ok(self.store.add_score(id, score)?)
    }

    /// Reads what is new of a session that the store lists, and then all of it.
    pub(super) fn session<T>(
        &self,
        id: SessionId,
        read: impl FnOnce(&SessionSummary, &OpenedSession) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let summary = self.summary(id)?;
        let session = locked(&self.opened).open(id);
        let mut session = locked(&session);
        session.read_on(&*self.store, id)?;
        let spans = session.spans.table.rows().len();
        locked(&self.opened).note(id, spans);
        read(&summary, &session)
    }
}

/// Locks what no panic leaves half done: a part is read whole before it is added.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
