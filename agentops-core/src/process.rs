//! Process-wide services: exit, forks, signals, panics, messages, and guarded calls of user code.

mod aside;
mod catch_user_panic;
mod exit;
pub(crate) mod fork;

pub(crate) mod here;
mod lock;
mod own_thread;
mod panics;
pub(crate) mod presentable;
mod quiet;
pub(crate) mod report;
#[cfg(all(unix, feature = "signals"))]
mod signals;

pub use self::catch_user_panic::catch_user_panic;
pub(crate) use self::{
    aside::aside,
    exit::{ShutDown, shut_down_at_exit},
    lock::Lock,
    own_thread::keep_write_signals_off,
    panics::{Moment, Panic, Place, watch_panics},
    quiet::{is_quiet, may_record, note_first_span},
};

#[cfg(all(unix, feature = "signals"))]
pub(crate) use self::signals::{handle_signals, is_immune};
