//! The official exporter's way to our transport.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use http::{Request, Response};
use opentelemetry_http::{Bytes, HttpClient, HttpError};

use crate::delivery::Transport;

/// Takes requests in opentelemetry-http's name, and remembers what the far side said of the last one.
#[derive(Debug)]
pub(super) struct Client {
    transport: Transport,
    told: Mutex<Option<String>>,
}

impl Client {
    pub(super) fn new(transport: Transport) -> Self {
        Self { transport, told: Mutex::default() }
    }

    /// What there is to say of the last request.
    pub(super) fn take_told(&self) -> Option<String> {
        self.told().take()
    }

    fn told(&self) -> MutexGuard<'_, Option<String>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sent = self.transport.send(&request).map_err(|unsent| unsent.reason);
        *self.told() = match &sent {
            Ok(receipt) => receipt.reason.clone(),
            Err(reason) => Some(reason.clone()),
        };
        // What the far side said is told; the exporter hears that it was taken.
        sent.map(|_| Response::new(Bytes::new())).map_err(Into::into)
    }
}
