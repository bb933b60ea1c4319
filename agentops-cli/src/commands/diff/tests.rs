//! Tests of `agentops diff`: its output, which sessions it compares, its answers.

use clap::Parser;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::{
    store::session_fixture::{SpanFixture, write_session},
    terminal::Colour,
};

/// Nanoseconds since 1970 at which the tests look: ten minutes after the first session.
const NOW: u64 = 1_700_000_600_000_000_000;

#[derive(Debug, Parser)]
struct TestCli {
    #[command(flatten)]
    diff: Diff,
}

/// Writes sessions to a folder, the oldest first, a minute apart.
fn folder(sessions: &[Vec<SpanFixture>]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (number, spans) in sessions.iter().enumerate() {
        let number = number as u64 + 1;
        let id = format!("{number}a{:030}", 0);
        let path = dir.path().join(format!("{id}.jsonl"));
        write_session(&path, id.parse().unwrap(), spans, 1, 60 * number);
    }
    dir
}

/// Runs the command. Returns its answer and what it prints on a screen of 80 columns.
fn run(dir: &TempDir, arguments: &[&str]) -> (Result<Outcome, String>, String) {
    let store = ["agentops", "--dir", dir.path().to_str().unwrap()];
    let cli = TestCli::parse_from(store.iter().chain(arguments));
    let mut out = Vec::new();
    let outcome = cli.diff.run(&mut Screen::new(&mut out, 80, Colour::Plain, NOW));
    (outcome.map_err(|error| error.to_string()), String::from_utf8(out).unwrap())
}

fn session(name: &str, words: &str) -> Vec<SpanFixture> {
    let tool = |name, input: Value| SpanFixture::new(1, "tool", name).input(&input.to_string());
    let llm = SpanFixture::new(1, "llm", "plan").messages(&[("user", &format!("find a {words}"))]);
    let tokens = if words == "lamp" { 1_000 } else { 1_500 };
    vec![
        SpanFixture::new(0, "session", name),
        tool("list_files", json!({})),
        tool("read_file", json!({ "path": "a" })),
        llm.with("gen_ai.usage.input_tokens", tokens.into()),
        tool("search", json!({ "words": [words] })).output("3"),
    ]
}

#[test]
fn diff_of_equal_sessions_folds_all_and_answers_yes() {
    let dir = folder(&[session("ask", "lamp"), session("ask", "lamp")]);
    let (outcome, printed) = run(&dir, &["1a", "2a"]);
    assert_eq!(outcome, Ok(Outcome::Fine));
    let lines: Vec<_> = printed.lines().skip(3).take(3).collect();
    assert_eq!(lines, ["All 4 calls are the same.", "", "  … 5 equal spans"]);
    let (_, all) = run(&dir, &["1a", "2a", "--all"]);
    let spans = all.lines().filter(|line| line.trim_end().ends_with('=')).count();
    assert_eq!((spans > 5, all.contains("equal spans")), (true, false));
}

#[test]
fn diff_without_second_session_takes_one_of_same_name_before_it() {
    let sessions = [session("ask", "lamp"), session("tell", "lamp"), session("ask", "lamp")];
    let dir = folder(&sessions);
    let heads = |arguments: &[&str]| {
        let (_, printed) = run(&dir, arguments);
        let ids = printed.lines().take(2).map(|line| line[..9].trim_end().to_owned());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(heads(&["last"]), ["- ask  1a", "+ ask  3a"]);
    assert_eq!(heads(&["2a", "3a"]), ["- tell  2", "+ ask  3a"]);
    let (outcome, _) = run(&dir, &["2a"]);
    let error =
        "there is no session `tell` before `2a000000000000000000000000000000`; name two sessions";
    assert_eq!(outcome, Err(error.to_owned()));
    let (outcome, _) = run(&dir, &["1a/00", "2a"]);
    let error = "`1a/00` names a span; `diff` takes whole sessions, so leave out the span";
    assert_eq!(outcome, Err(error.to_owned()));
}
