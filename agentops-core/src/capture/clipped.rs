//! What a formatter writes, up to a bound.

use std::{fmt, panic::resume_unwind};

use super::{OPAQUE, PANICKED, TRUNCATED, floor, stack::Stack};
use crate::guarded::guarded;

/// Code that goes on writing after so many failures is told by other means that nobody listens.
const MOST_IGNORED: u32 = 1 << 16;

/// Collects formatted text up to a bound, then stops the formatting.
pub(super) struct Clipped {
    text: String,
    max_len: usize,
    start: Stack,
    is_full: bool,
    /// The pieces that came after that.
    ignored: u32,
    hides_addresses: bool,
    /// Whether the last piece is what a number in hexadecimal digits begins with.
    in_hexadecimal: bool,
}

impl Clipped {
    pub(super) fn new(max_len: usize) -> Self {
        Self {
            text: String::new(),
            max_len,
            start: Stack::here(),
            is_full: false,
            ignored: 0,
            hides_addresses: false,
            in_hexadecimal: false,
        }
    }

    /// Leaves out what looks like an address, which is another one in each run.
    pub(super) fn without_addresses(mut self) -> Self {
        self.hides_addresses = true;
        self
    }

    /// The text of a value, marked where it was cut; and whether it is the whole text.
    pub(super) fn of(mut self, write: impl FnOnce(&mut dyn fmt::Write) -> fmt::Result) -> (String, bool) {
        let written = guarded(|| write(&mut self));
        if self.is_full {
            self.text.push_str(TRUNCATED);
            return (self.text, false);
        }
        match written {
            None => (PANICKED.to_owned(), true),
            Some(Err(fmt::Error)) => (OPAQUE.to_owned(), true),
            Some(Ok(())) => (self.text, true),
        }
    }

    /// What was written so far, and whether that is all.
    pub(super) fn into_text(self) -> (String, bool) {
        (self.text, !self.is_full)
    }

    #[cold]
    fn refuse(&mut self) -> fmt::Result {
        self.is_full = true;
        self.ignored += 1;
        if self.ignored > MOST_IGNORED || self.start.is_overdrawn() {
            leave();
        }
        Err(fmt::Error)
    }

    /// Whether a piece is the digits of an address: most systems have no more of them than 47 bits.
    fn is_address(&self, piece: &str) -> bool {
        self.hides_addresses
            && self.in_hexadecimal
            && (9..=12).contains(&piece.len())
            && piece.bytes().all(|byte| byte.is_ascii_hexdigit())
    }
}

/// Leaves code that does not heed an error. Whoever holds a lock of the standard library there poisons it, so
/// this is the last resort; the next would be an overflow of the stack.
fn leave() {
    if cfg!(panic = "unwind") {
        resume_unwind(Box::new("nobody listens any more"));
    }
}

impl fmt::Write for Clipped {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        if self.is_full || self.start.is_used_up() {
            return self.refuse();
        }
        let piece = if self.is_address(piece) { "…" } else { piece };
        self.in_hexadecimal = piece == "0x";
        let room = self.max_len - self.text.len();
        if piece.len() <= room {
            self.text.push_str(piece);
            return Ok(());
        }
        self.text.push_str(floor(piece, room));
        self.refuse()
    }
}
