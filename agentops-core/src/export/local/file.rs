//! The file of a session, to which any process that continues the session may write.

use std::{
    fs::{self, File},
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
    path::Path,
};

use serde::de::IgnoredAny;

use super::lines::{JsonLines, LONGEST_LINE};
use crate::disk::private_files::{exists, is_in_place, open_to_append};

/// So much of a file is looked at, at once, for where its last line begins.
const PIECE: u64 = 64 << 10;

fn lock(path: &Path) -> io::Result<File> {
    let file = open_to_append(path)?;
    // Where there are no locks, one writer is what there mostly is.
    let _ = file.lock();
    Ok(file)
}

/// A file that nobody else writes to until this is dropped.
#[derive(Debug)]
pub(super) struct SessionFile {
    file: File,
    /// Its length.
    pub(super) bytes: u64,
    /// True if a dead writer had left half a line at its end, which is gone.
    pub(super) was_torn: bool,
}

impl SessionFile {
    /// Opens it, or makes it, and puts its end right.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut file = lock(path)?;
        // Whoever held it has removed it, with nothing in it.
        while !is_in_place(&file, path) {
            file = lock(path)?;
        }
        let bytes = file.metadata()?.len();
        let mut file = Self { file, bytes, was_torn: false };
        file.tidy()?;
        Ok(file)
    }

    /// Puts the end of a file right that may be there, and removes it if nothing is left. True if half a line was
    /// at its end.
    pub(super) fn tidy_at(path: &Path) -> io::Result<bool> {
        if !exists(path)? {
            return Ok(false);
        }
        let file = Self::open(path)?;
        if file.bytes == 0 {
            fs::remove_file(path)?;
        }
        Ok(file.was_torn)
    }

    /// Appends a line whole or not at all: what a full disk has cut is taken back.
    pub(super) fn append(&mut self, line: &[u8]) -> io::Result<()> {
        let before = self.bytes;
        self.file.write_all(line).inspect_err(|_| _ = self.file.set_len(before))?;
        self.bytes += line.len() as u64;
        Ok(())
    }

    /// Its lines.
    pub(super) fn lines(&self) -> io::Result<JsonLines<BufReader<&File>>> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0))?;
        Ok(JsonLines::new(BufReader::new(file)))
    }

    /// A last line without an end gets one if it is whole, and goes if it is not.
    fn tidy(&mut self) -> io::Result<()> {
        if self.bytes == 0 || self.piece(self.bytes - 1, self.bytes)? == b"\n" {
            return Ok(());
        }
        let start = self.start_of_last_line()?;
        let is_short = self.bytes - start <= LONGEST_LINE as u64;
        let line = if is_short { self.piece(start, self.bytes)? } else { Vec::new() };
        if serde_json::from_slice::<IgnoredAny>(&line).is_ok() {
            return self.append(b"\n");
        }
        self.file.set_len(start)?;
        (self.bytes, self.was_torn) = (start, true);
        Ok(())
    }

    fn start_of_last_line(&self) -> io::Result<u64> {
        let mut end = self.bytes;
        while end > 0 {
            let start = end.saturating_sub(PIECE);
            let piece = self.piece(start, end)?;
            if let Some(place) = piece.iter().rposition(|byte| *byte == b'\n') {
                return Ok(start + place as u64 + 1);
            }
            end = start;
        }
        Ok(0)
    }

    fn piece(&self, start: u64, end: u64) -> io::Result<Vec<u8>> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(start))?;
        let mut piece = Vec::new();
        file.take(end - start).read_to_end(&mut piece)?;
        Ok(piece)
    }
}
