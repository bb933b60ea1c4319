use std::time::SystemTime;

use opentelemetry::{
    Array, StringValue,
    trace::{Link, SpanContext},
};

use super::*;
use crate::{attribute::find, inspect::TRUNCATED, record::pool};

const MIB: usize = 1 << 20;

fn span(attributes: Vec<KeyValue>) -> SpanData {
    pool::blank(attributes)
}

fn shortened(mut span: SpanData) -> SpanData {
    assert!(shorten(&mut span, usize::MAX));
    span
}

#[test]
fn short_span_is_unchanged() {
    let kept = |text: String| {
        let attributes = vec![KeyValue::new("k", text.clone())];
        shortened(span(attributes)).attributes == [KeyValue::new("k", text)]
    };
    assert!(kept("x".repeat(MIB)));
    assert!(!kept("x".repeat(MIB + 1)));
    assert!(!shorten(&mut span(Vec::new()), MIB));
}

#[test]
fn long_texts_are_cut_and_marked() {
    let long = || "ä".repeat(MIB);
    let mut span = span(vec![KeyValue::new("text", long()), KeyValue::new(long(), 7)]);
    span.name = long().into();
    span.status = Status::error(long());
    let event = vec![KeyValue::new("of event", long())];
    span.events.events.push(Event::new(long(), SystemTime::UNIX_EPOCH, event, 0));
    let link = vec![KeyValue::new("of link", long())];
    span.links.links.push(Link::new(SpanContext::NONE, link, 0));
    let SpanData { attributes, name, status, events, links, .. } = shortened(span);
    let expected = format!("{}{TRUNCATED}", "ä".repeat((MIB - TRUNCATED.len()) / 2));
    assert_eq!(attributes[0], KeyValue::new("text", expected.clone()));
    assert_eq!(attributes[1], KeyValue::new(expected.clone(), 7));
    assert!(name == expected && status == Status::error(expected.clone()));
    assert_eq!(events.events[0].name, expected);
    assert_eq!(events.events[0].attributes, [KeyValue::new("of event", expected.clone())]);
    assert_eq!(links.links[0].attributes, [KeyValue::new("of link", expected)]);
}

#[test]
fn cut_json_is_quoted_and_cut_list_marked() {
    let texts: Vec<StringValue> = (0..MIB).map(|n| n.to_string().into()).collect();
    let attributes = vec![
        KeyValue::new(INPUT, format!("[\"{}\"]", "\n".repeat(MIB))),
        KeyValue::new("texts", Value::Array(Array::String(texts))),
        KeyValue::new("numbers", Value::Array(Array::I64((0..200_000).collect()))),
    ];
    let SpanData { attributes, .. } = shortened(span(attributes));
    let input: String = serde_json::from_str(&attributes[0].value.as_str()).unwrap();
    assert!(input.starts_with("[\"\n") && input.ends_with(TRUNCATED), "{}", input.len());
    let Value::Array(Array::String(texts)) = &attributes[1].value else { panic!("a list") };
    assert_eq!((&texts[7], texts.last()), (&"7".into(), Some(&TRUNCATED.into())));
    assert!(texts.len() > 20_000 && length_of(&attributes[1].value) <= MIB);
    let numbers = attributes[2].value.as_str();
    assert!(numbers.starts_with("[0,1,2,") && numbers.ends_with(TRUNCATED));
}

#[test]
fn long_span_has_its_longest_texts_cut_first() {
    let long = (0..100).map(|n| KeyValue::new(format!("long{n}"), "x".repeat(MIB)));
    let short = (0..20).map(|n| KeyValue::new(format!("short{n}"), "y".repeat(1_000)));
    let span = shortened(span(long.chain(short).collect()));
    assert!(length(&span) <= LONGEST_SPAN && length(&span) > LONGEST_SPAN / 2);
    assert_eq!(span.attributes.len(), 120);
    assert_eq!(find(&span.attributes, "short7"), Some(&"y".repeat(1_000).into()));
}

#[test]
fn span_still_too_long_loses_its_longest_parts() {
    let mut span = span(vec![KeyValue::new("k", "x".repeat(200))]);
    let event = |n: usize| {
        let attributes = (0..n).map(|n| KeyValue::new(n.to_string(), "y".repeat(90))).collect();
        Event::new(n.to_string(), SystemTime::UNIX_EPOCH, attributes, 0)
    };
    span.events.events.extend([1, 9, 2].map(event));
    shorten_to(&mut span, 500);
    let names: Vec<_> = span.events.events.iter().map(|event| &*event.name).collect();
    assert_eq!((names, span.events.dropped_count), (vec!["1", "2"], 1));
    shorten_to(&mut span, 0);
    assert_eq!((span.events.dropped_count, span.attributes.len()), (3, 0));
    assert_eq!(span.dropped_attributes_count, 1);
}
