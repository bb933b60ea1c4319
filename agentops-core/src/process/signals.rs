//! SIGINT and SIGTERM: what has ended is delivered, then the process dies of the signal as it would have.
//!
//! ```text
//! signal ─▶ handler ─▶ pipe ─▶ thread: shut down ─▶ default action, raised again
//! ```
//!
//! Only a signal whose action is the default one is handled: what the program ignores stays ignored, and what
//! it handles is its own. A handler that it installs later is in charge from then on, also where that calls
//! the one from before, as those of `signal-hook` and `tokio` do.
#![expect(
    unsafe_code,
    reason = "the system's interface to signals; no library tells who handles one"
)]

use std::{
    io::{self, PipeReader, Read},
    mem,
    os::fd::{IntoRawFd, RawFd},
    ptr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI32, AtomicU64, Ordering},
    },
    thread,
};

use libc::{SIG_DFL, SIGINT, SIGTERM, c_int};

use super::{exit::shut_down_all, fork};

const SIGNALS: [c_int; 2] = [SIGINT, SIGTERM];

/// Who signals a process and its group, as `timeout` does, signals it twice and means it once; so does who
/// passes a signal on that the terminal has sent already.
const SAME_MILLISECONDS: u64 = 200;

/// Where the thread listens.
static PIPE: AtomicI32 = AtomicI32::new(-1);
/// When the first signal came, in milliseconds, or 0.
static FIRST: AtomicU64 = AtomicU64::new(0);

/// Whether the default action of a signal is none: the first process of a container is not killed by it.
pub(crate) fn is_immune() -> bool {
    std::process::id() == 1
}

/// Has everything shut down at the first signal; one that comes later kills at once.
pub(crate) fn handle_signals() -> io::Result<()> {
    static IS_READY: Mutex<bool> = Mutex::new(false);
    let mut is_ready = IS_READY.lock().unwrap_or_else(PoisonError::into_inner);
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
        // The program may have taken charge meanwhile.
        if is_ours(signal) {
            die_of(signal);
        }
        FIRST.store(0, Ordering::Relaxed);
    }
}

/// Dies as by the default action, or else with the status that a shell gives to that.
fn die_of(signal: c_int) {
    // SAFETY: the set is filled before it is used, and nothing here touches memory of others.
    unsafe {
        let mut set = mem::zeroed();
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, signal);
        raise_by_default(signal);
        // A thread inherits what its parent does not want to hear.
        libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const set, ptr::null_mut());
        libc::_exit(128 + signal);
    }
}

/// Runs when a signal comes, wherever the program is: it does what may be done there.
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
    // Both signals are small numbers.
    let byte = u8::try_from(signal).unwrap_or_default();
    // SAFETY: one byte is read from a variable that is there.
    unsafe { libc::write(pipe, (&raw const byte).cast(), 1) };
}

/// Has the default action taken as soon as the signal is not blocked any more.
fn raise_by_default(signal: c_int) {
    // SAFETY: both may be called in a handler.
    unsafe {
        libc::signal(signal, SIG_DFL);
        libc::raise(signal);
    }
}

/// Milliseconds by a clock that nobody sets, never 0.
fn now() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: it may be called in a handler, and writes to a variable that is there.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time) };
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanoseconds = u64::try_from(time.tv_nsec).unwrap_or_default();
    (seconds * 1_000 + nanoseconds / 1_000_000).max(1)
}

fn is_ours(signal: c_int) -> bool {
    handler_of(signal) == on_signal as *const () as usize
}

/// The address of a signal's handler, or what stands for its action.
fn handler_of(signal: c_int) -> usize {
    // SAFETY: it may be called in a handler; nothing is changed, and a variable that is there is written to.
    unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        libc::sigaction(signal, ptr::null(), &raw mut action);
        action.sa_sigaction
    }
}

fn install(signal: c_int) -> io::Result<()> {
    // SAFETY: the handler does only what may be done in one, and the action is complete.
    let result = unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        action.sa_sigaction = on_signal as *const () as usize;
        // What the program waits for goes on.
        action.sa_flags = libc::SA_RESTART | libc::SA_ONSTACK;
        libc::sigemptyset(&raw mut action.sa_mask);
        libc::sigaction(signal, &raw const action, ptr::null_mut())
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
