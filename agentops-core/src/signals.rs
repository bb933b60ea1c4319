//! SIGINT and SIGTERM: what has ended is delivered, then the process dies of the signal as it would have.

use std::{
    io,
    sync::{
        Arc, Once,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
    iterator::Signals,
    low_level::emulate_default_handler,
};

use crate::exit::shut_down_all;

/// Who signals a process and its group, as `timeout` does, signals it twice and means it once.
const SAME: Duration = Duration::from_secs(1);

/// Has everything shut down at the first signal; one that comes later kills at once.
pub(crate) fn handle_signals() -> io::Result<()> {
    static REGISTERED: Once = Once::new();
    let mut result = Ok(());
    REGISTERED.call_once(|| result = register());
    result
}

fn register() -> io::Result<()> {
    let again = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        flag::register_conditional_default(signal, Arc::clone(&again))?;
    }
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let work = move || {
        if let Some(signal) = signals.forever().next() {
            raise_later(again);
            shut_down_all();
            let _ = emulate_default_handler(signal);
        }
    };
    thread::Builder::new().name("agentops-signals".to_owned()).spawn(work).map(drop)
}

fn raise_later(flag: Arc<AtomicBool>) {
    let spare = Arc::clone(&flag);
    let raise = move || {
        thread::sleep(SAME);
        flag.store(true, Ordering::Relaxed);
    };
    if thread::Builder::new().name("agentops-signals".to_owned()).spawn(raise).is_err() {
        spare.store(true, Ordering::Relaxed);
    }
}
