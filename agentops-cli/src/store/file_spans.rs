//! Spans of a file as tables, one for each session.

use std::{collections::HashMap, fs::File, io, path::Path};

use super::{
    faults::Faults,
    ids::SessionId,
    line_reader::{Line, LineReader, LineText},
    line_spans::for_each_span,
    span_table::{SpanPlace, SpanTable},
};

/// Spans of one session in a file.
#[derive(Debug, Default)]
pub(crate) struct FileSpans {
    pub(crate) table: SpanTable,
    /// Lines that could not be read, and spans without a valid id.
    pub(crate) faults: Faults,
    /// Offset at which the next part of a file that grows begins.
    pub(crate) next: u64,
}

/// Tables that the spans of a file go to.
trait SpanSink {
    /// Returns the table of a session; `None` if its spans are not wanted.
    fn table(&mut self, session: SessionId) -> Option<&mut SpanTable>;

    /// Calls `act` with each table.
    fn for_each_table(&mut self, act: impl FnMut(&mut SpanTable));
}

/// Sink of one session.
struct OneSession<'t> {
    session: SessionId,
    table: &'t mut SpanTable,
}

impl SpanSink for OneSession<'_> {
    fn table(&mut self, session: SessionId) -> Option<&mut SpanTable> {
        (session == self.session).then_some(&mut *self.table)
    }

    fn for_each_table(&mut self, mut act: impl FnMut(&mut SpanTable)) {
        act(self.table);
    }
}

impl SpanSink for HashMap<SessionId, FileSpans> {
    fn table(&mut self, session: SessionId) -> Option<&mut SpanTable> {
        Some(&mut self.entry(session).or_default().table)
    }

    fn for_each_table(&mut self, mut act: impl FnMut(&mut SpanTable)) {
        self.values_mut().for_each(|spans| act(&mut spans.table));
    }
}

impl FileSpans {
    /// Adds the spans of a session that stand in a file from the offset [`next`](Self::next) on.
    pub(super) fn read_on(&mut self, path: &Path, session: SessionId) -> io::Result<()> {
        let mut lines = LineReader::at(File::open(path)?, self.next)?;
        let mut sink = OneSession { session, table: &mut self.table };
        while let Some(line) = lines.next_line()? {
            self.next = add_line(path, &line, &mut sink, &mut self.faults);
        }
        Ok(())
    }

    /// Reads the spans of all sessions of a file.
    pub(super) fn read_all(
        path: &Path,
        sessions: &mut HashMap<SessionId, Self>,
        faults: &mut Faults,
    ) -> io::Result<()> {
        let mut lines = LineReader::at(File::open(path)?, 0)?;
        while let Some(line) = lines.next_line()? {
            add_line(path, &line, sessions, faults);
        }
        sessions.retain(|_, spans| !spans.table.rows().is_empty());
        Ok(())
    }
}

/// Adds the spans of a line, or none if it is invalid. Returns the offset of the next line.
fn add_line(path: &Path, line: &Line<'_>, sink: &mut impl SpanSink, faults: &mut Faults) -> u64 {
    let offset = line.offset;
    let Err(reason) = line.read(|text| add_spans(path, offset, text, sink, faults)) else {
        return line.end;
    };
    faults.add_line(path, offset, &reason);
    // A last line may grow, so that it is read again from its start.
    if matches!(line.text, LineText::Unended(_)) { offset } else { line.end }
}

fn add_spans(
    path: &Path,
    offset: u64,
    text: &[u8],
    sink: &mut impl SpanSink,
    faults: &mut Faults,
) -> Result<(), serde_json::Error> {
    if text.iter().all(u8::is_ascii_whitespace) {
        return Ok(());
    }
    sink.for_each_table(SpanTable::begin_line);
    let (mut index, mut invalid) = (0, 0);
    let walked = for_each_span(text, |span| {
        let place = SpanPlace { offset, index };
        index += 1;
        match span.trace_id.parse() {
            Ok(session) => {
                let added = sink.table(session).map(|table| table.push(&span, place));
                invalid += u64::from(added == Some(false));
            }
            Err(_) => invalid += 1,
        }
    });
    if walked.is_err() {
        sink.for_each_table(SpanTable::undo_line);
    } else if invalid > 0 {
        faults.add_line(path, offset, &format_args!("{invalid} spans have no valid id"));
    }
    walked
}
