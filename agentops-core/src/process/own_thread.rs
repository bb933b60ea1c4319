//! Threads of ours, whose trouble must not become the program's.

/// Keeps the signals off that a write to a file that may not grow, or to a pipe that nobody reads, sends to its
/// own thread: their default action ends the process. The write fails all the same, and that is told.
pub(crate) fn keep_write_signals_off() {
    #[cfg(unix)]
    // SAFETY: the set is filled before it is used, and only this thread's mask changes.
    #[expect(unsafe_code, reason = "nothing in std changes the mask of a thread")]
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, libc::SIGXFSZ);
        libc::sigaddset(&raw mut set, libc::SIGPIPE);
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut());
    }
}
