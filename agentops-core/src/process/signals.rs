//! Shutdown on SIGINT and SIGTERM: ended spans are exported, then the process dies of the signal as without a
//! handler.
//!
//! ```text
//! signal ─▶ handler ─▶ pipe ─▶ thread: shut down ─▶ default action, raised again
//! ```
//!
//! A signal is handled only if its action is the default one: a signal that the program ignores or handles is left
//! alone. A handler that the program installs later takes over, even if it calls the previous one, as those of
//! `signal-hook` and `tokio` do.
#![expect(
    unsafe_code,
    reason = "the system's interface to signals; no library tells who handles one"
)]

use std::{
    io::{self, PipeReader, Read},
    mem,
    os::fd::{IntoRawFd, RawFd},
    ptr,
    sync::atomic::{AtomicI32, AtomicU64, Ordering},
    thread,
};

use libc::{SIG_DFL, SIGINT, SIGTERM, c_int};

use super::{Lock, exit::shut_down_all, fork};

const SIGNALS: [c_int; 2] = [SIGINT, SIGTERM];

/// Milliseconds within which a second signal counts as the same. `timeout` signals a process and its group, and a
/// parent may forward a signal that the terminal has sent already.
const SAME_MILLISECONDS: u64 = 200;

/// Descriptor of the pipe that the thread reads from, or -1.
static PIPE: AtomicI32 = AtomicI32::new(-1);
/// Time of the first signal in milliseconds, or 0.
static FIRST: AtomicU64 = AtomicU64::new(0);

/// Returns `true` for process 1, such as the first of a container, which a signal's default action does not kill.
pub(crate) fn is_immune() -> bool {
    std::process::id() == 1
}

/// Installs handlers that shut everything down at the first signal. A later signal kills the process at once.
pub(crate) fn handle_signals() -> io::Result<()> {
    static IS_READY: Lock<bool> = Lock::new(false);
    let mut is_ready = IS_READY.lock();
    if !mem::replace(&mut *is_ready, true) {
        let (reader, writer) = io::pipe()?;
        thread::Builder::new().name("agentops-signals".to_owned()).spawn(move || listen(reader))?;
        PIPE.store(writer.into_raw_fd(), Ordering::Release);
    }
    SIGNALS.into_iter().filter(|signal| handler_of(*signal) == SIG_DFL).try_for_each(install)
}

fn listen(mut pipe: PipeReader) {
    let mut signal = [0];
    while pipe.read_exact(&mut signal).is_ok() {
        let signal = c_int::from(signal[0]);
        shut_down_all();
        // The program may have installed its own handler meanwhile.
        if is_ours(signal) {
            die_of(signal);
        }
        FIRST.store(0, Ordering::Relaxed);
    }
}

/// Dies by the default action, or else exits with the status that a shell reports for the signal.
fn die_of(signal: c_int) {
    // SAFETY: the set is initialised before it is used, and no other memory is accessed.
    unsafe {
        let mut set = mem::zeroed();
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, signal);
        raise_by_default(signal);
        // A thread inherits the signal mask of its parent, which may block the signal.
        libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const set, ptr::null_mut());
        libc::_exit(128 + signal);
    }
}

/// Handles a signal in whichever thread it arrives; calls async-signal-safe functions only.
extern "C" fn on_signal(signal: c_int) {
    if fork::is_child() {
        return raise_by_default(signal);
    }
    if !is_ours(signal) {
        return;
    }
    let now = now();
    match FIRST.compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed) {
        Ok(_) => wake(signal),
        Err(first) if now.saturating_sub(first) >= SAME_MILLISECONDS => raise_by_default(signal),
        Err(_) => {}
    }
}

fn wake(signal: c_int) {
    let pipe: RawFd = PIPE.load(Ordering::Acquire);
    // SIGINT and SIGTERM fit into a byte.
    let byte = u8::try_from(signal).unwrap_or_default();
    // SAFETY: `byte` is a local variable that is valid for a read of one byte.
    unsafe { libc::write(pipe, (&raw const byte).cast(), 1) };
}

/// Restores the default action and raises the signal, which takes effect once it is not blocked.
fn raise_by_default(signal: c_int) {
    // SAFETY: both functions may be called in a signal handler.
    unsafe {
        libc::signal(signal, SIG_DFL);
        libc::raise(signal);
    }
}

/// Returns the monotonic time in milliseconds, never 0.
fn now() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the function may be called in a signal handler, and `time` is a valid local variable.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time) };
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanoseconds = u64::try_from(time.tv_nsec).unwrap_or_default();
    (seconds * 1_000 + nanoseconds / 1_000_000).max(1)
}

fn is_ours(signal: c_int) -> bool {
    handler_of(signal) == on_signal as *const () as usize
}

/// Returns the address of a signal's handler, or the constant for its action.
fn handler_of(signal: c_int) -> usize {
    // SAFETY: the function may be called in a signal handler, changes nothing, and writes to a valid local
    // variable.
    unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        libc::sigaction(signal, ptr::null(), &raw mut action);
        action.sa_sigaction
    }
}

fn install(signal: c_int) -> io::Result<()> {
    // SAFETY: the handler is async-signal-safe, and `action` is fully initialised.
    let result = unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        action.sa_sigaction = on_signal as *const () as usize;
        // `SA_RESTART`: interrupted system calls of the program continue.
        action.sa_flags = libc::SA_RESTART | libc::SA_ONSTACK;
        libc::sigemptyset(&raw mut action.sa_mask);
        libc::sigaction(signal, &raw const action, ptr::null_mut())
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
