mod planted;

use std::{
    fs::File,
    path::PathBuf,
    time::{Duration, UNIX_EPOCH},
};

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    trace::v1::{ResourceSpans, ScopeSpans, Span},
};
use prost::Message;
use tempfile::TempDir;

use super::{segment::LONGEST_SEGMENT, spool_file::BLOCK, *};
use crate::{
    bridge::SpanSink,
    fixtures::{ended, limits, span},
    process::Reporter,
    queue::Queue,
    record::Stats,
};

const ENDPOINT: &str = "http://h/v1/traces";
const WHOLE: Receipt = Receipt::Complete;

fn settings(dir: &Path) -> SpoolSettings {
    SpoolSettings { dir: dir.to_owned(), max_bytes: 1 << 20, max_age: Duration::from_secs(3600) }
}

/// Process with a spool.
struct Process {
    ledger: Arc<Queue>,
    spool: Spool,
}

impl Process {
    fn with(settings: SpoolSettings) -> Self {
        let ledger = Arc::new(Queue::new(limits()));
        let warnings = Arc::new(DeliveryWarnings::new(Reporter::LogOnly));
        let spool = Spool::open(settings, Arc::clone(&ledger) as _, warnings).unwrap();
        Self { ledger, spool }
    }

    fn at(dir: &TempDir) -> Self {
        Self::with(settings(dir.path()))
    }

    /// Lets this many spans end and spools them.
    fn keep(&self, spans: u64, body: &'static str, roots: &[&str]) {
        (0..spans).for_each(|_| self.ledger.push(ended(span(1, ""))));
        let _ = self.ledger.flush(Duration::ZERO);
        assert_eq!(self.ledger.next_batch().unwrap().entries.len() as u64, spans);
        self.spool.append(&segment(spans, body, roots)).unwrap();
        self.ledger.book_result(Ok(WHOLE));
    }

    /// Returns the bodies of the waiting files, in order.
    fn bodies(&self) -> Vec<String> {
        let waiting: Vec<_> = self.spool.files().waiting.iter().copied().collect();
        let segments = waiting.iter().map(|file| self.spool.read(file).unwrap());
        segments.map(|segment| String::from_utf8(segment.body.to_vec()).unwrap()).collect()
    }

    fn stats(&self) -> Stats {
        self.ledger.stats()
    }
}

/// Returns the names of the files in a process's slot, without those that every slot has.
fn listed(process: &Process) -> Vec<String> {
    let entries = fs::read_dir(&process.spool.slot.dir).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name != "lock");
    names.sort();
    names
}

fn segment(spans: u64, body: &'static str, roots: &[&str]) -> Segment {
    let roots = roots.iter().map(|root| (*root).to_owned()).collect();
    let label = Label { endpoint: ENDPOINT.to_owned(), spans, roots, ..Label::default() };
    Segment { label, body: body.into() }
}

#[test]
fn spool_sends_in_order_and_removes() {
    let dir = TempDir::new().unwrap();
    let process = Process::at(&dir);
    process.keep(2, "first", &[]);
    process.keep(3, "second", &[]);
    assert_eq!(process.stats(), Stats { ended: 5, spooled: 5, ..Stats::default() });
    let first = process.spool.next_file().unwrap();
    assert_eq!(process.spool.read(&first), Ok(segment(2, "first", &[])));
    process.spool.settle(&first, Ok(WHOLE));
    let second = process.spool.next_file().unwrap();
    let reason = "too old".to_owned();
    process.spool.settle(&second, Ok(Receipt::Partial { rejected: 1, reason }));
    assert_eq!(process.stats(), Stats { ended: 5, sent: 4, failed: 1, ..Stats::default() });
    assert_eq!(listed(&process), [""; 0]);
    process.spool.close(Instant::now());
    assert_eq!(process.spool.next_file(), None);
}

#[test]
fn spool_of_a_dead_process_comes_first() {
    let dir = TempDir::new().unwrap();
    let dead = Process::at(&dir);
    dead.keep(2, "first", &[]);
    dead.keep(3, "second", &[]);
    drop(dead);
    let next = Process::at(&dir);
    next.keep(1, "third", &[]);
    assert_eq!(next.bodies(), ["first", "second", "third"]);
    let stats = Stats { ended: 1, recovered: 5, spooled: 6, ..Stats::default() };
    assert_eq!(next.stats(), stats);
}

#[test]
fn processes_share_a_folder_by_slots() {
    let dir = TempDir::new().unwrap();
    let [one, two, three] = [(); 3].map(|()| Process::at(&dir));
    one.keep(1, "one", &[]);
    two.keep(2, "two", &[]);
    three.keep(3, "three", &[]);
    drop(one);
    drop(three);
    let four = Process::at(&dir);
    assert_eq!(four.bodies(), ["one", "three"]);
    assert_eq!(two.bodies(), ["two"]);
    assert_eq!(four.stats().recovered, 4);
}

#[test]
fn spool_evicts_the_oldest_beyond_its_size() {
    let dir = TempDir::new().unwrap();
    let process = Process::with(SpoolSettings { max_bytes: 2 * BLOCK, ..settings(dir.path()) });
    for (spans, body) in [(1, "first"), (2, "second"), (3, "third")] {
        process.keep(spans, body, &[]);
    }
    assert_eq!(process.bodies(), ["second", "third"]);
    assert_eq!(process.stats(), Stats { ended: 6, spooled: 5, failed: 1, ..Stats::default() });
    let error = process.ledger.losses().unwrap();
    assert_eq!(error.last_error(), Some("the spool was full, or they were too old"));
}

#[test]
fn spool_evicts_files_beyond_their_age() {
    let dir = TempDir::new().unwrap();
    let dead = Process::at(&dir);
    dead.keep(2, "old", &[]);
    let old = dead.spool.next_file().unwrap().path_in(&dead.spool.slot.dir);
    dead.keep(1, "young", &[]);
    let hours = Duration::from_secs(2 * 3600);
    File::options().write(true).open(old).unwrap().set_modified(SystemTime::now() - hours).unwrap();
    drop(dead);
    let next = Process::at(&dir);
    assert_eq!(next.bodies(), ["young"]);
    let stats = Stats { recovered: 3, spooled: 1, failed: 2, ..Stats::default() };
    assert_eq!(next.stats(), stats);
}

#[test]
fn file_set_aside_waits_and_is_evicted_first() {
    let dir = TempDir::new().unwrap();
    let process = Process::with(SpoolSettings { max_bytes: 2 * BLOCK, ..settings(dir.path()) });
    process.keep(1, "elsewhere", &[]);
    let elsewhere = process.spool.next_file().unwrap();
    process.spool.set_aside(elsewhere);
    process.keep(2, "second", &[]);
    assert_eq!(process.stats().spooled, 3);
    process.keep(4, "third", &[]);
    assert_eq!(
        (process.bodies(), process.stats().failed),
        (vec!["second".into(), "third".into()], 1)
    );
}

#[test]
fn changed_file_is_named_and_others_are_sent() {
    let dir = TempDir::new().unwrap();
    let process = Process::at(&dir);
    process.keep(2, "first", &[]);
    process.keep(3, "second", &[]);
    let first = process.spool.next_file().unwrap();
    let path = first.path_in(&process.spool.slot.dir);
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
    let damage = format!("the file `{}`: it is torn or was changed", path.display());
    assert_eq!(process.spool.open_file(first), Err(UnreadFile::Lost(damage.clone())));
    process.spool.settle(&first, Err(DeliveryFailure::Spool(damage)));
    assert_eq!(process.bodies(), ["second"]);
    assert_eq!(process.stats(), Stats { ended: 5, spooled: 3, failed: 2, ..Stats::default() });
}

#[test]
fn unfinished_file_of_a_dead_process_is_removed() {
    let dir = TempDir::new().unwrap();
    let dead = Process::at(&dir);
    dead.keep(1, "whole", &[]);
    let torn = dead.spool.slot.dir.join("00000000000000000001-5.tmp");
    fs::write(&torn, "agen").unwrap();
    drop(dead);
    assert_eq!(Process::at(&dir).bodies(), ["whole"]);
    assert!(!torn.exists());
}

const ROOT: &str = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331";
const OTHER: &str = "1af7651916cd43dd8448eb211c80319c-b7ad6b7169203332";

/// Creates the root of a session that started in 1970.
fn root(name: &str) -> Segment {
    let span = Span { start_time_unix_nano: 5, end_time_unix_nano: 5, ..Span::default() };
    let scope_spans = vec![ScopeSpans { spans: vec![span], ..ScopeSpans::default() }];
    let resource_spans = vec![ResourceSpans { scope_spans, ..ResourceSpans::default() }];
    let body = ExportTraceServiceRequest { resource_spans }.encode_to_vec().into();
    Segment { body, ..segment(1, "", &[name]) }
}

/// Returns the names and ends of the waiting roots.
fn roots(process: &Process) -> Vec<(String, u64)> {
    let waiting: Vec<_> = process.spool.files().waiting.iter().copied().collect();
    let segments = waiting.iter().map(|file| process.spool.read(file).unwrap());
    let known = segments.map(|segment| {
        let request = ExportTraceServiceRequest::decode(segment.body).unwrap();
        let span = &request.resource_spans[0].scope_spans[0].spans[0];
        (segment.label.roots[0].clone(), span.end_time_unix_nano)
    });
    known.collect()
}

#[test]
fn recovery_ends_aborted_root_at_last_activity() {
    let dir = TempDir::new().unwrap();
    let dead = Process::at(&dir);
    dead.spool.record_start(&root(ROOT));
    let last_word = fs::metadata(dead.spool.slot.dir.join("open")).unwrap().modified().unwrap();
    let last_word = last_word.duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    drop(dead);
    let next = Process::at(&dir);
    next.spool.recover_sessions();
    assert_eq!(roots(&next), [(ROOT.to_owned(), last_word)]);
    assert_eq!(next.stats(), Stats { recovered: 1, spooled: 1, ..Stats::default() });
    drop(next);
    let third = Process::at(&dir);
    third.spool.recover_sessions();
    assert_eq!(third.stats().recovered, 1, "once is enough");
}

#[test]
fn ended_session_gets_no_second_root() {
    let dir = TempDir::new().unwrap();
    let dead = Process::at(&dir);
    dead.spool.record_start(&root(ROOT));
    dead.spool.record_start(&root(OTHER));
    dead.keep(1, "the root of one", &[ROOT]);
    // It died after the root was on disk, before the record of its start was removed.
    dead.spool.record_start(&root(ROOT));
    dead.spool.mark_ended(&[OTHER.to_owned()]);
    drop(dead);
    let next = Process::at(&dir);
    next.spool.recover_sessions();
    assert_eq!(next.bodies(), ["the root of one"]);
}

#[test]
fn takeover_is_finished_by_the_next_process() {
    let dir = TempDir::new().unwrap();
    let dead = Process::at(&dir);
    dead.spool.record_start(&root(ROOT));
    drop(dead);
    drop(Process::at(&dir));
    let next = Process::at(&dir);
    next.spool.recover_sessions();
    assert_eq!(roots(&next).len(), 1);
}

#[test]
fn spool_in_an_impossible_folder_is_an_error() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let ledger = Arc::new(Queue::new(limits()));
    let opened = Spool::open(
        settings(&file),
        ledger as _,
        Arc::new(DeliveryWarnings::new(Reporter::LogOnly)),
    );
    assert!(opened.is_err());
}

#[cfg(unix)]
#[test]
fn spool_files_are_owner_only() {
    use std::os::unix::fs::PermissionsExt;

    let parent = TempDir::new().unwrap();
    let dir = parent.path().join("spool");
    let process = Process::with(settings(&dir));
    process.keep(1, "", &[]);
    process.spool.record_start(&root(ROOT));
    let file = process.spool.next_file().unwrap().path_in(&process.spool.slot.dir);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let slot = &process.spool.slot.dir;
    let open = slot.join("open");
    assert_eq!([mode(&dir), mode(slot), mode(&open)], [0o700; 3]);
    assert_eq!([mode(&file), mode(&slot.join("lock")), mode(&open.join(ROOT))], [0o600; 3]);
}

#[test]
fn spans_for_other_endpoints_are_counted_by_label() {
    let dir = TempDir::new().unwrap();
    let process = Process::at(&dir);
    process.keep(2, "a", &["root"]);
    process.keep(3, "b", &[]);
    fs::write(process.spool.slot.dir.join("00000000000000000009-7.otlp"), "damaged").unwrap();
    drop(process);
    let next = Process::at(&dir);
    assert_eq!(next.spool.spans_for_others(ENDPOINT), BTreeMap::new());
    assert_eq!(
        next.spool.spans_for_others("http://other"),
        BTreeMap::from([(ENDPOINT.to_owned(), 5)])
    );
}

#[test]
fn flush_skips_spans_for_other_endpoints() {
    let dir = TempDir::new().unwrap();
    let process = Process::at(&dir);
    process.keep(1, "elsewhere", &[]);
    let elsewhere = process.spool.next_file().unwrap();
    process.spool.set_aside(elsewhere);
    let began = Instant::now();
    let patience = Duration::from_secs(60);
    assert!(process.ledger.flush(patience).is_ok() && began.elapsed() < patience);
}
