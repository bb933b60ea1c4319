//! The last chance: what is still queued when the process exits.
//!
//! Dropping a guard covers the ordinary way out; `exit` from any thread runs no destructor of a guard that
//! lives in `main`, in a static or in a subscriber, but it does run this. Nothing runs on `abort`, `_exit`
//! and a signal that nobody handles.

use std::sync::{Mutex, Once, PoisonError, Weak};

/// Something that wants to end well.
pub(crate) trait ShutDown: Send + Sync {
    /// Ends, within bounds of its own; a second call does nothing.
    fn shut_down_for_good(&self);
}

static PENDING: Mutex<Vec<Weak<dyn ShutDown>>> = Mutex::new(Vec::new());

/// Has it shut down when the process exits, unless it is gone by then.
pub(crate) fn shut_down_at_exit(it: Weak<dyn ShutDown>) {
    let mut pending = PENDING.lock().unwrap_or_else(PoisonError::into_inner);
    pending.retain(|earlier| earlier.strong_count() > 0);
    pending.push(it);
    drop(pending);
    register();
}

#[cfg(any(unix, windows))]
fn register() {
    static REGISTERED: Once = Once::new();
    extern "C" fn shut_down_all() {
        // The lock is not held while shutting down: that waits for another thread.
        let pending = std::mem::take(&mut *PENDING.lock().unwrap_or_else(PoisonError::into_inner));
        for it in pending.iter().filter_map(Weak::upgrade) {
            it.shut_down_for_good();
        }
    }
    REGISTERED.call_once(|| {
        // SAFETY: the handler is a plain function without arguments that unwinds nowhere: it takes locks
        // that recover from poison and waits, with a bound, for a thread that exit does not stop.
        #[expect(unsafe_code, reason = "the C library has the only hook that every way out passes")]
        let _ = unsafe { libc::atexit(shut_down_all) };
    });
}

#[cfg(not(any(unix, windows)))]
fn register() {}
