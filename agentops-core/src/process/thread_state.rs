//! State of a thread: whether it may record. It is quiet, and records nothing, while it runs code for recording and
//! once it is being destroyed.
//!
//! Accessing a destroyed thread-local of a dependency panics, and a panic in a destructor aborts the process.
//! Thread-locals are destroyed in the reverse order of their initialisation. So everything that recording needs is
//! initialised first and a sentinel after it: once the sentinel is destroyed, the thread is being destroyed.
//!
//! ```text
//! NEW ─▶ PREPARED ─▶ RECORDED ─▶ DESTROYED       INTERNAL, in between, while code runs that only recording needs
//!  first use    first span    sentinel
//! ```

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
};

use opentelemetry::Context;
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};
use tracing::dispatcher;

// The order matters: a thread may use its context from `PREPARED` on, so one comparison tells.

/// Initial state of a thread.
const NEW: u8 = 0;
/// The thread is being destroyed.
const DESTROYED: u8 = 1;
/// The thread runs code that only recording needs.
const INTERNAL: u8 = 2;
/// The thread has initialised its OpenTelemetry context, which may be empty.
const PREPARED: u8 = 3;
/// The thread has recorded a span.
const RECORDED: u8 = 4;

/// Sentinel that marks the thread as being destroyed when its own destructor runs.
struct Sentinel;

impl Drop for Sentinel {
    fn drop(&mut self) {
        STATE.set(DESTROYED);
    }
}

thread_local! {
    /// State of this thread. It has no destructor, so it stays accessible until the thread ends.
    static STATE: Cell<u8> = const { Cell::new(NEW) };
    static IS_PREPARED: Sentinel = const { Sentinel };
    static HAS_RECORDED: Sentinel = const { Sentinel };
}

/// Prepares the thread for the use of its context. Returns `false` if the thread is quiet.
#[inline(always)]
pub(crate) fn prepare_context() -> bool {
    STATE.get() >= PREPARED || prepare_new()
}

/// Returns `true` if this thread is being destroyed.
#[inline(always)]
pub(crate) fn is_destroyed() -> bool {
    STATE.get() == DESTROYED
}

#[cold]
#[expect(clippy::disallowed_methods, reason = "nothing else may use the context before this has")]
fn prepare_new() -> bool {
    if STATE.get() == NEW {
        initialise(PREPARED, &IS_PREPARED, || {
            Context::map_current(|_| ());
            // Initialises the thread-locals of the subscriber.
            dispatcher::get_default(|dispatch| _ = dispatch.current_span());
        });
    }
    STATE.get() >= PREPARED
}

/// Prepares the thread for its first span. Returns `false` if it can no longer record.
#[inline(always)]
pub(crate) fn prepare_to_record() -> bool {
    STATE.get() == RECORDED || prepare_first_span()
}

#[cold]
fn prepare_first_span() -> bool {
    if !prepare_context() {
        return false;
    }
    initialise(PREPARED, &IS_PREPARED, || _ = RandomIdGenerator::default().new_span_id());
    STATE.get() == PREPARED
}

/// Notes that the thread records its first span: the thread-locals that other layers needed for it exist now.
#[inline(always)]
pub(crate) fn note_first_span() {
    if STATE.get() == PREPARED {
        initialise(RECORDED, &HAS_RECORDED, || {});
    }
}

/// Initialises thread-locals, and the sentinel after them. A destroyed thread-local can be detected only by its
/// panic.
#[cold]
fn initialise(state: u8, sentinel: &'static std::thread::LocalKey<Sentinel>, init: impl FnOnce()) {
    STATE.set(INTERNAL);
    let initialised = catch_unwind(AssertUnwindSafe(|| {
        init();
        sentinel.with(|_| ());
    }));
    STATE.set(if initialised.is_ok() { state } else { DESTROYED });
}

/// Guard of a thread that runs code which only recording needs. Calls in that code are not recorded, and its
/// panics are ignored.
#[derive(Debug)]
pub(crate) struct InternalCode {
    before: u8,
}

impl InternalCode {
    #[inline(always)]
    pub(crate) fn start() -> Self {
        Self { before: STATE.replace(INTERNAL) }
    }

    /// Returns `true` if this thread runs such code.
    pub(crate) fn is_on() -> bool {
        STATE.get() == INTERNAL
    }
}

impl Drop for InternalCode {
    #[inline(always)]
    fn drop(&mut self) {
        STATE.set(self.before);
    }
}
