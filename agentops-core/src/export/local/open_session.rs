//! File beside that of a session, for as long as the session is open: it names the session to readers of the folder.
//!
//! ```text
//! start is recorded ─▶ <trace>.open is written ─▶ … ─▶ root's line is written ─▶ <trace>.open is removed
//!                                                                             ─▶ record of the start is removed
//! ```
//!
//! So a file without such a record in the slot of a running process was left by a process that died. A session that
//! ends within its first batch has neither.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process,
};

use opentelemetry::TraceId;
use opentelemetry_proto::tonic::{common::v1::any_value::Value, trace::v1::Span};
use serde::{Deserialize, Serialize};

use super::{
    json_lines::{LONGEST_LINE, whole},
    open_ids::{Id, places_in},
    written_spans::{ends_session, first_of, id, is_remote, text},
};
use crate::{
    disk::{
        Slot,
        journal::{is_open_in, open_records},
        private_files::{exists, read_within, write_whole_by},
    },
    record::semconv::{OPERATION_NAME, TAG_TAGS, TAGS, USER_ID},
};

/// Name of the file while it is being written, in the slot of the process.
const DRAFT: &str = "session";

/// Session that has not ended, as described by `<trace>.open` beside its file.
///
/// The file is JSON. It is written soon after the session has started, mostly before the session's file, and removed
/// when the session has ended. It is not written for a session that ends at once. If the session was continued from
/// another process, it describes what runs in the process that wrote it.
///
/// ```no_run
/// use agentops_core::store::OpenSession;
///
/// let path = ".agentops/sessions/3b6a5a4b60daae812e9ce211c97431bb.open";
/// let session = OpenSession::read(path.as_ref())?;
/// if session.is_alive() {
///     println!("{} runs as process {}", session.name, session.pid);
/// }
/// # Ok::<_, std::io::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[non_exhaustive]
pub struct OpenSession {
    /// Name of the session.
    pub name: String,
    /// Trace id in hexadecimal digits, as in the name of the file.
    pub trace_id: String,
    /// Span id of the root in hexadecimal digits. Spans of the session refer to it as their parent.
    pub span_id: String,
    /// Start in nanoseconds since 1970.
    pub start_unix_nano: u64,
    /// User for whom the session has started, if there is one. A later change is seen in the session's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Tags with which the session has started.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// File name of the program, if the system knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// Process id of the program, in the namespace in which it runs.
    pub pid: u32,
    /// Folder of the sessions.
    #[serde(skip)]
    dir: PathBuf,
}

/// Span of an open session that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenSpan {
    /// Span id in hexadecimal digits.
    pub span_id: String,
    /// Span id of the parent, likewise.
    pub parent_span_id: String,
    /// Name of the span.
    pub name: String,
    /// Start in nanoseconds since 1970.
    pub start_unix_nano: u64,
}

impl OpenSession {
    /// Reads the file `<trace>.open`.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, is not such a file, or is not a regular file of this user.
    pub fn read(path: &Path) -> io::Result<Self> {
        let json = read_within(path, LONGEST_LINE as u64)?;
        let session: Self = serde_json::from_slice(&json)?;
        let dir = path.parent().unwrap_or(Path::new("")).to_owned();
        Ok(Self { dir, ..session })
    }

    /// Returns `true` if the process that wrote the file still runs and has not ended the session. If it returns
    /// `false`, and the session's file, read afterwards, has no root, then the process has died.
    ///
    /// A running process holds a lock, which the system releases however the process ends. So a process id that is
    /// in use again does not matter, nor whether the process runs in another container.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        let id = Id::parse(&format!("{}-{}", self.trace_id, self.span_id));
        id.is_some_and(|id| is_open_in(&places_in(&self.dir), &id.name()))
    }

    /// Returns the spans that run now, below the root, the one that started first in front. A span is known once a span
    /// has started in it.
    #[must_use]
    pub fn spans(&self) -> Vec<OpenSpan> {
        let prefix = format!("{}-", self.trace_id);
        let is_of_trace = |path: &PathBuf| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix))
        };
        let records = open_records(&places_in(&self.dir)).filter(is_of_trace);
        let mut open: Vec<_> = records.filter_map(|path| OpenSpan::read(&path)).collect();
        open.sort_by_key(|span| span.start_unix_nano);
        open
    }

    /// Returns the names of the spans that run now, below the root and from the outside in. Of several that run beside
    /// each other, the one that started last is followed.
    #[must_use]
    pub fn steps(&self) -> Vec<String> {
        let mut open = self.spans();
        let (mut steps, mut above) = (Vec::new(), self.span_id.clone());
        // Each step takes a span away, so parents that form a circle end, too.
        while let Some(index) = open.iter().rposition(|span| span.parent_span_id == above) {
            let step = open.remove(index);
            above = step.span_id;
            steps.push(step.name);
        }
        steps
    }

    fn of_root(root: &Span) -> Self {
        let program = env::current_exe().ok();
        let program = program.as_deref().and_then(Path::file_name);
        let id = Id::of_written(root);
        Self {
            name: text(root, OPERATION_NAME).unwrap_or(&root.name).to_owned(),
            trace_id: id.0.to_string(),
            span_id: id.1.to_string(),
            start_unix_nano: root.start_time_unix_nano,
            user_id: text(root, USER_ID).map(str::to_owned),
            tags: [TAG_TAGS, TAGS].into_iter().find_map(|key| texts(root, key)).unwrap_or_default(),
            program: program.map(|program| program.to_string_lossy().into_owned()),
            pid: process::id(),
            dir: PathBuf::new(),
        }
    }
}

impl OpenSpan {
    /// Reads the record of an open span. Returns `None` if it is that of a root, is invalid, or has been removed
    /// meanwhile.
    fn read(record: &Path) -> Option<Self> {
        let data = whole(&read_within(record, LONGEST_LINE as u64 + 1).ok()?)?;
        let span = first_of(&data)?;
        Some(Self {
            span_id: Id::of_written(span).1.to_string(),
            parent_span_id: id(&span.parent_span_id)?.to_string(),
            name: text(span, OPERATION_NAME).unwrap_or(&span.name).to_owned(),
            start_unix_nano: span.start_time_unix_nano,
        })
    }
}

/// Writes the file of the session whose root a line would end. Beside that of the root, one of the same session
/// continued from another process gives way. Returns `true` if it was written.
pub(super) fn announce(sessions: &Path, slot: &Slot, line: &[u8]) -> io::Result<bool> {
    let Some(data) = whole(line) else { return Ok(false) };
    let Some(root) = first_of(&data).filter(|span| ends_session(span)) else { return Ok(false) };
    let path = path_of(sessions, Id::of_written(root).0);
    if is_remote(root) && exists(&path)? {
        return Ok(false);
    }
    let json = serde_json::to_vec(&OpenSession::of_root(root))?;
    // Other processes may write the same file, so it is not drafted beside it.
    write_whole_by(&slot.dir.join(DRAFT), &path, &json)?;
    Ok(true)
}

/// Removes the file of a session whose root is this span.
pub(super) fn retract(sessions: &Path, Id(trace, span): Id) {
    let path = path_of(sessions, trace);
    let is_of_another = |found: OpenSession| found.span_id != span.to_string();
    if !OpenSession::read(&path).is_ok_and(is_of_another) {
        let _ = fs::remove_file(path);
    }
}

/// Returns the file that names an open session.
pub(super) fn path_of(sessions: &Path, trace: TraceId) -> PathBuf {
    sessions.join(format!("{trace}.open"))
}

/// Returns the value of an attribute that is a list of strings.
fn texts(span: &Span, key: &str) -> Option<Vec<String>> {
    let found = span.attributes.iter().find(|attribute| attribute.key == key)?;
    let Value::ArrayValue(list) = found.value.as_ref()?.value.as_ref()? else { return None };
    let texts = list.values.iter().filter_map(|item| match &item.value {
        Some(Value::StringValue(text)) => Some(text.clone()),
        _ => None,
    });
    Some(texts.collect())
}
