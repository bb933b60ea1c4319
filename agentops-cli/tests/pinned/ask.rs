// Session `ask`, printed by `agentops pin`. Needs the feature `testing` of agentops.
use agentops::{SpanKind, testing::Capture};

#[test]
fn ask_runs_as_recorded() {
    let capture = Capture::start();
    // The program, as its call was recorded; correct what does not compile.
    let _ = pinned::program::ask(r#"tea or "coffee"?"#, 2, &["a", "b\n"]);
    capture.assert_calls(
        SpanKind::Tool,
        &[
            "search",
            "search",
            "read_file",
            "clock \"UTC\" \u{202e}",
            "log_in",
            "upload",
            "embed",
            "read_file",
            "search",
            "search",
            "read_file",
            "clock \"UTC\" \u{202e}",
            "log_in",
            "upload",
            "embed",
            "read_file",
        ],
    );
    let tools = capture.calls(SpanKind::Tool);
    tools[0].assert_input(r#"{"query":"tea or \"coffee\"?","limit":340282366920938463463374607431768211455}"#);
    tools[1].assert_input(r##"{"query":"\"# r#\"raw\"# \\n \n\t\r \u0000 \u001b[2J \u202ereordered\u2066 \ufeff {} {{}} // */ 日本 🦀 ","limit":2}"##);
    tools[2].assert_input(r##"{"path":"\"# r#\"raw\"# \\n \n\t\r \u0000 \u001b[2J \u202ereordered\u2066 \ufeff {} {{}} // */ 日本 🦀 ","encoding":"UTF-8"}"##);
    // Arguments of call 3, `clock "UTC" \u{202e}`, were not recorded.
    // Arguments of call 4, `log_in`, are not asserted: they were cut or masked.
    // Arguments of call 5, `upload`, are not asserted: they were cut or masked.
    tools[6].assert_input(r#"{"vector":[1.5,-0.0,1e+300,"NaN"]}"#);
    tools[7].assert_input(r#"{"path":"FAQ.md","encoding":null}"#);
    tools[8].assert_input(r#"{"query":"tea or \"coffee\"?","limit":340282366920938463463374607431768211455}"#);
    tools[9].assert_input(r##"{"query":"\"# r#\"raw\"# \\n \n\t\r \u0000 \u001b[2J \u202ereordered\u2066 \ufeff {} {{}} // */ 日本 🦀 ","limit":2}"##);
    tools[10].assert_input(r##"{"path":"\"# r#\"raw\"# \\n \n\t\r \u0000 \u001b[2J \u202ereordered\u2066 \ufeff {} {{}} // */ 日本 🦀 ","encoding":"UTF-8"}"##);
    // Arguments of call 11, `clock "UTC" \u{202e}`, were not recorded.
    // Arguments of call 12, `log_in`, are not asserted: they were cut or masked.
    // Arguments of call 13, `upload`, are not asserted: they were cut or masked.
    tools[14].assert_input(r#"{"vector":[1.5,-0.0,1e+300,"NaN"]}"#);
    tools[15].assert_input(r#"{"path":"FAQ.md","encoding":null}"#);
    capture.assert_errors(&[
        ("ask", "no encoding of FAQ.md: \"# r#\"raw\"# \\n \n\t\r \u{0} \u{1b}[2J \u{202e}reordered\u{2066} \u{feff} {} {{}} // */ 日本 🦀 "),
        ("researcher", "no encoding of FAQ.md: \"# r#\"raw\"# \\n \n\t\r \u{0} \u{1b}[2J \u{202e}reordered\u{2066} \u{feff} {} {{}} // */ 日本 🦀 "),
        ("read_file", "no encoding of FAQ.md: \"# r#\"raw\"# \\n \n\t\r \u{0} \u{1b}[2J \u{202e}reordered\u{2066} \u{feff} {} {{}} // */ 日本 🦀 "),
        ("researcher", "no encoding of FAQ.md: \"# r#\"raw\"# \\n \n\t\r \u{0} \u{1b}[2J \u{202e}reordered\u{2066} \u{feff} {} {{}} // */ 日本 🦀 "),
        ("read_file", "no encoding of FAQ.md: \"# r#\"raw\"# \\n \n\t\r \u{0} \u{1b}[2J \u{202e}reordered\u{2066} \u{feff} {} {{}} // */ 日本 🦀 "),
    ]);
    assert_eq!(
        capture.tree(),
        concat!(
            "session ask error=\"no encoding of FAQ.md: \\\"# r#\\\"raw\\\"# \\\\n \\n\\t\\r \\0 \\u{1b}[2J \\u{202e}reordered\\u{2066} \\u{feff} {} {{}} // */ 日本 🦀 \"\n",
            "  agent researcher error=\"no encoding of FAQ.md: \\\"# r#\\\"raw\\\"# \\\\n \\n\\t\\r \\0 \\u{1b}[2J \\u{202e}reordered\\u{2066} \\u{feff} {} {{}} // */ 日本 🦀 \"\n",
            "    tool search\n",
            "    tool search\n",
            "    tool read_file\n",
            "    tool clock \"UTC\" \u{202e}\n",
            "    tool log_in\n",
            "    tool upload\n",
            "    tool embed\n",
            "    llm answer\n",
            "    tool read_file error=\"no encoding of FAQ.md: \\\"# r#\\\"raw\\\"# \\\\n \\n\\t\\r \\0 \\u{1b}[2J \\u{202e}reordered\\u{2066} \\u{feff} {} {{}} // */ 日本 🦀 \"\n",
            "  agent researcher error=\"no encoding of FAQ.md: \\\"# r#\\\"raw\\\"# \\\\n \\n\\t\\r \\0 \\u{1b}[2J \\u{202e}reordered\\u{2066} \\u{feff} {} {{}} // */ 日本 🦀 \"\n",
            "    tool search\n",
            "    tool search\n",
            "    tool read_file\n",
            "    tool clock \"UTC\" \u{202e}\n",
            "    tool log_in\n",
            "    tool upload\n",
            "    tool embed\n",
            "    llm answer\n",
            "    tool read_file error=\"no encoding of FAQ.md: \\\"# r#\\\"raw\\\"# \\\\n \\n\\t\\r \\0 \\u{1b}[2J \\u{202e}reordered\\u{2066} \\u{feff} {} {{}} // */ 日本 🦀 \"\n",
        )
    );
    capture.assert_no_orphans();
}
