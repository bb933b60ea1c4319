//! Sessions as local files: OTLP as JSON lines, one file per session, named by its trace id.
//!
//! The format is that of the OpenTelemetry file exporter, so that a collector's `otlpjsonfile` receiver reads it
//! as it is. A file grows by a batch at a time while its session runs. The root is the last span of its batch, on a
//! line of its own. The folder is kept within bounds.
//!
//! ```text
//! <folder>/<trace>.jsonl           sessions
//! <folder>/<trace>.open            name, program and start of a session that is open
//! <folder>/.open/<slot>/open/…     open spans of a process, each as the line that would end it
//! ```
//!
//! If a process dies, its open spans stay there, and the next process writes them to the session files. They are not
//! `*.jsonl`, so collectors do not read them.

mod call_locations;
mod close_trace;
mod dead_sessions;
mod find_end;
mod folder_bounds;
mod json_lines;
mod open_ids;
mod open_session;
mod open_spans;
mod session_file;
mod session_sums;
mod written_spans;

use std::{
    collections::HashMap,
    fs, io, mem,
    path::{Path, PathBuf},
    slice,
    sync::MutexGuard,
    time::{Duration, Instant, SystemTime},
};

use opentelemetry::{
    Array, KeyValue, Value,
    trace::{SpanId, TraceId},
};
use opentelemetry_proto::{
    tonic::trace::v1::TracesData,
    transform::{
        common::tonic::ResourceAttributesWithSchema,
        trace::tonic::group_spans_by_resource_and_scope,
    },
};
use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    trace::SpanData,
};

use self::{
    call_locations::{CallLocations, locate},
    close_trace::close,
    dead_sessions::{report_torn, sweep},
    folder_bounds::{Bounds, Written},
    json_lines::{LONGEST_LINE, LONGEST_RESOURCE},
    open_ids::Id,
    open_spans::{HalfWritten, OpenSpans},
    session_file::SessionFile,
};
pub use self::{
    dead_sessions::{Swept, close_aborted},
    json_lines::{JsonLines, LineError, LineSpan},
    open_session::{OpenSession, OpenSpan},
};
use crate::{
    config::{DeliveryFailure, ErasedExporter, ExportedSpan, LocalSettings, Receipt, Spans},
    disk::{
        Unfit,
        private_files::{
            check_folder, check_linked_parents, exists, git_warning, hide_from_git,
            make_private_dir,
        },
        remedy_of,
    },
    process::{Lock, Reporter, presentable::shown},
    queue::{length, shorten_to},
    record::pool,
};

/// Maximum time for which closing the sessions of dead processes may delay those of this one.
const LONGEST_SWEEP: Duration = Duration::from_millis(500);
/// Maximum time for the same at shutdown, when there is nothing else to do.
const LAST_SWEEP: Duration = Duration::from_secs(2);

/// Maximum growth of a span's texts as JSON, with the surrounding syntax.
const MOST_AS_JSON: usize = 8;
/// Maximum bytes of a line that do not stem from a span's texts.
const AROUND: usize = 1 << 10;

/// Exporter that appends each batch to the files of its sessions.
#[derive(Debug)]
pub(crate) struct LocalExporter {
    dir: PathBuf,
    folder: Lock<Folder>,
    resource: ResourceAttributesWithSchema,
    reporter: Reporter,
}

/// State of the session folder.
#[derive(Debug)]
struct Folder {
    bounds: Bounds,
    open: OpenSpans,
    locations: CallLocations,
    /// Reason why open spans would be lost if this process died.
    trouble: Option<io::Error>,
    has_complained: bool,
    warned: Warned,
}

/// Warnings that were logged already.
#[derive(Debug, Default)]
struct Warned {
    of_others: bool,
    of_git: bool,
}

impl LocalExporter {
    pub(crate) fn new(settings: LocalSettings, reporter: Reporter) -> Self {
        let dir = settings.dir.clone();
        let open = OpenSpans::below(&dir);
        let bounds = Bounds::new(settings);
        let folder = Folder {
            bounds,
            open,
            locations: CallLocations::default(),
            trouble: None,
            has_complained: false,
            warned: Warned::default(),
        };
        let resource = ResourceAttributesWithSchema::default();
        Self { dir, folder: Lock::new(folder), resource, reporter }
    }

    fn folder(&self) -> MutexGuard<'_, Folder> {
        self.folder.lock()
    }

    fn write(&self, batch: Vec<SpanData>) -> io::Result<Receipt> {
        make_private_dir(&self.dir)?;
        let mut folder = self.folder();
        self.judge(&mut folder);
        let Folder { bounds, open, locations, trouble, .. } = &mut *folder;
        let mut sessions: HashMap<TraceId, Vec<SpanData>> = HashMap::new();
        for span in batch {
            sessions.entry(span.span_context.trace_id()).or_default().push(span);
        }
        let files = sessions.keys().map(|trace| self.begun(*trace));
        *trouble = open.begin_writing(files).err().or(trouble.take());
        // A session that cannot be written must not affect the others.
        let (mut unwritten, mut reason) = (0, None);
        for (trace, mut spans) in sessions {
            spans.iter_mut().for_each(|span| locations.locate(span));
            let (ids, count): (Vec<_>, _) =
                (spans.iter().map(Id::of).collect(), spans.len() as u64);
            match self.append(trace, spans) {
                Ok(written) => {
                    open.end(ids);
                    bounds.note(written);
                    if !bounds.has_open(trace) {
                        locations.forget(trace);
                    }
                }
                Err(error) => {
                    locations.forget(trace);
                    unwritten += count;
                    reason.get_or_insert_with(|| self.trouble(&error));
                    // These spans can never be written there, so they must not stay open.
                    open.end(ids.into_iter().filter(|_| Unfit::of(&error).is_some()));
                }
            }
        }
        open.end_writing();
        bounds.keep();
        self.sweep(&mut folder, LONGEST_SWEEP);
        if reason.is_none() {
            self.complain(&mut folder);
        }
        let partial = |reason| Receipt::Partial { rejected: unwritten, reason };
        Ok(reason.map_or(Receipt::Complete, partial))
    }

    /// Describes why spans were not written, with the remedy.
    fn trouble(&self, error: &io::Error) -> String {
        if let Some(remedy) = remedy_of(error) {
            return format!("a session cannot be written: {error}; {remedy}");
        }
        let dir = shown(&self.dir);
        format!(
            "the folder `{dir}` cannot be written: {error}; \
             make it writable or set `AGENTOPS_LOCAL_DIR` to another one"
        )
    }

    /// Warns, once each, about a folder that other users can write to, and about one that git does not ignore.
    /// Sessions are written anyway, since their files belong to this user.
    fn judge(&self, folder: &mut Folder) {
        let (dir, warned) = (&self.dir, &mut folder.warned);
        if let Err(error) = check_folder(dir).and_then(|()| check_linked_parents(dir))
            && let Some(remedy) = remedy_of(&error)
            && !mem::replace(&mut warned.of_others, true)
        {
            let message = format_args!(
                "others may have a hand in the sessions in `{}`: {error}; {remedy}, or set `AGENTOPS_LOCAL_DIR` \
                 to another folder",
                shown(dir)
            );
            self.reporter.warn(&message);
        }
        if let Err(error) = hide_from_git(dir)
            && let Some(warning) = git_warning(&error)
            && !mem::replace(&mut warned.of_git, true)
        {
            self.reporter.warn(&warning);
        }
    }

    fn begun(&self, trace: TraceId) -> HalfWritten {
        let is_new = exists(&file_of(&self.dir, trace)).is_ok_and(|exists| !exists);
        HalfWritten { trace, is_new }
    }

    fn append(&self, trace: TraceId, spans: Vec<SpanData>) -> io::Result<Written> {
        let has_ended = spans.iter().any(ends_session);
        let lines = self.root_last(spans)?;
        let path = file_of(&self.dir, trace);
        let mut file = SessionFile::open(&path)?;
        if file.was_torn {
            report_torn(self.reporter, slice::from_ref(&path));
        }
        let is_new = file.bytes == 0;
        file.append(&lines).inspect_err(|_| {
            // No other process writes to it yet, since it is locked.
            let _ = if is_new { fs::remove_file(&path) } else { Ok(()) };
        })?;
        Ok(Written { trace, bytes: lines.len() as u64, is_new, has_ended })
    }

    /// Encodes the spans of a session. Its root comes last, on a line of its own, so that the end of the file tells
    /// how the session ended, however much was recorded in it.
    fn root_last(&self, spans: Vec<SpanData>) -> io::Result<Vec<u8>> {
        let (mut roots, others): (Vec<_>, Vec<_>) = spans.into_iter().partition(ends_session);
        roots.sort_by_key(|root| root.parent_span_id == SpanId::INVALID);
        let alone = roots.into_iter().map(|root| vec![root]);
        let lines = Some(others).filter(|others| !others.is_empty()).into_iter().chain(alone);
        let lines = lines.map(|spans| self.lines(spans, LONGEST_LINE));
        Ok(lines.collect::<io::Result<Vec<_>>>()?.concat())
    }

    /// Encodes spans as one line, or as several if one would be longer than the reader accepts; a span that is too
    /// long by itself is shortened.
    fn lines(&self, mut spans: Vec<SpanData>, longest: usize) -> io::Result<Vec<u8>> {
        let length: usize = spans.iter().map(|span| AROUND + MOST_AS_JSON * length(span)).sum();
        if length <= longest {
            return self.line(spans);
        }
        if spans.len() > 1 {
            let rest = spans.split_off(spans.len() / 2);
            return Ok([self.lines(spans, longest)?, self.lines(rest, longest)?].concat());
        }
        let mut line = self.line(spans.clone())?;
        let mut most = longest;
        // The line break does not count.
        while line.len() > longest + 1 && most > 0 {
            most /= 2;
            spans.iter_mut().for_each(|span| shorten_to(span, most));
            line = self.line(spans.clone())?;
        }
        Ok(line)
    }

    fn line(&self, mut spans: Vec<SpanData>) -> io::Result<Vec<u8>> {
        spans.iter_mut().for_each(spell_out);
        let resource_spans = group_spans_by_resource_and_scope(spans, &self.resource);
        let mut line = serde_json::to_vec(&TracesData { resource_spans })?;
        line.push(b'\n');
        Ok(line)
    }

    /// Closes what dead processes have left open, as far as time allows.
    fn sweep(&self, folder: &mut Folder, longest: Duration) {
        let deadline = Instant::now() + longest;
        let found = folder.open.left_by_others();
        let found = found.map(|slot| slot.map(|slot| sweep(&self.dir, slot, Some(deadline))));
        match found {
            Ok(None) => {}
            Ok(Some(swept)) => {
                swept.report_to(self.reporter);
                folder.open.may_hold_others = swept.is_behind;
            }
            Err(error) => folder.trouble = Some(error),
        }
    }

    /// Warns once that spans that are open when this process dies will be lost. Not called if the ended spans
    /// cannot be written either, since that error is reported instead.
    fn complain(&self, folder: &mut Folder) {
        let Some(error) = folder.trouble.take() else { return };
        if !mem::replace(&mut folder.has_complained, true) {
            let (dir, remedy) = (shown(&self.dir), remedy_of(&error));
            let remedy = remedy.map(|remedy| format!("; {remedy}")).unwrap_or_default();
            let message = format_args!(
                "a session that is open when this process dies stays without a root in `{dir}`, since it \
                 cannot be noted there that it is open: {error}{remedy}"
            );
            self.reporter.warn(&message);
        }
    }

    /// Ends the spans that are still open at shutdown.
    fn close(&self) -> io::Result<()> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        let mut folder = self.folder();
        let mut trouble = Ok(());
        for (trace, begun) in folder.open.all() {
            let ids: Vec<_> = begun.iter().map(|(id, _)| *id).collect();
            match close(&self.dir, trace, begun, now) {
                Ok(_) => folder.open.end(ids),
                Err(error) => trouble = trouble.and(Err(error)),
            }
        }
        trouble
    }
}

impl ErasedExporter for LocalExporter {
    fn open(&self) {
        self.sweep(&mut self.folder(), LONGEST_SWEEP);
    }

    fn keep_starts(&self, begun: Spans<'_, '_>) {
        let mut folder = self.folder();
        for ExportedSpan { span, .. } in begun {
            let id = Id::of(span);
            locate(span);
            let line = self.lines(vec![pool::detach(span)], LONGEST_LINE);
            let noted = line.and_then(|line| folder.open.begin(id, line));
            folder.trouble = noted.err().or(folder.trouble.take());
        }
    }

    fn export(&self, batch: Spans<'_, '_>) -> Result<Receipt, DeliveryFailure> {
        let batch = batch.map(|exported| pool::detach(exported.span)).collect();
        let written = self.write(batch);
        written.map_err(|error| DeliveryFailure::Exporter(self.trouble(&error)))
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = (&shortened(resource)).into();
    }

    fn shutdown(&self, _: Duration) -> OTelSdkResult {
        // If there is no time to wait for it, the next process continues and closes the sessions.
        self.sweep(&mut self.folder(), LAST_SWEEP);
        self.close().map_err(|error| OTelSdkError::InternalFailure(error.to_string()))
    }
}

/// Returns a resource shortened to what fits into a line.
fn shortened(resource: &Resource) -> Resource {
    let attributes = resource.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
    let mut span = pool::blank(attributes.collect());
    shorten_to(&mut span, LONGEST_RESOURCE / MOST_AS_JSON);
    let builder = Resource::builder_empty();
    let attributes = span.attributes;
    match resource.schema_url() {
        Some(schema) => builder.with_schema_url(attributes, schema.to_owned()).build(),
        None => builder.with_attributes(attributes).build(),
    }
}

/// Replaces NaN and infinity by strings: JSON has neither, and `serde_json` would write `null`, which readers of
/// OTLP reject.
fn spell_out(span: &mut SpanData) {
    let of_events = span.events.events.iter_mut().flat_map(|event| &mut event.attributes);
    for KeyValue { value, .. } in span.attributes.iter_mut().chain(of_events) {
        match value {
            Value::F64(number) if !number.is_finite() => *value = name_of(*number).into(),
            Value::Array(Array::F64(numbers))
                if numbers.iter().any(|number| !number.is_finite()) =>
            {
                let names = numbers.iter().map(|number| name_of(*number).into());
                *value = Value::Array(Array::String(names.collect()));
            }
            _ => {}
        }
    }
}

/// Returns the name of a number in protobuf's JSON.
fn name_of(number: f64) -> String {
    match number {
        f64::INFINITY => "Infinity".to_owned(),
        f64::NEG_INFINITY => "-Infinity".to_owned(),
        number => number.to_string(),
    }
}

/// Returns the file of a session.
pub(super) fn file_of(dir: &Path, trace: TraceId) -> PathBuf {
    dir.join(format!("{trace}.jsonl"))
}

/// Returns `true` if a span is the last of its session in this process.
fn ends_session(span: &SpanData) -> bool {
    span.parent_span_id == SpanId::INVALID || span.parent_span_is_remote
}

#[cfg(test)]
mod tests;
