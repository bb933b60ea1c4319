//! Handling of forked child processes, where all other threads are gone and the locks they held are never
//! released.
//!
//! In a forked child agentops records nothing, exports nothing and waits for nothing. Spans that were recorded
//! before the fork are exported by the parent, and locked files stay with the parent.

use std::{
    fs::{File, OpenOptions},
    io::Write,
    sync::atomic::{AtomicBool, AtomicI32, Ordering},
};

use super::{first_time::FirstTime, report::Reporter};

static IS_CHILD: AtomicBool = AtomicBool::new(false);
static WARNING: FirstTime = FirstTime::new();

/// Descriptors of locked files that a forked child must release. Files beyond the table's size are not released.
static LOCKED_FILES: [AtomicI32; 32] = [const { AtomicI32::new(NONE) }; 32];
const NONE: i32 = -1;

/// Runs in the child of a fork, where only async-signal-safe functions may be called.
pub(crate) extern "C" fn in_child() {
    IS_CHILD.store(true, Ordering::Relaxed);
    #[cfg(unix)]
    for slot in &LOCKED_FILES {
        let descriptor = slot.swap(NONE, Ordering::Relaxed);
        if descriptor != NONE {
            release(descriptor);
        }
    }
}

/// Releases a file but keeps its descriptor in use: its owner will close the descriptor.
#[cfg(unix)]
fn release(descriptor: i32) {
    // SAFETY: all three functions may be called in the child of a fork, and the descriptor belongs to this module.
    #[expect(unsafe_code, reason = "nothing else may be called here")]
    unsafe {
        let nothing = libc::open(c"/dev/null".as_ptr(), libc::O_RDWR | libc::O_CLOEXEC);
        if nothing != NONE {
            libc::dup2(nothing, descriptor);
            libc::fcntl(descriptor, libc::F_SETFD, libc::FD_CLOEXEC);
            libc::close(nothing);
        }
    }
}

/// Registers a locked file so that a forked child releases it: a lock is held until the last process closes
/// its file.
pub(crate) fn register_locked(file: &File) {
    let descriptor = descriptor(file);
    let claim = |slot: &&AtomicI32| {
        slot.compare_exchange(NONE, descriptor, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    };
    // Without a free slot the child holds the lock until it exits, which only delays its release.
    let _ = LOCKED_FILES.iter().find(claim);
}

/// Unregisters a file that is about to be closed.
pub(crate) fn unregister_locked(file: &File) {
    let descriptor = descriptor(file);
    for slot in &LOCKED_FILES {
        let _ = slot.compare_exchange(descriptor, NONE, Ordering::Relaxed, Ordering::Relaxed);
    }
}

#[cfg(unix)]
fn descriptor(file: &File) -> i32 {
    std::os::fd::AsRawFd::as_raw_fd(file)
}

/// Platforms other than Unix do not fork.
#[cfg(not(unix))]
fn descriptor(_: &File) -> i32 {
    NONE
}

/// Returns `true` if this process was forked from one that was tracing.
pub(crate) fn is_child() -> bool {
    IS_CHILD.load(Ordering::Relaxed)
}

/// Warns, once, that nothing is recorded in a forked child. Opens `/dev/stderr`, because the process's own stderr
/// may be locked.
pub(crate) fn warn_in_child(reporter: Reporter) {
    if reporter == Reporter::LogOrStderr && WARNING.claim() {
        let stderr = OpenOptions::new().append(true).open("/dev/stderr");
        let message = "agentops: this process was forked after tracing had started, so nothing of it is \
                       recorded; call `init` after the fork\n";
        // Without such a file the warning is dropped.
        _ = stderr.and_then(|mut stderr| stderr.write_all(message.as_bytes()));
    }
}
