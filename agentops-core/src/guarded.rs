//! Code of the user's that only the record needs.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs it; its panic must not become the program's.
pub fn guarded<T>(code: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(code)).ok()
}
