//! What a span stands for: the component kinds of the AgentOps architecture.

/// The kind of component that a span records.
///
/// Not to be confused with OpenTelemetry's span kind (client, server, internal), which follows from it.
#[doc(alias = "SpanType")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SpanKind {
    /// A session: the root of its own trace.
    Session,
    /// An agent: one run of something that plans and decides.
    Agent,
    /// A tool call.
    Tool,
    /// A call of a language model.
    Llm,
    /// A task: a unit of work of an agent.
    Task,
    /// A workflow: several steps under one name.
    Workflow,
    /// An operation: any other step worth a span.
    Operation,
    /// A guardrail: a check of what goes in or comes out.
    Guardrail,
    /// A kind of the user's own, by its name.
    Custom(&'static str),
}

/// The places of the kinds in an array of counters.
pub(crate) mod slot {
    pub(crate) const SESSION: usize = 0;
    pub(crate) const AGENT: usize = 1;
    pub(crate) const TOOL: usize = 2;
    pub(crate) const LLM: usize = 3;
    pub(crate) const CUSTOM: usize = 8;
}

impl SpanKind {
    /// How many slots [`SpanKind::slot`] can name.
    pub(crate) const SLOTS: usize = slot::CUSTOM + 1;

    /// The value of the attribute `agentops.span.kind`.
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

    /// The place of a recorded kind in an array of counters; all custom kinds share one.
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

    /// The name of a slot, as it stands in `agentops.session.calls.*`.
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
