//! A process that was forked: its threads are gone, and whatever lock they held is held for ever.
//!
//! There nothing of ours is touched any more: nothing is recorded, nothing delivered, and nothing waits. What
//! was recorded before the fork is the parent's to deliver.

use std::{
    fs::OpenOptions,
    io::Write,
    sync::atomic::{AtomicBool, Ordering},
};

static IS_CHILD: AtomicBool = AtomicBool::new(false);
static HAS_SAID_SO: AtomicBool = AtomicBool::new(false);

/// Runs in the child of a fork, where next to nothing is allowed.
pub(crate) extern "C" fn in_child() {
    IS_CHILD.store(true, Ordering::Relaxed);
}

/// Whether this process was forked from one that was tracing.
pub(crate) fn is_child() -> bool {
    IS_CHILD.load(Ordering::Relaxed)
}

/// Says, once, that nothing is recorded here; not by the process's own stderr, which may be locked.
pub(crate) fn complain(may_use_stderr: bool) {
    if may_use_stderr && !HAS_SAID_SO.swap(true, Ordering::Relaxed) {
        let stderr = OpenOptions::new().append(true).open("/dev/stderr");
        let message = "agentops: this process was forked after tracing had started, so nothing of it is \
                       recorded; call `init` after the fork\n";
        // Where there is no such file, nobody listens.
        _ = stderr.and_then(|mut stderr| stderr.write_all(message.as_bytes()));
    }
}
