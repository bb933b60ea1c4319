//! Formats values as text, up to a bound.

use std::fmt;

use super::{OPAQUE, PANICKED, TRUNCATED, ignored_errors::Ignored, stack_limit::Stack};
use crate::{process::catch_user_panic, text::prefix};

/// Collects formatted text up to a bound, then stops the formatting by an error.
pub(crate) struct Clipped {
    text: String,
    max_len: usize,
    start: Stack,
    is_full: bool,
    ignored: Ignored,
    hides_addresses: bool,
    /// `true` if the last piece was `0x`, the prefix of a hexadecimal number.
    in_hexadecimal: bool,
}

impl Clipped {
    pub(crate) fn new(max_len: usize) -> Self {
        Self {
            text: String::new(),
            max_len,
            start: Stack::here(),
            is_full: false,
            ignored: Ignored::default(),
            hides_addresses: false,
            in_hexadecimal: false,
        }
    }

    /// Replaces text that looks like an address, since addresses differ in each run.
    pub(crate) fn without_addresses(mut self) -> Self {
        self.hides_addresses = true;
        self
    }

    /// Returns the text of a value, marked if it was cut, and whether it is complete.
    pub(crate) fn of(
        mut self,
        write: impl FnOnce(&mut dyn fmt::Write) -> fmt::Result,
    ) -> (String, bool) {
        let written = catch_user_panic(|| write(&mut self));
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

    /// Returns the text so far and whether it is complete.
    pub(crate) fn into_text(self) -> (String, bool) {
        (self.text, !self.is_full)
    }

    #[cold]
    fn refuse(&mut self) -> fmt::Result {
        self.is_full = true;
        self.ignored.add();
        if self.start.is_overdrawn() {
            self.ignored.leave();
        }
        Err(fmt::Error)
    }

    /// Returns `true` if a piece is the hexadecimal digits of an address. Most systems use at most 47 bits.
    fn is_address(&self, piece: &str) -> bool {
        self.hides_addresses
            && self.in_hexadecimal
            && (9..=12).contains(&piece.len())
            && piece.bytes().all(|byte| byte.is_ascii_hexdigit())
    }
}

/// Formats a value as a text of at most `max_len` bytes, marked if it was cut. Also returns whether it is
/// complete.
pub(crate) fn clipped(display: impl fmt::Display, max_len: usize) -> (String, bool) {
    Clipped::new(max_len).of(|out| write!(out, "{display}"))
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
        self.text.push_str(prefix(piece, room));
        self.refuse()
    }
}
