//! Closing of a trace whose process died: ends its open spans by lines in the session's file.
//!
//! Only what must have existed is reconstructed: a span that is known only as a parent gets a position in the
//! tree, and the time span of its children.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    io,
    path::{Path, PathBuf},
};

use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, KeyValue, any_value::Value},
    trace::v1::{Span, SpanFlags, TracesData, span::SpanKind},
};

use super::{
    file_of,
    json_lines::{LONGEST_LINE, whole},
    open_ids::{Id, places_in},
    session_file::SessionFile,
    session_sums::{Family, Sums},
    written_spans::{
        ends_session, first_of, for_each_span, id, is_remote, is_session, spans_of, text,
    },
};
use crate::{
    disk::journal::names_in,
    outgoing::rename_for_agentops,
    record::{
        RecordedKind,
        semconv::{
            GEN_AI_OPERATION, METADATA, OPENINFERENCE_KIND, OPERATION_NAME, SESSION_ID, SPAN_KIND,
            TAG_TAGS, TAGS, UNFINISHED, USER_ID,
        },
    },
};

/// Name and kind of a span that is known only by its children.
const NAME: &str = "unfinished";
const KIND: &str = "unknown";

/// Attributes of every span of a session, with the values known when the span ended.
const STAMPS: [&str; 3] = [USER_ID, TAG_TAGS, METADATA];

/// Trace without open spans.
#[derive(Debug)]
pub(super) struct Closed {
    pub(super) path: PathBuf,
    /// Name of its session, if that was open.
    pub(super) session: Option<String>,
    /// `true` if a truncated line was at the end of its file.
    pub(super) was_torn: bool,
}

/// Ends the started spans of a trace that are not known to have ended, at the last known moment.
pub(super) fn close(
    dir: &Path,
    trace: TraceId,
    begun: Vec<(Id, Vec<u8>)>,
    last_seen: u64,
) -> io::Result<Closed> {
    let path = file_of(dir, trace);
    let mut file = SessionFile::open(&path)?;
    let mut known = Known::read(&file)?;
    let mut open = Open::of(begun, &known);
    let session = open.session();
    if !open.lines.is_empty() {
        open.end_at(last_seen.max(known.last_end));
        open.set_latest_stamps(&known);
        open.spans().for_each(|span| known.family.add(span));
        open.set_totals(&known.family, &file)?;
        open.add_unknown(&known, trace, || names_in(&places_in(dir)).collect());
        file.append(&open.into_lines()?)?;
    }
    Ok(Closed { path, session, was_torn: file.was_torn })
}

/// Content of a session's file.
#[derive(Default)]
struct Known {
    family: Family,
    root: Option<SpanId>,
    parents: Parents,
    last_end: u64,
    /// Stamps of the span that ended last.
    stamps: Vec<KeyValue>,
}

/// Parents that spans refer to in this process, with the time span of their children.
#[derive(Default)]
struct Parents(HashMap<SpanId, (u64, u64)>);

impl Parents {
    fn add(&mut self, child: &Span) {
        let parent = id(&child.parent_span_id).filter(|_| !is_remote(child));
        let Some(parent) = parent else { return };
        let (start, end) = (child.start_time_unix_nano, child.end_time_unix_nano);
        let time = self.0.entry(parent).or_insert((start, end));
        *time = (time.0.min(start), time.1.max(end));
    }
}

impl Known {
    fn read(file: &SessionFile) -> io::Result<Self> {
        let mut known = Self::default();
        for_each_span(file, |span| known.add(span))?;
        Ok(known)
    }

    fn add(&mut self, span: &Span) {
        let Some(this) = id(&span.span_id) else { return };
        self.family.add(span);
        if span.parent_span_id.is_empty() {
            self.root = Some(this);
        }
        self.parents.add(span);
        if span.end_time_unix_nano >= self.last_end {
            self.last_end = span.end_time_unix_nano;
            let stamps =
                span.attributes.iter().filter(|attribute| STAMPS.contains(&attribute.key.as_str()));
            self.stamps = stamps.cloned().collect();
        }
    }
}

/// Spans to be ended, the root last.
struct Open {
    lines: Vec<TracesData>,
    root: Option<SpanId>,
}

impl Open {
    fn of(begun: Vec<(Id, Vec<u8>)>, known: &Known) -> Self {
        let open = begun.into_iter().filter(|(Id(_, span), _)| !known.family.has(*span));
        // A record that is not a valid line was not written by us.
        let mut lines: Vec<TracesData> = open.filter_map(|(_, line)| whole(&line)).collect();
        // Children before their parents, the spans that end a session after all others, and the root last.
        lines.sort_by_key(|line| {
            first_of(line).map(|span| {
                let is_root = span.parent_span_id.is_empty();
                (ends_session(span), is_root, Reverse(span.start_time_unix_nano))
            })
        });
        let root = lines.iter().filter_map(first_of).find(|span| span.parent_span_id.is_empty());
        let root = root.and_then(|root| id(&root.span_id)).or(known.root);
        Self { lines, root }
    }

    fn spans(&self) -> impl Iterator<Item = &Span> {
        self.lines.iter().filter_map(first_of)
    }

    /// Returns the root, if it is one of the spans to be ended.
    fn root(&self) -> Option<&Span> {
        let last = self.lines.last().and_then(first_of);
        last.filter(|span| span.parent_span_id.is_empty())
    }

    fn session(&self) -> Option<String> {
        let root = self.root()?;
        Some(text(root, OPERATION_NAME).unwrap_or(&root.name).to_owned())
    }

    fn end_at(&mut self, moment: u64) {
        let starts = self.lines.iter().filter_map(first_of).map(|span| span.start_time_unix_nano);
        // The process was alive at every start; its clock may have been set back since.
        let moment = starts.fold(moment, u64::max);
        for span in self.lines.iter_mut().flat_map(spans_of) {
            span.end_time_unix_nano = moment;
        }
    }

    /// Copies the latest stamps of the session to the root.
    fn set_latest_stamps(&mut self, known: &Known) {
        let Some(root) = self.lines.last_mut().and_then(|line| spans_of(line).next()) else {
            return;
        };
        if !root.parent_span_id.is_empty() {
            return;
        }
        for stamp in &known.stamps {
            set(&mut root.attributes, stamp.clone());
            if stamp.key == TAG_TAGS {
                set(&mut root.attributes, KeyValue { key: TAGS.to_owned(), ..stamp.clone() });
            }
        }
    }

    /// Sets the totals of each session, as the session itself would have done.
    fn set_totals(&mut self, family: &Family, file: &SessionFile) -> io::Result<()> {
        let sessions = self.spans().filter(|span| is_session(span));
        let sessions: Vec<_> = sessions.filter_map(|span| id(&span.span_id)).collect();
        if sessions.is_empty() {
            return Ok(());
        }
        let sums = Sums::of(&sessions, self.root, family);
        for_each_span(file, |span| sums.add(span))?;
        self.spans().for_each(|span| sums.add(span));
        for session in self.lines.iter_mut().flat_map(spans_of).filter(|span| is_session(span)) {
            let totals = id(&session.span_id).map(|id| sums.attributes(id)).unwrap_or_default();
            let is_renamed = is_for_agentops(session);
            totals.into_iter().for_each(|mut total| {
                if is_renamed {
                    rename_for_agentops(&mut total, RecordedKind::Session);
                }
                set(&mut session.attributes, any(total));
            });
        }
        Ok(())
    }

    /// Adds the parents that are unknown in this and in every other process.
    fn add_unknown(
        &mut self,
        known: &Known,
        trace: TraceId,
        elsewhere: impl FnOnce() -> HashSet<String>,
    ) {
        let Some(root) = self.root else { return };
        let mut parents = Parents(known.parents.0.clone());
        self.lines.iter_mut().flat_map(spans_of).for_each(|span| parents.add(span));
        parents.0.retain(|parent, _| !known.family.has(*parent) && *parent != root);
        if parents.0.is_empty() {
            return;
        }
        let elsewhere = elsewhere();
        parents.0.retain(|parent, _| !elsewhere.contains(&Id(trace, *parent).name()));
        let Some(model) = self.lines.last().cloned() else { return };
        for (parent, time) in parents.0 {
            let mut line = model.clone();
            spans_of(&mut line).for_each(|span| *span = unknown(span, parent, root, time));
            self.lines.insert(0, line);
        }
    }

    /// Encodes all of it, each span that ends a session on a line of its own, and the others on one line; or on
    /// several, if that would be longer than the reader accepts.
    fn into_lines(self) -> io::Result<Vec<u8>> {
        let is_end = |line: &TracesData| first_of(line).is_some_and(ends_session);
        let (ends, others): (Vec<_>, Vec<_>) = self.lines.into_iter().partition(is_end);
        let mut lines = joined(others)?;
        for end in &ends {
            lines.extend(line_of(end)?);
        }
        Ok(lines)
    }
}

/// Encodes lines as one, unless that would be longer than the reader accepts.
fn joined(lines: Vec<TracesData>) -> io::Result<Vec<u8>> {
    let parts: Vec<_> = lines.into_iter().flat_map(|line| line.resource_spans).collect();
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let whole = TracesData { resource_spans: parts };
    let line = line_of(&whole)?;
    // The line break does not count.
    if line.len() <= LONGEST_LINE + 1 {
        return Ok(line);
    }
    let parts = whole.resource_spans.into_iter();
    let lines = parts.map(|part| line_of(&TracesData { resource_spans: vec![part] }));
    Ok(lines.collect::<io::Result<Vec<_>>>()?.concat())
}

fn line_of(data: &TracesData) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(data)?;
    line.push(b'\n');
    Ok(line)
}

/// Reconstructs a span known only as a parent, with the stamps of a span of the same process.
fn unknown(beside: &Span, id: SpanId, root: SpanId, (start, end): (u64, u64)) -> Span {
    let stamps = beside.attributes.iter();
    let stamps = stamps.filter(|attribute| {
        attribute.key == SESSION_ID || STAMPS.contains(&attribute.key.as_str())
    });
    let string = |text: &str| Value::StringValue(text.to_owned());
    let own = [
        (SPAN_KIND, string(KIND)),
        (OPERATION_NAME, string(NAME)),
        (UNFINISHED, Value::BoolValue(true)),
    ];
    let own = own.into_iter().map(|(key, value)| KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    });
    Span {
        trace_id: beside.trace_id.clone(),
        span_id: id.to_bytes().to_vec(),
        parent_span_id: root.to_bytes().to_vec(),
        flags: beside.flags & !(SpanFlags::ContextIsRemoteMask as u32),
        name: NAME.to_owned(),
        kind: SpanKind::Internal.into(),
        start_time_unix_nano: start,
        end_time_unix_nano: end,
        attributes: own.chain(stamps.cloned()).collect(),
        ..Span::default()
    }
}

/// Returns `true` if a session has AgentOps' attribute names alone.
fn is_for_agentops(session: &Span) -> bool {
    let of_others = [GEN_AI_OPERATION, OPENINFERENCE_KIND];
    !session.attributes.iter().any(|attribute| of_others.contains(&attribute.key.as_str()))
}

fn any(attribute: opentelemetry::KeyValue) -> KeyValue {
    KeyValue {
        key: attribute.key.to_string(),
        value: Some(AnyValue::from(attribute.value)),
        ..KeyValue::default()
    }
}

fn set(attributes: &mut Vec<KeyValue>, new: KeyValue) {
    match attributes.iter_mut().find(|attribute| attribute.key == new.key) {
        Some(earlier) => *earlier = new,
        None => attributes.push(new),
    }
}
