//! Data about a live span from other sources than its own recording.

use opentelemetry::{KeyValue, StringValue, Value};
use opentelemetry_sdk::trace::SpanData;

use super::agent_runs::AgentRuns;

/// Most tags that can be added to a span: the limit of its attributes.
const MOST_TAGS: usize = 128;

/// Data about a span from other sources than its own recording.
#[derive(Debug, Default)]
pub(crate) struct Amendments {
    /// Output set by the program; replaces the captured one.
    pub(crate) output: Option<Value>,
    /// Records values with names like credentials, as the function asks for.
    pub(crate) keeps_credentials: bool,
    /// Tags set by the program, added to those from other sources.
    pub(crate) tags: Vec<StringValue>,
    /// Number of tags that were dropped because of [`MOST_TAGS`].
    pub(crate) tags_left_out: u32,
    /// Cost set by the program on a span that is neither a tool nor a model call; those record theirs as an
    /// attribute.
    pub(crate) cost: Option<f64>,
    /// Attributes that frameworks recorded for the same call; used where the span has none of its own.
    pub(crate) by_framework: Vec<KeyValue>,
    /// Ended span below this adopted one that may be the same call.
    pub(crate) inner: PendingMerge,
    /// Agent runs below this span that have no span of their own.
    pub(crate) agent_runs: AgentRuns,
    /// Number of live spans for the same call. The span of a client may live as long as its stream.
    pub(crate) open_folded: usize,
    /// The span itself, once it has ended and waits for them.
    pub(crate) ended: Option<Box<SpanData>>,
}

impl Amendments {
    /// Adds a tag unless it is there already.
    pub(crate) fn add_tag(&mut self, tag: String) {
        if self.tags.iter().any(|earlier| earlier.as_str() == tag) {
            return;
        }
        if self.tags.len() < MOST_TAGS {
            self.tags.push(tag.into());
        } else {
            self.tags_left_out = self.tags_left_out.saturating_add(1);
        }
    }
}

/// Ended spans of agentops below an adopted span of the same kind.
#[derive(Debug, Default)]
pub(crate) enum PendingMerge {
    #[default]
    None,
    /// A single span, which may be the same call.
    One(Box<SpanData>),
    /// More than one span: none of them is the same call.
    Several,
}
