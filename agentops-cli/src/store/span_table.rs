//! Spans of a session as light rows, with each text once.

use std::collections::HashMap;

use super::{ids::SpanId, known_attributes::KnownAttributes, raw_span::RawSpan, score::Score};

/// Most bytes of a name that are kept. Errors are kept whole.
const LONGEST_NAME: usize = 1 << 10;

/// Text of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TextId(u32);

/// Span as a row. Its content is its line again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SpanRow {
    pub(crate) id: SpanId,
    /// Parent in the same process; `None` for the first span of a process.
    pub(crate) parent: Option<SpanId>,
    /// Parent in another process, whose spans may be in the same file.
    pub(crate) remote_parent: Option<SpanId>,
    /// Start and end, in nanoseconds since 1970.
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) kind: TextId,
    pub(crate) name: TextId,
    /// Innermost agent around the span.
    pub(crate) agent: Option<TextId>,
    pub(crate) model: Option<TextId>,
    pub(crate) tokens: Tokens,
    /// Cost in US dollars.
    pub(crate) cost: Option<f64>,
    /// Seconds until the first piece of a stream.
    pub(crate) first_piece: Option<f64>,
    /// Message of the error if the span failed.
    pub(crate) error: Option<TextId>,
    pub(crate) marks: Marks,
    pub(crate) place: SpanPlace,
}

impl SpanRow {
    /// Returns the parent in any process.
    pub(crate) fn caller(&self) -> Option<SpanId> {
        self.parent.or(self.remote_parent)
    }
}

/// Tokens of a model call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tokens {
    pub(crate) input: Option<u64>,
    pub(crate) output: Option<u64>,
    /// Part of the input that came from a cache.
    pub(crate) cached: Option<u64>,
}

/// Properties of a span that are true or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) is_cancelled: bool,
    /// The span ended after its session.
    pub(crate) is_late: bool,
    /// The span was running when its process ended.
    pub(crate) is_unfinished: bool,
}

/// Place of a span in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct SpanPlace {
    /// Offset of the line, in bytes.
    pub(crate) offset: u64,
    /// Number of the span in its line, from 0.
    pub(crate) index: u32,
}

/// Texts of a table, each once.
#[derive(Clone, Debug, Default)]
struct Texts {
    ids: HashMap<Box<str>, TextId>,
    all: Vec<Box<str>>,
}

/// Spans of a session in the order of their ends.
#[derive(Clone, Debug, Default)]
pub(crate) struct SpanTable {
    rows: Vec<SpanRow>,
    /// Scores that were recorded as events.
    scores: Vec<Score>,
    /// Numbers of rows and scores before the line that is being read.
    before_line: [usize; 2],
    texts: Texts,
}

impl Texts {
    fn intern(&mut self, text: &str) -> TextId {
        if let Some(id) = self.ids.get(text) {
            return *id;
        }
        // Four thousand million texts of one byte would be a file of a hundred GiB.
        let id = TextId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        self.all.push(text.into());
        self.ids.insert(text.into(), id);
        id
    }
}

impl SpanTable {
    /// Returns the rows.
    pub(crate) fn rows(&self) -> &[SpanRow] {
        &self.rows
    }

    /// Returns the scores that were recorded as events of the spans.
    pub(super) fn scores(&self) -> &[Score] {
        &self.scores
    }

    /// Returns a text of a row.
    pub(crate) fn text(&self, id: TextId) -> &str {
        &self.texts.all[id.0 as usize]
    }

    /// Adds a span. Returns `false` if it has no valid id.
    pub(super) fn push(&mut self, span: &RawSpan<'_>, place: SpanPlace) -> bool {
        let Ok(id) = span.span_id.parse() else { return false };
        let parent = span.parent_span_id.parse().ok();
        let (parent, remote_parent) = if span.is_root() { (None, parent) } else { (parent, None) };
        let known = KnownAttributes::of(span);
        let texts = &mut self.texts;
        let mut name = |text: &str| texts.intern(cut(text));
        let row = SpanRow {
            id,
            parent,
            remote_parent,
            start: span.start(),
            end: span.end(),
            kind: name(known.kind()),
            name: name(known.name.as_deref().unwrap_or(&span.name)),
            agent: known.agent.as_deref().map(&mut name),
            model: known.model().map(&mut name),
            tokens: Tokens {
                input: known.input_tokens,
                output: known.output_tokens,
                cached: known.cached_tokens,
            },
            cost: known.cost,
            first_piece: known.first_piece,
            error: span.error().map(|error| texts.intern(error)),
            marks: Marks {
                is_cancelled: known.is_cancelled,
                is_late: known.is_late,
                is_unfinished: known.is_unfinished,
            },
            place,
        };
        self.rows.push(row);
        Score::for_each_of_span(span, id, |score| self.scores.push(score));
        true
    }

    /// Adds the spans of another table.
    pub(super) fn append(&mut self, other: &Self) {
        let ids: Vec<_> = other.texts.all.iter().map(|text| self.texts.intern(text)).collect();
        let here = |id: TextId| ids[id.0 as usize];
        self.scores.extend_from_slice(&other.scores);
        self.rows.reserve_exact(other.rows.len());
        self.rows.extend(other.rows.iter().map(|row| SpanRow {
            kind: here(row.kind),
            name: here(row.name),
            agent: row.agent.map(here),
            model: row.model.map(here),
            error: row.error.map(here),
            ..*row
        }));
    }

    /// Gives memory back that was kept for further spans.
    pub(super) fn shrink(&mut self) {
        self.rows.shrink_to_fit();
    }

    /// Begins a line.
    pub(super) fn begin_line(&mut self) {
        self.before_line = [self.rows.len(), self.scores.len()];
    }

    /// Removes the rows of the line that was begun last.
    pub(super) fn undo_line(&mut self) {
        let [rows, scores] = self.before_line;
        self.rows.truncate(rows);
        self.scores.truncate(scores);
    }
}

fn cut(name: &str) -> &str {
    let end = (0..=LONGEST_NAME.min(name.len())).rfind(|end| name.is_char_boundary(*end));
    &name[..end.unwrap_or_default()]
}
