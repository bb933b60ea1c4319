//! The program that is observed: a burst in a process of its own.

use std::{
    env,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use serde::Deserialize;

/// No program takes longer than this.
const LONG: Duration = Duration::from_secs(120);

/// The counters that the program prints.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Counts {
    pub phase: String,
    pub shutdown: Option<String>,
    pub ended: u64,
    pub recovered: u64,
    pub queued: u64,
    pub sent: u64,
    pub spooled: u64,
    pub dropped: u64,
    pub failed: u64,
}

impl Counts {
    /// Number of spans that were counted as lost.
    pub fn lost(&self) -> u64 {
        self.dropped + self.failed + self.queued
    }

    /// The identity of the account.
    pub fn adds_up(&self) -> bool {
        self.ended + self.recovered == self.sent + self.spooled + self.lost()
    }
}

/// A program that runs.
pub struct Program {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Program {
    /// Starts a program of this build with these variables alone.
    pub fn start(name: &str, args: &[String], variables: &[(String, String)]) -> Self {
        let mut child = Command::new(path_of(name))
            .args(args)
            .env_clear()
            .env("AGENTOPS_CONSOLE", "false")
            .envs(variables.iter().cloned())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("`{name}` cannot be started: {error}"));
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    /// Counts that it prints next, of this phase; nothing if it has ended.
    pub fn counts(&mut self, phase: &str) -> Option<Counts> {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        let counts: Counts = serde_json::from_str(&line).ok()?;
        assert_eq!(counts.phase, phase);
        Some(counts)
    }

    /// The most memory that it has had so far, in bytes.
    pub fn peak_memory(&self) -> u64 {
        self.status("VmHWM:").unwrap()
    }

    /// The memory that it has, in bytes, while it runs.
    pub fn memory(&self) -> Option<u64> {
        self.status("VmRSS:")
    }

    fn status(&self, what: &str) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(what))?;
        Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1024)
    }

    /// Asks the system whether the program still runs.
    pub fn still_runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Kills it where it stands.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end.
    pub fn wait(mut self) -> ExitStatus {
        let until = Instant::now() + LONG;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < until, "the program does not end");
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Path of a program that is built together with this one.
fn path_of(name: &str) -> PathBuf {
    env::current_exe().unwrap().with_file_name(name)
}

/// Number of spans that wait in a spool, as the names of its files say.
pub fn spans_in(spool: &Path) -> u64 {
    let slots = std::fs::read_dir(spool).into_iter().flatten().flatten();
    let files =
        slots.flat_map(|slot| std::fs::read_dir(slot.path()).into_iter().flatten().flatten());
    let spans = files.filter_map(|file| {
        let name = file.file_name().into_string().ok()?;
        name.strip_suffix(".otlp")?.split_once('-')?.1.parse::<u64>().ok()
    });
    spans.sum()
}
