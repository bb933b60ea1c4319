use std::{
    fs,
    time::{Duration, SystemTime},
};

use opentelemetry::{
    InstrumentationScope, KeyValue, SpanId, TraceFlags,
    trace::{SpanContext, Status, TraceState},
};
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use tempfile::tempdir;

use super::*;
use crate::fixtures::{self, exported};

mod bounds;
mod dead;
mod locations;
mod longest;
mod open;
mod sums;

/// Creates the root of a session.
fn span(trace: u128, name: &'static str) -> SpanData {
    let start = SystemTime::UNIX_EPOCH + Duration::from_nanos(1_700_000_000_000_000_001);
    SpanData {
        span_context: SpanContext::new(
            TraceId::from(trace),
            SpanId::from(7),
            TraceFlags::SAMPLED,
            false,
            TraceState::default(),
        ),
        name: name.into(),
        start_time: start,
        end_time: start,
        attributes: vec![KeyValue::new("n", 5), KeyValue::new("text", "a\nb")],
        ..fixtures::span(0, "")
    }
}

fn local(dir: &Path) -> LocalExporter {
    LocalExporter::new(LocalSettings::at(dir.to_owned()), Reporter::LogOnly)
}

fn try_export(
    exporter: &LocalExporter,
    mut spans: Vec<SpanData>,
) -> Result<Receipt, DeliveryFailure> {
    ErasedExporter::export(exporter, &mut exported(&mut spans))
}

fn export(exporter: &LocalExporter, spans: Vec<SpanData>) {
    assert_eq!(try_export(exporter, spans), Ok(Receipt::Complete));
}

/// Returns the names of the spans in each line of each file, the files in the order of their names.
fn lines(dir: &Path) -> Vec<Vec<Vec<String>>> {
    let mut files: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    let names = |line: &str| {
        let data: TracesData = serde_json::from_str(line).unwrap();
        let scopes = data.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
        scopes.flat_map(|scope| &scope.spans).map(|span| span.name.clone()).collect()
    };
    let file = |path: &PathBuf| fs::read_to_string(path).unwrap().lines().map(names).collect();
    files.iter().map(file).collect()
}

/// Creates a span that is not the last of its session.
fn child(trace: u128, name: &'static str) -> SpanData {
    SpanData { parent_span_id: SpanId::from(9), ..span(trace, name) }
}

#[test]
fn root_is_last_in_its_batch_and_alone_on_its_line() {
    let dir = tempdir().unwrap();
    let exporter = local(dir.path());
    let of = |scope: &'static str, it: SpanData| SpanData {
        instrumentation_scope: InstrumentationScope::builder(scope).build(),
        ..it
    };
    let remote = |it: SpanData| SpanData { parent_span_is_remote: true, ..it };
    let batch = vec![
        of("ours", child(1, "a")),
        of("foreign", child(1, "b")),
        of("ours", span(1, "root")),
        of("ours", remote(child(1, "continued"))),
        of("foreign", child(1, "c")),
    ];
    export(&exporter, batch);
    export(&exporter, vec![child(1, "late")]);
    let expected = [vec![vec!["a", "b", "c"], vec!["continued"], vec!["root"], vec!["late"]]];
    assert_eq!(lines(&exporter.dir), expected);
}

#[test]
fn session_file_gains_one_line_per_batch() {
    let dir = tempdir().unwrap();
    let exporter = local(&dir.path().join("deep/sessions"));
    export(&exporter, vec![child(1, "a"), child(2, "b"), child(1, "c")]);
    export(&exporter, vec![child(1, "d")]);
    assert_eq!(lines(&exporter.dir), [vec![vec!["a", "c"], vec!["d"]], vec![vec!["b"]]]);
    let name = file_of(&exporter.dir, TraceId::from(1));
    assert_eq!(name.file_name().unwrap(), "00000000000000000000000000000001.jsonl");
}

#[test]
fn exported_line_is_otlp_json_preserving_integers() {
    let dir = tempdir().unwrap();
    let mut exporter = local(dir.path());
    let resource = Resource::builder_empty().with_service_name("it").build();
    exporter.set_resource(&resource);
    export(&exporter, vec![span(1, "a")]);
    let text = fs::read_to_string(file_of(dir.path(), TraceId::from(1))).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let written = &json["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
    assert_eq!(written["traceId"], "00000000000000000000000000000001");
    assert_eq!(written["startTimeUnixNano"], "1700000000000000001");
    let data: TracesData = serde_json::from_str(&text).unwrap();
    let resource = data.resource_spans[0].resource.as_ref().unwrap();
    assert_eq!(resource.attributes[0].key, "service.name");
    let attributes = &data.resource_spans[0].scope_spans[0].spans[0].attributes;
    let values: Vec<_> =
        attributes.iter().map(|attribute| attribute.value.clone().unwrap().value).collect();
    assert_eq!(values, [Some(Any::IntValue(5)), Some(Any::StringValue("a\nb".to_owned()))]);
}

#[test]
fn non_finite_floats_are_written_as_strings() {
    let dir = tempdir().unwrap();
    let exporter = local(dir.path());
    let several = Value::Array(Array::F64(vec![1.5, f64::NEG_INFINITY]));
    let attributes = vec![
        KeyValue::new("one", f64::NAN),
        KeyValue::new("fine", 0.5),
        KeyValue::new("several", several),
    ];
    export(&exporter, vec![SpanData { attributes, ..span(1, "a") }]);
    let text = fs::read_to_string(file_of(dir.path(), TraceId::from(1))).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let attributes = &json["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["attributes"];
    let values: Vec<_> = (0..3).map(|place| attributes[place]["value"].to_string()).collect();
    let expected = [
        r#"{"stringValue":"NaN"}"#,
        r#"{"doubleValue":0.5}"#,
        r#"{"arrayValue":{"values":[{"stringValue":"1.5"},{"stringValue":"-Infinity"}]}}"#,
    ];
    assert_eq!(values, expected);
}

#[cfg(unix)]
#[test]
fn files_and_folder_are_private_and_git_looks_away() {
    use std::os::unix::fs::PermissionsExt;

    let dir = tempdir().unwrap();
    let exporter = local(&dir.path().join("sessions"));
    export(&exporter, vec![span(1, "a")]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let file = file_of(&exporter.dir, TraceId::from(1));
    assert_eq!([mode(&exporter.dir), mode(&file)], [0o700, 0o600]);
    assert_eq!(fs::read_to_string(exporter.dir.join(".gitignore")).unwrap(), "*\n");
}

#[test]
fn unwritable_folder_error_names_folder_and_remedy() {
    let dir = tempdir().unwrap();
    let file = dir.path().join("in-the-way");
    fs::write(&file, "").unwrap();
    let exporter = local(&file.join("sessions"));
    let error = try_export(&exporter, vec![span(1, "a")]).unwrap_err().to_string();
    let expected = format!("the folder `{}/sessions` cannot be written: ", file.display());
    assert!(error.contains(&expected), "{error}");
    assert!(
        error.ends_with("; make it writable or set `AGENTOPS_LOCAL_DIR` to another one"),
        "{error}"
    );
}
