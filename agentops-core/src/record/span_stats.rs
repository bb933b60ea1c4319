//! Counters that account for every span.

/// Snapshot of the counters of one tracing core.
///
/// `ended + recovered = sent + spooled + dropped + failed + queued` holds in every snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Stats {
    /// Spans that have started.
    pub started: u64,
    /// Spans that have ended and were handed to the export queue.
    pub ended: u64,
    /// Calls outside of any session, which are not recorded.
    pub orphans: u64,
    /// Spans that ended after their session had ended. They are exported below their parent, marked
    /// `agentops.late`, and are not in the totals of the session.
    pub late: u64,
    /// Incoming requests whose propagation headers were rejected, fully or in part, each counted once: headers
    /// that are malformed, too long, or not trusted by [`TrustRemote`](crate::TrustRemote).
    pub rejected: u64,
    /// Spans of earlier processes that were found on disk.
    pub recovered: u64,
    /// Ended spans that wait in the queue or are in flight.
    pub queued: u64,
    /// Spans that the endpoint has accepted, or that are in a local file.
    pub sent: u64,
    /// Spans that wait on disk for a later delivery.
    pub spooled: u64,
    /// Spans that did not fit into the queue.
    pub dropped: u64,
    /// Spans that could not be delivered, or that the endpoint rejected.
    pub failed: u64,
    /// Bytes of request bodies that the endpoint has accepted.
    pub bytes_sent: u64,
}
