//! The main job, as a user runs it: the quickstart's local file and its OTLP export hold the same spans.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Output,
};

use agentops_tests::{collector::Collector, process};
use opentelemetry_proto::tonic::{
    common::v1::{KeyValue, any_value::Value},
    trace::v1::{Span, TracesData, status::StatusCode},
};

/// Runs the example over a small folder, with this variable.
fn quickstart(folder: &Path, (name, value): (&str, &str)) -> Output {
    fs::write(
        folder.join("notes.md"),
        "A session is the root of a trace and it ends explicitly.\n",
    )
    .unwrap();
    fs::write(
        folder.join("other.txt"),
        "Nothing of interest stands in this file, whatever it says.\n",
    )
    .unwrap();
    let output = process::example("quickstart")
        .arg(folder)
        .arg("What is a session?")
        .env(name, value)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    output
}

fn local_spans(dir: &Path) -> Vec<Span> {
    let files = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|it| it == "jsonl")).collect();
    assert_eq!(files.len(), 1, "one session, one file");
    let text = fs::read_to_string(&files[0]).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<TracesData>(line).unwrap());
    let resources = lines.flat_map(|line| line.resource_spans);
    resources.flat_map(|resource| resource.scope_spans).flat_map(|scope| scope.spans).collect()
}

fn text<'a>(span: &'a Span, key: &str) -> &'a str {
    let found = span.attributes.iter().find(|attribute| attribute.key == key);
    match found.and_then(|attribute| attribute.value.as_ref()?.value.as_ref()) {
        Some(Value::StringValue(text)) => text,
        other => panic!("`{key}` of {} is {other:?}", span.name),
    }
}

/// Keys of a location, which only local files have.
const LOCATION: [&str; 2] = ["code.file.path", "code.line.number"];

/// Functions with the file and the annotation at the line that their spans tell.
fn located(spans: &[Span]) -> Vec<(&str, &str, String)> {
    let is_located = |span: &&Span| span.attributes.iter().any(|it| LOCATION.contains(&&*it.key));
    let location = |span: &'_ Span| {
        let line = span.attributes.iter().find(|attribute| attribute.key == LOCATION[1]).unwrap();
        match line.value.as_ref().unwrap().value {
            Some(Value::IntValue(line)) => usize::try_from(line).unwrap(),
            ref other => panic!("line {other:?} of {}", span.name),
        }
    };
    let source = fs::read_to_string("../examples/quickstart.rs").unwrap();
    let annotation = |line: usize| source.lines().nth(line - 1).unwrap().trim().to_owned();
    let mut located: Vec<_> = spans
        .iter()
        .filter(is_located)
        .map(|it| (text(it, "code.function.name"), text(it, LOCATION[0]), annotation(location(it))))
        .collect();
    located.sort();
    located
}

/// A span without what differs from run to run: ids and times.
fn essence(span: &Span) -> String {
    let attribute = |it: &KeyValue| match it.key.as_str() {
        "session.id" | "gen_ai.conversation.id" => it.key.clone(),
        _ => format!("{}={:?}", it.key, it.value),
    };
    let told = span.attributes.iter().filter(|it| !LOCATION.contains(&&*it.key));
    let attributes: Vec<_> = told.map(attribute).collect();
    format!("{} {} {:?} {attributes:?}", span.name, span.kind, span.status)
}

fn essences(spans: &[Span]) -> Vec<String> {
    let mut essences: Vec<_> = spans.iter().map(essence).collect();
    essences.sort();
    essences
}

/// The rules that every exported session keeps.
fn assert_sound(spans: &[Span]) {
    let ids: BTreeMap<_, _> = spans.iter().map(|span| (&span.span_id, span)).collect();
    assert_eq!(ids.len(), spans.len(), "no span id twice");
    for span in spans {
        let keys: BTreeSet<_> = span.attributes.iter().map(|attribute| &attribute.key).collect();
        assert_eq!(keys.len(), span.attributes.len(), "no key twice in {}", span.name);
        let mut root = span;
        while let Some(parent) = ids.get(&root.parent_span_id) {
            root = parent;
        }
        assert_eq!(root.parent_span_id, [0; 0], "{} hangs in the air", span.name);
        assert_eq!(text(root, "agentops.span.kind"), "session", "the root of {}", span.name);
        assert_eq!(text(span, "session.id"), text(root, "session.id"));
        for attribute in span.attributes.iter().filter(|it| is_a_count(&it.key)) {
            let value = attribute.value.as_ref().unwrap().value.as_ref();
            assert!(matches!(value, Some(Value::IntValue(_))), "{attribute:?}");
        }
    }
}

fn is_a_count(key: &str) -> bool {
    key == "files" || key.starts_with("gen_ai.usage.") || key.starts_with("agentops.session.calls.")
}

#[test]
fn local_file_and_otlp_hold_the_same_spans() {
    let folder = tempfile::tempdir().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let sessions = dir.path().join("sessions");
    let shown = quickstart(folder.path(), ("AGENTOPS_LOCAL_DIR", sessions.to_str().unwrap()));
    let local = local_spans(&sessions);
    let collector = Collector::start();
    quickstart(folder.path(), ("AGENTOPS_EXPORTER_ENDPOINT", collector.address()));
    let sent = collector.spans();

    assert_sound(&local);
    assert_sound(&sent);
    assert_eq!(essences(&local), essences(&sent));
    let model = "#[llm(model = \"extractive-scorer\", provider = \"local\", max_len = 2048)]";
    let functions = [
        ("quickstart::answer", model),
        ("quickstart::ask", "#[session(tags(\"quickstart\"))]"),
        ("quickstart::list_files", "#[tool]"),
        ("quickstart::read_file", "#[tool(max_len = 2048)]"),
        ("quickstart::research", "#[agent(role = \"researcher\")]"),
        ("quickstart::search", "#[tool(skip(files), fields(files = files.len()))]"),
    ];
    let functions = functions.map(|(name, line)| (name, "examples/quickstart.rs", line.to_owned()));
    assert_eq!(located(&local), functions, "each once");
    assert_eq!(located(&sent), []);
    let failed: Vec<_> = local
        .iter()
        .filter(|span| span.status.as_ref().unwrap().code == StatusCode::Error as i32)
        .map(|span| span.name.as_str())
        .collect();
    assert_eq!(failed, ["execute_tool read_file"]);

    let tree = String::from_utf8(shown.stderr).unwrap();
    let shown: Vec<_> =
        tree.lines().map(|line| line.split("  ").next().unwrap_or_default()).collect();
    assert_eq!(shown[0], "session ask");
    assert!(tree.contains("llm answer") && tree.contains("✗ No such file"), "{tree}");
}
