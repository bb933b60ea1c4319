//! Tests that a session's file has the location of each function, and mostly once.

use super::{
    dead::{at, begin, comes, root},
    *,
};
use crate::{
    record::semconv::{CODE_FILE_PATH, CODE_FUNCTION_NAME, CODE_LINE_NUMBER},
    span::note_location,
};

/// Adds the name of a function to a span.
fn of(function: &'static str, mut span: SpanData) -> SpanData {
    note_location("shop::pay", ("src/shop.rs", 7));
    note_location("shop::run", ("src/shop.rs", 70));
    note_location("shop::run", ("src/elsewhere.rs", 1));
    span.attributes.push(KeyValue::new(CODE_FUNCTION_NAME, function));
    span
}

/// Returns the name and the location of each span in a session's file.
fn located(dir: &Path, trace: u128) -> Vec<String> {
    let text = fs::read(file_of(dir, TraceId::from(trace))).unwrap();
    let (mut lines, mut located) = (JsonLines::new(&text[..]), Vec::new());
    while let Some(line) = lines.next_line(|line| {
        let attributes = line.span.attributes.into_iter();
        let places = attributes.filter(|it| [CODE_FILE_PATH, CODE_LINE_NUMBER].contains(&&*it.key));
        let places = places.map(|it| match it.value.unwrap().value.unwrap() {
            Any::StringValue(text) => text,
            Any::IntValue(number) => number.to_string(),
            other => format!("{other:?}"),
        });
        located.push([line.span.name].into_iter().chain(places).collect::<Vec<_>>().join(" "));
    }) {
        line.unwrap();
    }
    located
}

#[test]
fn first_span_of_function_has_its_location() {
    let dir = tempdir().unwrap();
    let exporter = local(dir.path());
    let pay = |id| of("shop::pay", at(1, id, 1, 0, 1));
    export(&exporter, vec![pay(3), pay(4), of("shop::unknown", at(1, 5, 1, 0, 1))]);
    export(&exporter, vec![of("shop::pay", at(2, 3, 1, 0, 1)), pay(6)]);
    export(&exporter, vec![of("shop::run", root(1)), pay(7)]);
    assert_eq!(
        located(dir.path(), 1),
        ["s3 src/shop.rs 7", "s4", "s5", "s6", "s7", "s1 src/shop.rs 70"]
    );
    assert_eq!(located(dir.path(), 2), ["s3 src/shop.rs 7"]);
}

#[test]
fn locations_are_kept_only_for_sessions_being_written() {
    let dir = tempdir().unwrap();
    let exporter = local(dir.path());
    let kept = || format!("{:?}", exporter.folder().locations);
    let nothing = kept();
    export(&exporter, vec![of("shop::pay", at(1, 3, 1, 0, 1))]);
    assert_ne!(kept(), nothing);
    export(&exporter, vec![of("shop::run", root(1))]);
    assert_eq!(kept(), nothing);
    // A span that ends late.
    export(&exporter, vec![of("shop::pay", at(1, 4, 1, 0, 1))]);
    assert_eq!(kept(), nothing);
    assert_eq!(located(dir.path(), 1)[2], "s4 src/shop.rs 7");
}

#[test]
fn dead_session_has_location_of_its_root() {
    let dir = tempdir().unwrap();
    let exporter = local(dir.path());
    begin(&exporter, vec![of("shop::run", root(1))]);
    drop(exporter);
    drop(comes(dir.path()));
    assert_eq!(located(dir.path(), 1), ["s1 src/shop.rs 70"]);
}

#[test]
fn unwritten_location_is_written_with_next_batch() {
    let dir = tempdir().unwrap();
    let exporter = local(dir.path());
    let file = file_of(dir.path(), TraceId::from(1));
    fs::create_dir(&file).unwrap();
    let pay = |id| of("shop::pay", at(1, id, 1, 0, 1));
    assert!(matches!(try_export(&exporter, vec![pay(3)]), Ok(Receipt::Partial { .. })));
    fs::remove_dir(&file).unwrap();
    export(&exporter, vec![pay(4)]);
    assert_eq!(located(dir.path(), 1), ["s4 src/shop.rs 7"]);
}
