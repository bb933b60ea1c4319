use std::{cell::RefCell, fs, io, rc::Rc, sync::Arc};

use super::*;
use crate::{
    commands::{
        command_run::{NOW, parsed, printed},
        tests::assert_snapshot,
    },
    store::{
        SessionId,
        fixture::{TestFolder, TestProcess, TestSpan, line},
    },
    terminal::{Colour, width},
};

/// Sessions of the tests.
const SUPPORT: u128 = 0x2f0a_77e1 << 96;
const NIGHTLY: u128 = 0x4164_8920 << 96;
const SHORT: u128 = 0x5164_8920 << 96;
const OLD: u128 = 0x1164_8920 << 96;

/// Nanoseconds of a millisecond.
const MILLI: u64 = 1_000_000;

/// Follower of a folder, with what it prints.
struct Tailed {
    folder: TestFolder,
    process: TestProcess,
    follower: Follower,
    screen: Screen<'static>,
    out: Rc<RefCell<Vec<u8>>>,
}

/// Output that can be read while it is written to.
struct SharedOut(Rc<RefCell<Vec<u8>>>);

impl io::Write for SharedOut {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Tailed {
    fn new(columns: usize, colour: Colour, target: Target, io: bool) -> Self {
        let (folder, out) = (TestFolder::new(), Rc::default());
        let process = folder.process();
        let follower = Follower::new(Arc::new(folder.store()), target, io);
        let screen = Screen::new(SharedOut(Rc::clone(&out)), columns, colour, NOW);
        Self { folder, process, follower, screen, out }
    }

    /// Follows all sessions on a plain screen.
    fn plain() -> Self {
        Self::new(80, Colour::Plain, Target::All, false)
    }

    fn look(&mut self) -> Option<Outcome> {
        self.follower.look(&mut self.screen).unwrap()
    }

    /// Looks, and returns the lines that are printed.
    fn lines(&mut self) -> Vec<String> {
        self.look();
        let printed = std::mem::take(&mut *self.out.borrow_mut());
        String::from_utf8(printed).unwrap().lines().map(str::to_owned).collect()
    }
}

/// Returns a span that ran this long, in milliseconds, until now.
fn span(session: u128, id: u64, parent: u64, title: &str, time: u64) -> TestSpan {
    TestSpan::new(session, id, parent, title).at(NOW - time * MILLI, NOW)
}

fn root(session: u128, name: &str) -> TestSpan {
    span(session, 1, 0, &format!("session {name}"), 12_000)
}

fn tool(session: u128, id: u64, parent: u64) -> TestSpan {
    span(session, id, parent, &format!("tool t{id}"), id)
}

fn model_call(id: u64, parent: u64) -> TestSpan {
    span(SUPPORT, id, parent, "llm answer", 1_200)
        .text("gen_ai.request.model", "gpt-4o-mini")
        .count("gen_ai.usage.input_tokens", 3_790)
        .count("gen_ai.usage.output_tokens", 61)
        .number("agentops.usage.cost_usd", 0.0031)
        .text("gen_ai.input.messages", "what\nnow?")
        .text("output.value", "nothing")
}

fn with_totals(root: TestSpan, state: &str) -> TestSpan {
    root.text("agentops.session.end_state", state)
        .count("agentops.session.calls.tool", 2)
        .count("agentops.session.errors", 1)
        .count("agentops.session.tokens.input", 1_200_000)
        .count("agentops.session.tokens.output", 88_000)
        .number("agentops.session.cost_usd", 1.84)
}

/// Plays what happens while a store is followed.
fn play(tailed: &mut Tailed) {
    let long = "nightly report of all customers in every region";
    let agent = || span(SUPPORT, 2, 1, "agent research", 8_000);
    let old = TestSpan::new(OLD, 1, 0, "session old").at(7, 8);
    tailed.folder.write(OLD, &[&[old.ended()]]);
    tailed.process.start(&root(SUPPORT, "support"));
    tailed.process.start(&agent());
    tailed.process.start(&span(SUPPORT, 3, 2, "tool search", 0));
    tailed.process.end(&[tool(SUPPORT, 4, 3), tool(SUPPORT, 5, 2)]);
    tailed.look();

    tailed.process.start(&root(NIGHTLY, long));
    let failed = span(SUPPORT, 6, 3, "tool read_file", 3).failed("no such file\nwas it renamed?");
    let failed = failed.text("input.value", r#"{"path":"FAQ.md"}"#);
    tailed.process.end(&[failed, model_call(7, 2)]);
    tailed.look();

    let hostile = span(NIGHTLY, 2, 1, "tool \u{1b}[2J of a name that would never fit on a line", 5);
    tailed.process.end(&[hostile, tool(NIGHTLY, 3, 9)]);
    let search = span(SUPPORT, 3, 2, "tool search", 2_000).text("output.value", "3 passages");
    tailed.process.end(&[search, agent()]);
    tailed.look();

    let nightly = root(NIGHTLY, long).failed("the card was declined");
    tailed.process.end_session(&with_totals(nightly, "Failure"));
    tailed.look();
    let late = TestSpan::new(NIGHTLY, 4, 1, "tool late").at(NOW, NOW + MILLI);
    let late = late.value("agentops.late", &serde_json::json!({"boolValue": true}));
    tailed.process.end(&[late]);
    let short = with_totals(root(SHORT, "short"), "Success");
    tailed.folder.write_text(SHORT, &(line(&[tool(SHORT, 2, 1)]) + &line(&[short])));
    tailed.look();

    tailed.process.die();
    tailed.look();
}

fn played(columns: usize, colour: Colour, io: bool, target: Target) -> String {
    let mut tailed = Tailed::new(columns, colour, target, io);
    play(&mut tailed);
    let out = String::from_utf8(tailed.out.take()).unwrap();
    let widest = out.lines().map(width).max().unwrap_or_default();
    assert!(colour == Colour::Coloured || widest <= columns, "{out}");
    out
}

fn outputs(columns: usize, colour: Colour) -> String {
    let all = played(columns, colour, false, Target::All);
    let io = played(columns, colour, true, Target::All);
    let one = played(columns, colour, false, Target::One(id(SUPPORT)));
    format!("$ agentops tail\n{all}\n$ agentops tail --io\n{io}\n$ agentops tail 2f0a\n{one}")
}

fn id(session: u128) -> SessionId {
    format!("{session:032x}").parse().unwrap()
}

#[test]
fn tail_fits_80_columns() {
    assert_snapshot("tail-80", &outputs(80, Colour::Plain));
}

#[test]
fn tail_fits_120_columns() {
    assert_snapshot("tail-120", &outputs(120, Colour::Plain));
}

#[test]
fn tail_is_coloured() {
    for columns in [80, 120] {
        let outputs = outputs(columns, Colour::Coloured).replace('\x1b', "␛");
        assert_snapshot(&format!("tail-{columns}-coloured"), &outputs);
    }
}

/// Returns the outcomes of two looks: at a session that runs, and once it has changed.
fn outcomes(change: impl FnOnce(&mut Tailed)) -> [Option<Outcome>; 2] {
    let mut tailed = Tailed::new(80, Colour::Plain, Target::One(id(SUPPORT)), false);
    tailed.process.start(&root(SUPPORT, "support"));
    let before = tailed.look();
    change(&mut tailed);
    [before, tailed.look()]
}

#[test]
fn outcome_of_one_session_is_how_it_ended() {
    let ended = |state: &'static str| {
        move |tailed: &mut Tailed| {
            tailed.process.end_session(&with_totals(root(SUPPORT, "support"), state));
        }
    };
    assert_eq!(outcomes(ended("Success")), [None, Some(Outcome::Fine)]);
    assert_eq!(outcomes(ended("Failure")), [None, Some(Outcome::No)]);
    assert_eq!(outcomes(ended("Aborted")), [None, Some(Outcome::No)]);
    assert_eq!(outcomes(|tailed| tailed.process.die()), [None, Some(Outcome::No)]);
    let removed = |tailed: &mut Tailed| {
        fs::remove_file(tailed.folder.path_of(SUPPORT).with_extension("open")).unwrap();
    };
    assert_eq!(outcomes(removed), [None, Some(Outcome::No)]);
    let other = |tailed: &mut Tailed| tailed.process.start(&root(NIGHTLY, "nightly"));
    assert_eq!(outcomes(other), [None, None]);
}

#[test]
fn removed_session_is_told_once() {
    let mut tailed = Tailed::plain();
    tailed.process.start(&root(SUPPORT, "support"));
    tailed.look();
    fs::remove_file(tailed.folder.path_of(SUPPORT).with_extension("open")).unwrap();
    let running = "2f0a77e1  support  running · 12.0 s · 0 spans ended";
    assert_eq!(tailed.lines(), [running, "2f0a77e1  support  removed"]);
    assert_eq!(tailed.lines(), [""; 0]);
}

#[test]
fn replaced_session_shows_what_is_new_in_it() {
    let mut tailed = Tailed::plain();
    tailed.process.start(&root(SUPPORT, "support"));
    tailed.process.end(&[tool(SUPPORT, 2, 1), tool(SUPPORT, 3, 1)]);
    tailed.lines();
    tailed.folder.write(SUPPORT, &[&[tool(SUPPORT, 3, 1)]]);
    assert_eq!(tailed.lines(), [""; 0]);
    tailed.process.end(&[tool(SUPPORT, 4, 1)]);
    let lines = tailed.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("2f0a77e1  support    tool t4  "), "{lines:?}");
}

#[test]
fn faults_are_counted_in_a_quiet_line_when_they_appear() {
    let mut tailed = Tailed::plain();
    tailed.process.start(&root(SUPPORT, "support"));
    let second = line(&[tool(SUPPORT, 3, 1)]);
    tailed.folder.write_text(SUPPORT, &(line(&[tool(SUPPORT, 2, 1)]) + &second[..60]));
    assert_eq!(tailed.lines().len(), 1, "the session runs");
    assert_eq!(tailed.lines(), [""; 0], "the line is not whole yet");
    tailed.folder.append(SUPPORT, &second[60..]);
    assert_eq!(tailed.lines().len(), 1, "it is whole");
    tailed.folder.append(SUPPORT, "garbage\n[1]\n");
    assert_eq!(tailed.lines(), [""; 0], "it may be being written");
    let lines = tailed.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("2 parts could not be read, first `"), "{lines:?}");
    assert_eq!(tailed.lines(), [""; 0]);
}

#[test]
fn sessions_that_ended_before_are_not_followed() {
    let mut tailed = Tailed::plain();
    tailed.folder.write(OLD, &[&[tool(OLD, 2, 1)]]);
    tailed.folder.write_text(SHORT, &line(&[root(SHORT, "short").ended()]));
    assert_eq!(tailed.lines(), [""; 0]);
    assert!(tailed.follower.is_idle());
    tailed.folder.append(OLD, &line(&[tool(OLD, 3, 1)]));
    tailed.folder.append(SHORT, &line(&[tool(SHORT, 4, 1)]));
    assert_eq!(tailed.lines(), [""; 0]);
}

#[test]
fn tail_of_ended_session_tells_how_it_ended() {
    let folder = TestFolder::new();
    let root = with_totals(root(SUPPORT, "support"), "Success");
    folder.write_text(SUPPORT, &(line(&[tool(SUPPORT, 2, 1)]) + &line(&[root])));
    let tail: Tail = parsed(&["last", &folder.arg()]);
    let (outcome, out) = printed(80, |screen| tail.run(screen));
    assert_eq!(outcome.unwrap(), Outcome::Fine);
    assert_eq!(out, "support  ok · 12.0 s · 3 spans · 1.20M → 88.0k · $1.84 · ✗1\n");
}

#[test]
fn tail_of_unreadable_session_tells_the_fault() {
    let folder = TestFolder::new();
    folder.write_text(SUPPORT, "garbage\n");
    let tail: Tail = parsed(&["2f0a", &folder.arg()]);
    let (outcome, out) = printed(400, |screen| tail.run(screen));
    assert_eq!(outcome.unwrap(), Outcome::No);
    let path = folder.path_of(SUPPORT);
    let fault = format!("1 part could not be read, first `{}` at byte 0: ", path.display());
    assert_eq!(
        out.strip_prefix(&fault),
        Some("no OTLP trace: expected value at line 1 column 1\n")
    );
}

#[test]
fn tail_refuses_span() {
    let folder = TestFolder::new();
    folder.write(SUPPORT, &[&[tool(SUPPORT, 2, 1)]]);
    let tail: Tail = parsed(&["2f0a/0", &folder.arg()]);
    let (result, out) = printed(80, |screen| tail.run(screen));
    let problem = "`2f0a/0` names a span; a session is followed whole: `2f0a`";
    assert_eq!((result.unwrap_err().to_string().as_str(), out.as_str()), (problem, ""));
}
