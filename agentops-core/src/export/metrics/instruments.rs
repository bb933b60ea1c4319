//! Histograms with the buckets that the conventions define, recorded from spans.

use std::time::Duration;

use opentelemetry::{
    KeyValue, Value,
    metrics::{Histogram, Meter},
};
use opentelemetry_sdk::trace::SpanData;

use crate::{
    attribute::find,
    config::ExportedSpan,
    record::{RecordedKind, semconv as key},
};

/// Buckets for model calls and tools, in seconds.
const CALL_SECONDS: [f64; 14] =
    [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
/// Buckets for agents, in seconds.
const AGENT_SECONDS: [f64; 13] =
    [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 204.8, 409.6];
/// Buckets for workflows, in seconds.
const WORKFLOW_SECONDS: [f64; 11] =
    [1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0, 7_200.0];
/// Buckets for usage, in tokens.
const TOKENS: [f64; 14] = [
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1_024.0,
    4_096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];

/// Attributes of the metrics of a model call.
const OF_CALL: [&str; 7] = [
    key::GEN_AI_OPERATION,
    key::PROVIDER_NAME,
    key::REQUEST_MODEL,
    key::RESPONSE_MODEL,
    key::ERROR_TYPE,
    key::SERVER_ADDRESS,
    key::SERVER_PORT,
];
const OF_AGENT: [&str; 3] = [key::AGENT_NAME, key::REQUEST_MODEL, key::ERROR_TYPE];
const OF_TOOL: [&str; 4] = [key::TOOL_NAME, key::TOOL_TYPE, key::AGENT_NAME, key::ERROR_TYPE];
const OF_WORKFLOW: [&str; 2] = [key::WORKFLOW_NAME, key::ERROR_TYPE];

/// Instruments of generative AI.
#[derive(Debug)]
pub(super) struct Instruments {
    call: Histogram<f64>,
    tokens: Histogram<u64>,
    first_chunk: Histogram<f64>,
    each_chunk: Histogram<f64>,
    agent: Histogram<f64>,
    tool: Histogram<f64>,
    workflow: Histogram<f64>,
}

impl Instruments {
    pub(super) fn new(meter: &Meter) -> Self {
        let seconds = |name: &'static str, text: &'static str, buckets: &[f64]| {
            let histogram = meter.f64_histogram(name).with_unit("s").with_description(text);
            histogram.with_boundaries(buckets.to_vec()).build()
        };
        let tokens = meter.u64_histogram("gen_ai.client.token.usage").with_unit("{token}");
        Self {
            call: seconds(
                "gen_ai.client.operation.duration",
                "How long calls of models take",
                &CALL_SECONDS,
            ),
            tokens: tokens
                .with_description("How many tokens calls of models use")
                .with_boundaries(TOKENS.to_vec())
                .build(),
            first_chunk: seconds(
                "gen_ai.client.operation.time_to_first_chunk",
                "How long it takes until a streamed answer begins",
                &CALL_SECONDS,
            ),
            each_chunk: seconds(
                "gen_ai.client.operation.time_per_output_chunk",
                "How long each further chunk of a streamed answer takes",
                &CALL_SECONDS,
            ),
            agent: seconds(
                "gen_ai.invoke_agent.duration",
                "How long runs of agents take",
                &AGENT_SECONDS,
            ),
            tool: seconds(
                "gen_ai.execute_tool.duration",
                "How long calls of tools take",
                &CALL_SECONDS,
            ),
            workflow: seconds(
                "gen_ai.invoke_workflow.duration",
                "How long sessions and workflows take",
                &WORKFLOW_SECONDS,
            ),
        }
    }

    /// Records an exported span.
    pub(super) fn record(&self, ExportedSpan { kind, span }: &ExportedSpan<'_>) {
        let took = span.end_time.duration_since(span.start_time).unwrap_or_default();
        match kind {
            RecordedKind::Llm => self.record_call(span, took),
            RecordedKind::Agent => {
                self.agent.record(took.as_secs_f64(), &those_of(span, &OF_AGENT));
            }
            RecordedKind::Tool => self.tool.record(took.as_secs_f64(), &those_of(span, &OF_TOOL)),
            RecordedKind::Session | RecordedKind::Workflow => {
                self.workflow.record(took.as_secs_f64(), &those_of(span, &OF_WORKFLOW));
            }
            _ => {}
        }
    }

    fn record_call(&self, span: &SpanData, took: Duration) {
        let mut attributes = those_of(span, &OF_CALL);
        if find(&attributes, key::PROVIDER_NAME).is_none() {
            // The conventions require a provider.
            attributes.push(KeyValue::new(key::PROVIDER_NAME, "unknown"));
        }
        self.call.record(took.as_secs_f64(), &attributes);
        if let Some(Value::F64(first)) = find(&span.attributes, key::TIME_TO_FIRST_CHUNK) {
            self.first_chunk.record(*first, &attributes);
            if let Some(Value::I64(chunks @ 2..)) = find(&span.attributes, key::STREAM_ITEMS) {
                #[expect(clippy::cast_precision_loss, reason = "nobody streams that many chunks")]
                let further = (chunks - 1) as f64;
                let rest = (took.as_secs_f64() - first).max(0.0);
                self.each_chunk.record(rest / further, &attributes);
            }
        }
        for (name, kind) in [(key::INPUT_TOKENS, "input"), (key::OUTPUT_TOKENS, "output")] {
            if let Some(Value::I64(tokens)) = find(&span.attributes, name)
                && let Ok(tokens) = u64::try_from(*tokens)
            {
                let mut attributes = attributes.clone();
                attributes.push(KeyValue::new(key::TOKEN_TYPE, kind));
                self.tokens.record(tokens, &attributes);
            }
        }
    }
}

fn those_of(span: &SpanData, keys: &[&'static str]) -> Vec<KeyValue> {
    let attribute = |key: &&'static str| {
        find(&span.attributes, key).map(|value| KeyValue::new(*key, value.clone()))
    };
    keys.iter().filter_map(attribute).collect()
}
