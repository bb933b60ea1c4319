use opentelemetry::trace::Event;
use proptest::prelude::*;

use super::*;

/// Returns the spans read from some lines: their names and the lengths of their texts, and the longest line.
fn read(lines: &[u8]) -> (Vec<String>, usize) {
    let mut names = Vec::new();
    let mut reader = JsonLines::new(lines);
    while let Some(line) = reader.next_line(|it| names.push(it.span.name)) {
        line.unwrap();
    }
    (names, lines.split(|byte| *byte == b'\n').map(<[u8]>::len).max().unwrap_or_default())
}

fn exporter() -> LocalExporter {
    local(Path::new("nowhere"))
}

#[test]
fn lines_split_overlong_batch_in_order() {
    let named = |n: u32| {
        let mut span = span(1, "it");
        span.name = n.to_string().into();
        span.attributes.push(KeyValue::new("text", "\u{1}".repeat(1_000)));
        span
    };
    let lines = exporter().lines((0..20).map(named).collect(), 50_000).unwrap();
    let (names, longest) = read(&lines);
    assert_eq!(names, (0..20).map(|n| n.to_string()).collect::<Vec<_>>());
    assert!(longest <= 50_000 && lines.iter().filter(|byte| **byte == b'\n').count() < 20);
}

#[test]
fn overlong_span_is_shortened_to_fit_line() {
    let mut long = span(1, "it");
    long.attributes.push(KeyValue::new("text", "\u{1}".repeat(100_000)));
    let (names, longest) = read(&exporter().lines(vec![long, span(1, "beside")], 50_000).unwrap());
    assert_eq!(names, ["it", "beside"]);
    assert!(longest <= 50_000 && longest > 10_000, "{longest}");
}

#[test]
fn overlong_resource_is_shortened() {
    let mut exporter = exporter();
    let name = KeyValue::new("service.name", "\u{1}".repeat(20 << 20));
    let resource = Resource::builder_empty().with_attributes([name]).build();
    ErasedExporter::set_resource(&mut exporter, &resource);
    assert_eq!(read(&exporter.line(vec![span(1, "it")]).unwrap()).0, ["it"]);
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,40}",
        (any::<char>(), 0..300_000_usize)
            .prop_map(|(letter, count)| letter.to_string().repeat(count)),
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any_text().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::collection::vec(any_text(), 0..4)
            .prop_map(|it| Value::Array(Array::String(it.into_iter().map(Into::into).collect()))),
        (0..100_000_usize).prop_map(|count| Value::Array(Array::I64(vec![1; count]))),
        (0..100_000_usize).prop_map(|count| Value::Array(Array::F64(vec![f64::NAN; count]))),
        (0..100_000_usize).prop_map(|count| Value::Array(Array::Bool(vec![true; count]))),
        (0..100_000_usize).prop_map(|count| Value::Array(Array::String(vec!["".into(); count]))),
    ]
}

fn any_attributes() -> impl Strategy<Value = Vec<KeyValue>> {
    let attribute = (any_text(), any_value()).prop_map(|(key, value)| KeyValue::new(key, value));
    prop::collection::vec(attribute, 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_written_span_is_readable_within_limit(
        name in any_text(),
        status in any_text(),
        attributes in any_attributes(),
        of_event in any_attributes(),
        longest in 20_000..4_000_000_usize,
    ) {
        let mut span = span(1, "it");
        (span.name, span.attributes, span.status) = (name.into(), attributes, Status::error(status));
        let event = Event::new("event", SystemTime::UNIX_EPOCH, of_event, 0);
        span.events.events.push(event);
        let (names, most) = read(&exporter().lines(vec![span.clone(), span], longest).unwrap());
        prop_assert_eq!(names.len(), 2);
        prop_assert!(most <= longest);
    }
}
