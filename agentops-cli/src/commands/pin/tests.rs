//! Tests of `agentops pin`: what it prints, and which sessions it refuses. `tests/pinned.rs` compiles what it prints.

use serde_json::json;

use super::*;
use crate::{
    commands::command_run::{parsed, printed},
    store::fixture::{TestFolder, TestSpan},
};

/// Number of the session of the tests.
const SESSION: u128 = 0xa1;

fn span(id: u64, parent: u64, title: &str) -> TestSpan {
    TestSpan::new(SESSION, id, parent, title).at(10 * id, 10 * id + 5)
}

fn root() -> TestSpan {
    span(1, 0, "session ask 2 x").at(0, 1_000).ended().text("code.function.name", "my_crate::ask")
}

/// Returns what the command prints of spans, or its message.
fn pinned(spans: &[TestSpan], options: &[&str]) -> String {
    let folder = TestFolder::new();
    folder.write(SESSION, &[spans]);
    let pin: Pin = parsed(&[&[&*folder.arg()], options].concat());
    let (result, text) = printed(80, |screen| pin.run(screen));
    match result {
        Ok(outcome) => {
            assert_eq!(outcome, Outcome::Fine);
            text
        }
        Err(failure) => failure.to_string(),
    }
}

/// Returns the line that calls the program.
fn call(spans: &[TestSpan], options: &[&str]) -> String {
    let text = pinned(spans, options);
    let line = text.lines().find_map(|line| line.strip_prefix("    let _ = "));
    line.unwrap_or(&text).to_owned()
}

#[test]
fn pin_asserts_tools_errors_and_tree() {
    let spans = [
        span(3, 2, "tool search").text("input.value", r#"{"query":"tea"}"#),
        span(4, 2, "tool fetch").failed("gone\n\"now\""),
        span(2, 1, "agent researcher").at(15, 100),
        root().text("input.value", r#"{"question":"tea?"}"#),
    ];
    let expected = r##"// Session `ask 2 x`, printed by `agentops pin`. Needs the feature `testing` of agentops.
use agentops::{SpanKind, testing::Capture};

#[test]
fn ask_2_x_runs_as_recorded() {
    let capture = Capture::start();
    // The program, as its call was recorded; correct what does not compile.
    let _ = my_crate::ask("tea?");
    capture.assert_calls(SpanKind::Tool, &["search", "fetch"]);
    let tools = capture.calls(SpanKind::Tool);
    tools[0].assert_input(r#"{"query":"tea"}"#);
    // Arguments of call 1, `fetch`, were not recorded.
    capture.assert_errors(&[("fetch", "gone\n\"now\"")]);
    assert_eq!(
        capture.tree(),
        r#"session ask 2 x
  agent researcher
    tool search
    tool fetch error="gone\n\"now\""
"#
    );
    capture.assert_no_orphans();
}
"##;
    assert_eq!(pinned(&spans, &[]), expected);
}

#[test]
fn pin_of_plain_run_asserts_that_nothing_fails() {
    let expected = r##"// Session `ask 2 x`, printed by `agentops pin`. Needs the feature `testing` of agentops.
use agentops::testing::Capture;

#[tokio::test]
async fn ask_2_x_runs_as_recorded() {
    let capture = Capture::start();
    // The program.
    let _ = my_crate::Agent::new().ask().await;
    capture.assert_errors(&[]);
    assert_eq!(
        capture.tree(),
        r#"session ask 2 x
"#
    );
    capture.assert_no_orphans();
}
"##;
    assert_eq!(pinned(&[root()], &["--call", "my_crate::Agent::new().ask().await"]), expected);
}

#[test]
fn call_is_built_from_what_was_recorded() {
    let with = |input: &str| call(&[root().text("input.value", input)], &[]);
    let cases = [
        (r#"{"b":"tea","a":[1,-2.5],"c":null,"d":true}"#, r#"("tea", &[1, -2.5], None, true)"#),
        (
            r#"{"limit":{"n":1},"big":340282366920938463463374607431768211455,"far":1e400}"#,
            r##"(serde_json::from_str(r#"{"n":1}"#).unwrap(), serde_json::from_str("340282366920938463463374607431768211455").unwrap(), serde_json::from_str("1e400").unwrap())"##,
        ),
        (
            r#"{"a":"<opaque>","b":"long…[truncated]","password":"<redacted>"}"#,
            "(Default::default(), Default::default(), Default::default())",
        ),
        (
            r#"{"a":["\u202e\u0000",{}]}"#,
            r##"(serde_json::from_str(r#"["\u202e\u0000",{}]"#).unwrap())"##,
        ),
        (r#"{"a":"\u202e\u0000"}"#, r#"("\u{202e}\u{0}")"#),
        ("{}", "()"),
        ("no JSON", "()"),
    ];
    for (input, arguments) in cases {
        assert_eq!(with(input), format!("my_crate::ask{arguments};"), "{input}");
    }
    assert_eq!(call(&[root()], &["--tokio"]), "my_crate::ask().await;");
    assert_eq!(call(&[root()], &["--call", "a().await", "--tokio"]), "a().await;");
}

#[test]
fn pin_leaves_out_values_that_were_cut_or_masked() {
    let spans = [
        span(2, 1, "tool a").text("input.value", r#"{"text":"long…[truncated]"}"#),
        span(3, 1, "tool b").text("input.value", r#"{"password":"<redacted>"}"#),
        span(4, 1, "tool c").failed("rejected <key>"),
        root(),
    ];
    let text = pinned(&spans, &[]);
    let body: Vec<_> = text.lines().skip(8).collect();
    let expected = [
        r#"    capture.assert_calls(SpanKind::Tool, &["a", "b", "c"]);"#,
        "    // Arguments of call 0, `a`, are not asserted: they were cut or masked.",
        "    // Arguments of call 1, `b`, are not asserted: they were cut or masked.",
        "    // Arguments of call 2, `c`, were not recorded.",
        "    // Errors are not asserted: one of them was cut or masked.",
        "    // The tree is not asserted: an error in it was cut or masked.",
        "    capture.assert_no_orphans();",
        "}",
    ];
    assert_eq!(body, expected);
}

#[test]
fn pin_comments_on_spans_that_are_not_in_order() {
    let late = json!({"boolValue": true});
    let spans = [
        span(2, 1, "tool a").at(10, 100),
        span(3, 1, "tool b").at(20, 50).value("agentops.late", &late),
        span(4, 9, "tool c").at(200, 210),
        root(),
        span(5, 0, "session other").at(2_000, 2_010),
    ];
    let text = pinned(&spans, &["--call", "run()"]);
    let comments: Vec<_> = text.lines().filter(|line| line.contains("    // ")).collect();
    let expected = [
        "    // The program.",
        "    // Spans ran at the same time: where their order changes, assert it no more.",
        "    // A span ended after its session: wait for its work before this line.",
        "    // Spans of other processes are left out.",
        "    // Arguments of call 0, `a`, were not recorded.",
        "    // Arguments of call 1, `b`, were not recorded.",
    ];
    assert_eq!(comments, expected);
}

#[test]
fn pin_refuses_sessions_that_no_test_repeats() {
    let id = format!("{SESSION:032x}");
    let ended = |state: &str| {
        pinned(&[span(1, 0, "session ask").text("agentops.session.end_state", state)], &[])
    };
    let died = format!(
        "the process of session `{id}` ended before the session, which no test can repeat; pin one that has ended by \
         itself"
    );
    assert_eq!([ended("Aborted"), ended("Shutdown")], [died.clone(), died]);
    assert_eq!(
        pinned(&[span(2, 1, "tool search")], &[]),
        format!("session `{id}` has no end: it runs, or its process died; pin one that has ended")
    );
    assert_eq!(
        pinned(&[span(1, 0, "session ask")], &[]),
        format!(
            "session `{id}` has no root with `agentops.session.end_state`, so it was not recorded by agentops; pin one \
             that a program with agentops has written"
        )
    );
    let no_function = "session `ask` was started by no function that a test can name; write the call with `--call CODE`";
    let closure =
        root().text("code.function.name", "a::{{closure}}::b").text("operation.name", "ask");
    let handle = span(1, 0, "session ask").ended();
    assert_eq!([pinned(&[closure], &[]), pinned(&[handle], &[])], [no_function, no_function]);
    let whole = format!("`{id}/1` names a span; `pin` takes whole sessions, so leave out the span");
    assert_eq!(pinned(&[root()], &[&format!("{id}/1")]), whole);
}

#[test]
fn identifier_of_any_name_is_valid() {
    let first = |name: &str| {
        let text = pinned(&[root().text("operation.name", name)], &[]);
        let line = text.lines().nth(4).unwrap().to_owned();
        line.split_once('(').unwrap().0.to_owned()
    };
    let names = ["Nightly Report!", "2 teas", "日本", "a--b\nfn"];
    let expected = ["nightly_report", "session_2_teas", "session", "a_b_fn"];
    assert_eq!(names.map(first), expected.map(|name| format!("fn {name}_runs_as_recorded")));
}
