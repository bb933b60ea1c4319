//! Progress of a push.

use std::{
    cell::Cell,
    fs::File,
    io::{self, Read},
};

/// Progress of a push.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Things that are counted.
    pub unit: ProgressUnit,
    /// Number of things that are done.
    pub done: u64,
    /// Number of all things.
    pub all: u64,
    /// Bytes that were read, and those of all files; `None` for a spool.
    pub bytes: Option<[u64; 2]>,
}

/// Things that a progress counts.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProgressUnit {
    /// Files of sessions.
    Sessions,
    /// Spans of a spool.
    Spans,
}

/// Number of bytes that were read of all files.
#[derive(Debug, Default)]
pub(super) struct ReadBytes(Cell<u64>);

/// File whose bytes are counted when they are read.
pub(super) struct CountedFile<'c> {
    pub(super) file: File,
    pub(super) read: &'c ReadBytes,
}

impl ReadBytes {
    pub(super) fn get(&self) -> u64 {
        self.0.get()
    }
}

impl Read for CountedFile<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.read.0.set(self.read.0.get() + read as u64);
        Ok(read)
    }
}
