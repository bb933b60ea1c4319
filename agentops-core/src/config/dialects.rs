//! Which names the exported spans carry beside the neutral ones.

/// Names that exported spans carry, for those who read them by these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dialect {
    /// OpenTelemetry's conventions for generative AI; they are always written (`otel`).
    OpenTelemetry,
    /// The least of `OpenInference` that its readers need; it is always written (`openinference-min`).
    OpenInferenceMin,
    /// The whole of `OpenInference` (`openinference`).
    OpenInference,
    /// Those of AgentOps; without a word about dialects they are written where AgentOps reads (`agentops`).
    AgentOps,
}

impl Dialect {
    fn parse(name: &str) -> Result<Self, &'static str> {
        match name {
            "otel" => Ok(Self::OpenTelemetry),
            "openinference-min" => Ok(Self::OpenInferenceMin),
            "openinference" => Ok(Self::OpenInference),
            "agentops" => Ok(Self::AgentOps),
            _ => Err("expected a list of `otel`, `openinference-min`, `agentops` and \
                      `openinference`"),
        }
    }
}

/// The dialects that are written: OpenTelemetry and the least of `OpenInference` always, AgentOps and the
/// whole of `OpenInference` on demand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dialects {
    agentops: Option<bool>,
    openinference: bool,
}

impl Dialects {
    /// A list of dialects, separated by commas (`AGENTOPS_DIALECT`).
    pub(crate) fn parse(list: &str) -> Result<Self, &'static str> {
        let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
        Ok(Self::of(&names.map(Dialect::parse).collect::<Result<Vec<_>, _>>()?))
    }

    pub(super) fn of(list: &[Dialect]) -> Self {
        Self {
            agentops: Some(list.contains(&Dialect::AgentOps)),
            openinference: list.contains(&Dialect::OpenInference),
        }
    }

    /// Without a word about it, AgentOps is written where AgentOps reads.
    pub(crate) fn for_agentops(self, is_agentops: bool) -> Self {
        Self { agentops: self.agentops.or(Some(is_agentops)), ..self }
    }

    pub(crate) fn agentops(self) -> bool {
        self.agentops.unwrap_or(false)
    }

    pub(crate) fn openinference(self) -> bool {
        self.openinference
    }
}
