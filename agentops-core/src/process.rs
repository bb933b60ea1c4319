//! Process-wide services: exit, forks, signals, panics, messages, and calls of user code.

mod blocking_work;
mod catch_user_panic;
mod colours;
mod exit;
mod first_time;
pub(crate) mod fork;
mod lock;
mod own_thread;
mod panics;
pub(crate) mod presentable;
pub(crate) mod report;
#[cfg(all(unix, feature = "signals"))]
mod signals;
pub(crate) mod thread_context;
mod thread_state;

pub use self::catch_user_panic::catch_user_panic;
pub(crate) use self::{
    blocking_work::run_blocking,
    colours::wants_colours,
    exit::{ShutDown, shut_down_at_exit},
    first_time::FirstTime,
    lock::Lock,
    own_thread::keep_write_signals_off,
    panics::{Panic, PanicLocation, PanicMark, watch_panics},
    report::Reporter,
    thread_state::{note_first_span, prepare_context, prepare_to_record},
};

#[cfg(all(unix, feature = "signals"))]
pub(crate) use self::signals::{handle_signals, is_immune};
