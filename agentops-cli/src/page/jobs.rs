//! Work on files, beside the thread that answers: a bounded part at a time.

use std::{
    io::{self, Write},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::body::Body;
use futures_core::Stream;
use tokio::{
    sync::{Semaphore, mpsc},
    task::spawn_blocking,
};

use super::api_error::ApiError;

/// Most documents that are made at once, and most that are sent piece by piece.
const MOST_DOCUMENTS: usize = 2;
const MOST_STREAMS: usize = 3;
/// Most threads for that.
pub(super) const MOST_THREADS: usize = MOST_DOCUMENTS + MOST_STREAMS;
/// Bytes of a piece, and pieces that wait for the browser.
const PIECE: usize = 64 << 10;
const MOST_WAITING: usize = 4;

/// Places for work on files.
#[derive(Clone, Debug)]
pub(super) struct Jobs {
    documents: Arc<Semaphore>,
    streams: Arc<Semaphore>,
}

impl Jobs {
    pub(super) fn new() -> Self {
        Self {
            documents: Arc::new(Semaphore::new(MOST_DOCUMENTS)),
            streams: Arc::new(Semaphore::new(MOST_STREAMS)),
        }
    }

    /// Does a piece of work, once there is a place for it. A panic is an error of this request alone.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let place = Arc::clone(&self.documents).acquire_owned().await;
        let job = spawn_blocking(move || {
            // Until the work is done, also if nobody waits for it any more.
            let _place = place;
            job()
        });
        job.await.unwrap_or(Err(ApiError::Panic))
    }

    /// Sends what a piece of work writes, as it is written. Writing fails once the client has gone.
    pub(super) async fn stream(
        &self,
        job: impl FnOnce(&mut Pieces) -> io::Result<()> + Send + 'static,
    ) -> Body {
        let (sender, receiver) = mpsc::channel(MOST_WAITING);
        let place = Arc::clone(&self.streams).acquire_owned().await;
        spawn_blocking(move || {
            let _place = place;
            let mut pieces = Pieces { sender, waiting: Vec::new() };
            if job(&mut pieces).and_then(|()| pieces.flush()).is_ok() {
                let _ = pieces.sender.blocking_send(None);
            }
        });
        Body::from_stream(PieceStream(receiver))
    }
}

/// Receiver of what is sent.
pub(super) struct Pieces {
    /// `None` is the end: what ends without it is torn.
    sender: mpsc::Sender<Option<Vec<u8>>>,
    waiting: Vec<u8>,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.sender.is_closed() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        if self.waiting.is_empty() {
            return Ok(());
        }
        let piece = std::mem::take(&mut self.waiting);
        let sent = self.sender.blocking_send(Some(piece));
        sent.map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

/// Pieces as the body of an answer.
struct PieceStream(mpsc::Receiver<Option<Vec<u8>>>);

impl Stream for PieceStream {
    type Item = io::Result<Vec<u8>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(cx).map(|received| match received {
            Some(piece) => piece.map(Ok),
            // The connection is cut, so that no client takes the part for the whole.
            None => Some(Err(io::ErrorKind::UnexpectedEof.into())),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;

    use http_body_util::{BodyExt, Collected};
    use tokio::runtime;

    use super::*;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        runtime::Builder::new_current_thread().build().unwrap().block_on(future)
    }

    #[test]
    fn panic_is_an_error_of_its_request_alone() {
        let jobs = Jobs::new();
        let failed = block_on(jobs.run(|| -> Result<(), _> { panic!("of a document") }));
        assert!(matches!(failed, Err(ApiError::Panic)));
        for _ in 0..2 * MOST_DOCUMENTS {
            assert_eq!(block_on(jobs.run(|| Ok(7))).unwrap(), 7);
        }
    }

    #[test]
    fn stream_is_whole_or_torn() {
        let jobs = Jobs::new();
        let sent = |job: fn(&mut Pieces) -> io::Result<()>| {
            block_on(async { jobs.stream(job).await.collect().await.map(Collected::to_bytes) })
        };
        let whole = sent(|out| (0..100_000).try_for_each(|_| out.write_all(b"0123456789")));
        assert_eq!(whole.unwrap().len(), 1_000_000);
        assert!(sent(|out| out.write_all(b"part").and(Err(io::ErrorKind::Other.into()))).is_err());
        assert!(sent(|_| panic!("of a stream")).is_err());
    }

    #[test]
    fn stream_stops_once_the_client_has_gone() {
        let (sender, stopped) = std::sync::mpsc::channel();
        block_on(async {
            let jobs = Jobs::new();
            let body = jobs.stream(move |out| {
                let stopped = loop {
                    if let Err(error) = out.write_all(&[0; PIECE]) {
                        break error;
                    }
                };
                sender.send(stopped.kind()).unwrap();
                Err(stopped)
            });
            drop(body.await);
        });
        assert_eq!(stopped.recv(), Ok(io::ErrorKind::BrokenPipe));
    }
}
