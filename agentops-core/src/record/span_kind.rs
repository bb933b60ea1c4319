//! Kinds of spans: the components of the AgentOps architecture.

use opentelemetry::{KeyValue, Value};

use super::semconv::SPAN_KIND;

/// Kind of the component that a span records.
///
/// Not to be confused with OpenTelemetry's span kind (client, server, internal), which is derived from it.
#[doc(alias = "SpanType")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SpanKind {
    /// Session: the root of its own trace.
    Session,
    /// Agent: one run of something that plans and decides.
    Agent,
    /// Tool call.
    Tool,
    /// Call of a language model.
    Llm,
    /// Task: a unit of work of an agent.
    Task,
    /// Workflow: several steps under one name.
    Workflow,
    /// Operation: any other step worth a span.
    Operation,
    /// Guardrail: a check of an input or an output.
    Guardrail,
    /// User-defined kind, with its name.
    Custom(&'static str),
}

/// Kind of a recorded span: a [`SpanKind`] without the name of a user-defined kind, which only the attribute
/// `agentops.span.kind` holds. It goes with a span from its draft to its export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum RecordedKind {
    Session,
    Agent,
    Tool,
    Llm,
    Task,
    Workflow,
    Operation,
    Guardrail,
    Custom,
}

impl SpanKind {
    /// Returns the value of the attribute `agentops.span.kind`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Custom(name) => name,
            kind => kind.without_name().as_str(),
        }
    }

    /// Returns the kind without the name of a user-defined one. All user-defined kinds become one.
    pub(crate) const fn without_name(self) -> RecordedKind {
        match self {
            Self::Session => RecordedKind::Session,
            Self::Agent => RecordedKind::Agent,
            Self::Tool => RecordedKind::Tool,
            Self::Llm => RecordedKind::Llm,
            Self::Task => RecordedKind::Task,
            Self::Workflow => RecordedKind::Workflow,
            Self::Operation => RecordedKind::Operation,
            Self::Guardrail => RecordedKind::Guardrail,
            Self::Custom(_) => RecordedKind::Custom,
        }
    }
}

impl From<SpanKind> for RecordedKind {
    /// Converts a kind. A user-defined kind with the name of a known one is that one.
    fn from(kind: SpanKind) -> Self {
        match kind {
            SpanKind::Custom(name) => Self::from_attribute(name),
            kind => kind.without_name(),
        }
    }
}

impl RecordedKind {
    pub(crate) const ALL: [Self; 9] = [
        Self::Session,
        Self::Agent,
        Self::Tool,
        Self::Llm,
        Self::Task,
        Self::Workflow,
        Self::Operation,
        Self::Guardrail,
        Self::Custom,
    ];

    /// Returns the index of the kind in an array of counters.
    pub(crate) const fn index(self) -> usize {
        self as usize
    }

    /// Returns the name of the kind, as used in `agentops.session.calls.*`; `custom` for all user-defined kinds.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Agent => "agent",
            Self::Tool => "tool",
            Self::Llm => "llm",
            Self::Task => "task",
            Self::Workflow => "workflow",
            Self::Operation => "operation",
            Self::Guardrail => "guardrail",
            Self::Custom => "custom",
        }
    }

    /// Parses the attribute `agentops.span.kind`. For spans that come from outside of the pipeline: from a provider of
    /// the program's own, or from a file.
    pub(crate) fn from_attribute(text: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).unwrap_or(Self::Custom)
    }

    /// Parses the kind that a span was created with, as [`from_attribute`](Self::from_attribute) does. Returns `None`
    /// for a span that is not ours.
    pub(crate) fn among(attributes: &[KeyValue]) -> Option<Self> {
        let kind = attributes.iter().find(|attribute| attribute.key.as_str() == SPAN_KIND)?;
        match &kind.value {
            Value::String(text) => Some(Self::from_attribute(text.as_str())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_kind_index_and_name_round_trip() {
        for (index, kind) in RecordedKind::ALL.into_iter().enumerate() {
            assert_eq!(kind.index(), index);
            assert_eq!(RecordedKind::from_attribute(kind.as_str()), kind);
        }
        assert_eq!(RecordedKind::from_attribute("reranker"), RecordedKind::Custom);
    }

    #[test]
    fn custom_kind_with_a_known_name_is_that_kind() {
        assert_eq!(RecordedKind::from(SpanKind::Custom("llm")), RecordedKind::Llm);
        assert_eq!(RecordedKind::from(SpanKind::Custom("reranker")), RecordedKind::Custom);
        assert_eq!(SpanKind::Custom("llm").without_name(), RecordedKind::Custom);
    }
}
