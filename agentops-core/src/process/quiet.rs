//! Moments in which a thread records nothing: while a value is looked at, and while the thread goes down.
//!
//! A thread-local of a dependency that is asked after its end panics, and a panic in a destructor aborts the
//! process. Thread-locals end in the opposite order of their beginnings. So what recording needs is asked for
//! once, a sentinel begins after it, and from the sentinel's end on the thread is over.
//!
//! ```text
//! NEW ─▶ ASKED ─▶ RECORDED ─▶ OVER       LOOKING, in between, for as long as a value is looked at
//!      first ask   first span  sentinel
//! ```

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
};

use opentelemetry::Context;
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};
use tracing::dispatcher;

/// Nothing is known of the thread.
const NEW: u8 = 0;
/// It goes down.
const OVER: u8 = 1;
/// It runs code that only the record needs.
const LOOKING: u8 = 2;
/// It has a place in the OpenTelemetry context, even if an empty one.
const ASKED: u8 = 3;
/// It has recorded a span.
const RECORDED: u8 = 4;

/// Ends when the thread goes down.
struct Sentinel;

impl Drop for Sentinel {
    fn drop(&mut self) {
        STATE.set(OVER);
    }
}

thread_local! {
    /// It has no destructor, so it is there to the end.
    static STATE: Cell<u8> = const { Cell::new(NEW) };
    static HAS_ASKED: Sentinel = const { Sentinel };
    static HAS_RECORDED: Sentinel = const { Sentinel };
}

/// True if this thread records nothing at this moment.
#[inline(always)]
pub(crate) fn is_quiet() -> bool {
    STATE.get() < ASKED && is_quiet_now()
}

/// True if this thread goes down.
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
            // The subscriber's own.
            dispatcher::get_default(|dispatch| _ = dispatch.current_span());
        });
    }
    STATE.get() < ASKED
}

/// Before the first span of this thread; false if it cannot have one any more.
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

/// Within the first span of this thread: what other layers needed for it is there now.
#[inline(always)]
pub(crate) fn has_recorded() {
    if STATE.get() == ASKED {
        begin(RECORDED, &HAS_RECORDED, || {});
    }
}

/// Asks for thread-locals and lets the sentinel begin after them. Whether one of them has ended already only
/// its panic tells.
#[cold]
fn begin(state: u8, sentinel: &'static std::thread::LocalKey<Sentinel>, ask: impl FnOnce()) {
    STATE.set(LOOKING);
    let asked = catch_unwind(AssertUnwindSafe(|| {
        ask();
        sentinel.with(|_| ());
    }));
    STATE.set(if asked.is_ok() { state } else { OVER });
}

/// As long as it lives, this thread runs code that only the record needs: what that calls is not recorded, and
/// its panics are nobody's business.
#[derive(Debug)]
pub(crate) struct Looking {
    before: u8,
}

impl Looking {
    #[inline(always)]
    pub(crate) fn start() -> Self {
        Self { before: STATE.replace(LOOKING) }
    }

    /// True if this thread does.
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
