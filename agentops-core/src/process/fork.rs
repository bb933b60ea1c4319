//! A process that was forked: its threads are gone, and whatever lock they held is held for ever.
//!
//! There nothing of ours is touched any more: nothing is recorded, nothing delivered, and nothing waits. What
//! was recorded before the fork is the parent's to deliver, and the files that it locks are the parent's.

use std::{
    fs::{File, OpenOptions},
    io::Write,
    sync::atomic::{AtomicBool, AtomicI32, Ordering},
};

static IS_CHILD: AtomicBool = AtomicBool::new(false);
static HAS_SAID_SO: AtomicBool = AtomicBool::new(false);

/// The descriptors of files that a child must not hold, as far as there is room.
static OF_PARENT: [AtomicI32; 32] = [const { AtomicI32::new(NONE) }; 32];
const NONE: i32 = -1;

/// Runs in the child of a fork, where next to nothing is allowed.
pub(crate) extern "C" fn in_child() {
    IS_CHILD.store(true, Ordering::Relaxed);
    #[cfg(unix)]
    for place in &OF_PARENT {
        let descriptor = place.swap(NONE, Ordering::Relaxed);
        if descriptor != NONE {
            let_go(descriptor);
        }
    }
}

/// Lets go of a file, while its descriptor stays taken: whoever owns it will close it.
#[cfg(unix)]
fn let_go(descriptor: i32) {
    // SAFETY: all three may be called in the child of a fork, and the descriptor is ours to replace.
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

/// A lock goes when nobody holds its file any more: a child of a fork is not to hold it.
pub(crate) fn leave_to_parent(file: &File) {
    let descriptor = descriptor(file);
    let claim = |place: &&AtomicI32| {
        place.compare_exchange(NONE, descriptor, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    };
    // Without a place the child holds it for as long as it lives, which is a delay and no more.
    let _ = OF_PARENT.iter().find(claim);
}

/// The file is about to be closed.
pub(crate) fn is_gone(file: &File) {
    let descriptor = descriptor(file);
    for place in &OF_PARENT {
        let _ = place.compare_exchange(descriptor, NONE, Ordering::Relaxed, Ordering::Relaxed);
    }
}

#[cfg(unix)]
fn descriptor(file: &File) -> i32 {
    std::os::fd::AsRawFd::as_raw_fd(file)
}

/// Nobody forks.
#[cfg(not(unix))]
fn descriptor(_: &File) -> i32 {
    NONE
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
