//! Files that a process finds in a spool: those of its own slot, and those of slots that dead processes have left.

use std::{
    io::{self, ErrorKind},
    iter,
};

use super::spool_file::{FileName, FolderListing, SpoolFile, number_after, sweep};
use crate::disk::{Slot, journal::adopt_open_spans, private_files::rename_to_free};

/// Maximum number of names in a row that may be taken before it is an error.
const MOST_TAKEN: usize = 1_000;

/// Content of this process's slot.
#[derive(Debug)]
pub(super) struct FoundFiles {
    /// Files, oldest first.
    pub(super) files: Vec<SpoolFile>,
    /// Number of the next file.
    pub(super) next: u64,
    /// Number of entries that look like segments but are not.
    pub(super) strangers: u64,
}

impl FoundFiles {
    pub(super) fn in_place(slot: &Slot) -> io::Result<Self> {
        sweep(&slot.dir);
        adopt_open_spans(slot, slot)?;
        let FolderListing { files, strangers } = FolderListing::of(&slot.dir)?;
        let next = files.last().map_or(0, |last| number_after(last.name.number));
        Ok(Self { files, next, strangers })
    }

    /// Moves the files of a dead process's slot into this one. Files that cannot be moved stay there.
    pub(super) fn take_over(&mut self, left: &Slot, slot: &Slot) -> io::Result<()> {
        sweep(&left.dir);
        let FolderListing { files, strangers } = FolderListing::of(&left.dir)?;
        self.strangers = self.strangers.saturating_add(strangers);
        for file in files {
            let moved = |number| SpoolFile { name: FileName { number, ..file.name }, ..file };
            let from = file.path_in(&left.dir);
            let number = with_free_number(
                || next_number(&mut self.next),
                |number| rename_to_free(&from, &moved(number).path_in(&slot.dir)),
            )?;
            self.files.push(moved(number));
        }
        adopt_open_spans(left, slot)
    }
}

/// Takes the next number, so that it is not used again.
pub(super) fn next_number(next: &mut u64) -> u64 {
    let after = number_after(*next);
    std::mem::replace(next, after)
}

/// Tries numbers until `place` succeeds with a name that is not taken.
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
