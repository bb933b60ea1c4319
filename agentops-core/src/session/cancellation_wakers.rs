//! Wakers of everything in a session that can be cancelled.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    task::Waker,
};

use crate::process::Lock;

/// Wakers of the futures, streams and tasks in a session that wait to be cancelled, by number.
#[derive(Debug, Default)]
pub(super) struct CancellationWakers(Lock<Wakers>);

#[derive(Debug, Default)]
struct Wakers {
    by_number: BTreeMap<u64, Waker>,
    last_number: u64,
}

impl CancellationWakers {
    /// Reserves the number of a waker that is registered later.
    pub(super) fn reserve(&self) -> u64 {
        let mut wakers = self.0.lock();
        wakers.last_number += 1;
        wakers.last_number
    }

    pub(super) fn register(&self, number: u64, waker: &Waker) {
        match self.0.lock().by_number.entry(number) {
            Entry::Occupied(mut earlier) => earlier.get_mut().clone_from(waker),
            Entry::Vacant(none) => _ = none.insert(waker.clone()),
        }
    }

    pub(super) fn remove(&self, number: u64) {
        let waker = self.0.lock().by_number.remove(&number);
        // Dropped outside of the lock, since a waker runs the program's code.
        drop(waker);
    }

    /// Wakes all of them, outside of the lock for the same reason.
    pub(super) fn wake_all(&self) {
        let wakers: Vec<_> = self.0.lock().by_number.values().cloned().collect();
        wakers.into_iter().for_each(Waker::wake);
    }
}
