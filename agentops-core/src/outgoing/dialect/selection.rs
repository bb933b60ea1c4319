//! Drops attributes that are not written: names of dialects that were not selected, and names that AgentOps' pages
//! misinterpret.
//!
//! Those pages turn dotted keys into nested objects. A span with any key below `gen_ai` counts as a model call. The
//! type of a span is the first of the keys `gen_ai`, `agent` and `tool` that is found at any depth.

use opentelemetry::{Key, KeyValue};
use opentelemetry_sdk::trace::SpanData;

use crate::{
    config::Dialects,
    record::{
        RecordedKind,
        semconv::{AGENT_ID, AGENT_ROLE, METADATA, SESSION_CALLS_PREFIX, TAG_TAGS},
    },
};

/// Prefix of OpenTelemetry's names for generative AI.
const GEN_AI: &str = "gen_ai.";

/// Prefixes of the names that AgentOps reads from a model call.
const OF_AGENTOPS: [&str; 13] = [
    "gen_ai.system",
    "gen_ai.request.",
    "gen_ai.response.",
    "gen_ai.prompt.",
    "gen_ai.completion.",
    "gen_ai.streaming",
    "gen_ai.usage.prompt_",
    "gen_ai.usage.completion_",
    "gen_ai.usage.total_",
    "gen_ai.usage.cache_read_",
    "gen_ai.usage.cache_creation_",
    "gen_ai.usage.reasoning_tokens",
    "gen_ai.user",
];
/// Name that begins with one of these prefixes and is not read by AgentOps.
const SYSTEM_INSTRUCTIONS: &str = "gen_ai.system_instructions";

/// Parts of keys that determine the type of a span.
const TYPES: [&str; 3] = ["gen_ai", "agent", "tool"];

/// Drops the attributes that belong to no dialect that is written.
pub(crate) fn drop_unselected(span: &mut SpanData, kind: RecordedKind, dialects: Dialects) {
    if dialects.otel && dialects.openinference_min {
        return;
    }
    span.attributes.retain(|attribute| is_written(attribute.key.as_str(), kind, dialects));
    if dialects.is_for_agentops() {
        span.attributes.iter_mut().for_each(|attribute| rename_for_agentops(attribute, kind));
    }
}

fn is_written(key: &str, kind: RecordedKind, dialects: Dialects) -> bool {
    match key {
        TAG_TAGS | METADATA => dialects.openinference_min,
        key if dialects.otel || !key.starts_with(GEN_AI) => true,
        key => dialects.agentops && kind == RecordedKind::Llm && is_of_agentops(key),
    }
}

fn is_of_agentops(key: &str) -> bool {
    key != SYSTEM_INSTRUCTIONS && OF_AGENTOPS.iter().any(|begin| key.starts_with(begin))
}

/// Renames a key that would give a span the wrong type.
pub(crate) fn rename_for_agentops(attribute: &mut KeyValue, kind: RecordedKind) {
    let own = if kind == RecordedKind::Llm { "gen_ai" } else { kind.as_str() };
    let key = attribute.key.as_str();
    let is_wrong = |part: &str| part != own && TYPES.contains(&part);
    if let Some(called) = key.strip_prefix(SESSION_CALLS_PREFIX) {
        attribute.key = Key::from(format!("agentops.session.{called}_calls"));
    } else if key.split('.').any(is_wrong) {
        attribute.key = match key {
            AGENT_ID => Key::from_static_str("agent_id"),
            AGENT_ROLE => Key::from_static_str("agent_role"),
            key => {
                let parts = key.split('.').map(|part| match is_wrong(part) {
                    true => format!("{part}_"),
                    false => part.to_owned(),
                });
                Key::from(parts.collect::<Vec<_>>().join("."))
            }
        };
    }
}
