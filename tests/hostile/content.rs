//! Names, texts and values that a model or a user chose: on the terminal, in logs, in memory, in depth.
//!
//! | fault | test |
//! |---|---|
//! | 10: messages that steer a terminal | `messages_are_one_line_and_end_in_a_remedy`; of a planted spool: `queue/delivery_warnings.rs`; of `push`: `agentops-cli/tests/push.rs`; the function: `presentable.rs` |
//! | 12: names of orphans | `endless_orphan_names_take_bounded_memory`; what is listed: `session/missed_calls.rs` |
//! | 13: a line of nothing but parts | `line_of_many_parts_takes_bounded_memory`, and `export/local/json_lines.rs` |
//! | 13: lines that `push` refuses | `endless_text_is_cut_and_readable`, `export/local/tests/longest.rs`, `queue/span_length/tests.rs`, `session/session_details.rs` |
//! | 14: values that nest without end | `endless_nesting_is_cut_on_a_small_stack`, `llm/json_depth.rs` |
//!
//! | held | test |
//! |---|---|
//! | Content | `endless_values_take_bounded_memory`, `session_beyond_the_drawn_spans_is_drawn` |
//! | the tree cleans | `export/console/span_texts.rs`, `export/console/tests.rs`, and the first test here |
//! | `push`: deep nesting, invalid UTF-8, duplicate fields, values with escapes | `malformed_line_is_counted_and_the_next_sent` |
//! | `push`: a line of 4 GiB | `overlong_line_is_rejected_without_buffering` in `export/local/json_lines.rs` |
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{fs, mem, thread, time::Duration};

use agentops::{
    Budget, CustomSpan, EndState, Llm, LlmResponse, Message, Overflow, Part, Session, Tool,
    TracingConfig, Usage, current, llm, session, tool, tracing::subscriber::with_default,
};
use agentops_core::push::{Pushed, Pusher};
use agentops_tests::{
    Recording, attribute,
    collector::Collector,
    process::{files_below, part, play},
};
use allocation_counter::measure;
use serde_json::{Value, json};
use tempfile::TempDir;
use tracing_subscriber::{layer::SubscriberExt, registry};

/// Escapes, a line of its own, directions, separators, and no end.
fn hostile() -> String {
    let start = "\u{1b}]0;pwned\u{7}\u{1b}[2J\r\nagentops: FAKE \u{9b}31m\u{202e}\u{2066}\u{200b}\u{2028}\u{feff}";
    start.to_owned() + &"x".repeat(10_000)
}

#[tool]
fn tick() {}

#[session]
fn ticks(count: usize) {
    (0..count).for_each(|_| tick());
    let _ = decline();
}

#[tool]
fn decline() -> Result<(), &'static str> {
    Err("the card was declined")
}

#[llm(model = model)]
fn ask(model: &str) {
    current().set_usage(Usage::new().input(1_000).output(100));
}

#[test]
fn messages_are_one_line_and_end_in_a_remedy() {
    let (dir, hostile) = (TempDir::new().unwrap(), hostile());
    let unknown = format!("AGENTOPS_{hostile}");
    let output = play(
        "says it all",
        &[
            ("AGENTOPS_LOCAL_DIR", dir.path().to_str().unwrap()),
            ("OTEL_TRACES_EXPORTER", &hostile),
            ("OTEL_TRACES_SAMPLER", &hostile),
            (&unknown, "1"),
        ],
    );
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let is_harmful = |letter: char| {
        letter.is_control() && letter != '\n'
            || "\u{202e}\u{2066}\u{200b}\u{2028}\u{feff}".contains(letter)
    };
    assert_eq!(said.find(is_harmful), None, "{said}");
    let is_short = |line: &str| line.chars().count() < 3_000;
    assert!(
        said.lines().all(|line| !line.starts_with("agentops: FAKE") && is_short(line)),
        "{said}"
    );
    let remedies = [
        "or look its name up in the documentation of `TracingConfigBuilder`",
        "or give the builder an `exporter`",
        "to the share of sessions that is to be recorded",
        "where a server or a queue calls it, put `#[session]` above it",
        "where a server or a queue calls them, put `#[session]` above them",
        "raise its budget or end it earlier",
        "or record `agentops.usage.cost_usd` in the call",
        "say what belongs to one call by `current().set_attribute`",
        "and what recurs into one event with a count",
        "or end the session after it",
        "and end a session in hand after them",
    ];
    for remedy in remedies {
        let is_said = |line: &str| line.starts_with("agentops: ") && line.ends_with(remedy);
        assert!(said.lines().any(is_said), "{remedy}\n{said}");
    }
    assert!(said.contains(r"session \u{1b}]0;pwned\u{7}\u{1b}[2J  agentops: FAKE"), "{said}");
    assert!(said.contains(" ×1, and 5 more; call them below"), "{said}");
}

/// Makes everything happen that is said aloud, with hostile names.
fn says_it_all() {
    let guard = agentops::init().unwrap();
    let hostile = hostile();
    for n in 0..15 {
        Tool::start(format!("{n}{hostile}")).end(EndState::Success);
    }
    let budget = Budget::new().tokens(10).usd(1.0);
    let session = Session::builder(&hostile).budget(budget).user_id(&hostile).start();
    session.in_scope(|| {
        ask(&hostile);
        let full = CustomSpan::start("kind", &hostile);
        (0..300).for_each(|n| _ = full.set_attribute(format!("{hostile}{n}"), &hostile));
        full.record_error(&hostile).end(EndState::Failure);
    });
    let told = session.session().unwrap();
    (0..200).for_each(|n| _ = told.set_metadata(format!("{n}"), 1).add_tag(hostile.clone()));
    let late = session.in_scope(|| Tool::start(&hostile));
    session.end(EndState::Success);
    late.end(EndState::Success);
    guard.shutdown().unwrap();
}

#[test]
fn endless_orphan_names_take_bounded_memory() {
    let recording = Recording::new(|builder| builder);
    let subscriber = registry().with(agentops::layer(&recording.core));
    let made = with_default(subscriber, || {
        measure(|| {
            for n in 0..200_000 {
                Tool::start(format!("{n:0>300}")).end(EndState::Success);
            }
        })
    });
    assert!(made.bytes_max < 1 << 20, "{made:?}");
    assert_eq!(recording.core.stats().orphans, 200_000);
}

/// Sends what stands in a file, and measures it.
fn push(lines: &[u8]) -> (Pushed, u64, Vec<String>) {
    let dir = TempDir::new().unwrap();
    let (file, collector) = (dir.path().join("a.jsonl"), Collector::start());
    fs::write(&file, lines).unwrap();
    let config = TracingConfig::builder().exporter_endpoint(collector.address()).build().unwrap();
    let pusher = Pusher::new(config, Duration::ZERO, |_| {}).unwrap();
    let mut pushed = Pushed::default();
    let made = measure(|| pushed = pusher.push(&file).unwrap());
    (pushed, made.bytes_max, collector.spans().into_iter().map(|span| span.name).collect())
}

fn line(spans: &str) -> String {
    format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{spans}]}}]}}]}}"#)
}

/// The items of a list, `bytes` long.
fn many(item: &str, bytes: usize) -> String {
    vec![item; bytes / (item.len() + 1)].join(",")
}

#[test]
fn line_of_many_parts_takes_bounded_memory() {
    const LONG: usize = 1 << 20;
    let resource = |inside: &str| format!(r#"{{"resourceSpans":[{inside}]}}"#);
    let span = |list: &str, item| line(&format!(r#"{{"{list}":[{}]}}"#, many(item, LONG)));
    let lines = [
        ("resources", resource(&many("{}", LONG))),
        ("resources as lists", resource(&many("[]", LONG))),
        ("scopes", resource(&format!(r#"{{"scopeSpans":[{}]}}"#, many("{}", LONG)))),
        ("spans", line(&many("{}", LONG))),
        ("spans as lists", line(&many("[]", LONG))),
        ("attributes", span("attributes", "{}")),
        (
            "attributes that have a value",
            span("attributes", r#"{"key":"","value":{"intValue":"1"}}"#),
        ),
        ("events", span("events", "{}")),
        ("links", span("links", "[]")),
        (
            "items",
            span("attributes", r#"{"key":"","value":{"x":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}}"#),
        ),
        ("garbage", format!("[{}]", many("{}", LONG))),
    ];
    for (name, line) in lines {
        let (pushed, most, _) = push(line.as_bytes());
        assert!(most < 8 * line.len() as u64, "{name}: {} times", most / line.len() as u64);
        let spans = if name.starts_with("spans") { (LONG / 3) as u64 } else { pushed.sent };
        assert_eq!(pushed.sent, spans, "{name}");
    }
}

#[test]
fn malformed_line_is_counted_and_the_next_sent() {
    let deep = |levels: usize| {
        let (open, close) = ("{\"arrayValue\":{\"values\":[".repeat(levels), "]}}".repeat(levels));
        line(&format!(r#"{{"attributes":[{{"key":"k","value":{open}{close}}}]}}"#))
    };
    let mut lines = Vec::new();
    for line in [
        "[".repeat(1_000_000),
        format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000)),
        deep(100_000),
        line(r#"{"name":"a","name":"b"}"#),
        r#"{"resourceSpans":[],"resourceSpans":[]}"#.to_owned(),
        line("{\"name\":\"\u{1b}[2J\"}"),
        line(r#"{"name":7}"#),
        line(r#"{"traceId":"\u001b[2J"}"#),
    ] {
        lines.extend(line.into_bytes());
        lines.push(b'\n');
    }
    lines.extend(line(r#"{"name":"XX"}"#).replace("XX", "\\u001b[2J").into_bytes());
    lines.extend(b"\n{\"resourceSpans\":[{\"schemaUrl\":\"\xff\"}]}\n");
    let (pushed, _, names) = push(&lines);
    assert_eq!((pushed.sent, pushed.unreadable), (1, 9));
    assert_eq!(names, ["\u{1b}[2J"]);
    let reason = pushed.reason.unwrap();
    assert!(!reason.contains(char::is_control) && reason.len() < 600, "{reason}");
}

#[test]
fn endless_text_is_cut_and_readable() {
    let dir = TempDir::new().unwrap();
    let long = "\u{1}".repeat(20 << 20);
    let config = TracingConfig::builder().local_dir(dir.path()).console(false).max_len(usize::MAX);
    // Two gigabytes take longer than the default of five seconds on a busy machine.
    let config = config.shutdown_timeout(Duration::from_secs(60));
    let core = agentops::TracingCore::new(config.build().unwrap()).unwrap();
    with_default(registry().with(agentops::layer(&core)), || {
        let session = Session::builder(&long).user_id(&long).tags([long.clone()]);
        let session = session.metadata("key", &long).session_id(&long).start();
        session.in_scope(|| {
            let tool = Tool::builder(&long).description(&long).start();
            (0..100).for_each(|n| _ = tool.set_attribute(format!("{n}"), &long));
            tool.set_attribute(long.clone(), 1).set_attribute("list", vec![long.as_str(); 3]);
            tool.event(long.clone()).record_error(&long).set_input(&long).set_output(&long);
            tool.end(EndState::Failure);
        });
        session.end(EndState::Success);
    });
    core.shutdown().unwrap();
    let files = files_below(dir.path());
    let file = files.iter().find(|it| it.extension().is_some_and(|it| it == "jsonl")).unwrap();
    let (pushed, _, names) = push(&fs::read(file).unwrap());
    assert_eq!((pushed.sent, pushed.unreadable), (2, 0), "{:?}", pushed.reason);
    assert!(
        names.iter().all(|name| name.ends_with("…[truncated]") && name.len() <= (1 << 20) + 32)
    );
}

/// A value in lists and objects, built without recursion; whoever has one forgets it.
fn nested(levels: usize) -> Value {
    let mut value = json!("s");
    for level in 0..levels {
        value = if level % 2 == 0 {
            Value::Array(vec![value])
        } else {
            Value::Object([("in".to_owned(), value)].into_iter().collect())
        };
    }
    value
}

#[test]
fn endless_nesting_is_cut_on_a_small_stack() {
    let recording = Recording::new(|builder| builder);
    let dispatch = tracing::Dispatch::new(registry().with(agentops::layer(&recording.core)));
    let on_a_thread = |work: Box<dyn FnOnce() + Send>| {
        let dispatch = dispatch.clone();
        let thread = thread::Builder::new().stack_size(1 << 20);
        let run = move || tracing::dispatcher::with_default(&dispatch, work);
        thread.spawn(run).unwrap().join().unwrap();
    };
    on_a_thread(Box::new(|| {
        let value = mem::ManuallyDrop::new(nested(100_000));
        let list = mem::ManuallyDrop::new(vec![
            json!({"role": "user", "content": "plain"}),
            nested(100_000),
        ]);
        let messages = Message::list_of(&*list);
        assert_eq!((messages.len(), messages[0].text()), (2, "plain".to_owned()));
        assert_eq!(Message::list_of(&*value).len(), 1);
        let session = Session::start("deep");
        let span = session.in_scope(|| Llm::start("m"));
        span.set_input(&*value);
        span.set_output(&*value);
        let call = || Part::tool_call("1", "f", nested(100_000));
        let told = mem::ManuallyDrop::new([
            Message::assistant_with(call()),
            Message::tool("1", nested(100_000)),
        ]);
        span.span().set_input_messages(&*told);
        let answer = LlmResponse::new()
            .usage(Usage::new().input(1).output(1))
            .output(Message::assistant_with(call()));
        let answer = mem::ManuallyDrop::new(answer);
        span.set_response(&answer);
        span.end(EndState::Success);
        session.end(EndState::Success);
    }));
    let span = recording.span_of("deep", "m");
    let content = |key: &str| {
        let value = attribute(&span, key).unwrap().to_string();
        assert!(value.contains("…[truncated]"), "{key}: {value}");
        serde_json::from_str::<Value>(&value).unwrap()
    };
    let asked = content("gen_ai.input.messages");
    assert_eq!(asked[0]["parts"][0]["name"], "f");
    assert_eq!(asked[1]["parts"][0]["type"], "tool_call_response");
    content("gen_ai.output.messages");
}

#[test]
fn endless_values_take_bounded_memory() {
    let recording = Recording::new(|builder| {
        builder.max_queue_size(1_000).overflow(Overflow::Block(Duration::from_secs(60)))
    });
    let dispatch = tracing::Dispatch::new(registry().with(agentops::layer(&recording.core)));
    let made = tracing::dispatcher::with_default(&dispatch, || {
        let session = Session::start("endless");
        let made = measure(|| {
            session.in_scope(|| {
                let span = CustomSpan::start("kind", "all");
                (0..200_000).for_each(|n| _ = span.set_attribute(format!("k{n}"), n));
                (0..200_000).for_each(|n| _ = span.set_attribute("same", n));
                (0..50_000).for_each(|n| _ = span.record_error(&format!("error {n}")));
                (0..10_000).for_each(|n| _ = span.add_tag(format!("tag {n}")));
                span.end(EndState::Success);
                for n in 0..10_000 {
                    CustomSpan::start("kind", format!("name {n}")).end(EndState::Success);
                }
            });
        });
        session.end(EndState::Success);
        made
    });
    assert!(made.bytes_max < 13 << 20, "{made:?}");
    let span = recording.span_of("endless", "all");
    assert!(span.attributes.len() < 160 && span.events.events.len() <= 136);
    assert!(span.dropped_attributes_count > 190_000 && span.events.dropped_count > 49_000);
}

#[test]
fn session_beyond_the_drawn_spans_is_drawn() {
    let dir = TempDir::new().unwrap();
    let output = play("ticks", &[("AGENTOPS_LOCAL_DIR", dir.path().to_str().unwrap())]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let lines: Vec<_> = said.lines().collect();
    assert!(lines[1].starts_with("├─ tool tick ×2501  "), "{said}");
    assert!(
        lines[2].starts_with("└─ tool decline  ")
            && lines[2].ends_with("  ✗ the card was declined")
    );
    assert_eq!(lines[3..5], ["✗ ticks › decline", "  the card was declined"]);
    let file = files_below(dir.path());
    let file = file.iter().find(|it| it.extension().is_some_and(|it| it == "jsonl")).unwrap();
    let trace = file.file_stem().unwrap().to_str().unwrap();
    assert_eq!(lines[5..], [format!("agentops show {}", &trace[..8])]);
}

#[test]
#[ignore = "a part of the other tests, played in a process of its own"]
fn plays_its_part() {
    match part().as_str() {
        "says it all" => says_it_all(),
        "ticks" => {
            let guard = agentops::init().unwrap();
            ticks(2_501);
            guard.shutdown().unwrap();
        }
        other => panic!("no part `{other}`"),
    }
}
