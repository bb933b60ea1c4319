//! A running program as `agentops ls`, `show` and `tail` see it, and after it was killed.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    fs,
    io::{BufRead, BufReader, Read, stdin},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use agentops::{agent, session, tool};
use agentops_core::store::OpenSession;
use agentops_tests::process::{command, part};
use tempfile::TempDir;

#[tool]
fn fetch() {}

#[tool]
fn search(guard: &agentops::Guard) {
    fetch();
    guard.flush().unwrap();
    println!("searching");
    // Until the test has seen enough, or has killed this process.
    let _ = stdin().read(&mut [0]);
}

#[agent]
fn research(guard: &agentops::Guard) {
    search(guard);
}

#[session(user_id = "ada", tags("night"))]
fn support(guard: &agentops::Guard) {
    research(guard);
}

#[test]
#[ignore = "a part of the other tests, played in a process of its own"]
fn plays_its_part() {
    assert_eq!(part(), "support");
    let guard = agentops::init().unwrap();
    support(&guard);
}

/// Starts the program, and returns it once it searches.
fn running(dir: &Path) -> Child {
    let mut program = command("support", &[("AGENTOPS_LOCAL_DIR", dir.to_str().unwrap())]);
    let program = program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut program = program.spawn().unwrap();
    let said = BufReader::new(program.stdout.take().unwrap());
    let is_ready = |line: std::io::Result<String>| line.unwrap().contains("searching");
    assert!(said.lines().any(is_ready), "the program searches");
    program
}

fn agentops(dir: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_agentops"));
    let output = command.args(arguments).arg("--dir").arg(dir).env_clear().output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Returns the only session of a folder, without what differs from run to run.
fn listed(dir: &Path) -> serde_json::Value {
    let mut session: serde_json::Value =
        serde_json::from_str(&agentops(dir, &["ls", "--json"])).unwrap();
    let known = session.as_object_mut().unwrap();
    for key in ["id", "start_unix_nano", "end_unix_nano", "bytes"] {
        known.remove(key).unwrap();
    }
    session
}

fn expected(state: &str, step: &[&str]) -> serde_json::Value {
    serde_json::json!({
        "name": "support", "state": state, "step": step, "user": "ada", "tags": ["night"],
        "spans": 1, "llm_calls": 0, "errors": 0,
        "input_tokens": null, "output_tokens": null, "cost_usd": null,
    })
}

#[test]
fn running_program_is_listed_with_its_step_until_killed() {
    let dir = TempDir::new().unwrap();
    let mut program = running(dir.path());
    assert_eq!(listed(dir.path()), expected("running", &["research", "search"]));
    let list = agentops(dir.path(), &["ls", "--running"]);
    assert!(list.contains("research › search"), "{list}");
    let tree = agentops(dir.path(), &["show", "last"]);
    assert!(tree.contains("└─ tool fetch"), "{tree}");
    let kept = agentops(dir.path(), &["gc", "--keep", "0B"]);
    assert!(kept.starts_with("nothing to remove, kept 1 session"), "{kept}");
    program.kill().unwrap();
    program.wait().unwrap();
    assert_eq!(listed(dir.path()), expected("aborted", &[]));
}

#[test]
fn open_session_lists_spans_that_run() {
    let dir = TempDir::new().unwrap();
    let mut program = running(dir.path());
    let mut entries = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
    let open = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "open");
    let session = OpenSession::read(&entries.find(open).unwrap()).unwrap();
    let spans = session.spans();
    let names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["research", "search"]);
    let parents: Vec<_> = spans.iter().map(|span| span.parent_span_id.as_str()).collect();
    assert_eq!(parents, [session.span_id.as_str(), spans[0].span_id.as_str()]);
    program.kill().unwrap();
    program.wait().unwrap();
    assert_eq!(session.spans(), []);
}

/// Longest time that anything here may take.
const LIMIT: Duration = Duration::from_secs(60);

/// `agentops tail` as it runs, with its lines as they come.
struct Tail {
    child: Child,
    lines: Receiver<String>,
    /// Reader of the lines, which returns the output, still open.
    reader: thread::JoinHandle<BufReader<ChildStdout>>,
}

impl Tail {
    /// Starts it. Its lines are read up to the first with this text.
    fn start(dir: &Path, arguments: &[&str], last: &'static str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_agentops"));
        let command = command.arg("tail").args(arguments).arg("--dir").arg(dir).env_clear();
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        let reader = thread::spawn(move || {
            let mut line = String::new();
            while out.read_line(&mut line).unwrap() > 0 && sender.send(line.clone()).is_ok() {
                if line.contains(last) {
                    break;
                }
                line.clear();
            }
            out
        });
        Self { child, lines, reader }
    }

    /// Waits for a line with this text, and returns it.
    fn line(&self, text: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(LIMIT).unwrap_or_else(|_| panic!("no `{text}`"));
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Waits for its end, once nobody reads its lines any more.
    fn end(mut self) -> ExitStatus {
        drop(self.reader.join().unwrap());
        let (sender, ended) = channel();
        let id = self.child.id();
        thread::spawn(move || sender.send(self.child.wait().unwrap()));
        ended.recv_timeout(LIMIT).unwrap_or_else(|_| panic!("process {id} goes on"))
    }
}

#[test]
fn tail_follows_program_from_start_to_death() {
    let dir = TempDir::new().unwrap();
    let tail = Tail::start(dir.path(), &[], "aborted");
    tail.line("nothing runs; waiting …");
    let mut program = running(dir.path());
    tail.line("support  started");
    // Below `research` and `search`, which still run.
    tail.line("support        tool fetch ");
    program.kill().unwrap();
    program.wait().unwrap();
    tail.line("support  aborted · ");
    assert!(tail.end().success(), "it ends when nobody reads it any more");
}

#[test]
fn tail_of_one_session_ends_with_it() {
    let dir = TempDir::new().unwrap();
    let mut program = running(dir.path());
    let tail = Tail::start(dir.path(), &["last"], "support  ok");
    let line = tail.line("running");
    assert!(line.ends_with(" · 1 span ended · research › search\n"), "{line}");
    drop(program.stdin.take());
    program.wait().unwrap();
    tail.line("    tool search ");
    tail.line("  agent research ");
    tail.line("support  ok · ");
    assert_eq!(tail.end().code(), Some(0));
}

#[test]
fn tail_of_one_session_fails_if_it_is_killed() {
    let dir = TempDir::new().unwrap();
    let mut program = running(dir.path());
    let tail = Tail::start(dir.path(), &["last"], "no such line");
    tail.line("running");
    program.kill().unwrap();
    program.wait().unwrap();
    tail.line("support  aborted · ");
    assert_eq!(tail.end().code(), Some(1));
}
