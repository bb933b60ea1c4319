//! The stack that looking at a value uses: the one measure that every way of recursing has.

use std::ptr;

/// The bytes that looking at a value may use: its stack is the program's. A thread has 2 MiB as a rule.
const MOST: usize = 128 << 10;

/// A place on the stack.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stack(usize);

impl Stack {
    /// Here.
    #[inline(always)]
    pub(crate) fn here() -> Self {
        let mark = 0_u8;
        Self(ptr::from_ref(&mark).addr())
    }

    /// True if the calling code is too far from there.
    #[inline(always)]
    pub(crate) fn is_used_up(self) -> bool {
        self.0.abs_diff(Self::here().0) > MOST
    }

    /// True if it goes on all the same.
    pub(crate) fn is_overdrawn(self) -> bool {
        self.0.abs_diff(Self::here().0) > 2 * MOST
    }
}
