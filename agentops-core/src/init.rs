//! The short way: one call that sets everything up, one guard that ends it well.

use once_cell::sync::OnceCell;
use tracing_subscriber::{Registry, layer::SubscriberExt};

use crate::{
    config::TracingConfig,
    error::InitError,
    process::ShutDown,
    queue::{DeliveryError, Stats},
    tracing_core::TracingCore,
};

static GLOBAL: OnceCell<TracingCore> = OnceCell::new();

/// Starts tracing for the whole program, configured by the environment alone.
///
/// # Errors
/// If an environment variable has a value that cannot be used, if the program already has a global `tracing`
/// subscriber (add [`TracingCore::layer`] to it instead), or if it was called before.
pub fn init() -> Result<Guard, InitError> {
    init_with(TracingConfig::from_env()?)
}

/// Starts tracing for the whole program.
///
/// # Errors
/// If the exporter cannot be built, if the program already has a global `tracing` subscriber (add
/// [`TracingCore::layer`] to it instead), or if it was called before.
pub fn init_with(config: TracingConfig) -> Result<Guard, InitError> {
    let mut config = Some(config);
    let core = GLOBAL.get_or_try_init(|| match config.take() {
        Some(config) => install(config),
        None => Err(InitError::AlreadyInitialised),
    })?;
    match config {
        Some(_) if core.has_shut_down() => Err(InitError::AlreadyShutDown),
        Some(_) => Err(InitError::AlreadyInitialised),
        None => Ok(Guard(core.clone())),
    }
}

fn install(config: TracingConfig) -> Result<TracingCore, InitError> {
    let disabled = config.disabled;
    let core = TracingCore::new(config)?;
    if !disabled {
        let subscriber = Registry::default().with(core.only_layer());
        tracing::subscriber::set_global_default(subscriber)
            .map_err(|_| InitError::SubscriberAlreadySet)?;
        core.settle();
    }
    Ok(core)
}

/// The counters of the core that [`init`] started; all zero without one.
#[must_use]
pub fn stats() -> Stats {
    GLOBAL.get().map(TracingCore::stats).unwrap_or_default()
}

/// Keeps tracing alive; when it is dropped, what has ended is sent, within the shutdown timeout.
#[derive(Debug)]
#[must_use = "dropping the guard stops tracing; bind it to a name that lives as long as the program"]
pub struct Guard(TracingCore);

impl Guard {
    /// Sends everything that has ended so far.
    ///
    /// # Errors
    /// If anything was not delivered within the shutdown timeout, or was lost since the last flush.
    pub fn flush(&self) -> Result<(), DeliveryError> {
        self.0.flush()
    }

    /// The same as [`flush`](Self::flush) for asynchronous code, on whatever runtime: the thread that polls it
    /// is free meanwhile, also that of a current-thread runtime. It is over within the shutdown timeout, and
    /// begins when it is first polled.
    ///
    /// # Errors
    /// Those of [`flush`](Self::flush).
    pub fn flush_async(
        &self,
    ) -> impl Future<Output = Result<(), DeliveryError>> + Send + 'static + use<> {
        self.0.flush_async()
    }

    /// Stops tracing, sends what has ended and says what became of every span.
    ///
    /// # Errors
    /// If anything was not delivered since the start.
    pub fn shutdown(self) -> Result<Stats, DeliveryError> {
        self.0.shutdown()
    }

    /// The same as [`shutdown`](Self::shutdown) for asynchronous code, in the same way. If it is dropped
    /// before it is over, the guard is dropped with it, which waits.
    ///
    /// # Errors
    /// Those of [`shutdown`](Self::shutdown).
    pub async fn shutdown_async(self) -> Result<Stats, DeliveryError> {
        self.0.shutdown_async().await
    }

    /// The core behind it.
    #[must_use]
    pub fn core(&self) -> &TracingCore {
        &self.0
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.shut_down_for_good();
    }
}
