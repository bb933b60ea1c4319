//! Reader of the lines of a file, from an offset on, each with its place.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
};

/// Maximum length of a line; agentops writes no longer ones.
const LONGEST_LINE: usize = 64 << 20;
/// Bytes read at once.
const PIECE: usize = 256 << 10;

/// Reader of lines.
#[derive(Debug)]
pub(super) struct LineReader<R> {
    reader: BufReader<R>,
    offset: u64,
    line: Vec<u8>,
}

/// Line with its offset in the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<'r> {
    pub(super) offset: u64,
    /// Offset of the next line.
    pub(super) end: u64,
    pub(super) text: LineText<'r>,
}

/// Text of a line, without its break.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum LineText<'r> {
    Whole(&'r [u8]),
    /// The last line has no break: its writer is not done or has died.
    Unended(&'r [u8]),
    /// The line is longer than [`LONGEST_LINE`], and is skipped.
    TooLong,
}

impl Line<'_> {
    /// Passes the text to a function that parses it.
    ///
    /// # Errors
    /// Returns the reason why the line could not be read.
    pub(super) fn read<T>(
        &self,
        parse: impl FnOnce(&[u8]) -> Result<T, serde_json::Error>,
    ) -> Result<T, String> {
        match self.text {
            LineText::TooLong => Err(format!("the line is longer than {LONGEST_LINE} bytes")),
            LineText::Whole(text) => parse(text).map_err(|error| format!("no OTLP trace: {error}")),
            LineText::Unended(text) => {
                parse(text).map_err(|_| "the last line is cut off".to_owned())
            }
        }
    }
}

impl LineReader<File> {
    /// Creates a reader that starts at an offset, which must be that of a line.
    pub(super) fn at(mut file: File, offset: u64) -> io::Result<Self> {
        file.seek(SeekFrom::Start(offset))?;
        Ok(Self::new(file, offset))
    }

    /// Creates a reader that goes on at an offset, or starts from the beginning if no line begins there: then another
    /// file has taken its place.
    pub(super) fn resumed(mut file: File, offset: u64) -> io::Result<Self> {
        let offset = if starts_line(&mut file, offset)? { offset } else { 0 };
        Self::at(file, offset)
    }
}

/// Returns `true` if a line begins at an offset, or may begin there once its break is written.
fn starts_line(file: &mut File, offset: u64) -> io::Result<bool> {
    let Some(before) = offset.checked_sub(1) else { return Ok(true) };
    file.seek(SeekFrom::Start(before))?;
    let mut around = Vec::new();
    file.take(2).read_to_end(&mut around)?;
    Ok(matches!(around[..], [b'\n', ..] | [_, b'\n'] | [_]))
}

impl<R: Read> LineReader<R> {
    pub(super) fn new(reader: R, offset: u64) -> Self {
        Self { reader: BufReader::with_capacity(PIECE, reader), offset, line: Vec::new() }
    }

    /// Returns the offset of the next line.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Reads the next line; `None` at the end of the file.
    pub(super) fn next_line(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        let most = LONGEST_LINE as u64 + 1;
        let read = (&mut self.reader).take(most).read_until(b'\n', &mut self.line)? as u64;
        if read == 0 {
            return Ok(None);
        }
        let (offset, has_end) = (self.offset, self.line.last() == Some(&b'\n'));
        self.offset += read;
        if !has_end && read == most {
            self.skip_line()?;
            return Ok(Some(Line { offset, end: self.offset, text: LineText::TooLong }));
        }
        let text = if has_end {
            self.line.pop();
            LineText::Whole(&self.line)
        } else {
            LineText::Unended(&self.line)
        };
        Ok(Some(Line { offset, end: self.offset, text }))
    }

    /// Skips the rest of a line, piece by piece.
    fn skip_line(&mut self) -> io::Result<()> {
        self.line = Vec::new();
        loop {
            let piece = self.reader.fill_buf()?;
            let end = memchr::memchr(b'\n', piece);
            let (used, is_last) = (end.map_or(piece.len(), |end| end + 1), piece.is_empty());
            self.reader.consume(used);
            self.offset += used as u64;
            if is_last || end.is_some() {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &mut LineReader<impl Read>) -> Option<(u64, u64, String)> {
        let line = lines.next_line().unwrap()?;
        let text = match line.text {
            LineText::Whole(text) => format!("whole {}", String::from_utf8_lossy(text)),
            LineText::Unended(text) => format!("unended {}", String::from_utf8_lossy(text)),
            LineText::TooLong => "too long".to_owned(),
        };
        Some((line.offset, line.end, text))
    }

    #[test]
    fn line_reader_returns_offsets_and_unended_line() {
        let mut lines = LineReader::new(&b"ab\n\ncd"[..], 7);
        let all: Vec<_> = std::iter::from_fn(|| read(&mut lines)).collect();
        let expected = [(7, 10, "whole ab"), (10, 11, "whole "), (11, 13, "unended cd")];
        assert_eq!(all, expected.map(|(offset, end, text)| (offset, end, text.to_owned())));
    }

    #[test]
    fn line_reader_skips_line_that_is_too_long() {
        let long = LONGEST_LINE as u64 + 3;
        let text = io::repeat(b'x').take(long).chain(&b"\nab\n"[..]);
        let mut lines = LineReader::new(text, 0);
        let all: Vec<_> = std::iter::from_fn(|| read(&mut lines)).collect();
        let expected = [(0, long + 1, "too long"), (long + 1, long + 4, "whole ab")];
        assert_eq!(all, expected.map(|(offset, end, text)| (offset, end, text.to_owned())));
    }
}
