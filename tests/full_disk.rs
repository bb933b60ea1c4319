//! A disk that takes nothing more, and folders that may not be written: the program does what it does without
//! them, and what is lost is said once, with the remedy.
//!
//! Each case is a process: this test binary, run again with a part to play.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::print_stdout, reason = "what the program says is looked at")]

use std::{
    env,
    fs::{self, OpenOptions},
    io,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Output, exit},
};

use agentops::{session, tool};
use agentops_tests::{
    collector::Collector,
    files::sessions,
    process::{command, files_below, part, play},
};
use tempfile::TempDir;

#[tool]
fn count(n: u32) -> String {
    "x".repeat(n as usize)
}

#[session]
fn run(n: u32) -> usize {
    (0..n).map(|_| count(n).len()).sum()
}

/// No file of this process may be longer from now on: to whoever writes, the disk is full. By default the
/// signal that this sends would kill.
fn limit_files(bytes: u64) {
    let limit = libc::rlimit { rlim_cur: bytes, rlim_max: bytes };
    // SAFETY: the limit is complete.
    #[expect(unsafe_code, reason = "there is no other way")]
    let limited = unsafe { libc::setrlimit(libc::RLIMIT_FSIZE, &raw const limit) };
    assert_eq!(limited, 0, "{}", io::Error::last_os_error());
}

/// Turns a user who may write everything into one who may not.
fn become_nobody() {
    // SAFETY: it changes who this process is, and no memory.
    #[expect(unsafe_code, reason = "there is no other way")]
    unsafe {
        if libc::geteuid() == 0 {
            assert_eq!(libc::setuid(65_534), 0);
        }
    }
}

/// The work of every part: ten sessions with an answer each.
fn work() {
    let guard = agentops::init().unwrap();
    for n in 0..10 {
        println!("answer {}", run(n));
        let _ = guard.flush();
    }
    drop(guard);
    let stats = agentops::stats();
    println!("kept {} lost {}", stats.sent, stats.failed + stats.dropped);
}

#[test]
#[ignore = "a part of the other tests, played in a process of its own"]
fn plays_its_part() {
    let part = part();
    if let Ok(bytes) = env::var("LIMIT") {
        limit_files(bytes.parse().unwrap());
    }
    if env::var("NOBODY").is_ok() {
        become_nobody();
    }
    match part.as_str() {
        "returns" => work(),
        "exits" => {
            work();
            exit(3);
        }
        other => panic!("no part `{other}`"),
    }
}

/// The program's own output.
fn own_words(output: &Output) -> Vec<String> {
    let said = String::from_utf8_lossy(&output.stdout);
    said.lines().filter_map(|line| Some(line[line.find("answer ")?..].to_owned())).collect()
}

/// The numbers of spans that were kept and lost.
fn counts(output: &Output) -> [u64; 2] {
    let said = String::from_utf8_lossy(&output.stdout);
    let line = said.lines().find(|line| line.starts_with("kept")).unwrap();
    let mut numbers = line.split(' ').filter_map(|word| word.parse().ok());
    [numbers.next().unwrap(), numbers.next().unwrap()]
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The lines that tell of the loss.
fn warnings(output: &Output) -> Vec<String> {
    stderr(output)
        .lines()
        .filter(|line| line.starts_with("agentops: "))
        .map(str::to_owned)
        .collect()
}

fn local(dir: &Path) -> (&'static str, &str) {
    ("AGENTOPS_LOCAL_DIR", dir.to_str().unwrap())
}

/// The first one stands behind the name of the test.
const ANSWERS: [&str; 10] = [
    "answer 0",
    "answer 1",
    "answer 4",
    "answer 9",
    "answer 16",
    "answer 25",
    "answer 36",
    "answer 49",
    "answer 64",
    "answer 81",
];

/// Spans of the ten sessions.
const ALL: u64 = 10 + 45;

#[test]
fn unwritable_folder_costs_only_spans() {
    let (full, read_only) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    fs::set_permissions(read_only.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let below = read_only.path().join("sessions");
    for (part, dir, hindrance, why) in [
        ("returns", full.path(), ("LIMIT", "100"), "File too large (os error 27)"),
        ("exits", full.path(), ("LIMIT", "0"), "File too large (os error 27)"),
        ("returns", read_only.path(), ("NOBODY", "1"), "Permission denied (os error 13)"),
        ("exits", &below, ("NOBODY", "1"), "Permission denied (os error 13)"),
    ] {
        let output = play(part, &[local(dir), hindrance]);
        let code = if part == "exits" { 3 } else { 0 };
        assert_eq!(output.status.code(), Some(code), "{part} {output:?}");
        assert_eq!(own_words(&output), ANSWERS);
        assert_eq!(counts(&output), [0, ALL]);
        let dir = dir.display();
        let trouble = format!(
            "the folder `{dir}` cannot be written: {why}; make it writable or set `AGENTOPS_LOCAL_DIR` to \
             another one"
        );
        assert_eq!(
            warnings(&output),
            [
                format!("agentops: spans are not being delivered: {trouble}"),
                format!(
                    "agentops: {ALL} of {ALL} spans were not delivered: {ALL} failed; {trouble}"
                ),
            ]
        );
        assert!(!stderr(&output).contains("agentops show"), "no way to what is not there");
    }
    let left: Vec<_> = files_below(full.path());
    assert!(!left.iter().any(|path| path.extension().is_some_and(|it| it == "jsonl")), "{left:?}");
}

#[test]
fn full_disk_keeps_whole_sessions_and_counts_the_rest() {
    let dir = TempDir::new().unwrap();
    let output = play("exits", &[local(dir.path()), ("LIMIT", "6000")]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(own_words(&output), ANSWERS);
    let [kept, lost] = counts(&output);
    assert!(kept > 0 && lost > 0 && kept + lost == ALL, "{kept} {lost}");
    let sessions = sessions(dir.path());
    assert_eq!(sessions.iter().map(|session| session.len() as u64).sum::<u64>(), kept);
    assert_eq!(warnings(&output).len(), 2, "{output:?}");
}

#[test]
fn unwritable_journal_is_warned_once_without_loss() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join(".open"), "in the way").unwrap();
    let output = play("exits", &[local(dir.path())]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(own_words(&output), ANSWERS);
    assert_eq!(counts(&output), [ALL, 0]);
    let said = warnings(&output);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("stays without a root"), "{said:?}");
}

#[test]
fn unwritable_spool_is_warned_once_without_loss() {
    let (full, read_only) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    fs::set_permissions(read_only.path(), fs::Permissions::from_mode(0o555)).unwrap();
    for (dir, hindrance, why) in [
        (full, ("LIMIT", "100"), "File too large (os error 27)"),
        (read_only, ("NOBODY", "1"), "Permission denied (os error 13)"),
    ] {
        let collector = Collector::start();
        let spool = dir.path().to_str().unwrap();
        let output = play(
            "exits",
            &[
                ("AGENTOPS_SPOOL_DIR", spool),
                ("AGENTOPS_EXPORTER_ENDPOINT", collector.address()),
                ("OTEL_METRICS_EXPORTER", "none"),
                hindrance,
            ],
        );
        assert_eq!(output.status.code(), Some(3));
        assert_eq!(own_words(&output), ANSWERS);
        assert_eq!((counts(&output), collector.spans().len() as u64), ([ALL, 0], ALL));
        let said = format!(
            "agentops: the spool `{spool}` cannot be written: {why}; make it writable or set \
             `AGENTOPS_SPOOL_DIR` to another one; spans are sent from memory meanwhile"
        );
        assert_eq!(warnings(&output), [said]);
    }
}

#[test]
fn full_stderr_changes_nothing() {
    // Whatever is written there meets a full disk.
    let Ok(full) = OpenOptions::new().write(true).open("/dev/full") else { return };
    let dir = TempDir::new().unwrap();
    let output = command("exits", &[local(dir.path())]).stderr(full).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(own_words(&output), ANSWERS);
    assert_eq!((counts(&output), sessions(dir.path()).len()), ([ALL, 0], 10));
}
