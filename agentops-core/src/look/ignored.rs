//! Code that goes on whatever it is told.

use std::panic::resume_unwind;

/// After so many errors that nobody heeds, it is left.
const MOST: u32 = 1 << 16;

/// The errors that were returned, one of which should have been enough.
#[derive(Debug, Default)]
pub(crate) struct Ignored(u32);

impl Ignored {
    /// Counts one more; where they are too many it does not return.
    #[cold]
    pub(crate) fn count(&mut self) {
        self.0 += 1;
        if self.0 > MOST {
            self.leave();
        }
    }

    /// Leaves code that heeds no error, for whoever has caught panics around it. No hook is told. A lock of the
    /// standard library that the code holds is poisoned by that, so this is the last resort: what would come next
    /// is an overflow of the stack, or no end.
    pub(crate) fn leave(&self) {
        if cfg!(panic = "unwind") {
            resume_unwind(Box::new(self.0));
        }
    }
}
