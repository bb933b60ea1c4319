//! Look at a folder of sessions that goes on from an earlier one.
//!
//! The list of files is read again if the folder says that it has changed. The files of sessions that have ended are
//! then asked, too; those that may still run are asked at each look.

use std::{
    collections::BTreeSet,
    fs,
    panic::resume_unwind,
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, SystemTime},
};

use super::FolderStore;
use crate::store::{
    StoreError, ids::SessionId, known_session::KnownSession, store_version::StoreVersion,
};

/// Number of looks at an unchanged list after which all files are asked anyway: a span may end after its session.
// To ask 10,000 files takes 20 to 60 ms; at four looks a second this is one per cent of a core, not twenty.
const ASK_ALL: u32 = 20;
/// Threads that ask files, which wait for the disk more than for a core: with a cold cache they halve the time of 10,000.
const THREADS: usize = 4;
/// Fewest sessions for which a thread is worth its start.
const FEWEST: usize = 64;
/// Age at which a change of the folder is told from a later one by its time, on any file system.
const TELLABLE: Duration = Duration::from_secs(2);

impl FolderStore {
    /// Brings a version of this store up to date.
    pub(super) fn look(&self, mut version: StoreVersion) -> Result<StoreVersion, StoreError> {
        // Before the list is read, so that a change in between is seen by the next look.
        let listed = tellable_change(&self.dir);
        if listed.is_some() && listed == version.listed && version.looks < ASK_ALL {
            version.looks += 1;
            let running = version.sessions.iter().filter(|(_, known)| !known.is_settled());
            let looked = running.map(|(id, known)| (*id, known, self.known(*id, Some(known))));
            let changed = looked.filter(|(_, known, now)| !Arc::ptr_eq(known, now));
            let changed: Vec<_> = changed.map(|(id, _, now)| (id, now)).collect();
            if !changed.is_empty() {
                Arc::make_mut(&mut version.sessions).extend(changed);
            }
            return Ok(version);
        }
        let ids = self.entries()?;
        (version.listed, version.looks) = (listed, 0);
        Ok(self.look_at(ids, version))
    }

    /// Brings these sessions of a version up to date, whose files may have changed since they were listed.
    pub(super) fn look_at(
        &self,
        ids: BTreeSet<SessionId>,
        mut version: StoreVersion,
    ) -> StoreVersion {
        let (ids, earlier): (Vec<_>, _) = (ids.into_iter().collect(), &version.sessions);
        let known = |ids: &[SessionId]| -> Vec<_> {
            ids.iter().map(|id| (*id, self.known(*id, earlier.get(id)))).collect()
        };
        let share = ids.len().div_ceil(THREADS).max(FEWEST);
        let sessions = thread::scope(|scope| {
            let shares: Vec<_> =
                ids.chunks(share).map(|ids| scope.spawn(move || known(ids))).collect();
            let joined = shares
                .into_iter()
                .map(|share| share.join().unwrap_or_else(|panic| resume_unwind(panic)));
            joined.flatten().collect()
        });
        version.sessions = Arc::new(sessions);
        version
    }

    fn known(&self, id: SessionId, earlier: Option<&Arc<KnownSession>>) -> Arc<KnownSession> {
        let path = self.path_of(id);
        if let Some(known) = earlier.filter(|known| known.is_current(&path)) {
            return Arc::clone(known);
        }
        let earlier = earlier.map(Arc::as_ref);
        let known = KnownSession::look(id, &path, earlier);
        Arc::new(known.unwrap_or_else(|error| KnownSession::unreadable(&path, &error, earlier)))
    }
}

/// Returns the time of the last change of a folder's list; `None` if it is so recent that a later one may have the same.
fn tellable_change(dir: &Path) -> Option<SystemTime> {
    let changed = fs::metadata(dir).ok()?.modified().ok()?;
    changed.elapsed().is_ok_and(|age| age > TELLABLE).then_some(changed)
}
