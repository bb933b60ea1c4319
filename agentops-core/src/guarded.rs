//! Code of the user's that only the record needs.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::panics::Moment;

/// Runs it; its panic must not become the program's, nor be taken for it.
pub fn guarded<T>(code: impl FnOnce() -> T) -> Option<T> {
    let start = Moment::now();
    catch_unwind(AssertUnwindSafe(code)).map_err(|_| start.forget()).ok()
}
