//! SIGINT and SIGTERM: what has ended is delivered, then the process dies of the signal as it would have.

use std::{
    io,
    sync::{Arc, Once, atomic::AtomicBool},
    thread,
};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
    iterator::Signals,
    low_level::emulate_default_handler,
};

use crate::exit::shut_down_all;

/// Has everything shut down at the first signal; the second one kills at once.
pub(crate) fn handle_signals() -> io::Result<()> {
    static REGISTERED: Once = Once::new();
    let mut result = Ok(());
    REGISTERED.call_once(|| result = register());
    result
}

fn register() -> io::Result<()> {
    let again = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order: the first signal finds the flag down.
        flag::register_conditional_default(signal, Arc::clone(&again))?;
        flag::register(signal, Arc::clone(&again))?;
    }
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let work = move || {
        if let Some(signal) = signals.forever().next() {
            shut_down_all();
            let _ = emulate_default_handler(signal);
        }
    };
    thread::Builder::new().name("agentops-signals".to_owned()).spawn(work).map(drop)
}
