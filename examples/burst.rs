//! As many spans as you like, as fast as they come: what becomes of them?
//!
//! ```text
//! AGENTOPS_EXPORTER_ENDPOINT=http://127.0.0.1:4318 \
//!     cargo run --release -p agentops-examples --example burst -- --sessions 100 --spans 1000 --attrs 4
//! ```
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it reports to whoever runs it")]

use std::{
    error::Error,
    io::{Write, stdout},
    process::{abort, exit},
    thread,
    time::Duration,
};

use agentops::{Overflow, Stats, TracingConfig, current, session, tool};
use serde_json::json;

const USAGE: &str = "\
usage: burst [--sessions S] [--spans N] [--attrs A] [--threads T] [--block] [--pause MS] [--signals]
             [--finish shutdown|return|exit|panic|abort|hang|wait]

  --sessions S   as many sessions (default 1)
  --spans N      as many spans below each (default 1)
  --attrs A      as many attributes on each span (default 0)
  --threads T    as many threads share the sessions (default 1)
  --block        wait for room in the queue instead of dropping (`Overflow::Block`)
  --pause MS     sleep after each session
  --signals      deliver on SIGINT and SIGTERM (`handle_signals(true)`)
  --finish HOW   shutdown (default): say what became of all; return from main; exit; panic; abort;
                 hang in the last session, for ever; wait until killed, after it";

/// As long as anything moves.
const PATIENCE: Duration = Duration::from_secs(60);

/// Options of the command line.
struct Plan {
    sessions: usize,
    spans: usize,
    attrs: usize,
    threads: usize,
    block: bool,
    pause: Duration,
    signals: bool,
    finish: Finish,
}

#[derive(Clone, Copy, PartialEq)]
enum Finish {
    Shutdown,
    Return,
    Exit,
    Panic,
    Abort,
    Hang,
    Wait,
}

impl Plan {
    fn parse(mut flags: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut plan = Self {
            sessions: 1,
            spans: 1,
            attrs: 0,
            threads: 1,
            block: false,
            pause: Duration::ZERO,
            signals: false,
            finish: Finish::Shutdown,
        };
        while let Some(flag) = flags.next() {
            match flag.as_str() {
                "--sessions" => plan.sessions = number(&flag, flags.next())?,
                "--spans" => plan.spans = number(&flag, flags.next())?,
                "--attrs" => plan.attrs = number(&flag, flags.next())?,
                "--threads" => plan.threads = number(&flag, flags.next())?.max(1),
                "--block" => plan.block = true,
                "--pause" => {
                    plan.pause = Duration::from_millis(number(&flag, flags.next())? as u64);
                }
                "--signals" => plan.signals = true,
                "--finish" => plan.finish = Finish::parse(flags.next().as_deref())?,
                unknown => return Err(format!("unknown flag `{unknown}`")),
            }
        }
        Ok(plan)
    }
}

impl Finish {
    fn parse(how: Option<&str>) -> Result<Self, String> {
        Ok(match how {
            Some("shutdown") => Self::Shutdown,
            Some("return") => Self::Return,
            Some("exit") => Self::Exit,
            Some("panic") => Self::Panic,
            Some("abort") => Self::Abort,
            Some("hang") => Self::Hang,
            Some("wait") => Self::Wait,
            other => return Err(format!("`--finish` cannot be `{}`", other.unwrap_or_default())),
        })
    }
}

fn number(flag: &str, text: Option<String>) -> Result<usize, String> {
    let text = text.unwrap_or_default();
    text.parse().map_err(|_| format!("`{flag}` is `{text}`; expected a whole number"))
}

fn main() -> Result<(), Box<dyn Error>> {
    let plan = Plan::parse(std::env::args().skip(1)).unwrap_or_else(|problem| {
        eprintln!("{problem}\n{USAGE}");
        exit(2);
    });
    let mut config = TracingConfig::builder().handle_signals(plan.signals);
    if plan.block {
        config = config.overflow(Overflow::Block(PATIENCE));
    }
    let guard = agentops::init_with(config.build()?)?;
    produce(&plan);
    if plan.finish == Finish::Hang {
        hang(&plan);
    }
    say("produced", &agentops::stats(), None);
    match plan.finish {
        Finish::Shutdown => match guard.shutdown() {
            Ok(stats) => say("final", &stats, Some("ok")),
            Err(error) => say("final", error.stats(), Some(&error.to_string())),
        },
        Finish::Return => {}
        Finish::Exit => exit(0),
        Finish::Panic => panic!("as it was asked to"),
        Finish::Abort => abort(),
        Finish::Hang | Finish::Wait => sleep_until_killed(),
    }
    Ok(())
}

/// The sessions, shared by the threads; the one that is to hang is left out.
fn produce(plan: &Plan) {
    let sessions = plan.sessions - usize::from(plan.finish == Finish::Hang).min(plan.sessions);
    thread::scope(|scope| {
        for number in 0..plan.threads {
            let share = sessions / plan.threads + usize::from(number < sessions % plan.threads);
            scope.spawn(move || {
                for _ in 0..share {
                    burst(plan);
                    thread::sleep(plan.pause);
                }
            });
        }
    });
}

#[session(skip_all)]
fn burst(plan: &Plan) {
    (0..plan.spans).for_each(|number| step(number, plan.attrs));
}

/// A session that does its work and does not come back.
#[session(name = "burst", skip_all)]
fn hang(plan: &Plan) {
    (0..plan.spans).for_each(|number| step(number, plan.attrs));
    say("produced", &agentops::stats(), None);
    sleep_until_killed();
}

#[tool(skip_all)]
fn step(number: usize, attrs: usize) {
    let span = current();
    for attr in 0..attrs {
        span.set_attribute(format!("burst.attribute.{attr}"), number);
    }
}

fn sleep_until_killed() -> ! {
    loop {
        thread::sleep(Duration::from_secs(3600));
    }
}

/// The counters as a line of JSON.
fn say(phase: &str, stats: &Stats, shutdown: Option<&str>) {
    let mut line = json!(stats);
    line["phase"] = phase.into();
    if let Some(shutdown) = shutdown {
        line["shutdown"] = shutdown.into();
    }
    println!("{line}");
    let _ = stdout().flush();
}
