//! Tests of `agentops export`: whole documents, read back, and the file that is written.

use std::{collections::BTreeMap, fs, path::Path};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    commands::{
        Show,
        command_run::{NOW, parsed, printed},
    },
    store::fixture::{TestFolder, TestSpan, line},
};

const SESSION: u128 = 0x4164 << 112;

/// Returns a span that runs from `start` to `end`, in nanoseconds since the session began.
fn span(id: u64, parent: u64, title: &str, [start, end]: [u64; 2]) -> TestSpan {
    TestSpan::new(SESSION, id, parent, title).at(NOW + start, NOW + end)
}

fn run(folder: &TestFolder, arguments: &[&str]) -> (Result<Outcome, Failure>, String) {
    let dir = folder.arg();
    let export: Export = parsed(&[arguments, &[&dir]].concat());
    printed(80, |screen| export.run(screen))
}

/// Returns what is written of a session, as lines.
fn written(folder: &TestFolder, format: &str) -> Vec<String> {
    let (outcome, out) = run(folder, &["4164", format]);
    assert_eq!(outcome.unwrap(), Outcome::Fine);
    out.lines().map(str::to_owned).collect()
}

/// Returns a session with two tools side by side.
fn folder() -> TestFolder {
    let folder = TestFolder::new();
    let spans = [
        span(3, 2, "tool search", [20_000, 40_500])
            .text("gen_ai.agent.name", "research")
            .text("input.value", r#"{"words":["lamp"]}"#)
            .text("output.value", "3 passages")
            .failed("timeout"),
        span(4, 2, "llm answer", [30_000, 50_000])
            .text("gen_ai.request.model", "gpt-4o-mini")
            .count("gen_ai.usage.input_tokens", 3_790)
            .count("gen_ai.usage.output_tokens", 61)
            .count("gen_ai.usage.cache_read.input_tokens", 12)
            .number("agentops.usage.cost_usd", 0.0031),
        span(2, 1, "agent research", [10_000, 60_000]),
    ];
    folder.write(SESSION, &[&spans, &[span(1, 0, "session ask", [0, 100_000]).ended()]]);
    folder
}

#[test]
fn trace_events_have_tracks_texts_and_figures() {
    let id = format!("{SESSION:032x}");
    let expected = [
        format!(
            r#"{{"displayTimeUnit":"ms","otherData":{{"session":"{id}","start_unix_nano":"{NOW}"}},"traceEvents":["#
        ),
        format!(r#"{{"args":{{"name":"ask {id}"}},"name":"process_name","ph":"M","pid":1,"tid":1}}"#),
        r#",{"args":{"name":"session ask"},"name":"thread_name","ph":"M","pid":1,"tid":1}"#.into(),
        r#",{"args":{"sort_index":1},"name":"thread_sort_index","ph":"M","pid":1,"tid":1}"#.into(),
        r#",{"args":{"name":"llm answer"},"name":"thread_name","ph":"M","pid":1,"tid":2}"#.into(),
        r#",{"args":{"sort_index":2},"name":"thread_sort_index","ph":"M","pid":1,"tid":2}"#.into(),
        r#",{"args":{"agent":"research","error":"timeout","id":"0000000000000003","input":"{\"words\":[\"lamp\"]}","output":"3 passages"},"cat":"tool","dur":20.5,"name":"search","ph":"X","pid":1,"tid":1,"ts":20}"#.into(),
        r#",{"args":{"cached_tokens":12,"cost_usd":0.0031,"id":"0000000000000004","input_tokens":3790,"model":"gpt-4o-mini","output_tokens":61},"cat":"llm","dur":20,"name":"answer","ph":"X","pid":1,"tid":2,"ts":30}"#.into(),
        r#",{"args":{"id":"0000000000000002"},"cat":"agent","dur":50,"name":"research","ph":"X","pid":1,"tid":1,"ts":10}"#.into(),
        r#",{"args":{"id":"0000000000000001"},"cat":"session","dur":100,"name":"ask","ph":"X","pid":1,"tid":1,"ts":0}"#.into(),
        "]}".to_owned(),
    ];
    assert_eq!(written(&folder(), "--perfetto"), expected);
}

/// Returns phase, name and track of each span's event.
fn events(folder: &TestFolder) -> Vec<(String, String, u64)> {
    let document: Value = serde_json::from_str(&written(folder, "--perfetto").join("\n")).unwrap();
    let events = document["traceEvents"].as_array().unwrap().iter();
    let text = |event: &Value, key: &str| event[key].as_str().unwrap().to_owned();
    let spans = events.filter(|event| event["ph"] != "M");
    spans.map(|it| (text(it, "ph"), text(it, "name"), it["tid"].as_u64().unwrap())).collect()
}

fn told(events: &[(&str, &str, u64)]) -> Vec<(String, String, u64)> {
    events.iter().map(|(ph, name, track)| ((*ph).into(), (*name).into(), *track)).collect()
}

#[test]
fn trace_event_of_outer_span_precedes_inner_ones_of_same_start() {
    let folder = TestFolder::new();
    let spans = [
        span(4, 3, "tool innermost", [0, 10]),
        span(3, 2, "tool inner", [0, 20]),
        span(5, 1, "tool later", [50, 60]),
        span(2, 1, "agent outer", [0, 30]),
    ];
    folder.write(SESSION, &[&spans, &[span(1, 0, "session ask", [0, 100]).ended()]]);
    let expected = ["later", "ask", "outer", "inner", "innermost"].map(|name| ("X", name, 1));
    assert_eq!(events(&folder), told(&expected));
}

#[test]
fn trace_event_of_running_span_has_no_end() {
    let folder = TestFolder::new();
    let tool = |id, parent, title| span(id, parent, title, [id, 20]);
    folder.write(
        SESSION,
        &[&[
            tool(5, 2, "tool search").text("gen_ai.agent.name", "research"),
            tool(6, 3, "tool fetch").text("gen_ai.agent.name", "writer"),
        ]],
    );
    let expected =
        [("B", "research", 1), ("B", "writer", 2), ("X", "search", 1), ("X", "fetch", 2)];
    assert_eq!(events(&folder), told(&expected));
}

/// Returns start and end of each span that has ended, by track, in the order of the events.
fn ended_by_track(events: &[Value]) -> BTreeMap<u64, Vec<[f64; 2]>> {
    let mut tracks = BTreeMap::<_, Vec<_>>::new();
    for event in events.iter().filter(|event| event["ph"] == "X") {
        let start = event["ts"].as_f64().unwrap();
        let times = [start, start + event["dur"].as_f64().unwrap()];
        tracks.entry(event["tid"].as_u64().unwrap()).or_default().push(times);
    }
    tracks
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn trace_events_of_any_tree_nest_on_their_tracks(
        drafts in prop::collection::vec((0..12_u64, 0..8_u64, 0..8_u64), 1..12),
    ) {
        let spans: Vec<_> = drafts.iter().zip(1..).map(|((parent, start, time), id)| {
            span(id, *parent, "tool any", [start * 1_000, (start + time) * 1_000])
        }).collect();
        let folder = TestFolder::new();
        folder.write(SESSION, &[&spans]);
        let document = written(&folder, "--perfetto").join("\n");
        let document: Value = serde_json::from_str(&document).unwrap();
        let events = document["traceEvents"].as_array().unwrap();
        let ended = events.iter().filter(|event| event["ph"] == "X");
        let mut ids: Vec<_> = ended.map(|event| event["args"]["id"].to_string()).collect();
        ids.sort();
        let expected: Vec<_> = (1..=spans.len()).map(|id| format!("\"{id:016x}\"")).collect();
        prop_assert_eq!(ids, expected);
        for times in ended_by_track(events).values() {
            for (place, [start, end]) in times.iter().enumerate() {
                for [after, after_end] in &times[place + 1..] {
                    let is_apart = end <= after || after_end <= start;
                    let is_outer = start <= after && after_end <= end;
                    // With one start, the outer one must stand first.
                    let is_inner = after < start && end <= after_end;
                    prop_assert!(is_apart || is_outer || is_inner, "{}", document);
                }
            }
        }
    }
}

/// Returns what `agentops show` prints of a session.
fn shown(arguments: &[&str]) -> String {
    let show: Show = parsed(arguments);
    let (outcome, out) = printed(120, |screen| show.run(screen));
    outcome.unwrap();
    out
}

#[test]
fn otlp_read_back_is_the_same_tree() {
    let folder = folder();
    let file = folder.write_text(7, &(written(&folder, "--otlp").join("\n") + "\n"));
    let file = folder.store().path_of(file);
    let of_session = shown(&["4164", "--io", &folder.arg()]);
    assert_eq!(shown(&[file.to_str().unwrap(), "--io"]), of_session);
    assert!(of_session.contains("3 passages"), "{of_session}");
}

#[test]
fn otlp_keeps_resources_and_scopes_and_only_this_session() {
    let folder = TestFolder::new();
    let (id, other) = (format!("{SESSION:032x}"), format!("{:032x}", 9));
    let span = |trace: &str, name: &str| {
        json!({
            "traceId": trace, "spanId": "0000000000000001", "traceState": "", "parentSpanId": "", "flags": 0,
            "name": name, "kind": 1, "startTimeUnixNano": "5", "endTimeUnixNano": "6",
            "attributes": [{ "key": "code.file.path", "value": { "stringValue": "src/main.rs" } }],
            "droppedAttributesCount": 0, "events": [], "droppedEventsCount": 0, "links": [],
            "droppedLinksCount": 0, "status": { "message": "", "code": 0 },
        })
    };
    let scope = |name: &str, spans: Value| {
        let scope =
            json!({ "name": name, "version": "1", "attributes": [], "droppedAttributesCount": 0 });
        json!({ "scope": scope, "spans": spans, "schemaUrl": "s" })
    };
    let resource = |service: &str, scopes: Value| {
        let name = json!({ "key": "service.name", "value": { "stringValue": service } });
        let resource =
            json!({ "attributes": [name], "droppedAttributesCount": 0, "entityRefs": [] });
        json!({ "resource": resource, "scopeSpans": scopes, "schemaUrl": "r" })
    };
    let whole = json!({ "resourceSpans": [
        resource("one", json!([scope("a", json!([span(&other, "x"), span(&id, "y")]))])),
        resource("two", json!([
            scope("b", json!([span(&other, "x")])),
            scope("c", json!([span(&id, "z")])),
        ])),
    ] });
    folder.write_text(SESSION, &format!("{whole}\n"));
    let expected = json!({ "resourceSpans": [
        resource("one", json!([scope("a", json!([span(&id, "y")]))])),
        resource("two", json!([scope("c", json!([span(&id, "z")]))])),
    ] });
    let lines = written(&folder, "--otlp");
    let lines: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, [expected]);
}

#[test]
fn export_into_file_replaces_it_and_keeps_a_link() {
    let (folder, dir) = (folder(), tempfile::tempdir().unwrap());
    let (file, link) = (dir.path().join("run.json"), dir.path().join("link.json"));
    fs::write(&file, "before").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let (outcome, out) = run(&folder, &["4164", "--perfetto", "-o", link.to_str().unwrap()]);
    assert_eq!(outcome.unwrap(), Outcome::Fine);
    let link_path = link.display();
    let expected =
        format!("4 spans written to `{link_path}`; open it at https://ui.perfetto.dev\n");
    assert_eq!(out, expected);
    assert!(link.is_symlink());
    let text = written(&folder, "--perfetto").join("\n") + "\n";
    assert_eq!(fs::read_to_string(file).unwrap(), text);
    assert_eq!(names(dir.path()), ["link.json", "run.json"]);
}

#[test]
fn export_into_file_counts_what_could_not_be_read() {
    let (folder, dir) = (TestFolder::new(), tempfile::tempdir().unwrap());
    let whole = line(&[span(1, 0, "session ask", [0, 100])]);
    let id = folder.write_text(SESSION, &format!("garbage\n{whole}"));
    let (from, to) = (folder.store().path_of(id), dir.path().join("run.json"));
    let (from, to) = (from.display(), to.to_str().unwrap());
    let unread = |columns, format| {
        let export: Export = parsed(&["last", format, "-o", to, &folder.arg()]);
        printed(columns, |screen| export.run(screen)).1
    };
    let place = format!("1 part could not be read, first `{from}`");
    let reason = "no OTLP trace: expected value at line 1 column 1";
    assert_eq!(
        unread(300, "--perfetto"),
        format!(
            "1 span written to `{to}`; open it at https://ui.perfetto.dev\n{place} at byte 0: {reason}\n"
        )
    );
    assert_eq!(
        unread(300, "--otlp"),
        format!("1 span written to `{to}`\n{place}: {}\n", reason.replace("no", "line 1 is no"))
    );
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn file_that_is_not_finished_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("run.json");
    fs::write(&path, "before").unwrap();
    let mut file = OutFile::create(&path).unwrap();
    file.line("half").unwrap();
    drop(file);
    assert_eq!(
        (names(dir.path()), fs::read_to_string(path).unwrap()),
        (vec!["run.json".into()], "before".into())
    );
}

#[test]
fn export_explains_wrong_usage() {
    let folder = folder();
    let failure = |arguments: &[&str]| run(&folder, arguments).0.unwrap_err().to_string();
    let dir = folder.arg();
    let dir = dir.strip_prefix("--dir=").unwrap();
    assert_eq!(
        failure(&["4164/3", "--otlp"]),
        "`4164/3` names a span; `export` takes whole sessions, so leave out the span"
    );
    assert_eq!(
        failure(&["last", "--otlp", "-o", dir]),
        format!("`{dir}` cannot be written: is a directory")
    );
    assert_eq!(
        failure(&["last", "--otlp", "-o", &format!("{dir}/none/run.json")]),
        format!("`{dir}/none/run.json` cannot be written: No such file or directory (os error 2)")
    );
    let command = Export::augment_args(clap::Command::new("export").no_binary_name(true));
    let refused = |arguments: &[&str]| {
        let error = command.clone().try_get_matches_from(arguments).unwrap_err().to_string();
        error.lines().take(2).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        refused(&["last"]),
        "error: the following required arguments were not provided:   <--perfetto|--otlp>"
    );
    assert_eq!(
        refused(&["--otlp", "--perfetto"]),
        "error: the argument '--otlp' cannot be used with '--perfetto' "
    );
}
