// Session `fetch_both`, printed by `agentops pin`. Needs the feature `testing` of agentops.
use agentops::{SpanKind, testing::Capture};

#[tokio::test]
async fn fetch_both_runs_as_recorded() {
    let capture = Capture::start();
    // The program, as its call was recorded; correct what does not compile.
    let _ = pinned::program::fetch_both("a.example", r#"b.example/\"#).await;
    // Spans ran at the same time: where their order changes, assert it no more.
    capture.assert_calls(SpanKind::Tool, &["fetch", "fetch"]);
    let tools = capture.calls(SpanKind::Tool);
    tools[0].assert_input(r#"{"url":"a.example"}"#);
    tools[1].assert_input(r#"{"url":"b.example/\\"}"#);
    capture.assert_errors(&[]);
    assert_eq!(
        capture.tree(),
        r#"session fetch_both
  tool fetch
  tool fetch
"#
    );
    capture.assert_no_orphans();
}
