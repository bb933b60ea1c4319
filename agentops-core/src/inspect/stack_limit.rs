//! Limit on the stack space used for reading a value: the only measure that covers every kind of recursion.

use std::ptr;

/// Maximum number of bytes of the program's stack used for reading a value. A thread usually has 2 MiB.
const MOST: usize = 128 << 10;

/// Position on the stack.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stack(usize);

impl Stack {
    /// Returns the current position.
    #[inline(always)]
    pub(crate) fn here() -> Self {
        // The address of a local. Which way the stack grows does not matter, since distances are absolute.
        let mark = 0_u8;
        Self(ptr::from_ref(&mark).addr())
    }

    /// Returns `true` if the caller is too far from this position and must stop.
    #[inline(always)]
    pub(crate) fn is_used_up(self) -> bool {
        self.0.abs_diff(Self::here().0) > MOST
    }

    /// Returns `true` if the code has continued well past the limit despite the error.
    pub(crate) fn is_overdrawn(self) -> bool {
        self.0.abs_diff(Self::here().0) > 2 * MOST
    }
}
