//! Shutdown of queued spans at process exit.
//!
//! Dropping a guard covers a normal return from `main`. A call of `exit` from any thread does not run the
//! destructors of guards in `main`, in statics or in subscribers, but it runs this module's hook. Nothing runs on
//! `abort`, `_exit` and unhandled signals.

use std::sync::{Once, Weak};

use super::{Lock, fork};

/// Object that must be shut down before the process exits.
pub(crate) trait ShutDown: Send + Sync {
    /// Shuts down within a time limit of its own; further calls do nothing.
    fn shut_down_for_good(&self);
}

static PENDING: Lock<Vec<Weak<dyn ShutDown>>> = Lock::new(Vec::new());

/// Registers an object to be shut down at process exit, unless it is dropped before.
pub(crate) fn shut_down_at_exit(object: Weak<dyn ShutDown>) {
    let mut pending = PENDING.lock();
    pending.retain(|earlier| earlier.strong_count() > 0);
    pending.push(object);
    drop(pending);
    register();
}

/// Shuts down all registered objects. Waits for those that are already shutting down.
pub(crate) fn shut_down_all() {
    if fork::is_child() {
        return;
    }
    // The lock is released before shutting down, which waits for other threads.
    let pending = PENDING.lock().clone();
    for object in pending.iter().filter_map(Weak::upgrade) {
        object.shut_down_for_good();
    }
}

#[cfg(any(unix, windows))]
fn register() {
    static REGISTERED: Once = Once::new();
    extern "C" fn at_exit() {
        shut_down_all();
    }
    REGISTERED.call_once(|| {
        // SAFETY: the handlers are plain functions without arguments, and they do not unwind. The one at exit
        // takes locks that recover from poison and waits, with a bound, for threads that exit does not stop; the
        // one in the child of a fork stores to atomics and calls async-signal-safe functions.
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
