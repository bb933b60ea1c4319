//! Settings of a core that apply when a span starts.

use std::time::Duration;

use crate::{
    config::{BudgetCallback, ForeignSpans, OrphanPolicy, Sampling, TrustRemote},
    llm::Prices,
    process::Reporter,
};

/// Settings that apply when a span starts.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// Recording is turned off by the user.
    pub(crate) disabled: bool,
    pub(crate) orphan_policy: OrphanPolicy,
    pub(crate) capture_content: bool,
    pub(crate) redact_credentials: bool,
    pub(crate) max_len: usize,
    pub(crate) sampling: Sampling,
    pub(crate) default_tags: Vec<String>,
    /// Address of the AgentOps app, if the link to a session is to be logged at its start.
    pub(crate) replay_url: Option<String>,
    pub(crate) reporter: Reporter,
    pub(crate) trust_remote: TrustRemote,
    pub(crate) foreign_spans: ForeignSpans,
    pub(crate) on_budget_exceeded: Option<BudgetCallback>,
    pub(crate) prices: Prices,
    /// Longest time that a session stays open after its function has returned, for calls, streams and tasks that
    /// still run.
    pub(crate) drain_timeout: Duration,
}
