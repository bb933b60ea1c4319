//! Quiet threads: those that record nothing because they run code for recording, or are being destroyed.
//!
//! Accessing a destroyed thread-local of a dependency panics, and a panic in a destructor aborts the process.
//! Thread-locals are destroyed in the reverse order of their initialisation. So everything that recording needs is
//! initialised first and a sentinel after it: once the sentinel is destroyed, the thread is over.
//!
//! ```text
//! NEW ─▶ ASKED ─▶ RECORDED ─▶ OVER       LOOKING, in between, while code runs that only recording needs
//!      first ask   first span  sentinel
//! ```

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
};

use opentelemetry::Context;
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};
use tracing::dispatcher;

/// Initial state of a thread.
const NEW: u8 = 0;
/// The thread is being destroyed.
const OVER: u8 = 1;
/// The thread runs code that only recording needs.
const LOOKING: u8 = 2;
/// The thread has initialised its OpenTelemetry context, which may be empty.
const ASKED: u8 = 3;
/// The thread has recorded a span.
const RECORDED: u8 = 4;

/// Sentinel that marks the thread as over when it is destroyed.
struct Sentinel;

impl Drop for Sentinel {
    fn drop(&mut self) {
        STATE.set(OVER);
    }
}

thread_local! {
    /// State of this thread. It has no destructor, so it stays accessible until the thread ends.
    static STATE: Cell<u8> = const { Cell::new(NEW) };
    static HAS_ASKED: Sentinel = const { Sentinel };
    static HAS_RECORDED: Sentinel = const { Sentinel };
}

/// Returns `true` if this thread records nothing at the moment.
#[inline(always)]
pub(crate) fn is_quiet() -> bool {
    STATE.get() < ASKED && is_quiet_now()
}

/// Returns `true` if this thread is being destroyed.
#[inline(always)]
pub(crate) fn is_over() -> bool {
    STATE.get() == OVER
}

#[cold]
#[expect(clippy::disallowed_methods, reason = "nobody else may ask before this has")]
fn is_quiet_now() -> bool {
    if STATE.get() == NEW {
        begin(ASKED, &HAS_ASKED, || {
            Context::map_current(|_| ());
            // Initialises the thread-locals of the subscriber.
            dispatcher::get_default(|dispatch| _ = dispatch.current_span());
        });
    }
    STATE.get() < ASKED
}

/// Prepares the thread for its first span. Returns `false` if it can no longer record.
#[inline(always)]
pub(crate) fn may_record() -> bool {
    STATE.get() == RECORDED || may_begin_to_record()
}

#[cold]
fn may_begin_to_record() -> bool {
    if is_quiet() {
        return false;
    }
    begin(ASKED, &HAS_ASKED, || _ = RandomIdGenerator::default().new_span_id());
    STATE.get() == ASKED
}

/// Notes that the thread records its first span: the thread-locals that other layers needed for it exist now.
#[inline(always)]
pub(crate) fn note_first_span() {
    if STATE.get() == ASKED {
        begin(RECORDED, &HAS_RECORDED, || {});
    }
}

/// Initialises thread-locals, and the sentinel after them. A destroyed thread-local can be detected only by its
/// panic.
#[cold]
fn begin(state: u8, sentinel: &'static std::thread::LocalKey<Sentinel>, ask: impl FnOnce()) {
    STATE.set(LOOKING);
    let asked = catch_unwind(AssertUnwindSafe(|| {
        ask();
        sentinel.with(|_| ());
    }));
    STATE.set(if asked.is_ok() { state } else { OVER });
}

/// Guard of a thread that runs code which only recording needs. Calls in that code are not recorded, and its
/// panics are ignored.
#[derive(Debug)]
pub(crate) struct Looking {
    before: u8,
}

impl Looking {
    #[inline(always)]
    pub(crate) fn start() -> Self {
        Self { before: STATE.replace(LOOKING) }
    }

    /// Returns `true` if this thread runs such code.
    pub(crate) fn is_on() -> bool {
        STATE.get() == LOOKING
    }
}

impl Drop for Looking {
    #[inline(always)]
    fn drop(&mut self) {
        STATE.set(self.before);
    }
}
