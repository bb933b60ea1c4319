//! The counters that tell what became of every span.

/// Counters of one tracing core, taken at one moment.
///
/// `ended + recovered = sent + spooled + dropped + failed + queued` holds in every snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Stats {
    /// Spans that have started.
    pub started: u64,
    /// Spans that have ended and were handed to the delivery.
    pub ended: u64,
    /// Calls outside of any session, which are not recorded.
    pub orphans: u64,
    /// Spans that ended after their session had: they are exported below their parent, marked `agentops.late`,
    /// and in no total of the session.
    pub late: u64,
    /// Requests of other processes whose headers were not believed, or not all of them, each once: what is malformed,
    /// too long, or not wanted by [`TrustRemote`](crate::TrustRemote).
    pub rejected: u64,
    /// Spans of earlier processes that were found on disk.
    pub recovered: u64,
    /// Ended spans that wait or are on their way.
    pub queued: u64,
    /// Spans that the far side has accepted, or that are in a local file.
    pub sent: u64,
    /// Spans that wait on disk for a later delivery.
    pub spooled: u64,
    /// Spans that did not fit into the queue.
    pub dropped: u64,
    /// Spans that could not be delivered, or that the far side rejected.
    pub failed: u64,
    /// Bytes of request bodies that the far side has accepted.
    pub bytes_sent: u64,
}
