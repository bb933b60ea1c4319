//! Flag for a warning that is given once.

use std::sync::atomic::{AtomicBool, Ordering};

/// Flag that one caller claims, whichever thread it runs on.
#[derive(Debug, Default)]
pub(crate) struct FirstTime(AtomicBool);

impl FirstTime {
    pub(crate) const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Claims the flag. Returns `true` to the first caller.
    pub(crate) fn claim(&self) -> bool {
        // Later callers only load: a swap would move the cache line between cores.
        !self.is_claimed() && !self.0.swap(true, Ordering::AcqRel)
    }

    pub(crate) fn is_claimed(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn first_time_is_claimed_by_one_thread() {
        let first = FirstTime::new();
        assert!(!first.is_claimed());
        let claimed = thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| first.claim())).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .filter(|claimed| *claimed)
                .count()
        });
        assert_eq!((claimed, first.is_claimed()), (1, true));
    }
}
