//! `agentops push` as a shell sees it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::Duration,
};

use agentops::{TracingConfig, TracingCore, session, tool};
use agentops_core::push::{ProgressUnit, Pusher};
use agentops_tests::{
    collector::{Collector, closed_port},
    files::whole_files,
    log::Log,
};
use tempfile::TempDir;
use tracing_subscriber::{layer::SubscriberExt, registry};

#[tool]
fn tick() {}

#[session]
fn work() {
    tick();
    tick();
}

/// Works with this configuration, in this process.
fn record(config: TracingConfig) {
    let core = TracingCore::new(config).unwrap();
    let subscriber = registry().with(agentops::layer(&core)).with(Log);
    agentops::tracing::subscriber::with_default(subscriber, work);
    let _ = core.shutdown();
}

/// A spool with a session that an endpoint did not take which is down.
fn spool() -> TempDir {
    filled("fills_a_spool")
}

/// A folder of local sessions, with one in it.
fn sessions() -> TempDir {
    filled("fills_local_sessions")
}

/// A folder that a process of its own filled: a child that another test of this one starts just then would hold the lock of
/// the folder, which it inherits, until it has become `agentops`.
fn filled(part: &str) -> TempDir {
    let dir = TempDir::new().unwrap();
    let mut program = Command::new(std::env::current_exe().unwrap());
    let program = program.args(["--exact", part]).env("FILLED", dir.path());
    assert!(program.output().unwrap().status.success());
    dir
}

#[test]
fn fills_a_spool() {
    if let Some(dir) = std::env::var_os("FILLED") {
        let config = TracingConfig::builder().exporter_endpoint(closed_port()).spool_dir(dir);
        record(config.shutdown_timeout(Duration::from_secs(60)).build().unwrap());
    }
}

#[test]
fn fills_local_sessions() {
    if let Some(dir) = std::env::var_os("FILLED") {
        record(TracingConfig::builder().local_dir(dir).console(false).build().unwrap());
    }
}

/// The one file of a session in a folder.
fn file_in(sessions: &TempDir) -> PathBuf {
    let files = fs::read_dir(sessions.path()).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|it| it == "jsonl")).last().unwrap()
}

fn agentops(args: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_agentops"));
    command.args(args).env_clear().envs(variables.iter().copied()).output().unwrap()
}

fn push(path: &Path, endpoint: &str) -> Output {
    let path = path.to_str().unwrap();
    agentops(&["push", path, "--timeout", "0"], &[("AGENTOPS_EXPORTER_ENDPOINT", endpoint)])
}

/// Its stdout and exit code.
fn said(output: &Output) -> (String, Option<i32>) {
    (String::from_utf8_lossy(&output.stdout).into_owned(), output.status.code())
}

fn names(collector: &Collector) -> Vec<String> {
    collector.spans().into_iter().map(|span| span.name).collect()
}

const NAMES: [&str; 3] = ["execute_tool tick", "execute_tool tick", "invoke_workflow work"];

#[test]
fn push_sends_a_spool_and_empties_it() {
    let (spool, collector) = (spool(), Collector::start());
    let (path, address) = (spool.path().display(), collector.address());
    let sent = format!("{path}: 3 spans sent to {address}/v1/traces\n");
    assert_eq!(said(&push(spool.path(), address)), (sent, Some(0)));
    assert_eq!(names(&collector), NAMES);
    let none = format!("{path}: 0 spans sent to {address}/v1/traces\n");
    assert_eq!(said(&push(spool.path(), address)), (none, Some(0)));
}

#[test]
fn push_keeps_what_an_endpoint_rejects() {
    let (spool, sessions, endpoint) = (spool(), sessions(), closed_port());
    for dir in [&spool, &sessions] {
        let (out, status) = said(&push(dir.path(), &endpoint));
        let expected = format!(
            "{}: 0 spans sent to {endpoint}/v1/traces, 3 spans are still there; \
             `{endpoint}/v1/traces` does not answer: ",
            dir.path().display()
        );
        assert!(out.starts_with(&expected), "{out}");
        assert_eq!(status, Some(1));
    }
    let collector = Collector::start();
    assert_eq!(push(spool.path(), collector.address()).status.code(), Some(0));
    assert_eq!(names(&collector), NAMES);
}

#[test]
fn local_sessions_are_sent_and_stay() {
    let sessions = sessions();
    let file = file_in(&sessions);
    for path in [sessions.path(), &file, &file] {
        let collector = Collector::start();
        let sent =
            format!("{}: 3 spans sent to {}/v1/traces\n", path.display(), collector.address());
        assert_eq!(said(&push(path, collector.address())), (sent, Some(0)));
        assert_eq!(names(&collector), NAMES);
    }
}

/// Unit, done, all and bytes of each progress that is told while a path is pushed.
fn told(path: &Path) -> Vec<(ProgressUnit, u64, u64, Option<[u64; 2]>)> {
    let collector = Collector::start();
    let config = TracingConfig::builder().exporter_endpoint(collector.address());
    let pusher = Pusher::new(config.build().unwrap(), Duration::ZERO, |_| {}).unwrap();
    let mut told = Vec::new();
    let pushed =
        pusher.push_with(path, &mut |it| told.push((it.unit, it.done, it.all, it.bytes))).unwrap();
    assert!(pushed.is_complete(), "{pushed:?}");
    told
}

#[test]
fn push_tells_its_progress() {
    let sessions = sessions();
    let first = file_in(&sessions);
    fs::copy(&first, sessions.path().join("z.jsonl")).unwrap();
    let length = fs::metadata(first).unwrap().len();
    let of_files =
        [0, 1, 2].map(|done| (ProgressUnit::Sessions, done, 2, Some([done * length, 2 * length])));
    assert_eq!(told(sessions.path()), of_files);
    let of_spool = [0, 3].map(|done| (ProgressUnit::Spans, done, 3, None));
    assert_eq!(told(spool().path()), of_spool);
}

#[cfg(unix)]
#[test]
fn push_names_foreign_files_and_skips_them() {
    let sessions = sessions();
    let session = file_in(&sessions);
    let at = |number: u32| sessions.path().join(format!("!{number:02}.jsonl"));
    let fifo = Command::new("mkfifo").arg(at(0)).status().unwrap();
    assert!(fifo.success());
    (1..12).for_each(|number| std::os::unix::fs::symlink("/dev/zero", at(number)).unwrap());
    let collector = Collector::start();
    let (path, address) = (sessions.path().display(), collector.address());
    let links: String = (1..10)
        .map(|number| format!("; `{0}` is a link; remove `{0}`", at(number).display()))
        .collect();
    let expected = format!(
        "{path}: 3 spans sent to {address}/v1/traces, 12 files are left out: `{0}` is not a regular file; remove \
         `{0}`{links}; and 2 more\n",
        at(0).display()
    );
    assert_eq!(said(&push(sessions.path(), address)), (expected, Some(1)));
    assert_eq!(names(&collector), NAMES);
    // What is named is the user's word, but must be a file.
    let output = push(&at(0), address);
    let refused = format!("agentops: `{0}` is not a regular file; remove `{0}`\n", at(0).display());
    assert_eq!(String::from_utf8_lossy(&output.stderr), refused);
    assert_eq!(output.status.code(), Some(2));
    std::os::unix::fs::symlink(session, sessions.path().join("named")).unwrap();
    assert_eq!(push(&sessions.path().join("named"), address).status.code(), Some(0));
}

#[test]
fn push_names_an_unreadable_line_and_sends_the_rest() {
    let sessions = sessions();
    let file = file_in(&sessions);
    let whole = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{{}}\n{whole}{}", &whole[..40])).unwrap();
    let collector = Collector::start();
    let (path, address) = (file.display(), collector.address());
    let sent = format!(
        "{path}: 3 spans sent to {address}/v1/traces, 2 lines cannot be read; `{path}`: line 4 is cut off\n"
    );
    assert_eq!(said(&push(&file, address)), (sent, Some(1)));
    assert_eq!(names(&collector), NAMES);
}

#[test]
fn push_leaves_files_of_running_programs() {
    let dir = TempDir::new().unwrap();
    let config = TracingConfig::builder().exporter_endpoint(closed_port()).spool_dir(dir.path());
    let core = TracingCore::new(config.build().unwrap()).unwrap();
    let subscriber = registry().with(agentops::layer(&core)).with(Log);
    agentops::tracing::subscriber::with_default(subscriber, work);
    core.flush().unwrap();
    let collector = Collector::start();
    let (path, address) = (dir.path().display(), collector.address());
    let expected = format!(
        "{path}: 0 spans sent to {address}/v1/traces, 3 spans are in the hands of a running program\n"
    );
    assert_eq!(said(&push(dir.path(), address)), (expected, Some(0)));
}

#[test]
fn push_explains_wrong_usage() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().to_str().unwrap();
    let endpoint = [("AGENTOPS_EXPORTER_ENDPOINT", "http://127.0.0.1:1")];
    let nothing = format!(
        "agentops: `{path}` is neither a spool nor a folder of sessions nor a file of one; \
         name what `AGENTOPS_SPOOL_DIR` or `AGENTOPS_LOCAL_DIR` names\n"
    );
    let nowhere = "agentops: there is nowhere to push to; \
                   set `AGENTOPS_EXPORTER_ENDPOINT` or `AGENTOPS_API_KEY`\n";
    let no_url = "agentops: `exporter_endpoint` is `nowhere`; \
                  expected an address like `http://127.0.0.1:4318`\n";
    for (args, variables, expected) in [
        (&["push", path][..], &endpoint[..], nothing.as_str()),
        (&["push", path], &[], nowhere),
        (&["push", path, "--endpoint", "nowhere"], &[], no_url),
    ] {
        let output = agentops(args, variables);
        assert_eq!(String::from_utf8_lossy(&output.stderr), expected);
        assert_eq!(output.status.code(), Some(2));
    }
    for args in [&["pull"][..], &["push"], &["push", path, "--timeout", "soon"]] {
        let output = agentops(args, &endpoint);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("Usage: agentops") || said.contains("try '--help'"), "{said}");
    }
}

#[test]
fn push_closes_sessions_of_dead_programs_first() {
    let dir = TempDir::new().unwrap();
    let mut program = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "dies_in_a_session", "--nocapture"])
        .env("AGENTOPS_LOCAL_DIR", dir.path())
        .env("PART", "dies")
        .stderr(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let is_noted = || whole_files(&dir.path().join(".open/0/open")) == 1;
    while !is_noted() {
        assert_eq!(program.try_wait().unwrap(), None);
        std::thread::sleep(Duration::from_millis(1));
    }
    let collector = Collector::start();
    let (path, address) = (dir.path().display(), collector.address());
    let sent =
        |spans: u32| (format!("{path}: {spans} spans sent to {address}/v1/traces\n"), Some(0));
    let before = push(dir.path(), address);
    assert_eq!(before.status.code(), Some(2), "it lives, and has written nothing: {before:?}");
    program.kill().unwrap();
    program.wait().unwrap();
    let output = push(dir.path(), address);
    assert_eq!(said(&output), sent(1), "{output:?}");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        told.contains("session `hang`, whose process died, is closed as `Aborted`: "),
        "{told}"
    );
    let root = &collector.spans()[0];
    let state = root.attributes.iter().find(|it| it.key == "agentops.session.end_state").unwrap();
    assert!(format!("{state:?}").contains("Aborted"), "{state:?}");
    assert_eq!(
        (root.name.as_str(), said(&push(dir.path(), address))),
        ("invoke_workflow hang", sent(1))
    );
}

#[session]
fn hang() {
    std::thread::sleep(Duration::from_secs(60));
}

#[test]
fn dies_in_a_session() {
    if std::env::var_os("PART").is_some() {
        let _guard = agentops::init().unwrap();
        hang();
    }
}

#[test]
fn paths_and_files_steer_no_terminal() {
    let dir = TempDir::new().unwrap();
    let hostile = dir.path().join("\u{1b}[2J\nagentops: FAKE\u{202e}");
    let collector = Collector::start();
    let missing = push(&hostile, collector.address());
    assert_eq!(missing.status.code(), Some(2));
    fs::create_dir(&hostile).unwrap();
    fs::write(hostile.join("\u{1b}.jsonl"), "{\"resourceSpans\":[{\"\u{202e}\n").unwrap();
    let bad = push(&hostile, collector.address());
    let (out, status) = said(&bad);
    let expected = r"\u{1b}[2J agentops: FAKE\u{202e}: 0 spans sent to ";
    assert!(out.contains(expected) && out.contains("1 lines cannot be read; `"), "{out}");
    assert_eq!(status, Some(1));
    for text in [&missing.stderr, &bad.stderr, &bad.stdout] {
        let text = String::from_utf8_lossy(text);
        let is_harmful =
            |letter: char| letter.is_control() && letter != '\n' || letter == '\u{202e}';
        assert!(!text.contains(is_harmful) && text.lines().count() <= 1, "{text}");
    }
}
