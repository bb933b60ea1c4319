//! Attributes and events that a span had no room for.

use opentelemetry::Value;
use opentelemetry_sdk::trace::SpanData;

use crate::{
    attribute::find_last,
    process::{FirstTime, Reporter, presentable::name},
    record::semconv::OPERATION_NAME,
};

/// Warns once per process that a span has dropped something, with a remedy.
pub(crate) fn warn_of_dropped(span: &SpanData, reporter: Reporter) {
    static WARNING: FirstTime = FirstTime::new();
    let Some(dropped) = describe_dropped(span) else { return };
    if !WARNING.claim() {
        return;
    }
    let called = find_last(&span.attributes, OPERATION_NAME).map(Value::as_str);
    let name = name(called.as_deref().unwrap_or(&span.name));
    let message = format_args!(
        "the span `{name}` has more than it can hold, {dropped}, and others may have, too; put what belongs \
         together into one attribute, such as a JSON list, and what recurs into one event with a count"
    );
    reporter.warn(&message);
}

/// Returns the number of dropped attributes, events and links, such as `2 attributes left out`, or `None` if there
/// are none.
pub(crate) fn describe_dropped(span: &SpanData) -> Option<String> {
    let dropped = [
        (span.dropped_attributes_count, "attribute"),
        (span.events.dropped_count, "event"),
        (span.links.dropped_count, "link"),
    ];
    let dropped = dropped.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| {
        let plural = if count == 1 { "" } else { "s" };
        format!("{count} {what}{plural}")
    });
    let dropped: Vec<_> = dropped.collect();
    (!dropped.is_empty()).then(|| format!("{} left out", dropped.join(", ")))
}
