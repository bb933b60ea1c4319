//! Where the exporter's requests go: on disk first, where there is a spool, else straight out.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use http::{Request, Response};
use opentelemetry_http::{Bytes, HttpClient, HttpError};

use super::{Label, Segment, Spool, Transport};
use crate::exporter::Receipt;

/// Takes requests in opentelemetry-http's name, and remembers what became of the last one.
#[derive(Debug)]
pub(crate) struct Outbox {
    transport: Arc<Transport>,
    spool: Option<Arc<Spool>>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    label: Label,
    receipt: Receipt,
}

impl Outbox {
    pub(crate) fn new(transport: Arc<Transport>, spool: Option<Arc<Spool>>) -> Self {
        Self { transport, spool, state: Mutex::default() }
    }

    /// Says what the next request holds.
    pub(crate) fn announce(&self, label: Label) {
        self.state().label = label;
    }

    /// What became of the last request.
    pub(crate) fn take_receipt(&self) -> Receipt {
        std::mem::take(&mut self.state().receipt)
    }

    /// Bytes of request bodies that were accepted.
    pub(crate) fn bytes_sent(&self) -> u64 {
        self.transport.bytes_sent()
    }

    pub(crate) fn spool(&self) -> Option<&Spool> {
        self.spool.as_deref()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, request: &Request<Bytes>) -> Result<Receipt, String> {
        let label = std::mem::take(&mut self.state().label).describing(request.headers());
        let Some(spool) = &self.spool else {
            return self.transport.send(request).map_err(|unsent| unsent.reason);
        };
        let segment = Segment { label, body: request.body().clone() };
        match spool.append(&segment) {
            Ok(()) => Ok(Receipt::default()),
            // What the disk does not take goes out directly.
            Err(_) => {
                let sent = self.transport.send(request);
                spool.end(&segment.label.roots);
                sent.map_err(|unsent| unsent.reason)
            }
        }
    }
}

#[async_trait]
impl HttpClient for Outbox {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sent = self.send(&request);
        self.state().receipt = match &sent {
            Ok(receipt) => receipt.clone(),
            Err(error) => Receipt { reason: Some(error.clone()), ..Receipt::default() },
        };
        // What the far side said is in the receipt; the exporter hears that it was taken.
        sent.map(|_| Response::new(Bytes::new())).map_err(Into::into)
    }
}
