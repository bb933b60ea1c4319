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

use super::{file::BLOCK, segment::LONGEST_SEGMENT, *};
use crate::{
    bridge::SpanSink,
    fixtures::{limits, session, span},
    queue::Stats,
};

const ENDPOINT: &str = "http://h/v1/traces";
const WHOLE: Receipt = Receipt { failed: 0, reason: None };

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
        let complaint = Arc::new(Complaint::new(false));
        let spool = Spool::open(settings, Arc::clone(&ledger), complaint).unwrap();
        Self { ledger, spool }
    }

    fn at(dir: &TempDir) -> Self {
        Self::with(settings(dir.path()))
    }

    /// Lets this many spans end and spools them.
    fn keep(&self, spans: u64, body: &'static str, roots: &[&str]) {
        let session = session();
        (0..spans).for_each(|_| self.ledger.push(Box::new(span(1, "")), Arc::clone(&session)));
        let _ = self.ledger.flush(Duration::ZERO);
        assert_eq!(self.ledger.next_batch().unwrap().entries.len() as u64, spans);
        self.spool.append(&segment(spans, body, roots)).unwrap();
        self.ledger.settle(Ok(WHOLE));
    }

    /// Returns the bodies of the waiting files, in order.
    fn bodies(&self) -> Vec<String> {
        let waiting: Vec<_> = self.spool.state().waiting.iter().copied().collect();
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
fn what_is_kept_comes_out_in_its_order_and_is_gone_when_it_was_sent() {
    let dir = TempDir::new().unwrap();
    let process = Process::at(&dir);
    process.keep(2, "first", &[]);
    process.keep(3, "second", &[]);
    assert_eq!(process.stats(), Stats { ended: 5, spooled: 5, ..Stats::default() });
    let first = process.spool.next().unwrap();
    assert_eq!(process.spool.read(&first), Ok(segment(2, "first", &[])));
    process.spool.settle(&first, WHOLE);
    let second = process.spool.next().unwrap();
    let reason = Some("too old".to_owned());
    process.spool.settle(&second, Receipt { failed: 1, reason });
    assert_eq!(process.stats(), Stats { ended: 5, sent: 4, failed: 1, ..Stats::default() });
    assert_eq!(listed(&process), [""; 0]);
    process.spool.close(Instant::now());
    assert_eq!(process.spool.next(), None);
}

#[test]
fn what_a_process_leaves_the_next_one_finds_before_its_own() {
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
fn processes_share_a_folder_and_take_only_what_is_nobody_s() {
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
fn what_goes_beyond_the_bound_is_the_oldest_and_counts_as_failed() {
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
fn what_has_waited_too_long_counts_as_failed() {
    let dir = TempDir::new().unwrap();
    let dead = Process::at(&dir);
    dead.keep(2, "old", &[]);
    let old = dead.spool.next().unwrap().path_in(&dead.spool.slot.dir);
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
fn what_is_set_aside_waits_and_goes_first_where_room_is_short() {
    let dir = TempDir::new().unwrap();
    let process = Process::with(SpoolSettings { max_bytes: 2 * BLOCK, ..settings(dir.path()) });
    process.keep(1, "elsewhere", &[]);
    let elsewhere = process.spool.next().unwrap();
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
fn a_file_that_was_changed_is_named_and_the_others_are_whole() {
    let dir = TempDir::new().unwrap();
    let process = Process::at(&dir);
    process.keep(2, "first", &[]);
    process.keep(3, "second", &[]);
    let first = process.spool.next().unwrap();
    let path = first.path_in(&process.spool.slot.dir);
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
    let damage = format!("the file `{}`: it is torn or was changed", path.display());
    assert_eq!(process.spool.open_file(first), Err(Unread::Lost(damage.clone())));
    process.spool.give_up(&first, damage);
    assert_eq!(process.bodies(), ["second"]);
    assert_eq!(process.stats(), Stats { ended: 5, spooled: 3, failed: 2, ..Stats::default() });
}

#[test]
fn what_a_dead_process_was_still_writing_is_swept_away() {
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
    let waiting: Vec<_> = process.spool.state().waiting.iter().copied().collect();
    let segments = waiting.iter().map(|file| process.spool.read(file).unwrap());
    let known = segments.map(|segment| {
        let request = ExportTraceServiceRequest::decode(segment.body).unwrap();
        let span = &request.resource_spans[0].scope_spans[0].spans[0];
        (segment.label.roots[0].clone(), span.end_time_unix_nano)
    });
    known.collect()
}

#[test]
fn a_session_whose_process_died_gets_its_root_from_the_next_one_that_is_as_old_as_its_last_word() {
    let dir = TempDir::new().unwrap();
    let dead = Process::at(&dir);
    dead.spool.begin(&root(ROOT));
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
fn a_session_that_is_known_to_have_ended_gets_no_second_root() {
    let dir = TempDir::new().unwrap();
    let dead = Process::at(&dir);
    dead.spool.begin(&root(ROOT));
    dead.spool.begin(&root(OTHER));
    dead.keep(1, "the root of one", &[ROOT]);
    // It died after the root was on disk, before the record of its start was removed.
    dead.spool.begin(&root(ROOT));
    dead.spool.end(&[OTHER.to_owned()]);
    drop(dead);
    let next = Process::at(&dir);
    next.spool.recover_sessions();
    assert_eq!(next.bodies(), ["the root of one"]);
}

#[test]
fn what_a_process_had_taken_over_and_not_done_yet_returns_value_by_the_next() {
    let dir = TempDir::new().unwrap();
    let dead = Process::at(&dir);
    dead.spool.begin(&root(ROOT));
    drop(dead);
    drop(Process::at(&dir));
    let next = Process::at(&dir);
    next.spool.recover_sessions();
    assert_eq!(roots(&next).len(), 1);
}

#[test]
fn a_folder_that_cannot_be_one_is_an_error() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let ledger = Arc::new(Queue::new(limits()));
    let opened = Spool::open(settings(&file), ledger, Arc::new(Complaint::new(false)));
    assert!(opened.is_err());
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_what_is_kept() {
    use std::os::unix::fs::PermissionsExt;

    let parent = TempDir::new().unwrap();
    let dir = parent.path().join("spool");
    let process = Process::with(settings(&dir));
    process.keep(1, "", &[]);
    process.spool.begin(&root(ROOT));
    let file = process.spool.next().unwrap().path_in(&process.spool.slot.dir);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let slot = &process.spool.slot.dir;
    let open = slot.join("open");
    assert_eq!([mode(&dir), mode(slot), mode(&open)], [0o700; 3]);
    assert_eq!([mode(&file), mode(&slot.join("lock")), mode(&open.join(ROOT))], [0o600; 3]);
}

#[test]
fn what_waits_for_other_endpoints_is_counted_by_its_labels() {
    let dir = TempDir::new().unwrap();
    let process = Process::at(&dir);
    process.keep(2, "a", &["root"]);
    process.keep(3, "b", &[]);
    fs::write(process.spool.slot.dir.join("00000000000000000009-7.otlp"), "damaged").unwrap();
    drop(process);
    let next = Process::at(&dir);
    assert_eq!(next.spool.elsewhere(ENDPOINT), BTreeMap::new());
    assert_eq!(next.spool.elsewhere("http://other"), BTreeMap::from([(ENDPOINT.to_owned(), 5)]));
}

#[test]
fn a_flush_does_not_wait_for_what_is_for_another_endpoint() {
    let dir = TempDir::new().unwrap();
    let process = Process::at(&dir);
    process.keep(1, "elsewhere", &[]);
    let elsewhere = process.spool.next().unwrap();
    process.spool.set_aside(elsewhere);
    let began = Instant::now();
    let patience = Duration::from_secs(60);
    assert!(process.ledger.flush(patience).is_ok() && began.elapsed() < patience);
}

/// Returns a free slot in a spool, to plant files in.
fn place(dir: &TempDir) -> PathBuf {
    drop(Process::at(dir));
    dir.path().join("0")
}

/// Creates a segment whose body has this many spans, and whose label may state another number.
fn request(spans: usize, labelled: u64) -> Segment {
    let scope_spans =
        vec![ScopeSpans { spans: vec![Span::default(); spans], ..ScopeSpans::default() }];
    let resource_spans = vec![ResourceSpans { scope_spans, ..ResourceSpans::default() }];
    let body = ExportTraceServiceRequest { resource_spans }.encode_to_vec().into();
    let content_type = Some(PROTOBUF.to_owned());
    let label = Label { content_type, ..segment(labelled, "", &[]).label };
    Segment { label, body }
}

fn plant(place: &Path, name: &str, segment: &Segment) {
    fs::write(place.join(name), segment.encode().unwrap()).unwrap();
}

/// Does what the sender does when the endpoint accepts everything.
fn send_all(process: &Process) -> Stats {
    process.spool.seal();
    while let Some(file) = process.spool.next() {
        match process.spool.open_file(file) {
            Ok((file, _)) => process.spool.settle(&file, WHOLE),
            Err(Unread::Lost(reason)) => process.spool.give_up(&file, reason),
            Err(Unread::Hindered(_)) => process.spool.leave(&file),
        }
    }
    process.stats()
}

#[test]
fn what_a_file_holds_counts_whatever_its_name_and_label_say_and_once() {
    // Cases: the actual number of spans, those in label and name, and the expected counters.
    let failed =
        |recovered, sent| Stats { recovered, sent, failed: recovered - sent, ..Stats::default() };
    for (held, labelled, named, stats) in [
        (2, 2, 2, failed(2, 2)),
        (2, 2, 5, failed(5, 2)),
        (2, 2, 1, failed(2, 2)),
        (2, 2, 0, failed(2, 2)),
        (2, 7, 2, failed(2, 2)),
        (2, u64::MAX, 2, failed(2, 2)),
        (2, 0, 2, failed(2, 2)),
        (2, u64::MAX, 268_435_456, failed(268_435_456, 2)),
        (0, 3, 3, failed(3, 0)),
    ] {
        let dir = TempDir::new().unwrap();
        let name = format!("00000000000000000004-{named}.otlp");
        plant(&place(&dir), &name, &request(held, labelled));
        assert_eq!(send_all(&Process::at(&dir)), stats, "{held} {labelled} {named}");
        assert_eq!(send_all(&Process::at(&dir)), Stats::default(), "{held} {labelled} {named}");
    }
}

#[test]
fn a_packed_body_holds_what_its_label_says_if_that_can_be() {
    let (name, packed) = ("00000000000000000004-3.otlp", |labelled| {
        let Segment { label, .. } = request(0, labelled);
        let content_encoding = Some("gzip".to_owned());
        Segment { label: Label { content_encoding, ..label }, body: "packed".into() }
    });
    for (labelled, sent, failed) in
        [(3, 3, 0), (2, 2, 1), (6, 6, 0), (7, 0, 3), (u64::MAX, 0, 3), (0, 0, 3)]
    {
        let dir = TempDir::new().unwrap();
        plant(&place(&dir), name, &packed(labelled));
        let stats = Stats { recovered: sent + failed, sent, failed, ..Stats::default() };
        assert_eq!(send_all(&Process::at(&dir)), stats, "{labelled}");
        assert_eq!(send_all(&Process::at(&dir)), Stats::default(), "{labelled}");
    }
}

#[test]
fn a_file_that_waits_is_named_for_what_it_holds_and_its_loss_is_counted_once() {
    let dir = TempDir::new().unwrap();
    let place = place(&dir);
    plant(&place, "00000000000000000004-5.otlp", &request(2, 2));
    // The name that it would get is taken.
    plant(&place, "00000000000000000004-2.otlp", &request(2, 2));
    let process = Process::at(&dir);
    let opened =
        [(); 2].map(|()| process.spool.next().unwrap()).map(|file| process.spool.open_file(file));
    for (file, _) in opened.into_iter().map(Result::unwrap) {
        process.spool.set_aside(file);
    }
    assert_eq!(process.stats(), Stats { recovered: 7, spooled: 4, failed: 3, ..Stats::default() });
    let renamed = ["00000000000000000004-2.otlp", "00000000000000000005-2.otlp"];
    assert_eq!(listed(&process), renamed);
    drop(process);
    assert_eq!(Process::at(&dir).stats(), Stats { recovered: 4, spooled: 4, ..Stats::default() });
}

#[test]
fn names_beyond_the_bounds_are_left_and_nothing_is_written_over() {
    let dir = TempDir::new().unwrap();
    let place = place(&dir);
    let strangers = [
        "0-1.otlp",
        "00000000000000000000-18446744073709551615.otlp",
        "00000000000000000001-18446744073709551615.otlp",
        "00000000000000000003-01.otlp",
        "18446744073709551615-1.otlp",
        "notes.otlp",
    ];
    strangers.iter().for_each(|name| plant(&place, name, &request(1, 1)));
    // The last possible number; the one after it is the first, which is taken.
    let last = "09223372036854775807-1.otlp";
    plant(&place, last, &request(1, 1));
    plant(&place, "00000000000000000000-2.otlp", &request(2, 2));
    for start in 0..2 {
        let process = Process::at(&dir);
        process.keep(2, "own", &[]);
        let written = 2 * (start + 1);
        let stats =
            Stats { ended: 2, recovered: 1 + written, spooled: 3 + written, ..Stats::default() };
        assert_eq!(process.stats(), stats);
        let mut names = strangers.map(str::to_owned).to_vec();
        names.extend((0..=start + 1).map(|number| format!("{number:020}-2.otlp")));
        names.push(last.to_owned());
        names.sort();
        assert_eq!(listed(&process), names);
    }
    let process = Process::at(&dir);
    assert_eq!(send_all(&process), Stats { recovered: 7, sent: 7, ..Stats::default() });
    assert_eq!(listed(&process), strangers);
}

#[test]
fn what_others_have_left_is_moved_to_numbers_that_nothing_has() {
    let dir = TempDir::new().unwrap();
    let [one, two] = [(); 2].map(|()| Process::at(&dir));
    let [first, second] = [&one, &two].map(|process| process.spool.slot.dir.clone());
    drop((one, two));
    plant(&first, "09223372036854775807-1.otlp", &request(1, 1));
    plant(&first, "00000000000000000001-1.otlp", &request(1, 1));
    plant(&second, "00000000000000000001-1.otlp", &request(1, 1));
    plant(&second, "00000000000000000002-1.otlp", &request(1, 1));
    plant(&second, "2-1.otlp", &request(1, 1));
    let process = Process::at(&dir);
    let moved = ["00000000000000000000-1.otlp", "00000000000000000001-1.otlp"];
    let after = ["00000000000000000002-1.otlp", "09223372036854775807-1.otlp"];
    assert_eq!(listed(&process), [moved, after].concat());
    assert_eq!(process.stats(), Stats { recovered: 4, spooled: 4, ..Stats::default() });
    assert!(second.join("2-1.otlp").exists());
}

#[test]
fn torn_files_count_by_their_names_once_and_drive_nothing_out() {
    let dir = TempDir::new().unwrap();
    let place = place(&dir);
    let whole = request(1, 1).encode().unwrap();
    fs::write(place.join("00000000000000000001-2.otlp"), "").unwrap();
    fs::write(place.join("00000000000000000002-3.otlp"), &whole[..whole.len() / 2]).unwrap();
    fs::write(place.join("00000000000000000003-4.otlp"), [0; 5_000]).unwrap();
    fs::write(place.join("00000000000000000000-1.otlp"), &whole).unwrap();
    let long = File::create(place.join("00000000000000000004-5.otlp")).unwrap();
    long.set_len(1 << 40).unwrap();
    let process = Process::at(&dir);
    let stats = Stats { recovered: 15, spooled: 10, failed: 5, ..Stats::default() };
    assert_eq!(process.stats(), stats, "the long one is not read");
    assert_eq!(
        send_all(&process),
        Stats { recovered: 15, sent: 1, failed: 14, ..Stats::default() }
    );
    assert_eq!(listed(&process), [""; 0]);
    drop(process);
    assert_eq!(send_all(&Process::at(&dir)), Stats::default());
}

#[test]
fn a_batch_that_nobody_could_read_again_is_not_kept() {
    let dir = TempDir::new().unwrap();
    let process = Process::at(&dir);
    let body = vec![0; LONGEST_SEGMENT as usize].into();
    let error = process.spool.append(&Segment { body, ..segment(1, "", &[]) }).unwrap_err();
    assert_eq!(error.to_string(), "a batch cannot be kept: it is longer than 268435456 bytes");
    assert_eq!((listed(&process), process.stats()), (vec![], Stats::default()));
}

#[cfg(unix)]
#[test]
fn links_and_folders_in_the_place_of_segments_are_left_alone() {
    let dir = TempDir::new().unwrap();
    let place = place(&dir);
    let other = dir.path().join("other");
    fs::write(&other, request(1, 1).encode().unwrap()).unwrap();
    let [soft, hard, folder] = [1, 2, 3].map(|number| place.join(format!("{number:020}-1.otlp")));
    std::os::unix::fs::symlink(&other, soft).unwrap();
    fs::hard_link(&other, hard).unwrap();
    fs::create_dir(folder).unwrap();
    for _ in 0..2 {
        let process = Process::at(&dir);
        assert_eq!((send_all(&process), listed(&process).len()), (Stats::default(), 3));
    }
    assert_eq!(fs::read(&other).unwrap(), request(1, 1).encode().unwrap());
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_just_now_waits_and_is_no_loss() {
    let dir = TempDir::new().unwrap();
    plant(&place(&dir), "00000000000000000001-1.otlp", &request(1, 1));
    let process = Process::at(&dir);
    let path = process.spool.slot.dir.join("00000000000000000001-1.otlp");
    // With a second hard link, it is not ours alone any more.
    let name = dir.path().join("name");
    fs::hard_link(&path, &name).unwrap();
    assert_eq!(send_all(&process), Stats { recovered: 1, spooled: 1, ..Stats::default() });
    assert!(process.ledger.flush(Duration::from_secs(60)).is_ok());
    fs::remove_file(name).unwrap();
    drop(process);
    assert_eq!(send_all(&Process::at(&dir)), Stats { recovered: 1, sent: 1, ..Stats::default() });
}

#[test]
fn starts_of_dead_processes_are_one_span_each_whatever_their_labels_say() {
    let dir = TempDir::new().unwrap();
    let aborted = place(&dir).join("aborted-1-0");
    fs::create_dir(&aborted).unwrap();
    let wild = |name: &str| {
        let Segment { label, body } = root(name);
        Segment { label: Label { spans: u64::MAX, ..label }, body }
    };
    plant(&aborted, ROOT, &wild(ROOT));
    plant(&aborted, OTHER, &wild(OTHER));
    plant(&aborted, "ab-01", &request(2, 1));
    plant(&aborted, "ab-02", &request(0, 1));
    fs::write(aborted.join("ab-03"), "").unwrap();
    let process = Process::at(&dir);
    process.spool.recover_sessions();
    let stats = Stats { recovered: 5, spooled: 2, failed: 3, ..Stats::default() };
    assert_eq!(process.stats(), stats);
    let mut known = roots(&process);
    known.sort();
    assert_eq!(
        known,
        [(ROOT.to_owned(), 5), (OTHER.to_owned(), 5)],
        "they did not end before they began"
    );
    let kept = ["00000000000000000000-1.otlp", "00000000000000000001-1.otlp"];
    assert_eq!(listed(&process), kept);
    drop(process);
    let next = Process::at(&dir);
    next.spool.recover_sessions();
    assert_eq!(next.stats(), Stats { recovered: 2, spooled: 2, ..Stats::default() });
}

#[test]
fn what_cannot_be_removed_is_no_loss_and_drives_nothing_else_out() {
    let dir = TempDir::new().unwrap();
    let process = Process::with(SpoolSettings { max_bytes: 2 * BLOCK, ..settings(dir.path()) });
    process.keep(1, "first", &[]);
    let first = process.spool.state().waiting[0].path_in(&process.spool.slot.dir);
    // A folder is not removed in place of a file.
    fs::remove_file(&first).unwrap();
    fs::create_dir(&first).unwrap();
    process.keep(2, "second", &[]);
    process.keep(4, "third", &[]);
    assert_eq!(process.bodies(), ["second", "third"]);
    assert_eq!(process.stats(), Stats { ended: 7, spooled: 7, ..Stats::default() });
    let sent = Stats { ended: 7, sent: 6, spooled: 1, ..Stats::default() };
    assert_eq!(send_all(&process), sent);
    assert!(process.ledger.flush(Duration::from_secs(60)).is_ok(), "nobody waits for it");
}

#[cfg(unix)]
#[test]
fn a_start_that_is_no_file_of_ours_is_left_and_the_others_are_done_once() {
    let dir = TempDir::new().unwrap();
    let place = place(&dir);
    let aborted = place.join("aborted-1-0");
    fs::create_dir(&aborted).unwrap();
    std::os::unix::fs::symlink("/dev/zero", aborted.join("ab-01")).unwrap();
    plant(&aborted, ROOT, &root(ROOT));
    plant(&aborted, OTHER, &root(OTHER));
    plant(&place, "00000000000000000000-1.otlp", &segment(1, "the other one", &[OTHER]));
    let process = Process::at(&dir);
    process.spool.recover_sessions();
    assert_eq!(send_all(&process), Stats { recovered: 2, sent: 2, ..Stats::default() });
    drop(process);
    let next = Process::at(&dir);
    next.spool.recover_sessions();
    assert_eq!(send_all(&next), Stats::default());
    let left: Vec<_> = fs::read_dir(&aborted).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(left, ["ab-01"]);
}
