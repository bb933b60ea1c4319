//! Which names the exported spans carry beside the neutral ones.

/// The dialects that are written: OpenTelemetry and the least of `OpenInference` always, AgentOps on demand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dialects {
    agentops: Option<bool>,
}

impl Dialects {
    /// A list of dialects, separated by commas (`AGENTOPS_DIALECT`).
    pub(super) fn parse(list: &str) -> Result<Self, &'static str> {
        let mut agentops = false;
        for dialect in list.split(',').map(str::trim).filter(|dialect| !dialect.is_empty()) {
            match dialect {
                "otel" | "openinference-min" => {}
                "agentops" => agentops = true,
                _ => return Err("expected a list of `otel`, `openinference-min` and `agentops`"),
            }
        }
        Ok(Self { agentops: Some(agentops) })
    }

    /// Without a word about it, AgentOps is written where AgentOps reads.
    pub(crate) fn for_agentops(self, is_agentops: bool) -> Self {
        Self { agentops: self.agentops.or(Some(is_agentops)) }
    }

    pub(crate) fn agentops(self) -> bool {
        self.agentops.unwrap_or(false)
    }
}
