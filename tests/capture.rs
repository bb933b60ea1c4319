//! The testing kit: each test sees its own sessions, whatever runs beside it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Barrier},
};

use agentops::{
    EndState, Session, SpanKind, Usage, agent, current, llm, session, testing::Capture, tool,
};
use serde_json::{Value, json};

#[tool]
fn search(query: &str) -> Result<Vec<String>, String> {
    if query.is_empty() { Err("nothing to search".to_owned()) } else { Ok(vec![query.to_owned()]) }
}

#[llm(model = "m")]
async fn answer(question: &str) -> String {
    current().set_usage(Usage::new().input(question.len() as u64).output(2));
    tokio::task::yield_now().await;
    question.to_uppercase()
}

#[agent]
async fn researcher(topic: &str) -> String {
    let _ = search("");
    let _ = search(topic);
    answer(topic).await
}

#[session]
async fn run(topic: &str) -> String {
    researcher(topic).await
}

#[tokio::test]
async fn capture_sees_tools_order_and_arguments() {
    let capture = Capture::start();
    assert_eq!(run("tea").await, "TEA");
    assert_eq!(
        capture.tree(),
        "session run\n\
        \x20 agent researcher\n\
        \x20   tool search error=\"nothing to search\"\n\
        \x20   tool search\n\
        \x20   llm answer\n"
    );
    capture.assert_calls(SpanKind::Tool, &["search", "search"]);
    let tools = capture.calls(SpanKind::Tool);
    assert_eq!(
        [tools[0].input(), tools[1].input()],
        [json!({"query": ""}), json!({"query": "tea"})]
    );
    assert_eq!([tools[0].output(), tools[1].output()], [Value::Null, json!(["tea"])]);
    assert_eq!([tools[0].error(), tools[1].error()], [Some("nothing to search"), None]);
    let models = capture.calls(SpanKind::Llm);
    assert_eq!((models[0].name(), models[0].output()), ("answer".to_owned(), json!("TEA")));
    assert_eq!(models[0].attribute("gen_ai.request.model"), Some(&"m".into()));
    assert_eq!(capture.usage(), Usage::new().input(3).output(2));
    capture.assert_no_orphans();
}

#[test]
fn tests_that_run_side_by_side_never_mix() {
    let barrier = Arc::new(Barrier::new(8));
    let tests: Vec<_> = (0..8)
        .map(|number| {
            let barrier = Arc::clone(&barrier);
            std::thread::spawn(move || {
                let capture = Capture::start();
                barrier.wait();
                for round in 0..50 {
                    let session = Session::start(format!("test {number}"));
                    session.in_scope(|| search(&round.to_string())).ok();
                    session.end(EndState::Success);
                }
                let trees: Vec<_> = capture.tree().lines().map(str::to_owned).collect();
                let expected = [format!("session test {number}"), "  tool search".to_owned()];
                trees.len() == 100 && trees.chunks(2).all(|pair| pair == expected)
            })
        })
        .collect();
    assert!(tests.into_iter().all(|test| test.join().is_ok_and(|alone| alone)));
}

#[test]
fn orphans_fail_the_assertion_with_the_remedy() {
    let capture = Capture::start();
    let _ = search("alone");
    let failed =
        catch_unwind(AssertUnwindSafe(|| capture.assert_no_orphans())).expect_err("it has one");
    let message = failed.downcast_ref::<String>().expect("it has a message");
    assert_eq!(
        message,
        "calls outside of any session:\ntool `search` (tests/capture.rs:13) was called outside of any \
         session and is not recorded; call it below a `#[session]` function, and spawn it by \
         `agentops::spawn`, with `.in_current_session()` or by `agentops::thread::spawn`; where a server or a \
         queue calls it, put `#[session]` above it"
    );
    assert_eq!(capture.tree(), "");
}

#[test]
fn wrong_calls_fail_the_assertion_with_the_tree() {
    let capture = Capture::start();
    let session = Session::start("short");
    session.in_scope(|| search("x")).ok();
    session.end(EndState::Success);
    let check = || capture.assert_calls(SpanKind::Tool, &["fetch"]);
    let failed = catch_unwind(AssertUnwindSafe(check)).expect_err("it was another tool");
    let message = failed.downcast_ref::<String>().expect("it has a message");
    assert!(
        message.contains("calls of kind `tool` in\nsession short\n  tool search\n"),
        "{message}"
    );
}

#[test]
fn errors_and_inputs_are_compared_whole() {
    let message = |check: &dyn Fn()| {
        let failed = catch_unwind(AssertUnwindSafe(check)).expect_err("it differs");
        failed.downcast_ref::<String>().expect("it has a message").clone()
    };
    let capture = Capture::start();
    let session = Session::start("failing");
    session.in_scope(|| search("tea")).ok();
    session.record_error("no shop");
    session.end(EndState::Failure);
    capture.assert_errors(&[("failing", "no shop")]);
    let other = message(&|| capture.assert_errors(&[("failing", "no"), ("search", "no tea")]));
    assert!(other.contains("failed spans in\nsession failing error=\"no shop\"\n"), "{other}");
    let call = &capture.calls(SpanKind::Tool)[0];
    call.assert_input(r#" {"query": "tea"} "#);
    let other = message(&|| call.assert_input(r#"{"query":"milk"}"#));
    assert!(other.contains("input of tool `search`"), "{other}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn capture_sees_threads_that_carry_its_watch() {
    let capture = Capture::start();
    let task = tokio::spawn(capture.instrument(run("milk")));
    let watch = capture.watch();
    let thread = std::thread::spawn(move || {
        watch.in_scope(|| Session::start("threaded").end(EndState::Success));
    });
    assert!(task.await.is_ok() && thread.join().is_ok());
    let mut roots: Vec<_> =
        capture.tree().lines().filter(|line| !line.starts_with(' ')).map(str::to_owned).collect();
    roots.sort();
    assert_eq!(roots, ["session run", "session threaded"]);
}

#[test]
fn sessions_are_numbered_with_their_outer_one() {
    let capture = Capture::start();
    let outer = Session::start("outer");
    outer.in_scope(|| Session::start("inner").end(EndState::Failure));
    outer.end(EndState::Success);
    assert_eq!(capture.tree(), "session outer\nsession inner (in #1) error=\"\"\n");
}
