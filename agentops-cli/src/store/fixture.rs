//! Folder of sessions for tests, written as OTLP lines.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    slice,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{FolderStore, SessionId};

/// Folder of sessions that is removed after the test.
pub(crate) struct TestFolder {
    dir: TempDir,
}

/// Process that writes to a folder, until it dies.
pub(crate) struct TestProcess {
    dir: PathBuf,
    slot: PathBuf,
    lock: File,
}

/// Span of a test.
#[derive(Clone)]
pub(crate) struct TestSpan {
    span: Value,
}

impl TestFolder {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn store(&self) -> FolderStore {
        FolderStore::open(self.dir.path().to_owned()).unwrap()
    }

    /// Returns an argument that names the folder.
    pub(crate) fn arg(&self) -> String {
        format!("--dir={}", self.dir.path().display())
    }

    /// Writes the file of a session, with a line for each list of spans.
    pub(crate) fn write(&self, session: u128, lines: &[&[TestSpan]]) -> SessionId {
        self.write_text(session, &lines.iter().map(|spans| line(spans)).collect::<String>())
    }

    /// Writes this text to the file of a session.
    pub(crate) fn write_text(&self, session: u128, text: &str) -> SessionId {
        let id: SessionId = format!("{session:032x}").parse().unwrap();
        fs::write(self.path_of(session), text).unwrap();
        id
    }

    /// Appends text to the file of a session.
    pub(crate) fn append(&self, session: u128, text: &str) {
        let file = File::options().append(true).open(self.path_of(session));
        file.unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// Writes the file of a session, with spaces behind its line up to this length.
    pub(crate) fn write_padded(&self, session: u128, spans: &[TestSpan], length: usize) {
        let line = line(spans);
        let padding = " ".repeat(length - line.len());
        self.write_text(session, &format!("{}{padding}\n", line.trim_end()));
    }

    /// Writes a file beside that of a session.
    pub(crate) fn write_beside(&self, session: u128, ending: &str, text: &str) {
        fs::write(self.path_of(session).with_extension(ending), text).unwrap();
    }

    /// Sets the time of the last write, in nanoseconds since 1970.
    pub(crate) fn set_last_write(&self, session: u128, moment: u64) {
        let file = File::options().append(true).open(self.path_of(session)).unwrap();
        file.set_modified(UNIX_EPOCH + Duration::from_nanos(moment)).unwrap();
    }

    /// Sets the time of the last change of the folder to an hour ago.
    pub(crate) fn settle(&self) {
        let hour = Duration::from_secs(60 * 60);
        let dir = File::open(self.dir.path()).unwrap();
        dir.set_modified(SystemTime::now() - hour).unwrap();
    }

    /// Starts a process that writes to the folder.
    pub(crate) fn process(&self) -> TestProcess {
        let slot = self.dir.path().join(".open").join("0");
        fs::create_dir_all(slot.join("open")).unwrap();
        let lock = File::create(slot.join("lock")).unwrap();
        lock.try_lock().unwrap();
        TestProcess { dir: self.dir.path().to_owned(), slot, lock }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Links the file of a session in another folder.
    #[cfg(unix)]
    pub(crate) fn link(&self, session: u128, other: &Self) {
        std::os::unix::fs::symlink(other.path_of(session), self.path_of(session)).unwrap();
    }

    /// Returns the names of the files.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.dir.path()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    pub(crate) fn path_of(&self, session: u128) -> PathBuf {
        self.dir.path().join(format!("{session:032x}.jsonl"))
    }
}

/// Returns spans as a line.
pub(crate) fn line(spans: &[TestSpan]) -> String {
    let spans: Vec<_> = spans.iter().map(TestSpan::as_written).collect();
    format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{}]}}]}}]}}"#, spans.join(",")) + "\n"
}

impl TestProcess {
    /// Records a span as open. One without a parent opens its session.
    pub(crate) fn start(&self, span: &TestSpan) {
        fs::write(self.record(span), line(slice::from_ref(span))).unwrap();
        if span.is_root() {
            let session = json!({
                "name": span.field("name"),
                "trace_id": span.field("traceId"),
                "span_id": span.field("spanId"),
                "start_unix_nano": span.field("startTimeUnixNano").parse::<u64>().unwrap(),
                "pid": 1,
            });
            fs::write(self.path(span, "open"), session.to_string()).unwrap();
        }
    }

    /// Writes spans as a line, and records them as ended.
    pub(crate) fn end(&self, spans: &[TestSpan]) {
        self.append(&spans[0], &line(spans));
        spans.iter().for_each(|span| _ = fs::remove_file(self.record(span)));
    }

    /// Writes the root of a session, and records it as ended.
    pub(crate) fn end_session(&self, root: &TestSpan) {
        self.append(root, &line(slice::from_ref(root)));
        fs::remove_file(self.path(root, "open")).unwrap();
        fs::remove_file(self.record(root)).unwrap();
    }

    fn append(&self, span: &TestSpan, text: &str) {
        let file = self.path(span, "jsonl");
        let mut file = File::options().append(true).create(true).open(file).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    /// Ends without ending its sessions.
    pub(crate) fn die(&self) {
        self.lock.unlock().unwrap();
    }

    fn path(&self, span: &TestSpan, ending: &str) -> PathBuf {
        self.dir.join(format!("{}.{ending}", span.field("traceId")))
    }

    fn record(&self, span: &TestSpan) -> PathBuf {
        let name = format!("{}-{}", span.field("traceId"), span.field("spanId"));
        self.slot.join("open").join(name)
    }
}

impl TestSpan {
    fn is_root(&self) -> bool {
        self.field("parentSpanId").is_empty()
    }

    fn field(&self, name: &str) -> &str {
        self.span[name].as_str().unwrap()
    }

    /// Creates a span with this title, such as `tool search`. A parent of 0 is none.
    pub(crate) fn new(session: u128, id: u64, parent: u64, title: &str) -> Self {
        let (kind, name) = title.split_once(' ').unwrap();
        let parent = if parent == 0 { String::new() } else { format!("{parent:016x}") };
        let span = json!({
            "traceId": format!("{session:032x}"),
            "spanId": format!("{id:016x}"),
            "parentSpanId": parent,
            "name": name,
            "attributes": [],
            "events": [],
        });
        Self { span }.text("agentops.span.kind", kind)
    }

    /// Returns the span as JSON that begins with the trace, as agentops writes it: roots are searched for by that.
    fn as_written(&self) -> String {
        let mut span = self.span.clone();
        let trace = span.as_object_mut().unwrap().remove("traceId").unwrap();
        format!(r#"{{"traceId":{trace},{}"#, &span.to_string()[1..])
    }

    /// Sets start and end, in nanoseconds since 1970.
    pub(crate) fn at(mut self, start: u64, end: u64) -> Self {
        self.span["startTimeUnixNano"] = json!(start.to_string());
        self.span["endTimeUnixNano"] = json!(end.to_string());
        self
    }

    pub(crate) fn text(self, key: &str, text: &str) -> Self {
        self.value(key, &json!({"stringValue": text}))
    }

    pub(crate) fn count(self, key: &str, count: u64) -> Self {
        self.value(key, &json!({"intValue": count.to_string()}))
    }

    pub(crate) fn number(self, key: &str, number: f64) -> Self {
        self.value(key, &json!({"doubleValue": number}))
    }

    /// Adds an attribute with a value as OTLP has it.
    pub(crate) fn value(mut self, key: &str, value: &Value) -> Self {
        push(&mut self.span["attributes"], json!({"key": key, "value": value}));
        self
    }

    pub(crate) fn failed(mut self, message: &str) -> Self {
        self.span["status"] = json!({"message": message, "code": 2});
        self
    }

    pub(crate) fn event(mut self, name: &str, key: &str, text: &str) -> Self {
        let attributes = json!([{"key": key, "value": {"stringValue": text}}]);
        push(&mut self.span["events"], json!({"name": name, "attributes": attributes}));
        self
    }

    /// Adds an event as OTLP has it.
    #[cfg(feature = "view")]
    pub(crate) fn with_event(mut self, event: Value) -> Self {
        push(&mut self.span["events"], event);
        self
    }

    /// Adds a link to a span of a session.
    pub(crate) fn linked(mut self, session: u128, span: u64) -> Self {
        let link = json!({"traceId": format!("{session:032x}"), "spanId": format!("{span:016x}")});
        self.span["links"] = json!([link]);
        self
    }

    /// Marks the root of a session that succeeded.
    pub(crate) fn ended(self) -> Self {
        self.text("agentops.session.end_state", "Success")
    }
}

fn push(list: &mut Value, value: Value) {
    list.as_array_mut().unwrap().push(value);
}
