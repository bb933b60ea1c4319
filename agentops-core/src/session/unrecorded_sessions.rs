//! Sessions that are not recorded because tracing was not started, or not where they run.
//!
//! A program may leave tracing off on purpose, so the warning appears once, and in debug builds only. If a session
//! began before tracing was started, a warning is logged when it starts.

use std::{
    env,
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use super::CallLocation;
use crate::process::Reporter;

/// Number of cores created so far. `IS_DISABLED`: one of them was created with recording turned off.
static CORES: AtomicUsize = AtomicUsize::new(0);
static IS_DISABLED: AtomicBool = AtomicBool::new(false);

/// First session that was not recorded.
static FIRST: OnceLock<CallLocation> = OnceLock::new();

/// Notes a session that is not recorded. In debug builds it warns the developer, once.
pub(crate) fn note_unrecorded(location: CallLocation) {
    if FIRST.get().is_some() || IS_DISABLED.load(Ordering::Relaxed) || FIRST.set(location).is_err()
    {
        return;
    }
    let Some(location) = FIRST.get().filter(|_| cfg!(debug_assertions) && !is_silenced()) else {
        return;
    };
    let remedy = if CORES.load(Ordering::Relaxed) > 0 {
        "the subscriber that is current there has no layer of agentops; add `agentops::layer(&core)` to it, and \
         set it for the whole process"
    } else {
        "tracing was not started; call `agentops::init()` first and keep its guard"
    };
    let note = "said in debug builds; `AGENTOPS_CONSOLE=off` stops it";
    Reporter::LogOrStderr
        .warn(&format_args!("session {location} is not recorded: {remedy} ({note})"));
}

/// Notes that a core was created. The first one warns about a session that began before it.
pub(crate) fn note_core_created(is_disabled: bool, reporter: Reporter) {
    if is_disabled {
        return IS_DISABLED.store(true, Ordering::Relaxed);
    }
    let is_first = CORES.fetch_add(1, Ordering::Relaxed) == 0;
    if let Some(location) = FIRST.get().filter(|_| is_first) {
        let message = format_args!(
            "session {location} began before tracing was started and is not recorded; call `agentops::init()` before \
             the first session, and no `#[session]` function as the one that calls it"
        );
        reporter.warn(&message);
    }
}

/// Returns `true` if the environment turns such warnings off.
fn is_silenced() -> bool {
    let is = |name: &str, words: &[&str]| {
        let value = env::var(name).unwrap_or_default().trim().to_ascii_lowercase();
        words.contains(&value.as_str())
    };
    is("AGENTOPS_CONSOLE", &["off", "false", "0", "no", "f"])
        || is("OTEL_SDK_DISABLED", &["on", "true", "1", "yes", "t"])
}
