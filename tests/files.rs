//! The files of a folder of sessions, read as whoever comes next would.

use std::{collections::HashMap, fs, path::Path};

use opentelemetry_proto::tonic::{
    common::v1::any_value::Value,
    trace::v1::{Span, SpanFlags, TracesData},
};

/// An attribute that is a text.
pub fn text<'a>(span: &'a Span, key: &str) -> &'a str {
    let found = span.attributes.iter().find(|attribute| attribute.key == key);
    match found.and_then(|attribute| attribute.value.as_ref()?.value.as_ref()) {
        Some(Value::StringValue(text)) => text,
        other => panic!("`{key}` of {} is {other:?}", span.name),
    }
}

/// Returns the number of files in a folder that are whole: those that are being written end with `.tmp`.
pub fn whole_files(dir: &Path) -> usize {
    let files = fs::read_dir(dir).into_iter().flatten().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_none_or(|it| it != "tmp")).count()
}

/// The sessions in a folder, each with the spans of its file: every one has a way to the one root.
pub fn sessions(dir: &Path) -> Vec<Vec<Span>> {
    let files = fs::read_dir(dir).into_iter().flatten().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|it| it == "jsonl"));
    files.map(|file| session_in(&file)).collect()
}

/// The spans of one file.
pub fn session_in(file: &Path) -> Vec<Span> {
    let text_of_file = fs::read_to_string(file).unwrap();
    assert!(text_of_file.ends_with('\n'), "{}", file.display());
    let lines = text_of_file.lines().map(|line| serde_json::from_str::<TracesData>(line).unwrap());
    let scopes = lines.flat_map(|line| line.resource_spans).flat_map(|it| it.scope_spans);
    let spans: Vec<Span> = scopes.flat_map(|scope| scope.spans).collect();
    assert_connected(&spans, &file.display().to_string());
    spans
}

/// Checks that every span has a way to the one root, which is a session.
pub fn assert_connected(spans: &[Span], place: &str) {
    let by_id: HashMap<_, _> = spans.iter().map(|span| (&span.span_id, span)).collect();
    assert_eq!(by_id.len(), spans.len(), "no span twice in {place}");
    for span in spans {
        let mut root = span;
        while !root.parent_span_id.is_empty() {
            assert_eq!(root.flags & SpanFlags::ContextIsRemoteMask as u32, 0);
            root = by_id
                .get(&root.parent_span_id)
                .unwrap_or_else(|| panic!("{} hangs in the air in {place}", root.name));
        }
        assert_eq!(text(root, "agentops.span.kind"), "session");
        assert!(span.end_time_unix_nano >= span.start_time_unix_nano, "{span:?}");
    }
    let roots = spans.iter().filter(|span| span.parent_span_id.is_empty());
    assert_eq!(roots.count(), 1, "{place}");
}

/// The span of the session itself.
pub fn root(session: &[Span]) -> &Span {
    session.iter().find(|span| span.parent_span_id.is_empty()).unwrap()
}

/// The totals that stand on a session.
pub fn totals(root: &Span) -> Vec<String> {
    let totals = root.attributes.iter().filter_map(|it| {
        let name = it.key.strip_prefix("agentops.session.")?;
        match it.value.as_ref()?.value.as_ref()? {
            Value::IntValue(number) => Some(format!("{name}={number}")),
            Value::DoubleValue(number) => Some(format!("{name}={number}")),
            _ => None,
        }
    });
    let mut totals: Vec<_> = totals.collect();
    totals.sort();
    totals
}
