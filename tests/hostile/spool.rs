//! A spool that was planted or torn: names, numbers and counts that no process of ours has written.
//!
//! | planted in a spool | test |
//! |---|---|
//! | names with 2^64-1 spans or the number 2^64-1, or without 20 digits | `names_beyond_the_bounds_…` |
//! | a name with the number 2^63-1 | `a_number_that_is_the_last_…` |
//! | a label with 2^64-1 spans, a name with fewer or more than there are | `what_a_segment_holds_…` |
//! | a packed segment whose label cannot be true, a body that is none | `a_packed_segment_…`, `a_body_…` |
//! | links and FIFOs where files are written first | `unfinished_files_…` |
//! | starts of dead sessions with 2^64-1 spans each, or torn | `starts_with_wild_counts_…` |
//! | half a segment, none, one of 1 TiB | `torn_segments_…` |
//! | a link, a hard link, a FIFO, a folder with the name of a segment | `what_is_no_file_of_ours_…` |
//! | FIFOs, links and files in the place of the folder, of a place in it, of its lock | `a_folder_that_is_no_spool_…` |
//!
//! Each case is played twice, in processes of their own: the second start finds nothing to count again.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    ffi::CString,
    fs,
    os::unix::{
        ffi::OsStrExt,
        fs::{FileTypeExt, symlink},
    },
    path::{Path, PathBuf},
    process::Output,
};

use agentops::{session, tool};
use agentops_tests::{
    collector::Collector,
    process::{part, play},
};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    trace::v1::{ResourceSpans, ScopeSpans, Span},
};
use prost::Message;
use tempfile::TempDir;

#[tool]
fn tick() {}

#[session]
fn run() {
    tick();
}

/// The spans of one run, and their names.
const OWN: u64 = 2;
const OWN_NAMES: [&str; 2] = ["invoke_workflow run", "execute_tool tick"];

#[test]
#[ignore = "a part of the other tests, played in a process of its own"]
fn plays_its_part() {
    assert_eq!(part(), "run");
    let guard = agentops::init().unwrap();
    run();
    println!("shutdown {}", guard.shutdown().is_ok());
    println!("stats {}", serde_json::to_string(&agentops::stats()).unwrap());
}

/// A spool with a place that was left, and a collector that takes everything.
struct Scene {
    dir: TempDir,
    collector: Collector,
}

/// Fate of the spans, and what was said of it.
#[derive(Debug, Default, PartialEq)]
struct Outcome {
    recovered: u64,
    sent: u64,
    failed: u64,
    spooled: u64,
    warnings: Vec<String>,
}

impl Scene {
    fn new() -> Self {
        let scene = Self { dir: TempDir::new().unwrap(), collector: Collector::start() };
        fs::create_dir(scene.place()).unwrap();
        set_mode(&scene.place(), 0o700);
        fs::write(scene.place().join("lock"), "").unwrap();
        scene
    }

    fn place(&self) -> PathBuf {
        self.dir.path().join("0")
    }

    fn at(&self, name: &str) -> PathBuf {
        self.place().join(name)
    }

    fn label(&self, spans: u64, more: &str) -> String {
        let endpoint = format!("{}/v1/traces", self.collector.address());
        format!(
            r#"{{"endpoint":"{endpoint}","content_type":"application/x-protobuf","spans":{spans}{more}}}"#
        )
    }

    /// A segment with these spans, whose label says so many.
    fn segment(&self, spans: &[&str], labelled: u64) -> Vec<u8> {
        segment(&self.label(labelled, ""), &request(spans))
    }

    /// A program with the spool: what became of its two spans, and of what it found.
    fn play(&self) -> Outcome {
        let variables = variables(self.dir.path(), &self.collector);
        outcome_of(&play("run", &variables), self.dir.path())
    }

    /// The names of all spans that have arrived and are not the program's own.
    fn arrived(&self) -> Vec<String> {
        let mut names: Vec<_> = self.collector.spans().into_iter().map(|span| span.name).collect();
        names.retain(|name| !OWN_NAMES.contains(&name.as_str()));
        names.sort();
        names
    }

    /// The names of what is left in the place, beside what every place has.
    fn left(&self) -> Vec<String> {
        let entries = fs::read_dir(self.place()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| !["lock", "open", ".gitignore"].contains(&name.as_str()));
        names.sort();
        names
    }
}

fn variables<'v>(spool: &'v Path, collector: &'v Collector) -> [(&'static str, &'v str); 3] {
    [
        ("AGENTOPS_SPOOL_DIR", spool.to_str().unwrap()),
        ("AGENTOPS_EXPORTER_ENDPOINT", collector.address()),
        ("OTEL_METRICS_EXPORTER", "none"),
    ]
}

fn outcome_of(output: &Output, dir: &Path) -> Outcome {
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let (said, warned) = (&output.stdout, &output.stderr);
    let (said, warned) = (String::from_utf8_lossy(said), String::from_utf8_lossy(warned));
    assert!(!warned.contains("panicked"), "{warned}");
    let line = said.lines().find_map(|line| line.split_once("stats ")).unwrap().1;
    let stats: serde_json::Value = serde_json::from_str(line).unwrap();
    let of = |name: &str| stats[name].as_u64().unwrap();
    let (ended, recovered) = (of("ended"), of("recovered"));
    let counted = ["sent", "spooled", "dropped", "failed", "queued"].map(of);
    assert_eq!((ended, of("dropped"), of("queued")), (OWN, 0, 0));
    assert_eq!(ended + recovered, counted.iter().sum::<u64>());
    let dir = dir.display().to_string();
    let warnings = warned.lines().filter_map(|line| line.strip_prefix("agentops: "));
    Outcome {
        recovered,
        sent: of("sent"),
        failed: of("failed"),
        spooled: of("spooled"),
        warnings: warnings.map(|warning| warning.replace(&dir, "<spool>")).collect(),
    }
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A request with a span of each name.
fn request(names: &[&str]) -> Vec<u8> {
    let span = |name: &&str| Span {
        trace_id: vec![7; 16],
        span_id: vec![7; 8],
        name: (*name).to_owned(),
        start_time_unix_nano: 5,
        end_time_unix_nano: 6,
        ..Span::default()
    };
    let scope_spans =
        vec![ScopeSpans { spans: names.iter().map(span).collect(), ..ScopeSpans::default() }];
    let resource_spans = vec![ResourceSpans { scope_spans, ..ResourceSpans::default() }];
    ExportTraceServiceRequest { resource_spans }.encode_to_vec()
}

/// A segment to the letter, with the right sum.
fn segment(label: &str, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(label.len()).unwrap().to_le_bytes();
    let checked = [&length[..], label.as_bytes(), body].concat();
    [&b"agentops\x01\0\0\0"[..], &crc32(&checked).to_le_bytes(), &checked].concat()
}

/// CRC-32 as everybody has it, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg())
        })
    })
}

fn fifo(path: &Path) {
    let path = CString::new(path.as_os_str().as_bytes()).unwrap();
    // SAFETY: the path ends with a zero and lives until the call is over.
    #[expect(unsafe_code, reason = "there is no other way")]
    let made = unsafe { libc::mkfifo(path.as_ptr(), 0o600) };
    assert_eq!(made, 0, "{}", std::io::Error::last_os_error());
}

/// Outcome of a program with nothing but its own two spans.
fn own() -> Outcome {
    Outcome { sent: OWN, ..Outcome::default() }
}

fn strangers(count: u64) -> String {
    format!(
        "{count} files in the spool `<spool>` are none of agentops', by name, kind or owner; they are left alone and \
         count nowhere; look at them and remove them"
    )
}

#[test]
fn names_beyond_the_bounds_are_ignored() {
    for names in [
        &[
            "00000000000000000000-18446744073709551615.otlp",
            "00000000000000000001-18446744073709551615.otlp",
        ][..],
        &["00000000000000000000-268435457.otlp"],
        &["18446744073709551615-1.otlp"],
        &["09223372036854775808-1.otlp"],
        &[
            "0-1.otlp",
            "1-1.otlp",
            "00000000000000000002-01.otlp",
            "00000000000000000003-+1.otlp",
            "x.otlp",
        ],
    ] {
        let scene = Scene::new();
        names
            .iter()
            .for_each(|name| fs::write(scene.at(name), scene.segment(&["planted"], 1)).unwrap());
        for _ in 0..2 {
            let warnings = vec![strangers(names.len() as u64)];
            assert_eq!(scene.play(), Outcome { warnings, ..own() }, "{names:?}");
            assert_eq!(scene.arrived(), [""; 0]);
            let mut names = names.to_vec();
            names.sort_unstable();
            assert_eq!(scene.left(), names);
        }
    }
}

#[test]
fn last_segment_number_overwrites_nothing() {
    let scene = Scene::new();
    let first = scene.segment(&["first", "second"], 2);
    fs::write(scene.at("00000000000000000000-2.otlp"), first).unwrap();
    fs::write(scene.at("09223372036854775807-1.otlp"), scene.segment(&["last"], 1)).unwrap();
    let recovered = Outcome { recovered: 3, sent: 3 + OWN, ..Outcome::default() };
    for expected in [recovered, own()] {
        assert_eq!(scene.play(), expected);
        assert_eq!(scene.arrived(), ["first", "last", "second"]);
        assert_eq!(scene.left(), [""; 0]);
    }
}

#[test]
fn segment_content_counts_despite_name_and_label() {
    for (labelled, named, recovered, failed) in [
        (2, 2, 2, 0),
        (u64::MAX, 2, 2, 0),
        (0, 2, 2, 0),
        (2, 1, 2, 0),
        (2, 5, 5, 3),
        (u64::MAX, 268_435_456, 268_435_456, 268_435_454),
    ] {
        let scene = Scene::new();
        let name = format!("00000000000000000003-{named}.otlp");
        fs::write(scene.at(&name), scene.segment(&["one", "two"], labelled)).unwrap();
        let mut warnings = Vec::new();
        if (labelled, named) != (2, 2) {
            warnings.push(format!(
                "spans on disk are not those that were kept: the file `<spool>/0/{name}`: it holds 2 spans, where its \
                 name says {named} and its label {labelled}; what is missing counts as failed, what nobody knew of as \
                 recovered"
            ));
        }
        let expected = Outcome { recovered, failed, sent: 2 + OWN, spooled: 0, warnings };
        for expected in [expected, own()] {
            assert_eq!(scene.play(), expected, "{labelled} {named}");
            assert_eq!((scene.arrived(), scene.left()), (vec!["one".into(), "two".into()], vec![]));
        }
    }
}

fn unreadable(name: &str, problem: &str) -> String {
    format!(
        "spans on disk cannot be read: the file `<spool>/0/{name}`: {problem}; they count as failed"
    )
}

#[test]
fn packed_segment_with_a_false_label_is_not_sent() {
    let scene = Scene::new();
    let name = "00000000000000000003-4.otlp";
    let label = scene.label(u64::MAX, r#","content_encoding":"gzip""#);
    fs::write(scene.at(name), segment(&label, &request(&["packed"]))).unwrap();
    let warnings = vec![unreadable(name, "its label says more spans than it can hold, or none")];
    let lost = Outcome { recovered: 4, failed: 4, warnings, ..own() };
    for expected in [lost, own()] {
        assert_eq!(scene.play(), expected);
        assert_eq!((scene.arrived(), scene.left()), (vec![], vec![]));
    }
}

#[test]
fn segment_that_is_no_request_is_not_sent() {
    let scene = Scene::new();
    let name = "00000000000000000003-1.otlp";
    fs::write(scene.at(name), segment(&scene.label(1, ""), &[0xff; 16])).unwrap();
    let warnings = vec![unreadable(name, "it holds no spans")];
    let lost = Outcome { recovered: 1, failed: 1, warnings, ..own() };
    for expected in [lost, own()] {
        assert_eq!(scene.play(), expected);
        assert_eq!((scene.arrived(), scene.left()), (vec![], vec![]));
    }
}

#[test]
fn starts_with_wild_counts_are_one_span_each() {
    let scene = Scene::new();
    for (folder, names) in [
        ("aborted-1-0", ["ab-01", "ab-02"]),
        ("aborted-18446744073709551615-9", ["ab-03", "ab-04"]),
    ] {
        fs::create_dir(scene.at(folder)).unwrap();
        for name in names {
            let start = scene.segment(&[name], u64::MAX);
            fs::write(scene.at(folder).join(name), start).unwrap();
        }
    }
    fs::write(scene.at("aborted-1-0").join("ab-05"), "").unwrap();
    fs::write(scene.at("aborted-1-0").join("ab-06"), scene.segment(&["a", "b"], 1)).unwrap();
    let Outcome { warnings, .. } = &scene.play();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(
        warnings[0]
            .starts_with("spans on disk cannot be read: the file `<spool>/0/aborted-1-0/ab-0"),
        "{warnings:?}"
    );
    assert_eq!(scene.arrived(), ["ab-01", "ab-02", "ab-03", "ab-04"]);
    for _ in 0..2 {
        assert_eq!((scene.play(), scene.left()), (own(), vec![]));
        assert_eq!(scene.arrived().len(), 4);
    }
}

#[test]
fn torn_segments_count_by_their_names_once() {
    let whole = |scene: &Scene| scene.segment(&["whole"], 1);
    for (length, problem) in [
        (Some(0), "it does not begin as a segment does"),
        (Some(1), "it does not begin as a segment does"),
        (Some(60), "it is torn or was changed"),
        (None, "it is longer than 268435456 bytes"),
    ] {
        let scene = Scene::new();
        let torn = "00000000000000000001-3.otlp";
        match length {
            Some(length) => fs::write(scene.at(torn), &whole(&scene)[..length]).unwrap(),
            // It takes nothing on disk, and has no end for whoever reads it.
            None => fs::File::create(scene.at(torn)).unwrap().set_len(1 << 40).unwrap(),
        }
        fs::write(scene.at("00000000000000000000-1.otlp"), whole(&scene)).unwrap();
        let warnings = vec![unreadable(torn, problem)];
        let lost = Outcome { recovered: 4, failed: 3, sent: 1 + OWN, spooled: 0, warnings };
        for expected in [lost, own()] {
            assert_eq!(scene.play(), expected);
            assert_eq!((scene.arrived(), scene.left()), (vec!["whole".into()], vec![]));
        }
    }
}

#[test]
fn foreign_spool_files_are_neither_opened_nor_removed() {
    let scene = Scene::new();
    let other = scene.dir.path().join("other");
    fs::write(&other, scene.segment(&["linked"], 1)).unwrap();
    let names = [1, 2, 3, 4, 5].map(|number| format!("{number:020}-1.otlp"));
    let [soft, hard, pipe, folder, endless] = names.each_ref().map(|name| scene.at(name));
    symlink(&other, soft).unwrap();
    fs::hard_link(&other, hard).unwrap();
    fifo(&pipe);
    fs::create_dir(folder).unwrap();
    symlink("/dev/zero", endless).unwrap();
    for _ in 0..2 {
        assert_eq!(scene.play(), Outcome { warnings: vec![strangers(5)], ..own() });
        assert_eq!((scene.arrived(), scene.left()), (vec![], names.to_vec()));
    }
    assert!(fs::symlink_metadata(pipe).unwrap().file_type().is_fifo());
    assert_eq!(fs::read(other).unwrap(), scene.segment(&["linked"], 1));
}

#[test]
fn unfinished_files_are_neither_followed_nor_written_to() {
    let scene = Scene::new();
    let victim = scene.dir.path().join("victim");
    fs::write(&victim, "mine").unwrap();
    for number in 0..6 {
        symlink(&victim, scene.at(&format!("{number:020}-2.tmp"))).unwrap();
        fifo(&scene.at(&format!("{number:020}-1.tmp")));
        fs::create_dir(scene.at(&format!("{number:020}-3.tmp"))).unwrap();
    }
    for _ in 0..2 {
        assert_eq!(scene.play(), own());
        assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
    }
}

/// Things that others may have put where a spool is to be.
#[derive(Clone, Copy, Debug)]
enum Thing {
    File,
    Fifo,
    LinkToFolder,
    LinkToNowhere,
}

impl Thing {
    fn put(self, path: &Path, elsewhere: &Path) {
        match self {
            Self::File => fs::write(path, "a file").unwrap(),
            Self::Fifo => fifo(path),
            Self::LinkToFolder => symlink(elsewhere, path).unwrap(),
            Self::LinkToNowhere => symlink(elsewhere.join("nowhere"), path).unwrap(),
        }
    }
}

#[test]
fn folder_that_is_no_spool_costs_no_span() {
    use Thing::{Fifo, File, LinkToFolder, LinkToNowhere};
    let all = [File, Fifo, LinkToFolder, LinkToNowhere];
    let cases = ["spool", "spool/0", "spool/0/lock"]
        .into_iter()
        .flat_map(|place| all.map(|thing| (place, thing)));
    for (place, thing) in cases.filter(|case| !matches!(case, ("spool/0/lock", File))) {
        let (dir, elsewhere, collector) =
            (TempDir::new().unwrap(), TempDir::new().unwrap(), Collector::start());
        let path = dir.path().join(place);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        for parent in path.ancestors().skip(1).take_while(|parent| *parent != dir.path()) {
            set_mode(parent, 0o700);
        }
        thing.put(&path, elsewhere.path());
        let spool = dir.path().join("spool");
        for _ in 0..2 {
            let outcome = outcome_of(&play("run", &variables(&spool, &collector)), &spool);
            let warnings = outcome.warnings.clone();
            let expected = Outcome { warnings: warnings.clone(), ..own() };
            assert_eq!(outcome, expected, "{place} {thing:?}");
            assert_eq!(warnings.len(), 1, "{place} {thing:?} {warnings:?}");
            // What exactly is wrong, and what would mend it, the tests of folders tell.
            let (start, end) = (
                "the spool `<spool>` ",
                "or set `AGENTOPS_SPOOL_DIR` to another one; spans are sent from memory meanwhile",
            );
            assert!(warnings[0].starts_with(start) && warnings[0].ends_with(end), "{warnings:?}");
        }
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0, "{place} {thing:?}");
        assert_eq!(collector.spans().len() as u64, 2 * OWN);
    }
}
