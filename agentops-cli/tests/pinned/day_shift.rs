// Session `day_shift`, printed by `agentops pin`. Needs the feature `testing` of agentops.
use agentops::{SpanKind, testing::Capture};

#[test]
fn day_shift_runs_as_recorded() {
    let capture = Capture::start();
    // The program, as its call was recorded; correct what does not compile.
    let _ = pinned::program::day_shift();
    capture.assert_calls(SpanKind::Tool, &["index", "index", "index", "index"]);
    let tools = capture.calls(SpanKind::Tool);
    tools[0].assert_input(r#"{"page":7}"#);
    tools[1].assert_input(r#"{"page":0}"#);
    tools[2].assert_input(r#"{"page":1}"#);
    tools[3].assert_input(r#"{"page":8}"#);
    capture.assert_errors(&[]);
    assert_eq!(
        capture.tree(),
        r#"session day_shift
  tool index
  tool index
session night_shift (in #1)
  tool index
  tool index
"#
    );
    capture.assert_no_orphans();
}
