//! Which names the exported spans carry beside the neutral ones.

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
        let (mut agentops, mut openinference) = (false, false);
        for dialect in list.split(',').map(str::trim).filter(|dialect| !dialect.is_empty()) {
            match dialect {
                "otel" | "openinference-min" => {}
                "agentops" => agentops = true,
                "openinference" => openinference = true,
                _ => {
                    return Err("expected a list of `otel`, `openinference-min`, `agentops` and \
                                `openinference`");
                }
            }
        }
        Ok(Self { agentops: Some(agentops), openinference })
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
