//! Kinds of spans: the components of the AgentOps architecture.

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

/// Indices of the kinds in an array of counters.
pub(crate) mod slot {
    pub(crate) const SESSION: usize = 0;
    pub(crate) const AGENT: usize = 1;
    pub(crate) const TOOL: usize = 2;
    pub(crate) const LLM: usize = 3;
    pub(crate) const CUSTOM: usize = 8;
}

impl SpanKind {
    /// Number of indices that [`SpanKind::slot`] returns.
    pub(crate) const SLOTS: usize = slot::CUSTOM + 1;

    /// Returns the value of the attribute `agentops.span.kind`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Agent => "agent",
            Self::Tool => "tool",
            Self::Llm => "llm",
            Self::Task => "task",
            Self::Workflow => "workflow",
            Self::Operation => "operation",
            Self::Guardrail => "guardrail",
            Self::Custom(kind) => kind,
        }
    }

    /// Returns the index of a recorded kind in an array of counters. All user-defined kinds share one.
    pub(crate) fn slot(recorded: &str) -> usize {
        match recorded {
            "session" => slot::SESSION,
            "agent" => slot::AGENT,
            "tool" => slot::TOOL,
            "llm" => slot::LLM,
            "task" => 4,
            "workflow" => 5,
            "operation" => 6,
            "guardrail" => 7,
            _ => slot::CUSTOM,
        }
    }

    /// Returns the name of an index, as used in `agentops.session.calls.*`.
    pub(crate) const fn slot_name(slot: usize) -> &'static str {
        match slot {
            slot::SESSION => "session",
            slot::AGENT => "agent",
            slot::TOOL => "tool",
            slot::LLM => "llm",
            4 => "task",
            5 => "workflow",
            6 => "operation",
            7 => "guardrail",
            _ => "custom",
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::record::kind::SpanKind;

    #[test]
    fn every_kind_counts_in_the_slot_that_carries_its_name() {
        for slot in 0..SpanKind::SLOTS {
            assert_eq!(SpanKind::slot(SpanKind::slot_name(slot)), slot);
        }
        assert_eq!(SpanKind::slot_name(SpanKind::slot("reranker")), "custom");
    }
}
