//! Attributes of a span that a row or a summary shows, under whichever names their writer has for them.

use std::borrow::Cow;

use agentops_core::store::neutral_name;

use super::raw_span::{RawAttribute, RawSpan};

/// Attributes of a span that are shown.
#[derive(Debug, Default)]
pub(super) struct KnownAttributes<'l> {
    /// Kind as agentops records it, such as `llm`.
    kind: Option<Cow<'l, str>>,
    /// Operation of the conventions for models, such as `chat`, of a span that another library recorded.
    operation: Option<Cow<'l, str>>,
    /// Kind of `OpenInference`, such as `LLM`, likewise.
    openinference_kind: Option<Cow<'l, str>>,
    pub(super) name: Option<Cow<'l, str>>,
    pub(super) agent: Option<Cow<'l, str>>,
    pub(super) request_model: Option<Cow<'l, str>>,
    pub(super) response_model: Option<Cow<'l, str>>,
    pub(super) input_tokens: Option<u64>,
    pub(super) output_tokens: Option<u64>,
    pub(super) cached_tokens: Option<u64>,
    pub(super) cost: Option<f64>,
    /// Seconds until the first piece of a stream.
    pub(super) first_piece: Option<f64>,
    pub(super) end_state: Option<Cow<'l, str>>,
    pub(super) user: Option<Cow<'l, str>>,
    pub(super) tags: Vec<String>,
    pub(super) is_cancelled: bool,
    pub(super) is_late: bool,
    pub(super) is_unfinished: bool,
    pub(super) session: SessionAttributes,
}

/// Totals on the root of a session.
#[derive(Debug, Default)]
pub(super) struct SessionAttributes {
    pub(super) errors: Option<u64>,
    pub(super) input_tokens: Option<u64>,
    pub(super) output_tokens: Option<u64>,
    pub(super) cost: Option<f64>,
    /// Number of spans of each kind below the root.
    pub(super) calls: Vec<(String, u64)>,
}

impl<'l> KnownAttributes<'l> {
    /// Reads the attributes of a span.
    pub(super) fn of(span: &RawSpan<'l>) -> Self {
        let mut known = Self::default();
        span.for_each_attribute(|attribute| known.add(&attribute));
        known
    }

    fn add(&mut self, attribute: &RawAttribute<'l>) {
        match neutral_name(&attribute.key) {
            "agentops.span.kind" => self.kind = attribute.text(),
            "gen_ai.operation.name" => self.operation = attribute.text(),
            "openinference.span.kind" => self.openinference_kind = attribute.text(),
            "operation.name" => self.name = attribute.text(),
            "gen_ai.agent.name" => self.agent = attribute.text(),
            "gen_ai.request.model" => self.request_model = attribute.text(),
            "gen_ai.response.model" => self.response_model = attribute.text(),
            "gen_ai.usage.input_tokens" => self.input_tokens = attribute.integer(),
            "gen_ai.usage.output_tokens" => self.output_tokens = attribute.integer(),
            "gen_ai.usage.cache_read.input_tokens" => self.cached_tokens = attribute.integer(),
            "agentops.usage.cost_usd" => self.cost = attribute.number(),
            "gen_ai.response.time_to_first_chunk" | "agentops.stream.time_to_first_item" => {
                self.first_piece = attribute.number();
            }
            "agentops.cancelled" => self.is_cancelled = attribute.is_true(),
            "agentops.late" => self.is_late = attribute.is_true(),
            "agentops.unfinished" => self.is_unfinished = attribute.is_true(),
            "user.id" => self.user = attribute.text(),
            "tag.tags" => self.tags = attribute.texts(),
            "agentops.session.end_state" => self.end_state = attribute.text(),
            key => self.session.add(key, attribute),
        }
    }

    /// Returns the kind of the span: that of agentops, or else one that follows from other conventions.
    pub(super) fn kind(&self) -> &str {
        if let Some(kind) = &self.kind {
            return kind;
        }
        let of_operation = self.operation.as_deref().and_then(kind_of_operation);
        let of_openinference = || kind_of_openinference(self.openinference_kind.as_deref()?);
        of_operation.or_else(of_openinference).unwrap_or("span")
    }

    /// Returns the model that answered, or else the one that was asked.
    pub(super) fn model(&self) -> Option<&str> {
        self.response_model.as_deref().or(self.request_model.as_deref())
    }
}

impl SessionAttributes {
    fn add(&mut self, key: &str, attribute: &RawAttribute<'_>) {
        let Some(name) = key.strip_prefix("agentops.session.") else { return };
        match name {
            "errors" => self.errors = attribute.integer(),
            "tokens.input" => self.input_tokens = attribute.integer(),
            "tokens.output" => self.output_tokens = attribute.integer(),
            "cost_usd" => self.cost = attribute.number(),
            name => {
                let kind = name.strip_prefix("calls.");
                let calls = kind.and_then(|kind| Some((kind.to_owned(), attribute.integer()?)));
                self.calls.extend(calls);
            }
        }
    }
}

fn kind_of_operation(operation: &str) -> Option<&'static str> {
    Some(match operation {
        "invoke_agent" | "create_agent" => "agent",
        "execute_tool" => "tool",
        "invoke_workflow" => "workflow",
        "chat" | "text_completion" | "generate_content" | "embeddings" => "llm",
        _ => return None,
    })
}

fn kind_of_openinference(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "AGENT" => "agent",
        "TOOL" => "tool",
        "LLM" | "EMBEDDING" => "llm",
        "GUARDRAIL" => "guardrail",
        "RETRIEVER" => "retriever",
        "RERANKER" => "reranker",
        "CHAIN" => "workflow",
        "EVALUATOR" => "evaluator",
        _ => return None,
    })
}
