//! Warns of streamed responses without token counts. The usual cause is an option of the client.

use opentelemetry::{Value, trace::Status};
use opentelemetry_sdk::trace::SpanData;

use crate::{
    attribute::find_last,
    process::{FirstTime, Reporter, presentable::name},
    record::semconv as key,
};

/// Warns once per process that a streamed response has no token counts, and names the option that requests them.
pub(crate) fn warn_of_missing_tokens(call: &SpanData, reporter: Reporter) {
    static WARNING: FirstTime = FirstTime::new();
    if WARNING.is_claimed() || !lacks_tokens(call) || !WARNING.claim() {
        return;
    }
    let called = find_last(&call.attributes, key::OPERATION_NAME).map(Value::as_str);
    let name = name(called.as_deref().unwrap_or(&call.name));
    let message = format_args!(
        "the streamed answer of `{name}` has told no tokens, so its usage and its cost are missing; ask for \
         them: by async-openai with `stream_options: Some(ChatCompletionStreamOptions {{ include_usage: \
         Some(true), .. }})`, by genai with `ChatOptions::with_capture_usage(true)`, otherwise with the \
         provider's `stream_options.include_usage`, or tell them by `agentops::current().set_usage(..)`"
    );
    reporter.warn(&message);
}

/// Returns `true` if a call has streamed its response to the end and has no token counts.
fn lacks_tokens(call: &SpanData) -> bool {
    let is = |name| find_last(&call.attributes, name);
    let is_streamed = matches!(is(key::STREAM_ITEMS), Some(Value::I64(1..)))
        || matches!(is(key::REQUEST_STREAM), Some(Value::Bool(true)));
    // A framework's own span ends with its stream, even if the stream was not read to its end.
    let is_whole = is(key::CANCELLED).is_none()
        && (is(key::ADOPTED_FROM).is_none() || is(key::FINISH_REASONS).is_some());
    let has_tokens = is(key::INPUT_TOKENS).or_else(|| is(key::OUTPUT_TOKENS)).is_some();
    is_streamed && is_whole && !has_tokens && !matches!(call.status, Status::Error { .. })
}
