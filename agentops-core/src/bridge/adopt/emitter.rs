//! Kind of a foreign span, derived from its callsite and its initial fields.

use tracing_core::{Level, Metadata};

use crate::{
    config::ForeignSpans,
    record::{SpanKind, semconv::GEN_AI_OPERATION},
};

/// Spans of frameworks that use names of their own: prefix of the target, name of the span, kind.
const KNOWN: [(&str, &str, SpanKind); 15] = [
    ("adk_agent", "", SpanKind::Tool),
    ("adk_runner", "agent.execute", SpanKind::Agent),
    ("adk_telemetry", "gen_ai.generate", SpanKind::Llm),
    ("goose", "provider_generation", SpanKind::Llm),
    ("langchain_rust", "agent.run", SpanKind::Agent),
    ("langchain_rust", "chain.call", SpanKind::Workflow),
    ("langchain_rust", "embed.documents", SpanKind::Llm),
    ("langchain_rust", "embed.query", SpanKind::Llm),
    ("langchain_rust", "llm.generate", SpanKind::Llm),
    ("langchain_rust", "tool.call", SpanKind::Tool),
    ("swiftide_agents", "agent.query", SpanKind::Agent),
    ("swiftide_agents", "agent.query_once", SpanKind::Agent),
    ("swiftide_agents", "agent.run", SpanKind::Agent),
    ("swiftide_agents", "agent.run_once", SpanKind::Agent),
    ("swiftide_agents", "tool", SpanKind::Tool),
];

/// Returns `true` if the spans of a foreign callsite are to be adopted.
pub(crate) fn is_wanted(metadata: &Metadata<'_>, which: ForeignSpans) -> bool {
    let is_known = || {
        metadata.fields().field(GEN_AI_OPERATION).is_some()
            || known(metadata.target(), metadata.name()).is_some()
    };
    metadata.is_span()
        && match which {
            ForeignSpans::GenAi => is_known(),
            ForeignSpans::All => *metadata.level() <= Level::INFO || is_known(),
            ForeignSpans::None => false,
        }
}

/// Returns the kind of a foreign span, if it is known. Other spans are [`SpanKind::Custom`].
pub(crate) fn birth_kind(target: &str, name: &str, operation: Option<&str>) -> Option<SpanKind> {
    known(target, name).or_else(|| operation.map(kind_of_operation))
}

fn known(target: &str, name: &str) -> Option<SpanKind> {
    let found =
        KNOWN.iter().find(|(prefix, known, _)| *known == name && target.starts_with(prefix));
    found.map(|(.., kind)| *kind)
}

/// Returns the kind for an operation of the conventions. Any other operation is a [`SpanKind::Operation`].
fn kind_of_operation(operation: &str) -> SpanKind {
    match operation {
        "invoke_agent" | "create_agent" => SpanKind::Agent,
        "execute_tool" => SpanKind::Tool,
        "invoke_workflow" => SpanKind::Workflow,
        "chat" | "text_completion" | "generate_content" | "embeddings" | "rerank"
        | "transcription" | "image_generation" | "audio_generation" => SpanKind::Llm,
        _ => SpanKind::Operation,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn birth_kind_derives_from_operation_only() {
        assert_eq!(birth_kind("rig::agent_chat", "chat", Some("chat")), Some(SpanKind::Llm));
        assert_eq!(birth_kind("any", "x", Some("plan")), Some(SpanKind::Operation));
        assert_eq!(birth_kind("any", "chat", None), None);
    }

    #[test]
    fn birth_kind_matches_framework_target_and_name() {
        let call = birth_kind("langchain_rust::observability", "llm.generate", None);
        assert_eq!(call, Some(SpanKind::Llm));
        assert_eq!(birth_kind("mine", "llm.generate", None), None);
        assert_eq!(birth_kind("adk_agent::llm_agent", "call_llm", None), None);
    }
}
