//! Contents of a spool when a process opens it: its own place's files, and those of places that others have left.

use std::{
    io::{self, ErrorKind},
    iter,
};

use super::file::{Listing, Name, Waiting, number_after, sweep};
use crate::{
    journal::{Slot, take_aborted},
    private_files::rename_to_free,
};

/// So many names may be taken in a row before that is an error.
const MOST_TAKEN: usize = 1_000;

/// All that is in our place now.
#[derive(Debug)]
pub(super) struct Found {
    /// The oldest first.
    pub(super) files: Vec<Waiting>,
    /// The number of the next file.
    pub(super) next: u64,
    /// Number of entries that look like segments and are not ours.
    pub(super) strangers: u64,
}

impl Found {
    pub(super) fn in_place(slot: &Slot) -> io::Result<Self> {
        sweep(&slot.dir);
        take_aborted(slot, slot)?;
        let Listing { files, strangers } = Listing::of(&slot.dir)?;
        let next = files.last().map_or(0, |last| number_after(last.name.number));
        Ok(Self { files, next, strangers })
    }

    /// Adds what is in a place that somebody has left. What cannot be moved stays there.
    pub(super) fn take_over(&mut self, left: &Slot, slot: &Slot) -> io::Result<()> {
        sweep(&left.dir);
        let Listing { files, strangers } = Listing::of(&left.dir)?;
        self.strangers = self.strangers.saturating_add(strangers);
        for file in files {
            let moved = |number| Waiting { name: Name { number, ..file.name }, ..file };
            let from = file.path_in(&left.dir);
            let number = with_free_number(
                || take(&mut self.next),
                |number| rename_to_free(&from, &moved(number).path_in(&slot.dir)),
            )?;
            self.files.push(moved(number));
        }
        take_aborted(left, slot)
    }
}

/// Takes a number: nobody gets it again.
pub(super) fn take(next: &mut u64) -> u64 {
    let after = number_after(*next);
    std::mem::replace(next, after)
}

/// Tries numbers until a file has found its place, which nothing had before.
pub(super) fn with_free_number(
    numbers: impl FnMut() -> u64,
    mut place: impl FnMut(u64) -> io::Result<()>,
) -> io::Result<u64> {
    for number in iter::repeat_with(numbers).take(MOST_TAKEN) {
        match place(number) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            placed => return placed.map(|()| number),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}
