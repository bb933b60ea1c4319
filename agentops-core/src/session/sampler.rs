//! The second door: every span that reaches our provider, foreign ones too.

use opentelemetry::{
    Context, KeyValue,
    trace::{Link, SpanKind, TraceContextExt, TraceId},
};
use opentelemetry_sdk::trace::{SamplingDecision, SamplingResult, ShouldSample};

use super::{Admission, admit};

/// Records a span if the session rule admits it, else drops it.
///
/// It runs while tracing-opentelemetry holds its locks, where a panic aborts the process: it takes no
/// lock, emits no event and cannot panic.
#[derive(Clone, Debug)]
pub(crate) struct SessionSampler;

impl ShouldSample for SessionSampler {
    fn should_sample(
        &self,
        parent_context: Option<&Context>,
        _trace_id: TraceId,
        _name: &str,
        _span_kind: &SpanKind,
        _attributes: &[KeyValue],
        _links: &[Link],
    ) -> SamplingResult {
        let decision = match parent_context.map(admit) {
            Some(Admission::Admitted(_)) => SamplingDecision::RecordAndSample,
            _ => SamplingDecision::Drop,
        };
        let trace_state = parent_context
            .map(|context| context.span().span_context().trace_state().clone())
            .unwrap_or_default();
        SamplingResult { decision, attributes: Vec::new(), trace_state }
    }
}
