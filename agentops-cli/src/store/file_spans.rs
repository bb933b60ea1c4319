//! Spans of a file as tables, one for each session.

use std::{collections::HashMap, fs::File, io, mem, path::Path};

use super::{
    faults::Faults,
    ids::SessionId,
    line_reader::{Line, LineReader, LineText},
    line_spans::for_each_span,
    span_table::{SpanPlace, SpanTable},
};

/// Spans of one session in a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct FileSpans {
    pub(crate) table: SpanTable,
    /// Lines that could not be read, and spans without a valid id.
    pub(crate) faults: Faults,
    /// Position in the session of the first of these spans: 0 if it was replaced by another one meanwhile.
    pub(crate) from: u64,
    /// Position at which the next part begins if the session grows. A line that is not whole is read again.
    pub(crate) next: u64,
}

/// Spans of all sessions in a file.
#[derive(Debug, Default)]
pub(super) struct SessionSpans {
    pub(super) tables: HashMap<SessionId, SpanTable>,
    pub(super) faults: Faults,
    /// Offset of the first line that was read: 0 if the file was replaced by another one meanwhile.
    pub(super) from: u64,
    /// Offset at which the next part of a file that grows begins.
    pub(super) next: u64,
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

impl SpanSink for HashMap<SessionId, SpanTable> {
    fn table(&mut self, session: SessionId) -> Option<&mut SpanTable> {
        Some(self.entry(session).or_default())
    }

    fn for_each_table(&mut self, act: impl FnMut(&mut SpanTable)) {
        self.values_mut().for_each(act);
    }
}

impl FileSpans {
    /// Reads the spans of a session that stand in a file from an offset on.
    pub(super) fn read_from(path: &Path, session: SessionId, from: u64) -> io::Result<Self> {
        let mut lines = LineReader::resumed(File::open(path)?, from)?;
        let (from, mut spans) = (lines.offset(), Self::default());
        (spans.from, spans.next) = (from, from);
        let mut sink = OneSession { session, table: &mut spans.table };
        while let Some(line) = lines.next_line()? {
            spans.next = add_line(path, &line, &mut sink, &mut spans.faults);
        }
        Ok(spans)
    }
}

impl FileSpans {
    /// Returns `true` if the part that was read from [`next`](Self::next) on changes anything.
    pub(crate) fn grows_by(&self, part: &Self) -> bool {
        part.from < self.next || part.next > self.next || part.faults.count() > 0
    }

    /// Adds the part that was read from [`next`](Self::next) on, or takes its place if the session was replaced.
    pub(crate) fn grow(&mut self, mut part: Self) {
        if part.from < self.next || self.table.rows().is_empty() {
            part.table.shrink();
            *self = part;
            return;
        }
        self.faults = mem::take(&mut self.faults).before(part.from);
        self.faults.append(part.faults);
        self.table.append(&part.table);
        self.next = part.next;
    }
}

impl SessionSpans {
    /// Reads the spans of all sessions that stand in a file from an offset on.
    pub(super) fn read_from(path: &Path, from: u64) -> io::Result<Self> {
        let mut lines = LineReader::resumed(File::open(path)?, from)?;
        let (from, mut spans) = (lines.offset(), Self::default());
        (spans.from, spans.next) = (from, from);
        while let Some(line) = lines.next_line()? {
            spans.next = add_line(path, &line, &mut spans.tables, &mut spans.faults);
        }
        spans.tables.retain(|_, table| !table.rows().is_empty());
        Ok(spans)
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
