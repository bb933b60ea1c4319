//! Merges two spans of one call.

use opentelemetry::{KeyValue, Value, trace::Status};
use opentelemetry_sdk::trace::SpanData;

use super::USAGE;
use crate::{
    attribute::find,
    record::{RecordedKind, semconv as key},
    session::Amendments,
};

/// Content that a framework also records, each with the attribute that must be present: it shows that the function
/// allows the recording. Content without such an attribute is never taken over.
const CONTENT: [(&str, Option<&str>); 5] = [
    (key::SYSTEM_INSTRUCTIONS, Some(key::INPUT)),
    (key::INPUT_MESSAGES, Some(key::INPUT)),
    (key::OUTPUT_MESSAGES, Some(key::OUTPUT)),
    (key::TOOL_ARGUMENTS, None),
    (key::TOOL_RESULT, None),
];

/// Returns `true` if a span of ours is the same call as the adopted span of the same kind around it.
pub(crate) fn is_same_call(kind: RecordedKind, own: &SpanData, adopted: &SpanData) -> bool {
    let name = find(&adopted.attributes, key::OPERATION_NAME).map(Value::as_str);
    kind == RecordedKind::Llm || name.as_deref() == Some(&own.name)
}

/// Merges a span of ours with the adopted span around it.
pub(crate) fn merge(own: &mut SpanData, adopted: SpanData) {
    add_missing(own, adopted.attributes);
    own.parent_span_id = adopted.parent_span_id;
    if own.status == Status::Unset {
        own.status = adopted.status;
        own.events.events.extend(adopted.events.events);
    }
}

/// Adds a framework's attributes of a call to our span. Existing values are kept.
pub(crate) fn add_missing(own: &mut SpanData, by_framework: Vec<KeyValue>) {
    let has = |key: &str| find(&own.attributes, key).is_some();
    let has_usage = USAGE.iter().any(|key| has(key));
    let is_allowed = |key: &str| match CONTENT.iter().find(|(content, _)| *content == key) {
        Some((_, allowed_by)) => allowed_by.is_some_and(has),
        // The merged span keeps the name of ours.
        None if [key::ADOPTED_FROM, key::OPERATION_NAME].contains(&key) => false,
        None => !(has_usage && USAGE.contains(&key)),
    };
    let new = |attribute: &KeyValue| {
        let key = attribute.key.as_str();
        !has(key) && is_allowed(key)
    };
    let known: Vec<_> = by_framework.into_iter().filter(new).collect();
    own.attributes.extend(known);
}

/// Collects the attributes of an adopted span for our span of the same call. Token counts are added up.
pub(crate) fn collect_attributes(amendments: &mut Amendments, attributes: Vec<KeyValue>) {
    for KeyValue { key, value, .. } in attributes {
        let earlier = amendments.by_framework.iter_mut().find(|earlier| earlier.key == key);
        match (earlier, &value) {
            (Some(KeyValue { value: Value::I64(sum), .. }), Value::I64(more))
                if USAGE.contains(&key.as_str()) =>
            {
                *sum = sum.saturating_add(*more);
            }
            (Some(earlier), _) => earlier.value = value,
            (None, _) => amendments.by_framework.push(KeyValue::new(key, value)),
        }
    }
}
