//! Versions of a session's details, which may change while the session runs.

use std::{
    collections::VecDeque,
    ops::Deref,
    sync::{
        Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicBool, Ordering},
    },
    time::SystemTime,
};

use opentelemetry::KeyValue;

use super::Details;
use crate::process::fork;

/// Details of a session during one period.
#[derive(Debug, Default)]
pub(crate) struct DetailsVersion {
    details: Details,
    stamps: OnceLock<Vec<KeyValue>>,
}

impl DetailsVersion {
    fn new(details: Details) -> Self {
        Self { details, stamps: OnceLock::new() }
    }

    /// Returns the attributes that every span carries, except the user.
    pub(crate) fn stamps(&self) -> &[KeyValue] {
        self.stamps.get_or_init(|| self.details.stamps())
    }

    /// Returns the id of the session's user.
    pub(crate) fn user_id(&self) -> Option<&Arc<str>> {
        self.details.user_id.as_ref()
    }

    /// Returns the attributes that only the root carries.
    pub(super) fn root_attributes(&self) -> impl Iterator<Item = KeyValue> {
        self.details.root_attributes()
    }
}

/// Reference to a version; borrowed, without cost, if it is the first one.
#[derive(Debug)]
pub(crate) enum DetailsAt<'a> {
    First(&'a DetailsVersion),
    Later(Arc<DetailsVersion>),
}

impl Deref for DetailsAt<'_> {
    type Target = DetailsVersion;

    fn deref(&self) -> &DetailsVersion {
        match self {
            Self::First(version) => version,
            Self::Later(version) => version,
        }
    }
}

/// History of a session's details. A queued span gets the details from the time of its end.
#[derive(Debug, Default)]
pub(super) struct DetailsHistory {
    first: DetailsVersion,
    has_changed: AtomicBool,
    later: RwLock<Later>,
}

type Later = VecDeque<(SystemTime, Arc<DetailsVersion>)>;

/// Most later versions that are kept; queued spans are exported soon, so few are needed.
const VERSIONS: usize = 16;

impl DetailsHistory {
    pub(super) fn new(first: Details) -> Self {
        Self { first: DetailsVersion::new(first), ..Self::default() }
    }

    pub(super) fn has_changed(&self) -> bool {
        self.has_changed.load(Ordering::Acquire)
    }

    /// Returns the latest version.
    pub(super) fn now(&self) -> DetailsAt<'_> {
        self.find(VecDeque::back)
    }

    /// Returns the version that was valid at `time`.
    pub(super) fn at(&self, time: SystemTime) -> DetailsAt<'_> {
        self.find(|later| later.iter().rev().find(|(since, _)| *since <= time))
    }

    fn find(
        &self,
        which: impl FnOnce(&Later) -> Option<&(SystemTime, Arc<DetailsVersion>)>,
    ) -> DetailsAt<'_> {
        let later = if self.has_changed() { self.later() } else { None };
        let found = later.as_deref().and_then(which);
        found.map_or(DetailsAt::First(&self.first), |(_, version)| {
            DetailsAt::Later(Arc::clone(version))
        })
    }

    /// Returns the later versions. In a forked child it never waits: a thread that was writing at the time of the
    /// fork never releases the lock there.
    fn later(&self) -> Option<RwLockReadGuard<'_, Later>> {
        if fork::is_child() {
            return self.later.try_read().ok();
        }
        Some(self.later.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the details from now on. Returns `false` if `change` does or if the details exceed the limits.
    pub(super) fn change(&self, change: impl FnOnce(&mut Details) -> bool) -> bool {
        let mut later = self.later.write().unwrap_or_else(PoisonError::into_inner);
        let latest = later.back().map_or(&self.first, |(_, version)| version);
        let mut details = latest.details.clone();
        let result = change(&mut details) & details.bound();
        if details == latest.details {
            return result;
        }
        if later.len() == VERSIONS
            && let Some((since, _)) = later.pop_front()
            && let Some((earliest, _)) = later.front_mut()
        {
            *earliest = since;
        }
        later.push_back((SystemTime::now(), Arc::new(DetailsVersion::new(details))));
        self.has_changed.store(true, Ordering::Release);
        result
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn user(history: &DetailsHistory, id: &str) {
        history.change(|details| {
            details.user_id = Some(id.into());
            true
        });
    }

    fn user_at(history: &DetailsHistory, time: SystemTime) -> Option<String> {
        history.at(time).user_id().map(ToString::to_string)
    }

    #[test]
    fn history_returns_the_version_of_a_time() {
        let history =
            DetailsHistory::new(Details { user_id: Some("a".into()), ..Details::default() });
        let before = SystemTime::now() - Duration::from_secs(1);
        assert!(!history.has_changed());
        user(&history, "a");
        assert!(!history.has_changed(), "nothing is new");
        user(&history, "b");
        let later = SystemTime::now() + Duration::from_secs(1);
        assert_eq!(user_at(&history, before).as_deref(), Some("a"));
        assert_eq!(user_at(&history, later).as_deref(), Some("b"));
        for n in 0..100 {
            user(&history, &n.to_string());
        }
        assert_eq!(history.later().map(|later| later.len()), Some(VERSIONS));
        assert_eq!(user_at(&history, later).as_deref(), Some("99"));
        assert_eq!(history.now().user_id().map(|id| &**id), Some("99"));
    }
}
