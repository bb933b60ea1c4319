//! Code of the user's that only the record needs.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{panics::Moment, quiet::Looking};

/// Runs it; its panic must not become the program's, nor be taken for it, nor be seen by the program's hook.
/// What it calls is not recorded.
pub fn guarded<T>(code: impl FnOnce() -> T) -> Option<T> {
    let start = Moment::now();
    let _looking = Looking::start();
    catch_unwind(AssertUnwindSafe(code)).map_err(|_| start.forget()).ok()
}
