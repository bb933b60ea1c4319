//! Calls of user code that only recording needs.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{panics::PanicMark, thread_state::InternalCode};

/// Runs user code and returns its result, or `None` if it panics. The panic does not unwind into the program, is
/// not recorded as one of the program's, and does not reach the program's panic hook. Calls in the code are not
/// recorded.
pub fn catch_user_panic<T>(code: impl FnOnce() -> T) -> Option<T> {
    let start = PanicMark::now();
    let _internal = InternalCode::start();
    catch_unwind(AssertUnwindSafe(code)).map_err(|_| start.forget_later()).ok()
}
