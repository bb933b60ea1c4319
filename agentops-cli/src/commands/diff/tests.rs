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
fn diff_prints_where_sessions_part_tree_and_totals() {
    let mut newer = session("ask", "bulb");
    newer.push(SpanFixture::new(1, "tool", "read_file").input(r#"{"path":"b"}"#).failed("gone"));
    let dir = folder(&[session("ask", "lamp"), newer]);
    let (outcome, printed) = run(&dir, &[]);
    assert_eq!(outcome, Ok(Outcome::No));
    let expected = r#"- ask  1a000000000000000000000000000000  9 min ago
+ ask  2a000000000000000000000000000000  8 min ago
compared with the session of the same name before it

Same for 3 calls. Call 4: `search(words=["lamp"])` became
`search(words=["bulb"])`. The prompt of call 3 differs in message 1 (+1 −1
word).

  session ask  1.50k → ? (was 1.00k → ?)                     6.00 ms    +1.00 ms
    … 2 equal spans
~   llm plan  1.50k → ? (was 1.00k → ?)                      3.00 ms    +1.00 ms
      input  - [{"content":"find a lamp","role":"user"}]
      input  + [{"content":"find a bulb","role":"user"}]
~   tool search                                              2.00 ms    +1.00 ms
      input  - {"words":["lamp"]}
      input  + {"words":["bulb"]}
+   tool read_file(path="b")                                 1.00 ms         new

            1a000000  2a000000  difference
time         5.00 ms   6.00 ms    +1.00 ms  +20 %
tokens in      1.00k     1.50k        +500  +50 %
llm calls          1         1           =
tool calls         3         4          +1  +33 %
spans              5         6          +1  +20 %
errors             0         1          +1
"#;
    assert_eq!(printed, expected);
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

#[test]
fn diff_prints_one_json_object() {
    let dir = folder(&[session("ask", "lamp"), session("ask", "bulb")]);
    let (outcome, printed) = run(&dir, &["--json"]);
    let json: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((outcome, &json["is_same"]), (Ok(Outcome::No), &json!(false)));
    let sentence = r#"Same for 3 calls. Call 4: `search(words=["lamp"])` became `search(words=["bulb"])`. The prompt of call 3 differs in message 1 (+1 −1 word)."#;
    assert_eq!(json["sentence"], sentence);
    let first = json!({
        "row": 4, "call": 4, "same_calls": 3, "difference": "changed", "change": "input",
        "replaced_by_row": null, "model_call_before": 3,
    });
    assert_eq!(json["first_difference"], first);
    let span = |tokens: Value| {
        json!({
            "id": "0000000000000005", "time_nano": 1_000_000, "input_tokens": tokens,
            "output_tokens": null, "cost_usd": null,
        })
    };
    let row = json!({
        "state": "changed", "depth": 1, "kind": "tool", "name": "search",
        "older": span(Value::Null), "newer": span(Value::Null),
        "changes": [{
            "change": "input", "older": r#"{"words":["lamp"]}"#, "newer": r#"{"words":["bulb"]}"#,
        }],
    });
    assert_eq!(json["rows"][4], row);
    let totals = json!({
        "id": "2a000000000000000000000000000000", "name": "ask",
        "start_unix_nano": 1_700_000_120_000_000_000_u64, "time_nano": 5_000_000, "spans": 5,
        "llm_calls": 1, "tool_calls": 3, "input_tokens": 1_500, "output_tokens": null,
        "cached_tokens": null, "cost_usd": null, "errors": 0, "unreadable": 0,
    });
    assert_eq!(json["newer"], totals);
}
