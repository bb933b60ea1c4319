//! Server of the page: on this machine alone, for its own user alone.

use std::{
    future::IntoFuture,
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use axum::Router;
use tokio::{runtime, select, signal, task::spawn_blocking};

use super::{
    guard::Guard,
    jobs::MOST_THREADS,
    routes::{Formats, router},
    token::Token,
    watched_store::WatchedStore,
};

/// Time for which a thread waits for further work; then its memory is given back.
const KEEP_THREAD: Duration = Duration::from_secs(2);

/// Server of a store.
pub(crate) struct Server {
    listener: TcpListener,
    router: Router,
    watched: Arc<WatchedStore>,
    /// Port at which it listens.
    pub(crate) port: u16,
    /// Address of the page.
    pub(crate) address: String,
}

impl Server {
    /// Creates the server at a port that this machine alone can reach; 0 is any that is free.
    ///
    /// # Errors
    /// Returns an error if another program has the port.
    pub(crate) fn bind(
        port: u16,
        token: Token,
        watched: WatchedStore,
        formats: Formats,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let address = format!("http://127.0.0.1:{port}/{token}/");
        let watched = Arc::new(watched);
        let router = router(Guard { port, token }, Arc::clone(&watched), formats);
        Ok(Self { listener, router, watched, port, address })
    }

    /// Serves the page until Ctrl-C, which ends it at once.
    ///
    /// # Errors
    /// Returns an error if the system refuses what the server needs.
    pub(crate) fn run(self) -> io::Result<()> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(MOST_THREADS)
            .thread_keep_alive(KEEP_THREAD)
            .build()?;
        let ended = runtime.block_on(async {
            spawn_blocking(move || self.watched.warm());
            let listener = tokio::net::TcpListener::from_std(self.listener)?;
            select! {
                ended = axum::serve(listener, self.router).into_future() => ended,
                interrupted = signal::ctrl_c() => interrupted,
            }
        });
        // Nobody waits for what is still being read.
        runtime.shutdown_background();
        ended
    }
}
