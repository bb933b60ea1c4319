//! Policies that the program can choose.

use std::time::Duration;

/// Policy for a call outside of any session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OrphanPolicy {
    /// Runs the function without recording it. The call is counted, and each callsite warns once.
    #[default]
    Drop,
    /// Panics; for tests and strict development.
    Panic,
    /// Records the call in a session of its own, named after the function.
    AutoSession,
}

/// Policy for a span that ends while the queue is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overflow {
    /// Drops and counts the span; the program never waits.
    #[default]
    Drop,
    /// Blocks the span's thread for at most this long, then drops and counts the span. After one timeout, further
    /// spans are dropped at once until the queue drains. For programs that produce spans faster than they can be
    /// exported. In asynchronous code it blocks the whole worker thread of the runtime.
    Block(Duration),
}

impl Overflow {
    /// Returns the default policy: block if spans go to disk, which is fast enough to wait for.
    pub(super) const fn default_beside(has_spool: bool) -> Self {
        if has_spool { Self::Block(Duration::from_secs(1)) } else { Self::Drop }
    }

    /// Returns the default size of the queue in bytes. Without back-pressure, a burst needs room; a program that
    /// blocks does not need that much memory.
    pub(super) const fn default_queue_bytes(self) -> usize {
        match self {
            Self::Drop => 128 << 20,
            Self::Block(_) => 24 << 20,
        }
    }
}

/// Trust in the headers of an incoming request, which name its caller's session.
///
/// | | use for | what a caller decides |
/// |---|---|---|
/// | `Never` | public endpoints: browsers, customers, the internet | nothing |
/// | `Identity` | internal services, called by own services or partners | its session, user and trace; that it is not recorded |
/// | `Sampling` | services called only by own services at one sample rate | also that it is recorded, whatever the local rate |
///
/// `Identity` is the default so that a session continues across processes as soon as one injects and the other
/// extracts headers, as in OpenTelemetry, whose propagators trust every caller. Nothing is read unless the program
/// calls [`extract`](crate::extract) or adds the layer of `tower`, and trusted headers cause no more recording
/// than the program's own sample rate allows. But any caller can pose as any user: see
/// [`extract`](crate::extract).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrustRemote {
    /// Trusts nothing: every request starts a session of its own. For public endpoints.
    Never,
    /// Trusts the caller's session, user and trace, and a *negative* sampling decision. A positive one is ignored:
    /// the local sample rate decides, by a hash of the trace id that callers cannot compute (see
    /// [`sample_salt`](crate::TracingConfigBuilder::sample_salt)).
    #[default]
    Identity,
    /// Trusts a positive sampling decision, too: for callers that are as trusted as the program itself.
    Sampling,
}

/// Selection of foreign spans (spans that are not from annotated functions) that become part of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForeignSpans {
    /// Spans that frameworks emit for agents, tools and model calls: spans with the field `gen_ai.operation.name`
    /// (rig, genai and others that follow the conventions), and those of adk-rust, goose, langchain-rust and
    /// swiftide, which have names of their own.
    #[default]
    GenAi,
    /// Every span of level `INFO` and above, including those of HTTP clients and of the program itself.
    All,
    /// No such spans.
    None,
}
