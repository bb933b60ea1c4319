//! File of a session, which any process that continues the session may write to.

use std::{
    fs::{self, File},
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
    path::Path,
};

use serde::de::IgnoredAny;

use super::json_lines::{JsonLines, LONGEST_LINE};
use crate::disk::private_files::{exists, is_in_place, open_to_append};

/// Number of bytes read at once in the search for the start of the last line.
const PIECE: u64 = 64 << 10;

fn lock(path: &Path) -> io::Result<File> {
    let file = open_to_append(path)?;
    // A file system without locks is tolerated: there is mostly one writer.
    let _ = file.lock();
    Ok(file)
}

/// Session file, locked against other writers until it is dropped.
#[derive(Debug)]
pub(super) struct SessionFile {
    file: File,
    /// Length of the file.
    pub(super) bytes: u64,
    /// `true` if a truncated line of a dead writer was removed from its end.
    pub(super) was_torn: bool,
}

impl SessionFile {
    /// Opens or creates the file, and repairs its end.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut file = lock(path)?;
        // The previous holder of the lock may have removed the empty file.
        while !is_in_place(&file, path) {
            file = lock(path)?;
        }
        let bytes = file.metadata()?.len();
        let mut file = Self { file, bytes, was_torn: false };
        file.tidy()?;
        Ok(file)
    }

    /// Repairs the end of a file if it exists, and removes the file if it is then empty. Returns `true` if a
    /// truncated line was removed.
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

    /// Appends a line completely or not at all: after an error, such as a full disk, the rest of it is removed.
    pub(super) fn append(&mut self, line: &[u8]) -> io::Result<()> {
        let before = self.bytes;
        self.file.write_all(line).inspect_err(|_| _ = self.file.set_len(before))?;
        self.bytes += line.len() as u64;
        Ok(())
    }

    /// Returns a reader of the lines.
    pub(super) fn lines(&self) -> io::Result<JsonLines<BufReader<&File>>> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(0))?;
        Ok(JsonLines::new(BufReader::new(file)))
    }

    /// Completes a last line without a line break if it is valid JSON, else removes it.
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
            if let Some(index) = piece.iter().rposition(|byte| *byte == b'\n') {
                return Ok(start + index as u64 + 1);
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
