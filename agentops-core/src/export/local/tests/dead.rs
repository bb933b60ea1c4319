//! Tests that sessions left open by a dead process are closed by the next one, and no others.

use opentelemetry_proto::tonic::common::v1::AnyValue;

use super::*;
use crate::{
    export::local::open_ids::{open_in, places_in},
    record::semconv,
};

const SECOND: Duration = Duration::from_secs(1);

fn start() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_nanos(1_700_000_000_000_000_001)
}

/// Creates a span that starts and ends this many seconds after the common start.
pub(super) fn at(trace: u128, id: u64, parent: u64, from: u32, to: u32) -> SpanData {
    let mut it = span(trace, "it");
    it.name = format!("s{id}").into();
    it.span_context = SpanContext::new(
        TraceId::from(trace),
        SpanId::from(id),
        TraceFlags::SAMPLED,
        false,
        TraceState::default(),
    );
    it.parent_span_id = SpanId::from(parent);
    it.attributes.clear();
    (it.start_time, it.end_time) = (start() + SECOND * from, start() + SECOND * to);
    it
}

/// Creates the root of a session as its process would record it in case it dies.
pub(super) fn root(trace: u128) -> SpanData {
    let mut it = at(trace, 1, 0, 0, 0);
    it.attributes = vec![
        KeyValue::new(semconv::SPAN_KIND, "session"),
        KeyValue::new(semconv::OPERATION_NAME, "run"),
        KeyValue::new(semconv::SESSION_ID, "id"),
        KeyValue::new(semconv::USER_ID, "ada"),
        KeyValue::new(semconv::SESSION_END_STATE, "Aborted"),
    ];
    it.status = Status::error("the process died");
    it
}

pub(super) fn begin(exporter: &LocalExporter, mut spans: Vec<SpanData>) {
    exporter.keep_starts(&mut exported(&mut spans));
    assert!(exporter.folder().trouble.is_none());
}

/// Simulates a process that has started some spans, has written others, and died.
pub(super) fn died(dir: &Path, begun: Vec<SpanData>, written: Vec<SpanData>) {
    let exporter = local(dir);
    begin(&exporter, begun);
    export(&exporter, written);
}

/// Starts the next process.
pub(super) fn comes(dir: &Path) -> LocalExporter {
    let exporter = local(dir);
    ErasedExporter::open(&exporter);
    exporter
}

/// Sets the time when the last process was last seen, before everything that is written below.
fn last_seen_long_ago(dir: &Path) {
    for place in ["0", "0/open", "1", "1/open"] {
        // The folder does not exist without a process, or without open spans.
        if let Ok(folder) = fs::File::open(places_in(dir).join(place)) {
            folder.set_modified(start()).unwrap();
        }
    }
}

/// Returns name, parent and length in seconds of each span of a session's file, in order.
fn spans(dir: &Path, trace: u128) -> Vec<String> {
    let text = fs::read_to_string(file_of(dir, TraceId::from(trace))).unwrap();
    assert!(text.ends_with('\n'), "{text}");
    let lines = text.lines().map(|line| serde_json::from_str::<TracesData>(line).unwrap());
    let scopes = lines.flat_map(|line| line.resource_spans).flat_map(|it| it.scope_spans);
    let told = scopes.flat_map(|scope| scope.spans).map(|it| {
        let parent = it.parent_span_id.last().copied().unwrap_or(0);
        let seconds = (it.end_time_unix_nano - it.start_time_unix_nano) / 1_000_000_000;
        format!("{} below {parent}, {seconds} s", it.name)
    });
    told.collect()
}

/// Returns the attributes of a session's last span.
fn attributes_of_last(dir: &Path, trace: u128) -> Vec<String> {
    let text = fs::read_to_string(file_of(dir, TraceId::from(trace))).unwrap();
    let line: TracesData = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    let spans = line.resource_spans.last().unwrap().scope_spans.last().unwrap();
    let attributes = spans.spans.last().unwrap().attributes.iter();
    attributes
        .map(|attribute| match &attribute.value {
            Some(AnyValue { value: Some(Any::StringValue(text)) }) => {
                format!("{}={text}", attribute.key)
            }
            other => format!("{}={other:?}", attribute.key),
        })
        .collect()
}

fn is_nothing_open(dir: &Path) -> bool {
    open_in(dir).next().is_none()
}

#[test]
fn dead_session_gets_root_and_open_parents() {
    let dir = tempdir().unwrap();
    let mut tool = at(1, 3, 2, 2, 4);
    tool.attributes = vec![KeyValue::new(semconv::USER_ID, "grace")];
    died(dir.path(), vec![root(1), at(1, 2, 1, 1, 1)], vec![tool]);
    last_seen_long_ago(dir.path());
    drop(comes(dir.path()));
    assert_eq!(
        spans(dir.path(), 1),
        ["s3 below 2, 2 s", "s2 below 1, 3 s", "s1 below 0, 4 s"],
        "they end with the last that ended"
    );
    assert_eq!(
        attributes_of_last(dir.path(), 1),
        [
            "agentops.span.kind=session",
            "operation.name=run",
            "session.id=id",
            "user.id=grace",
            "agentops.session.end_state=Aborted",
            "agentops.session.errors=Some(AnyValue { value: Some(IntValue(0)) })",
        ],
        "for whom it ran in the end"
    );
    assert!(is_nothing_open(dir.path()));
}

#[test]
fn dead_session_gets_root_alone_on_last_line() {
    let dir = tempdir().unwrap();
    let remote = |it: SpanData| SpanData { parent_span_is_remote: true, ..it };
    let continued = remote(at(1, 5, 2, 9, 9));
    let begun = vec![root(1), at(1, 2, 1, 1, 1), continued, at(1, 3, 2, 1, 1)];
    died(dir.path(), begun, vec![at(1, 4, 3, 1, 2)]);
    drop(comes(dir.path()));
    let expected = [vec![vec!["s4"], vec!["s2", "s3"], vec!["s5"], vec!["s1"]]];
    assert_eq!(lines(dir.path()), expected);
}

#[test]
fn empty_dead_session_ends_at_last_seen_time() {
    let dir = tempdir().unwrap();
    died(dir.path(), vec![root(1), root(2)], vec![]);
    for folder in ["0", "0/open"] {
        let folder = fs::File::open(places_in(dir.path()).join(folder)).unwrap();
        folder.set_modified(start() + SECOND * 7).unwrap();
    }
    assert_eq!(close_aborted(dir.path()).unwrap().sessions.len(), 2);
    for trace in [1, 2] {
        assert_eq!(spans(dir.path(), trace), ["s1 below 0, 7 s"]);
    }
    assert_eq!(close_aborted(dir.path()).unwrap().sessions, [], "once");
    assert_eq!(spans(dir.path(), 1), ["s1 below 0, 7 s"]);
}

#[test]
fn clock_set_back_yields_no_negative_duration() {
    let dir = tempdir().unwrap();
    let late_root = SpanData { start_time: start() + SECOND * 100, ..root(1) };
    died(dir.path(), vec![late_root], vec![at(1, 3, 1, 2, 4)]);
    last_seen_long_ago(dir.path());
    drop(comes(dir.path()));
    assert_eq!(spans(dir.path(), 1), ["s3 below 1, 2 s", "s1 below 0, 0 s"]);
}

#[test]
fn open_spans_of_live_process_stay_open() {
    let dir = tempdir().unwrap();
    let lives = local(dir.path());
    begin(&lives, vec![root(1)]);
    export(&lives, vec![at(1, 3, 1, 0, 1)]);
    died(dir.path(), vec![root(2)], vec![at(2, 3, 1, 0, 1)]);
    let next = comes(dir.path());
    assert_eq!(close_aborted(dir.path()).unwrap().sessions, []);
    assert_eq!(spans(dir.path(), 1), ["s3 below 1, 1 s"]);
    assert_eq!(spans(dir.path(), 2).len(), 2);
    export(&lives, vec![at(1, 1, 0, 0, 2)]);
    drop((lives, next));
    drop(comes(dir.path()));
    assert_eq!(spans(dir.path(), 1), ["s3 below 1, 1 s", "s1 below 0, 2 s"]);
}

#[test]
fn torn_session_tail_is_repaired() {
    let root_line = |dir: &Path| fs::read(file_of(dir, TraceId::from(9))).unwrap();
    let torn = |tail: &dyn Fn(&[u8]) -> Vec<u8>| {
        let dir = tempdir().unwrap();
        export(&local(dir.path()), vec![root(9)]);
        let line = root_line(dir.path());
        died(dir.path(), vec![root(1)], vec![at(1, 3, 1, 0, 1)]);
        let path = file_of(dir.path(), TraceId::from(1));
        let whole = [fs::read(&path).unwrap(), tail(&line)].concat();
        fs::write(&path, whole).unwrap();
        let swept = close_aborted(dir.path()).unwrap();
        (spans(dir.path(), 1).len(), swept.torn.len())
    };
    assert_eq!(torn(&|_| Vec::new()), (2, 0));
    for length in [1, 2, 40] {
        assert_eq!(torn(&|line| line[..length].to_vec()), (2, 1), "{length} bytes");
        assert_eq!(torn(&|line| line[..line.len() - 1 - length].to_vec()), (2, 1), "but {length}");
    }
    assert_eq!(torn(&|_| vec![0; 100]), (2, 1), "what a power failure leaves");
    let whole =
        |line: &[u8]| String::from_utf8(line.to_vec()).unwrap().trim_end().replace("s1", "s4");
    let other = |line: &[u8]| whole(line).replace("0000000000000001\"", "0000000000000004\"");
    assert_eq!(torn(&|line| other(line).into_bytes()).1, 0, "only its end was missing");
}

#[test]
fn line_after_torn_line_is_preserved() {
    let dir = tempdir().unwrap();
    let exporter = local(dir.path());
    export(&exporter, vec![at(1, 3, 1, 0, 1)]);
    let path = file_of(dir.path(), TraceId::from(1));
    let half = fs::read(&path).unwrap();
    fs::write(&path, [&half[..], &half[..50]].concat()).unwrap();
    export(&exporter, vec![at(1, 1, 0, 0, 1)]);
    assert_eq!(spans(dir.path(), 1), ["s3 below 1, 1 s", "s1 below 0, 1 s"]);
}

#[test]
fn interrupted_close_is_resumed_by_next_process() {
    let dir = tempdir().unwrap();
    died(dir.path(), vec![root(1), root(2)], vec![at(1, 3, 1, 0, 1)]);
    last_seen_long_ago(dir.path());
    // It takes over, and writes one root, of which half reaches the disk.
    let mut open = OpenSpans::below(dir.path());
    assert!(open.left_by_others().unwrap().is_some());
    let path = file_of(dir.path(), TraceId::from(1));
    let half = fs::read(&path).unwrap();
    fs::write(&path, [&half[..], &half[..50]].concat()).unwrap();
    drop(open);
    let again = local(dir.path());
    begin(&again, vec![root(3)]);
    drop(comes(dir.path()));
    export(&again, vec![at(3, 1, 0, 0, 5)]);
    assert_eq!(spans(dir.path(), 1), ["s3 below 1, 1 s", "s1 below 0, 1 s"]);
    assert_eq!(spans(dir.path(), 2), ["s1 below 0, 0 s"]);
    assert_eq!(spans(dir.path(), 3), ["s1 below 0, 5 s"]);
    assert!(is_nothing_open(dir.path()));
}

#[test]
fn written_root_is_not_duplicated() {
    let dir = tempdir().unwrap();
    died(dir.path(), vec![root(1)], vec![]);
    let path = places_in(dir.path()).join("0/open").join(Id::of(&root(1)).name());
    let noted = fs::read(&path).unwrap();
    drop(comes(dir.path()));
    // As if its process had died before it removed the record of the root.
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, noted).unwrap();
    drop(comes(dir.path()));
    assert_eq!(spans(dir.path(), 1).len(), 1);
    assert!(is_nothing_open(dir.path()));
}

#[test]
fn missing_parent_gets_placeholder_below_root() {
    let dir = tempdir().unwrap();
    died(dir.path(), vec![root(1)], vec![at(1, 3, 8, 1, 2), at(1, 4, 8, 2, 3)]);
    last_seen_long_ago(dir.path());
    drop(comes(dir.path()));
    assert_eq!(
        spans(dir.path(), 1),
        ["s3 below 8, 1 s", "s4 below 8, 1 s", "unfinished below 1, 2 s", "s1 below 0, 3 s"]
    );
}

#[test]
fn remote_continuation_keeps_span_parents() {
    let dir = tempdir().unwrap();
    let remote = |it: SpanData| SpanData { parent_span_is_remote: true, ..it };
    // Two processes in one session; the one without the root is alive, with an open agent span.
    let lives = local(dir.path());
    begin(&lives, vec![remote(at(1, 5, 2, 1, 1))]);
    export(&lives, vec![at(1, 6, 5, 1, 2)]);
    died(dir.path(), vec![root(1), at(1, 2, 1, 0, 0)], vec![]);
    last_seen_long_ago(dir.path());
    drop(comes(dir.path()));
    assert_eq!(spans(dir.path(), 1), ["s6 below 5, 1 s", "s2 below 1, 2 s", "s1 below 0, 2 s"]);
    export(&lives, vec![remote(at(1, 5, 2, 1, 3))]);
    assert_eq!(spans(dir.path(), 1)[3], "s5 below 2, 2 s");
    // A process that dies without a root of its own ends below its remote parent.
    died(dir.path(), vec![remote(at(2, 5, 2, 1, 1))], vec![at(2, 6, 5, 1, 4)]);
    drop(comes(dir.path()));
    assert_eq!(spans(dir.path(), 2).len(), 2);
    assert!(spans(dir.path(), 2)[1].starts_with("s5 below 2, "), "{:?}", spans(dir.path(), 2));
}

#[test]
fn removed_folder_does_not_close_live_sessions() {
    let dir = tempdir().unwrap();
    let sessions = dir.path().join("sessions");
    let lives = local(&sessions);
    begin(&lives, vec![root(1)]);
    fs::remove_dir_all(&sessions).unwrap();
    let other = local(&sessions);
    begin(&other, vec![root(2)]);
    export(&lives, vec![at(1, 3, 1, 0, 1)]);
    drop(comes(&sessions));
    assert_eq!(spans(&sessions, 1), ["s3 below 1, 1 s"]);
    drop((lives, other));
    drop(comes(&sessions));
    assert_eq!(spans(&sessions, 1).len(), 2);
    assert_eq!(spans(&sessions, 2).len(), 1);
}

#[test]
fn shutdown_closes_open_spans() {
    let dir = tempdir().unwrap();
    let exporter = local(dir.path());
    begin(&exporter, vec![root(1), at(1, 2, 1, 1, 1)]);
    export(&exporter, vec![at(1, 1, 0, 0, 5)]);
    ErasedExporter::shutdown(&exporter, SECOND).unwrap();
    assert_eq!(spans(dir.path(), 1).len(), 2);
    assert!(is_nothing_open(dir.path()));
}

#[test]
fn close_without_sessions_creates_no_folder() {
    let dir = tempdir().unwrap();
    let sessions = dir.path().join("sessions");
    drop(comes(&sessions));
    assert_eq!(close_aborted(&sessions).unwrap().sessions, []);
    assert!(!sessions.exists());
}

#[test]
fn new_session_without_its_root_line_is_removed() {
    let left = |is_new, begun: Vec<SpanData>, length: fn(&str) -> usize| {
        let dir = tempdir().unwrap();
        let exporter = local(dir.path());
        export(&exporter, vec![at(1, 1, 0, 0, 1), at(1, 3, 1, 0, 1)]);
        let path = file_of(dir.path(), TraceId::from(1));
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), 2);
        begin(&exporter, begun);
        let file = HalfWritten { trace: TraceId::from(1), is_new };
        exporter.folder().open.begin_writing([file].into_iter()).unwrap();
        fs::write(&path, &text[..length(&text)]).unwrap();
        drop(exporter);
        let swept = close_aborted(dir.path()).unwrap();
        (path.exists().then(|| spans(dir.path(), 1).len()), swept.torn.len())
    };
    let [first, cut]: [fn(&str) -> usize; 2] =
        [|text| text.find('\n').unwrap() + 1, |text| text.len() - 9];
    assert_eq!(left(true, vec![], first), (None, 1));
    assert_eq!(left(true, vec![], cut), (None, 1));
    assert_eq!(left(true, vec![], str::len), (Some(2), 0), "it is whole");
    assert_eq!(left(false, vec![], first), (Some(1), 0), "there may be other batches in it");
    assert_eq!(left(true, vec![root(1)], first), (Some(2), 0), "its root is known");
}

#[test]
fn torn_file_of_ended_session_is_removed() {
    let dir = tempdir().unwrap();
    let exporter = local(dir.path());
    export(&exporter, vec![at(1, 1, 0, 0, 1), at(2, 1, 0, 0, 1), at(3, 1, 0, 0, 1)]);
    let [first, second, third] = [1, 2, 3].map(|it| file_of(dir.path(), TraceId::from(it)));
    // As if it had died in the middle of writing.
    let files = [1, 2, 3, 4].map(|it| HalfWritten { trace: TraceId::from(it), is_new: false });
    exporter.folder().open.begin_writing(files.into_iter()).unwrap();
    fs::write(&second, &fs::read(&first).unwrap()[..50]).unwrap();
    fs::write(&third, "").unwrap();
    drop(exporter);
    let swept = close_aborted(dir.path()).unwrap();
    assert_eq!((swept.sessions.len(), swept.torn), (0, vec![second.clone()]));
    assert_eq!([first, second, third].map(|it| it.exists()), [true, false, false]);
    assert!(!file_of(dir.path(), TraceId::from(4)).exists());
}
