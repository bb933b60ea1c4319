//! Setup of agentops' own threads, whose errors must not affect the program.

/// Blocks `SIGXFSZ` and `SIGPIPE` on this thread. A write beyond the file size limit or to a closed pipe sends
/// them to the writing thread, and their default action kills the process. The write still fails with an error,
/// which is reported.
pub(crate) fn keep_write_signals_off() {
    #[cfg(unix)]
    // SAFETY: the set is initialised before it is used, and only this thread's mask changes.
    #[expect(unsafe_code, reason = "nothing in std changes the mask of a thread")]
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, libc::SIGXFSZ);
        libc::sigaddset(&raw mut set, libc::SIGPIPE);
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut());
    }
}
