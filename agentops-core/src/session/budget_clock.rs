//! Timer for the time limits and drain timeouts of sessions. Its thread lives only while a deadline is pending.

use std::{
    collections::BTreeMap,
    sync::{Arc, Condvar, PoisonError, Weak},
    thread,
    time::{Duration, Instant},
};

use super::{SessionState, report_exceeded_budget};
use crate::process::Lock;

/// Pending deadlines.
#[derive(Debug)]
struct Alarms {
    by_time: BTreeMap<(Instant, u64), Weak<SessionState>>,
    count: u64,
    /// Number of alarms at which those of ended sessions are removed.
    prune_at: usize,
}

#[derive(Debug)]
struct BudgetClock {
    alarms: Lock<Alarms>,
    /// Notified when an alarm is added, which may be the earliest.
    changed: Condvar,
}

static CLOCK: BudgetClock = BudgetClock {
    alarms: Lock::new(Alarms { by_time: BTreeMap::new(), count: 0, prune_at: 64 }),
    changed: Condvar::new(),
};

/// Schedules a check of a session at `due`: of its budget and its drain timeout.
pub(crate) fn schedule_check(session: &Arc<SessionState>, due: Option<Instant>) {
    let Some(due) = due else { return };
    let mut alarms = CLOCK.alarms.lock();
    let is_first = alarms.by_time.is_empty();
    alarms.add(due, session);
    drop(alarms);
    CLOCK.changed.notify_one();
    if is_first {
        // Without a thread, an exceeded limit is noticed when the session's next span ends, and the drain timeout
        // has no effect.
        let _ = thread::Builder::new().name("agentops-clock".to_owned()).spawn(|| CLOCK.run());
    }
}

impl Alarms {
    fn add(&mut self, due: Instant, session: &Arc<SessionState>) {
        self.count += 1;
        self.by_time.insert((due, self.count), Arc::downgrade(session));
        if self.by_time.len() >= self.prune_at {
            self.by_time
                .retain(|_, session| session.upgrade().is_some_and(|session| !session.has_ended()));
            self.prune_at = 64 + 2 * self.by_time.len();
        }
    }
}

impl BudgetClock {
    /// Waits for each alarm and checks its session, until no alarm is left.
    fn run(&self) {
        let mut alarms = self.alarms.lock();
        while let Some((key, session)) = alarms.by_time.first_key_value() {
            let (key, session, now) = (*key, session.clone(), Instant::now());
            if key.0 >= now && session.upgrade().is_some_and(|session| !session.has_ended()) {
                // A limit is exceeded only by more than its value, so the wait is 1 ms longer.
                let wait = key.0 - now + Duration::from_millis(1);
                let waited = self.changed.wait_timeout(alarms, wait);
                alarms = waited.unwrap_or_else(PoisonError::into_inner).0;
                continue;
            }
            drop(alarms);
            if let Some(session) = session.upgrade() {
                report_exceeded_budget(&session);
                session.finish_overdue();
            }
            alarms = self.alarms.lock();
            // Removed only now: while an alarm is listed, no second thread is started.
            alarms.by_time.remove(&key);
        }
    }
}
