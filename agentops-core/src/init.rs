//! Global setup: one call that starts tracing, one guard that shuts it down.

use once_cell::sync::OnceCell;
use tracing_subscriber::{Registry, layer::SubscriberExt};

use crate::{
    config::TracingConfig, error::InitError, process::ShutDown, queue::DeliveryError,
    record::Stats, tracing_core::TracingCore,
};

static GLOBAL: OnceCell<TracingCore> = OnceCell::new();

/// Starts tracing for the whole program, configured by the environment alone.
///
/// # Errors
/// Returns an error if an environment variable has a value that cannot be used, if the program already has a global
/// `tracing` subscriber (add [`layer`](crate::layer) to it instead), or if `init` or `init_with` was called before.
pub fn init() -> Result<Guard, InitError> {
    init_with(TracingConfig::from_env()?)
}

/// Starts tracing for the whole program with these settings.
///
/// # Errors
/// Returns an error if the exporter cannot be built, if the program already has a global `tracing` subscriber (add
/// [`layer`](crate::layer) to it instead), or if `init` or `init_with` was called before.
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

/// Guard that keeps tracing alive. Dropping it exports what has ended, within the shutdown timeout, and stops tracing.
#[derive(Debug)]
#[must_use = "dropping the guard stops tracing; bind it to a name that lives as long as the program"]
pub struct Guard(TracingCore);

impl Guard {
    /// Exports everything that has ended so far, within the shutdown timeout.
    ///
    /// # Errors
    /// Returns an error if any span was not delivered within the shutdown timeout, or was lost since the last flush.
    pub fn flush(&self) -> Result<(), DeliveryError> {
        self.0.flush()
    }

    /// Flushes like [`flush`](Self::flush), for asynchronous code on any runtime: the polling thread is not
    /// blocked, not even that of a current-thread runtime. It starts at the first poll and completes within the
    /// shutdown timeout.
    ///
    /// # Errors
    /// Returns the errors of [`flush`](Self::flush).
    pub fn flush_async(
        &self,
    ) -> impl Future<Output = Result<(), DeliveryError>> + Send + 'static + use<> {
        self.0.flush_async()
    }

    /// Stops tracing, exports what has ended and returns the final counters.
    ///
    /// # Errors
    /// Returns an error if any span was not delivered since the start.
    pub fn shutdown(self) -> Result<Stats, DeliveryError> {
        self.0.shutdown()
    }

    /// Shuts down like [`shutdown`](Self::shutdown), for asynchronous code on any runtime, without blocking the
    /// polling thread. If the future is dropped before it completes, the guard is dropped with it, which blocks.
    ///
    /// # Errors
    /// Returns the errors of [`shutdown`](Self::shutdown).
    pub async fn shutdown_async(self) -> Result<Stats, DeliveryError> {
        self.0.shutdown_async().await
    }

    /// Returns the core of this guard.
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
