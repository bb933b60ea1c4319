//! Outbox for requests: to the spool if there is one, else directly to the endpoint.

use std::sync::Arc;

use super::{
    Transport,
    spool::{Segment, Spool},
};
use crate::config::{DeliveryFailure, Endpoint, Receipt};

/// Outbox for one endpoint.
#[derive(Debug)]
pub(crate) struct Outbox {
    transport: Arc<Transport>,
    spool: Option<Arc<Spool>>,
    endpoint: Endpoint,
}

impl Outbox {
    pub(crate) fn new(
        transport: Arc<Transport>,
        spool: Option<Arc<Spool>>,
        endpoint: Endpoint,
    ) -> Self {
        Self { transport, spool, endpoint }
    }

    /// Returns the bytes of request bodies that were accepted.
    pub(crate) fn bytes_sent(&self) -> u64 {
        self.transport.bytes_sent()
    }

    /// Returns what the request in flight waits for, if any.
    pub(crate) fn waits_for(&self) -> Option<String> {
        self.transport.waits_for()
    }

    pub(crate) fn spool(&self) -> Option<&Spool> {
        self.spool.as_deref()
    }

    /// Accepts a request and returns the result.
    pub(crate) fn send(&self, segment: &Segment) -> Result<Receipt, DeliveryFailure> {
        let Some(spool) = &self.spool else { return self.send_now(segment) };
        match spool.append(segment) {
            Ok(()) => Ok(Receipt::Complete),
            // Spans that cannot be written to disk are sent directly.
            Err(_) => {
                let sent = self.send_now(segment);
                spool.mark_ended(&segment.label.roots);
                sent
            }
        }
    }

    fn send_now(&self, segment: &Segment) -> Result<Receipt, DeliveryFailure> {
        let request = segment
            .request(&self.endpoint)
            .map_err(|error| DeliveryFailure::Payload(error.to_string()))?;
        self.transport.send(&request)
    }
}
