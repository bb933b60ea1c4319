//! What is to happen where there is a choice.

use std::time::Duration;

/// The fate of a call that is made outside of any session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OrphanPolicy {
    /// The function runs and nothing is recorded; it is counted, and each callsite warns once.
    #[default]
    Drop,
    /// It panics: for tests and strict development.
    Panic,
    /// It gets a session of its own, named after it.
    AutoSession,
}

/// The fate of an ended span when the queue is full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overflow {
    /// It is dropped and counted: the program never waits.
    #[default]
    Drop,
    /// Its thread waits for room, so long at the most; then it is dropped and counted, and until the queue
    /// moves again nobody waits any more. For programs that produce faster than anybody could deliver. In
    /// asynchronous code the whole worker thread waits.
    Block(Duration),
}

impl Overflow {
    /// A disk takes spans in no time, which is worth waiting for.
    pub(super) const fn default_beside(has_spool: bool) -> Self {
        if has_spool { Self::Block(Duration::from_secs(1)) } else { Self::Drop }
    }

    /// A burst that nobody slows down needs room; a program that waits needs memory for something better.
    pub(super) const fn default_queue_bytes(self) -> usize {
        match self {
            Self::Drop => 128 << 20,
            Self::Block(_) => 24 << 20,
        }
    }
}

/// The trust in the headers of an incoming request, which name its caller's session.
///
/// | | where it fits | what a caller decides |
/// |---|---|---|
/// | `Never` | doors that are open to others: browsers, customers, the internet | nothing |
/// | `Identity` | services behind them, called by the program's own or by partners | its session, user and trace; that it is not recorded |
/// | `Sampling` | services that only the program's own can call, all at the rate of the first | also that it is recorded, whatever the rate is here |
///
/// `Identity` is the default so that a session goes on over processes as soon as one injects and the other
/// extracts, as in OpenTelemetry, whose propagators believe every caller. Nothing is read unless the program calls
/// [`extract`](crate::extract) or adds the layer of `tower`, and what is believed costs no more than the program's own
/// sample rate lets through. But it lets any caller pose as any user: see [`extract`](crate::extract).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrustRemote {
    /// Nothing: every request is on its own. For doors that are open to others.
    Never,
    /// The caller's session, user and trace, and that it is not recorded. That it *is* recorded turns nothing on here:
    /// the program's own sample rate decides, by a hash of the trace that callers cannot compute
    /// (see [`sample_salt`](crate::TracingConfigBuilder::sample_salt)).
    #[default]
    Identity,
    /// Also that it is recorded: for callers that are as trusted as the program itself.
    Sampling,
}

/// Which spans that are not of annotated functions belong into a session, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForeignSpans {
    /// Those by which frameworks tell of agents, tools and model calls: spans with the field
    /// `gen_ai.operation.name` (rig, genai and whoever follows the conventions), and those of adk-rust,
    /// goose, langchain-rust and swiftide, which have names of their own.
    #[default]
    GenAi,
    /// Every span of level `INFO` and above, those of HTTP clients and of the program itself, too.
    All,
    /// None.
    None,
}
