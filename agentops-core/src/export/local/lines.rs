//! OTLP as lines of JSON, read one by one: the format of the OpenTelemetry file exporter, and of local sessions.

use std::io::{self, BufRead, Read};

use opentelemetry_proto::tonic::trace::v1::TracesData;

use crate::error::debug_as_display;

/// A longer line is none of ours: a batch is of 4 MiB, as JSON of three times as much.
pub(super) const LONGEST_LINE: u64 = 64 << 20;

/// Why a line gives no spans.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum LineError {
    /// The file cannot be read any further.
    #[error("{0}")]
    Unreadable(#[source] io::Error),
    /// It is longer than anything that is written.
    #[error("line {0} is longer than {LONGEST_LINE} bytes")]
    TooLong(u64),
    /// The last line has no end: whoever wrote it is not done or has died.
    #[error("line {0} is cut off")]
    CutOff(u64),
    /// It holds something else.
    #[error("line {0} is no OTLP trace: {1}")]
    NoOtlp(u64, #[source] serde_json::Error),
}

debug_as_display!(LineError);

/// The lines of a file, each with its length in bytes; empty ones are passed over.
#[derive(Debug)]
pub struct JsonLines<R> {
    reader: R,
    number: u64,
    line: Vec<u8>,
}

impl<R: BufRead> JsonLines<R> {
    /// Reads from here on.
    pub fn new(reader: R) -> Self {
        Self { reader, number: 0, line: Vec::new() }
    }

    /// The next line, without its end; false at the end of the file.
    fn read_line(&mut self) -> Result<bool, LineError> {
        self.line.clear();
        self.number += 1;
        let most = LONGEST_LINE + 1;
        let mut reader = (&mut self.reader).take(most);
        let read = reader.read_until(b'\n', &mut self.line).map_err(LineError::Unreadable)?;
        let has_end = self.line.pop_if(|last| *last == b'\n').is_some();
        if !has_end && read as u64 == most {
            self.pass_over()?;
            return Err(LineError::TooLong(self.number));
        }
        Ok(read > 0)
    }

    /// What is left of a line that is too long, a piece at a time.
    fn pass_over(&mut self) -> Result<(), LineError> {
        self.line = Vec::new();
        loop {
            let piece = self.reader.fill_buf().map_err(LineError::Unreadable)?;
            let end = piece.iter().position(|byte| *byte == b'\n');
            let (used, is_over) = (end.map_or(piece.len(), |end| end + 1), piece.is_empty());
            self.reader.consume(used);
            if is_over || end.is_some() {
                return Ok(());
            }
        }
    }

    fn parse(&self, is_last: bool) -> Result<(TracesData, u64), LineError> {
        match serde_json::from_slice(&self.line) {
            Ok(data) => Ok((data, self.line.len() as u64)),
            Err(error) if is_last && error.is_eof() => Err(LineError::CutOff(self.number)),
            Err(error) => Err(LineError::NoOtlp(self.number, error)),
        }
    }
}

impl<R: BufRead> Iterator for JsonLines<R> {
    type Item = Result<(TracesData, u64), LineError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.read_line() {
                Ok(false) => return None,
                Err(problem) => return Some(Err(problem)),
                Ok(true) if self.line.iter().all(u8::is_ascii_whitespace) => {}
                Ok(true) => {
                    let is_last = self.reader.fill_buf().is_ok_and(<[u8]>::is_empty);
                    return Some(self.parse(is_last));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use proptest::prelude::*;

    use super::*;

    const LINE: &str = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a"}]}]}]}"#;

    /// The names of the spans in each line, or what is wrong with it.
    fn read(text: &[u8]) -> Vec<String> {
        // The smallest pieces show what depends on where one ends.
        let lines = JsonLines::new(BufReader::with_capacity(1, text));
        lines
            .map(|line| match line {
                Ok((data, _)) => data.resource_spans[0].scope_spans[0].spans[0].name.clone(),
                Err(problem) => problem.to_string(),
            })
            .collect()
    }

    #[test]
    fn lines_are_read_one_by_one_and_one_that_is_bad_costs_itself_alone() {
        let text = format!("{LINE}\n\n \r\n{{}}\n{LINE}\r\n{LINE}");
        let bad = "line 4 is no OTLP trace: missing field `resourceSpans` at line 1 column 2";
        assert_eq!(read(text.as_bytes()), ["a", bad, "a", "a"]);
        assert_eq!(read(b""), [""; 0]);
    }

    #[test]
    fn a_line_that_is_still_being_written_is_told_from_one_that_is_none() {
        let cut = &LINE[..LINE.len() - 9];
        assert_eq!(read(format!("{LINE}\n{cut}").as_bytes()), ["a", "line 2 is cut off"]);
        let early = read(format!("{cut}\n{LINE}\n").as_bytes());
        assert!(early[0].starts_with("line 1 is no OTLP trace: EOF while parsing"), "{early:?}");
    }

    #[test]
    fn a_line_without_an_end_takes_no_memory_without_an_end() {
        let endless = io::repeat(b'x').take(LONGEST_LINE * 2).chain(&b"\n"[..]);
        let mut lines = JsonLines::new(BufReader::new(endless.chain(LINE.as_bytes())));
        assert_eq!(
            lines.next().unwrap().unwrap_err().to_string(),
            "line 1 is longer than 67108864 bytes"
        );
        assert!(lines.line.capacity() == 0);
        assert!(lines.next().unwrap().is_ok());
        assert!(lines.next().is_none());
    }

    proptest! {
        #[test]
        fn whatever_stands_in_a_file_is_read_or_refused(text: Vec<u8>) {
            JsonLines::new(&text[..]).for_each(drop);
        }

        #[test]
        fn a_line_that_was_changed_is_read_or_refused(at in 0..LINE.len(), byte: u8) {
            let mut line = LINE.as_bytes().to_vec();
            line[at] = byte;
            JsonLines::new(&line[..]).for_each(drop);
        }
    }
}
