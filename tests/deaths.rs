//! A program that dies, however it dies, leaves sessions: each has a root, and every span a way to it.
//!
//! Each case is a process: this test binary, run again with a part to play.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::print_stdout, reason = "whoever kills it listens")]

use std::{
    collections::BTreeMap,
    env, fs,
    io::{BufRead, BufReader, Read},
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Child, Command, Output, exit},
    time::Duration,
};

use agentops::{Guard, Session, TracingConfig, Usage, agent, llm, session, tool};
use agentops_core::{push::Pusher, store::OpenSession};
use agentops_tests::{
    collector::{Collector, closed_port},
    files::{assert_connected, root, sessions, text, totals, whole_files},
    process::{heed_signals, part, play, set_action, start},
};
use tempfile::TempDir;
use tokio::signal::unix::{Signal, SignalKind, signal};

const LONG: Duration = Duration::from_secs(60);
/// Line of a child that has forked.
const FORKED: &str = "forked\n";

#[tool]
fn step(n: u32) -> u32 {
    println!("step {n}");
    n
}

#[llm(model = "m")]
fn ask() {
    agentops::current().set_usage(Usage::new().input(3).output(4)).set_cost(0.5);
}

#[agent]
fn planner(steps: u32) {
    for n in 0..steps {
        step(n);
        helper(n);
    }
}

#[agent]
fn helper(n: u32) -> u32 {
    step(n)
}

#[session(user_id = "ada", tags("deaths"))]
fn run(steps: u32) {
    planner(steps);
}

/// Runs one session after the other, with one inside and one beside, until somebody kills it.
fn work_for_ever() {
    let beside = Session::start("beside");
    for round in 0.. {
        beside.in_scope(|| step(round));
        outer();
    }
}

#[session]
fn outer() {
    step(0);
    run(5);
}

/// Does what a part does last, below an agent that has called a tool.
#[session(name = "run", user_id = "ada", skip_all)]
fn end_by(end: impl FnOnce()) {
    below_an_agent(end);
}

#[agent(name = "planner", skip_all)]
fn below_an_agent(end: impl FnOnce()) {
    (0..3).for_each(|n| _ = step(n));
    ask();
    end();
}

fn init() -> Guard {
    heed_signals();
    agentops::init().unwrap()
}

extern "C" fn nothing(_: libc::c_int) {}

fn kill(signal: &str, who: u32) {
    let who = who.to_string();
    assert!(Command::new("kill").args(["-s", signal, &who]).status().unwrap().success());
}

fn kill_me(signal: &str) {
    kill(signal, std::process::id());
}

fn kill_me_for_good(signal: &str) -> ! {
    kill_me(signal);
    std::thread::sleep(LONG);
    unreachable!("nothing killed it");
}

/// Waits until what it has begun and ended is on disk.
fn reach_the_disk(guard: &Guard) {
    guard.flush().unwrap();
    let local = local_dir().join(".open/0");
    let place = env::var_os("AGENTOPS_SPOOL_DIR").map_or(local, |it| Path::new(&it).join("0"));
    while whole_files(&place.join("open")) < 2 {
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn local_dir() -> PathBuf {
    env::var_os("AGENTOPS_LOCAL_DIR").unwrap_or_default().into()
}

fn interrupts() -> Signal {
    signal(SignalKind::interrupt()).unwrap()
}

fn with_tokio(handles: impl FnOnce() -> Guard) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let guard = handles();
        let mut interrupted = interrupts();
        end_by(|| kill_me("INT"));
        interrupted.recv().await.unwrap();
        println!("handled: {:?}", guard.shutdown().unwrap().ended);
    });
}

#[test]
#[ignore = "a part of the other tests, played in a process of its own"]
fn plays_its_part() {
    match part().as_str() {
        "work for ever" => {
            let _guard = init();
            work_for_ever();
        }
        "come next" => drop(init()),
        "SIGINT" => {
            let _guard = init();
            end_by(|| kill_me_for_good("INT"));
        }
        "SIGTERM" => {
            let _guard = init();
            end_by(|| kill_me_for_good("TERM"));
        }
        "SIGHUP" => {
            let guard = init();
            end_by(|| {
                reach_the_disk(&guard);
                kill_me_for_good("HUP");
            });
        }
        "exit" => {
            let _guard = init();
            end_by(|| exit(7));
        }
        "SIGKILL" => {
            let guard = init();
            end_by(|| {
                reach_the_disk(&guard);
                kill_me_for_good("KILL");
            });
        }
        "abort" => {
            let guard = init();
            end_by(|| {
                reach_the_disk(&guard);
                std::process::abort();
            });
        }
        "panic and abort" => {
            let guard = init();
            std::panic::set_hook(Box::new(|_| std::process::abort()));
            end_by(|| {
                reach_the_disk(&guard);
                panic!("on purpose");
            });
        }
        "quit" => {
            let guard = init();
            end_by(|| {
                reach_the_disk(&guard);
                // SAFETY: it ends the process.
                #[expect(unsafe_code, reason = "nothing in std ends a process so")]
                unsafe {
                    libc::_exit(3)
                }
            });
        }
        "fork" => {
            let guard = init();
            end_by(|| {
                reach_the_disk(&guard);
                // SAFETY: the child writes, sleeps and exits, nothing else.
                #[expect(unsafe_code, reason = "there is no other way to fork")]
                let child = unsafe { libc::fork() };
                if child == 0 {
                    // Until here the child holds what its parent held. The lock of `println!` may be another thread's.
                    // SAFETY: the text is as long as that.
                    #[expect(unsafe_code, reason = "there is no other way to write without a lock")]
                    unsafe {
                        libc::write(1, FORKED.as_ptr().cast(), FORKED.len());
                    }
                    std::thread::sleep(LONG);
                    exit(0);
                }
                println!("child {child}");
                kill_me_for_good("KILL");
            });
        }
        "SIGINT, handled by tokio later" => with_tokio(init),
        "SIGINT, handled by tokio earlier" => with_tokio(|| {
            set_action(libc::SIGINT, libc::SIG_DFL);
            drop(interrupts());
            agentops::init().unwrap()
        }),
        "SIGINT, handled earlier" => {
            set_action(libc::SIGINT, nothing as *const () as usize);
            let _guard = agentops::init().unwrap();
            end_by(|| kill_me("INT"));
            println!("alive");
        }
        "SIGINT, handled later" => {
            let _guard = init();
            set_action(libc::SIGINT, nothing as *const () as usize);
            end_by(|| kill_me("INT"));
            println!("alive");
        }
        "SIGINT, ignored" => {
            set_action(libc::SIGINT, libc::SIG_IGN);
            let _guard = agentops::init().unwrap();
            end_by(|| kill_me("INT"));
            println!("alive");
        }
        "SIGINT, not to be handled" => {
            set_action(libc::SIGINT, libc::SIG_DFL);
            let config = TracingConfig::builder().handle_signals(false).build().unwrap();
            let guard = agentops::init_with(config).unwrap();
            end_by(|| {
                reach_the_disk(&guard);
                kill_me_for_good("INT");
            });
        }
        other => panic!("no part `{other}`"),
    }
}

fn at(dir: &TempDir) -> [(&str, &str); 2] {
    [("AGENTOPS_LOCAL_DIR", dir.path().to_str().unwrap()), ("PATH", "/usr/bin:/bin")]
}

/// The only session in a folder: the state it ended in, and its spans by name, with how many there are.
fn only(dir: &TempDir) -> (String, BTreeMap<String, usize>) {
    let sessions = sessions(dir.path());
    assert_eq!(sessions.len(), 1);
    let mut names = BTreeMap::new();
    for span in &sessions[0] {
        *names.entry(text(span, "operation.name").to_owned()).or_default() += 1;
    }
    let root = root(&sessions[0]);
    assert_eq!((text(root, "operation.name"), text(root, "user.id")), ("run", "ada"));
    assert_eq!(totals(root), TOTALS, "whether it was its process that counted or the next one");
    (text(root, "agentops.session.end_state").to_owned(), names)
}

const TOTALS: [&str; 7] = [
    "calls.agent=1",
    "calls.llm=1",
    "calls.tool=3",
    "cost_usd=0.5",
    "errors=0",
    "tokens.input=3",
    "tokens.output=4",
];

fn whole() -> BTreeMap<String, usize> {
    [("ask", 1), ("planner", 1), ("run", 1), ("step", 3)]
        .map(|(name, count)| (name.to_owned(), count))
        .into()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The first words of each line of a tree: the branches, kind and name.
fn tree(stderr: &str) -> Vec<String> {
    let lines = stderr.lines().filter(|line| !line.starts_with("agentops show "));
    let words = |line: &str| {
        let start = line.find(char::is_alphabetic).unwrap_or(0);
        let end = line[start..].find("  ").map_or(line.len(), |end| start + end);
        line[..end].to_owned()
    };
    lines.map(words).collect()
}

#[test]
fn signal_shows_the_tree_and_kills() {
    for (part, signal) in [("SIGINT", libc::SIGINT), ("SIGTERM", libc::SIGTERM)] {
        let dir = TempDir::new().unwrap();
        let output = play(part, &at(&dir));
        assert_eq!(output.status.signal(), Some(signal), "{output:?}");
        assert_eq!(only(&dir), ("Shutdown".to_owned(), whole()));
        assert_eq!(
            tree(&stderr(&output)),
            ["session run", "└─ agent planner", "   ├─ tool step ×3", "   └─ llm ask",]
        );
    }
}

#[test]
fn exit_inside_an_agent_exports_the_agent() {
    let dir = TempDir::new().unwrap();
    let output = play("exit", &at(&dir));
    assert_eq!(output.status.code(), Some(7), "{output:?}");
    assert_eq!(only(&dir), ("Shutdown".to_owned(), whole()));
    assert_eq!(tree(&stderr(&output))[1], "└─ agent planner");
}

#[test]
fn next_start_closes_the_dead_session() {
    for (part, signal) in [
        ("SIGKILL", Some(libc::SIGKILL)),
        ("SIGHUP", Some(libc::SIGHUP)),
        ("abort", Some(libc::SIGABRT)),
        ("panic and abort", Some(libc::SIGABRT)),
        ("quit", None),
        ("SIGINT, not to be handled", Some(libc::SIGINT)),
    ] {
        let dir = TempDir::new().unwrap();
        let output = play(part, &at(&dir));
        assert_eq!(output.status.signal(), signal, "{output:?}");
        let said = stderr(&play("come next", &at(&dir)));
        assert!(
            said.starts_with(
                "agentops: session `run`, whose process died, is closed as `Aborted`: "
            ),
            "{said}"
        );
        assert_eq!(only(&dir), ("Aborted".to_owned(), whole()), "{part}");
        assert_eq!(stderr(&play("come next", &at(&dir))), "", "once");
        assert_eq!(only(&dir), ("Aborted".to_owned(), whole()), "{part}");
    }
}

#[test]
fn open_session_is_named_until_its_process_is_closed() {
    let dir = TempDir::new().unwrap();
    let mut program = start("SIGKILL", &at(&dir));
    let pid = program.id();
    assert_eq!(program.wait().unwrap().signal(), Some(libc::SIGKILL));
    let file = files_of(&dir, "jsonl").remove(0).with_extension("open");
    let session = OpenSession::read(&file).unwrap();
    let root = &session.span_id;
    assert_eq!(files_of(&dir, "open"), [file]);
    assert_eq!((session.name.as_str(), session.user_id.as_deref()), ("run", Some("ada")));
    assert_eq!((session.pid, session.is_alive()), (pid, false));
    play("come next", &at(&dir));
    assert_eq!(files_of(&dir, "open"), [] as [PathBuf; 0]);
    let text = fs::read_to_string(&files_of(&dir, "jsonl")[0]).unwrap();
    let last = text.lines().last().unwrap();
    assert!(
        last.contains(&format!(r#""spanId":"{root}""#)) && last.matches("spanId\"").count() == 1
    );
}

fn files_of(dir: &TempDir, extension: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|it| it == extension)).collect()
}

#[test]
fn spool_of_a_dead_program_has_its_agent() {
    let (dir, nobody) = (TempDir::new().unwrap(), closed_port());
    let spool = ("AGENTOPS_SPOOL_DIR", dir.path().to_str().unwrap());
    let quiet =
        [("AGENTOPS_CONSOLE", "off"), ("OTEL_METRICS_EXPORTER", "none"), at(&dir)[1], spool];
    let killed = [&quiet[..], &[("AGENTOPS_EXPORTER_ENDPOINT", nobody.as_str())]].concat();
    assert_eq!(play("SIGKILL", &killed).status.signal(), Some(libc::SIGKILL));
    let collector = Collector::start();
    let config = TracingConfig::builder().exporter_endpoint(collector.address()).build().unwrap();
    let pusher = Pusher::new(config, Duration::ZERO, |_| ()).unwrap();
    assert_eq!(pusher.push(dir.path()).unwrap().sent, 6);
    let spans = collector.spans();
    let mut names = BTreeMap::new();
    for span in &spans {
        *names.entry(text(span, "operation.name").to_owned()).or_default() += 1;
    }
    assert_eq!(names, whole());
    assert_connected(&spans, "the spool");
}

#[test]
fn surviving_fork_keeps_nothing_open() {
    let dir = TempDir::new().unwrap();
    let mut parent = start("fork", &at(&dir));
    let mut lines = BufReader::new(parent.stdout.take().unwrap()).lines().map(Result::unwrap);
    let (mut child, mut has_forked) = (None, false);
    while child.is_none() || !has_forked {
        let line = lines.next().unwrap();
        has_forked |= line == FORKED.trim_end();
        child = child.or_else(|| line.strip_prefix("child ")?.parse().ok());
    }
    parent.wait().unwrap();
    assert!(agentops_core::store::close_aborted(dir.path()).unwrap().problem.is_none());
    kill("KILL", child.unwrap());
    assert_eq!(only(&dir), ("Aborted".to_owned(), whole()));
}

#[test]
fn signal_handlers_of_the_program_win() {
    for (part, says) in [
        ("SIGINT, handled by tokio later", "handled: 6"),
        ("SIGINT, handled by tokio earlier", "handled: 6"),
        ("SIGINT, handled earlier", "alive"),
        ("SIGINT, handled later", "alive"),
        ("SIGINT, ignored", "alive"),
    ] {
        let dir = TempDir::new().unwrap();
        let output = play(part, &at(&dir));
        assert!(output.status.success(), "{part}: {output:?}");
        assert!(String::from_utf8_lossy(&output.stdout).contains(says), "{part}: {output:?}");
        assert_eq!(only(&dir), ("Success".to_owned(), whole()), "{part}");
    }
}

/// Numbers that look random, the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Kills a program when it has said so many lines, and a moment later.
fn kill_after(program: &mut Child, steps: u64, moment: u64) {
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    for _ in 0..steps {
        lines.next().unwrap().unwrap();
    }
    for turn in 0..moment {
        std::hint::black_box(turn);
    }
    program.kill().unwrap();
    program.wait().unwrap();
    let mut said = Vec::new();
    program.stderr.take().unwrap().read_to_end(&mut said).unwrap();
    // It may be killed inside of a character.
    let said = String::from_utf8_lossy(&said);
    assert!(!said.contains("panicked"), "{said}");
}

/// Kills a program, and now and then another one at its side that lives on while the first one's sessions are
/// closed. How many sessions of each name ended in each state.
fn one_death(round: u64, random: &mut Random) -> BTreeMap<(String, String), usize> {
    let dir = TempDir::new().unwrap();
    let quick = [at(&dir).as_slice(), &[("AGENTOPS_MAX_WAIT_TIME", "20")]].concat();
    let other = round.is_multiple_of(4).then(|| start("work for ever", &quick));
    let mut program = start("work for ever", &quick);
    kill_after(&mut program, 1 + random.below(1_000), random.below(2_000_000));
    // Who closes it may die over that.
    kill_after(&mut start("come next", &at(&dir)), 0, random.below(40_000_000));
    play("come next", &at(&dir));
    if let Some(mut other) = other {
        kill_after(&mut other, 1 + random.below(500), random.below(2_000_000));
        play("come next", &at(&dir));
    }
    let mut ends = BTreeMap::new();
    for session in sessions(dir.path()) {
        let root = root(&session);
        let end =
            ["operation.name", "agentops.session.end_state"].map(|key| text(root, key).to_owned());
        *ends.entry(end.into()).or_default() += 1;
    }
    ends
}

#[test]
fn killed_program_leaves_rooted_sessions() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut ends = BTreeMap::<_, usize>::new();
    for round in 0..20 {
        for (end, count) in one_death(round, &mut random) {
            *ends.entry(end).or_default() += count;
        }
    }
    let known =
        ["beside", "outer", "run"].map(|name| ["Aborted", "Success"].map(|end| (name, end)));
    let is_known = |(name, end): &(String, String)| known.as_flattened().contains(&(name, end));
    assert!(ends.keys().all(is_known), "{ends:?}");
    let of = |name: &str, end: &str| ends.get(&(name.to_owned(), end.to_owned())).copied();
    assert!(of("beside", "Aborted") >= Some(10), "{ends:?}");
    assert!(of("run", "Success") > Some(100), "{ends:?}");
}
