//! Detection of code that ignores errors and keeps writing.

use std::panic::resume_unwind;

/// Maximum number of ignored errors before the code is aborted by unwinding.
const MOST: u32 = 1 << 16;

/// Number of errors returned to code that should have stopped at the first.
#[derive(Debug, Default)]
pub(crate) struct Ignored(u32);

impl Ignored {
    /// Counts an ignored error. Unwinds if there are too many.
    #[cold]
    pub(crate) fn add(&mut self) {
        self.0 += 1;
        if self.0 > MOST {
            self.leave();
        }
    }

    /// Unwinds out of code that ignores errors; the caller catches it like a panic. The panic hook is not called.
    /// A standard library lock held by the code is poisoned, so this is the last resort before a stack overflow or
    /// an endless loop. Does nothing with `panic = "abort"`.
    pub(crate) fn leave(&self) {
        if cfg!(panic = "unwind") {
            resume_unwind(Box::new(self.0));
        }
    }
}
