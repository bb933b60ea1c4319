//! Follower of a store: looks again and again, and prints what is new.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    followed_session::FollowedSession,
    tail_lines::{Prefix, TailLines},
};
use crate::{
    commands::{Failure, Outcome, cells::print_faults},
    store::{Faults, SessionId, SessionState, SessionSummary, Store, StoreChanges, StoreVersion},
    terminal::Screen,
};

/// Sessions that are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Those that run, and those that begin later.
    All,
    One(SessionId),
}

/// Follower of a store.
pub(super) struct Follower {
    store: Box<dyn Store>,
    target: Target,
    lines: TailLines,
    /// Version of the store at the last look; `None` before the first.
    version: Option<StoreVersion>,
    followed: BTreeMap<SessionId, FollowedSession>,
    /// Sessions that did not run at the first look.
    old: BTreeSet<SessionId>,
    /// Faults of the last look, and those that were told.
    faults: Faults,
    told: Faults,
}

impl Follower {
    pub(super) fn new(store: Box<dyn Store>, target: Target, io: bool) -> Self {
        let prefix = if target == Target::All { Prefix::Session } else { Prefix::None };
        Self {
            store,
            target,
            lines: TailLines::new(prefix, io),
            version: None,
            followed: BTreeMap::new(),
            old: BTreeSet::new(),
            faults: Faults::default(),
            told: Faults::default(),
        }
    }

    /// Returns `true` if no session runs.
    pub(super) fn is_idle(&self) -> bool {
        self.followed.is_empty()
    }

    /// Looks at the store, and prints what is new. Returns the outcome once there is nothing more to follow.
    pub(super) fn look(&mut self, screen: &mut Screen<'_>) -> Result<Option<Outcome>, Failure> {
        let nothing = StoreVersion::default();
        let since = self.version.as_ref().unwrap_or(&nothing);
        let StoreChanges { changed, gone, faults, version } = self.store.changes(since)?;
        // Those that began first come first.
        for summary in changed.into_iter().rev() {
            if self.wants(summary.id) {
                self.show(screen, summary)?;
            }
        }
        for session in gone.into_iter().filter_map(|id| self.followed.remove(&id)) {
            if !session.has_ended() {
                self.lines.print_removed(screen, &session.summary)?;
            }
        }
        self.version = Some(version);
        let outcome = self.outcome();
        // A file that is being written may be broken for a moment.
        if outcome.is_some() || faults == self.faults {
            self.tell(screen, &faults)?;
        }
        self.faults = faults;
        Ok(outcome)
    }

    fn wants(&self, id: SessionId) -> bool {
        self.target == Target::All || self.target == Target::One(id)
    }

    fn show(&mut self, screen: &mut Screen<'_>, summary: SessionSummary) -> Result<(), Failure> {
        let id = summary.id;
        if let Some(session) = self.followed.get_mut(&id) {
            return session.show(screen, &mut self.lines, &*self.store, summary);
        }
        let is_first = self.version.is_none();
        let runs = summary.state == SessionState::Running;
        let is_old = self.old.contains(&id) || is_first;
        if is_old && !runs && self.target == Target::All {
            self.old.insert(id);
            return Ok(());
        }
        let session = if is_old {
            FollowedSession::join(screen, &mut self.lines, &*self.store, summary)?
        } else {
            FollowedSession::begin(screen, &mut self.lines, &*self.store, summary)?
        };
        self.followed.insert(id, session);
        Ok(())
    }

    /// Prints one quiet line if there are faults that were not told before.
    fn tell(&mut self, screen: &mut Screen<'_>, faults: &Faults) -> Result<(), Failure> {
        let told = self.told.count();
        self.told.append(faults.clone());
        if self.told.count() > told {
            print_faults(screen, &self.told)?;
        }
        Ok(())
    }

    fn outcome(&self) -> Option<Outcome> {
        let Target::One(id) = self.target else { return None };
        match self.followed.get(&id).map(|session| session.summary.state) {
            Some(SessionState::Running | SessionState::Unfinished) => None,
            // Without a state it was removed.
            None | Some(SessionState::Failed | SessionState::Aborted) => Some(Outcome::No),
            Some(_) => Some(Outcome::Fine),
        }
    }
}
