//! Guarded calls of user code that only recording needs.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{panics::Moment, quiet::Looking};

/// Runs user code and returns its result, or `None` if it panics. The panic does not unwind into the program, is
/// not recorded as one of the program's, and does not reach the program's panic hook. Calls in the code are not
/// recorded.
pub fn catch_user_panic<T>(code: impl FnOnce() -> T) -> Option<T> {
    let start = Moment::now();
    let _looking = Looking::start();
    catch_unwind(AssertUnwindSafe(code)).map_err(|_| start.forget()).ok()
}
