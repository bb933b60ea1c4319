//! The last chance: what is still queued when the process exits.
//!
//! Dropping a guard covers the ordinary way out; `exit` from any thread runs no destructor of a guard that
//! lives in `main`, in a static or in a subscriber, but it does run this. Nothing runs on `abort`, `_exit`
//! and a signal that nobody handles.

use std::sync::{Mutex, Once, PoisonError, Weak};

use super::fork;

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

/// Shuts down whatever has not been; what is shutting down is waited for.
pub(crate) fn shut_down_all() {
    if fork::is_child() {
        return;
    }
    // The lock is not held while shutting down: that waits for another thread.
    let pending = PENDING.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for it in pending.iter().filter_map(Weak::upgrade) {
        it.shut_down_for_good();
    }
}

#[cfg(any(unix, windows))]
fn register() {
    static REGISTERED: Once = Once::new();
    extern "C" fn at_exit() {
        shut_down_all();
    }
    REGISTERED.call_once(|| {
        // SAFETY: the handlers are plain functions without arguments that unwind nowhere. The one at exit
        // takes locks that recover from poison and waits, with a bound, for threads that exit does not stop;
        // the one in the child of a fork stores to an atomic.
        #[expect(
            unsafe_code,
            reason = "the C library has the only hooks that every way out passes"
        )]
        unsafe {
            libc::atexit(at_exit);
            #[cfg(unix)]
            libc::pthread_atfork(None, None, Some(fork::in_child));
        }
    });
}

#[cfg(not(any(unix, windows)))]
fn register() {}
