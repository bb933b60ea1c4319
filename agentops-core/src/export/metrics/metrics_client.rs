//! HTTP client of the official metric exporter, on our transport.

use std::sync::MutexGuard;

use async_trait::async_trait;
use http::{Request, Response};
use opentelemetry_http::{Bytes, HttpClient, HttpError};

use crate::{config::Endpoint, process::Lock, transport::Transport};

/// `HttpClient` that sends by our transport and stores the endpoint's message about the last request.
#[derive(Debug)]
pub(super) struct Client {
    transport: Transport,
    endpoint: Endpoint,
    message: Lock<Option<String>>,
}

impl Client {
    pub(super) fn new(transport: Transport, endpoint: Endpoint) -> Self {
        Self { transport, endpoint, message: Lock::default() }
    }

    /// Takes the message about the last request.
    pub(super) fn take_message(&self) -> Option<String> {
        self.message().take()
    }

    fn message(&self) -> MutexGuard<'_, Option<String>> {
        self.message.lock()
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        request.uri_mut().clone_from(&self.endpoint.0);
        let sent = self.transport.send(&request).map_err(|failure| failure.to_string());
        *self.message() = match &sent {
            Ok(receipt) => receipt.clone().into_message(),
            Err(reason) => Some(reason.clone()),
        };
        // The endpoint's message is reported separately; the exporter only gets a success.
        sent.map(|_| Response::new(Bytes::new())).map_err(Into::into)
    }
}
