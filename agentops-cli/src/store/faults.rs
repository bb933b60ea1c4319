//! Parts of a store that could not be read: counted, and the first of them with place and reason.

use std::{
    fmt::Display,
    path::{Path, PathBuf},
};

/// Most faults that are kept with place and reason.
const MOST_KEPT: usize = 100;

/// Part that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) path: PathBuf,
    /// Offset of the line in bytes, if the fault is in a line.
    pub(crate) offset: Option<u64>,
    /// Reason, in lower case.
    pub(crate) reason: String,
}

/// Faults of a store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    first: Vec<Fault>,
    count: u64,
}

impl Faults {
    /// Adds a fault of a whole file.
    pub(super) fn add_file(&mut self, path: &Path, reason: &dyn Display) {
        self.add(Fault { path: path.to_owned(), offset: None, reason: reason.to_string() });
    }

    /// Adds a fault of the line at an offset.
    pub(super) fn add_line(&mut self, path: &Path, offset: u64, reason: &dyn Display) {
        self.add(Fault { path: path.to_owned(), offset: Some(offset), reason: reason.to_string() });
    }

    /// Adds the faults of another part, without those that are kept already.
    pub(crate) fn append(&mut self, other: Self) {
        self.count += other.count - other.first.len() as u64;
        for fault in other.first {
            if !self.first.contains(&fault) {
                self.add(fault);
            }
        }
    }

    /// Returns these without the faults of lines from an offset on.
    pub(super) fn before(mut self, offset: u64) -> Self {
        let kept = self.first.len();
        self.first.retain(|fault| fault.offset.is_none_or(|at| at < offset));
        self.count -= (kept - self.first.len()) as u64;
        self
    }

    fn add(&mut self, fault: Fault) {
        self.count += 1;
        if self.first.len() < MOST_KEPT {
            self.first.push(fault);
        }
    }

    /// Returns the first faults.
    pub(crate) fn first(&self) -> &[Fault] {
        &self.first
    }

    /// Returns the number of faults.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }
}
