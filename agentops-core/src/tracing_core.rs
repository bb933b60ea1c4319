//! Assembly of a configuration into a tracer, a layer and an export pipeline.

mod counters;

pub use self::counters::stats;

use std::{
    sync::{Arc, Once},
    time::{Duration, Instant},
};

use opentelemetry_sdk::trace::SpanProcessor;
use tracing_core::{Metadata, Subscriber};
use tracing_subscriber::{Layer, registry::LookupSpan};

use self::counters::DeliveryCounters;
#[cfg(all(unix, feature = "signals"))]
use crate::process::{handle_signals, is_immune};
use crate::{
    bridge::{AgentOpsSpanProcessor, AgentOpsTracer, BridgeLayer, OwnSpanFilter, SpanSink, scope},
    config::{Destination, TracingConfig},
    error::InitError,
    export::{ConsoleExporter, ExportPipeline, OpenDestination},
    llm::load_prices,
    outgoing::Preparation,
    process::{
        Reporter, ShutDown, fork, presentable::shown, report, run_blocking, shut_down_at_exit,
        watch_panics,
    },
    queue::{DeliveryError, DeliveryWarnings, Queue, QueueLimits, spawn_worker},
    record::{LONGEST_CONTENT, Stats, resource},
    session::{
        RegistryLayer, Rules, SessionRef, SessionRegistry, add_fallback, end_sessions, list_calls,
        note_core_created, session_refs,
    },
    transport::{Outbox, ShutdownSignal, Spool},
};

/// Complete tracing pipeline: config → tracer → layer, with its own export thread.
///
/// It sets no global subscriber: attach it to one with [`layer`], or let `init` do so. When the last clone is dropped,
/// or the process exits, the queued spans are exported.
///
/// # Process-wide effects
/// Each core has its own settings, sessions, queue and counters. The process shares the following:
///
/// - The first core installs an `atexit` handler, on Unix also a `pthread_atfork` handler, and a panic hook that stores
///   a panic's message and location and then calls the previous hook. They stay for the life of the process.
/// - Open cores are counted: annotated functions return early while there is none. At exit all of them shut down.
/// - With the feature `cost`, the first core starts a thread that unpacks the table of prices.
/// - [`span_processor`] makes its core the default of the process, for sessions that no agentops layer claims.
/// - With the feature `signals`, handlers of SIGINT and SIGTERM, and a thread that waits for them, are installed if the
///   configuration [handles signals](crate::TracingConfigBuilder::handle_signals).
///
/// A [disabled](crate::TracingConfigBuilder::disabled) core installs only the handlers of exit and fork.
#[doc(alias = "Tracing Core")]
#[derive(Clone, Debug)]
pub struct TracingCore(Arc<Core>);

/// State that the clones share.
#[derive(Debug)]
pub(crate) struct Core {
    registry: Arc<SessionRegistry>,
    tracer: AgentOpsTracer,
    queue: Arc<Queue>,
    stop: Arc<ShutdownSignal>,
    outbox: Option<Arc<Outbox>>,
    deliveries: Arc<DeliveryCounters>,
    settings: Settings,
    /// Run by the first caller of `shutdown`; the others wait for it.
    shutdown: Once,
}

#[derive(Debug)]
struct Settings {
    shutdown_timeout: Duration,
    console: bool,
    reporter: Reporter,
}

impl TracingCore {
    /// Assembles the pipeline and starts its export thread.
    ///
    /// # Errors
    /// Returns an error if the exporter cannot be built or a thread cannot be started.
    pub fn new(config: TracingConfig) -> Result<Self, InitError> {
        #[cfg(all(unix, feature = "signals"))]
        let signals = Signals::of(&config);
        let core = Arc::new(Core::assemble(config)?);
        let weak = Arc::downgrade(&core);
        shut_down_at_exit(weak);
        #[cfg(all(unix, feature = "signals"))]
        signals.handle()?;
        Ok(Self(core))
    }

    /// Returns the layer for a subscriber that has no other layers.
    pub(crate) fn only_layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        self.unfiltered_layer().and_then(self.filter())
    }

    /// Marks the layer of this core as that of the global subscriber.
    pub(crate) fn settle(&self) {
        self.0.registry.become_process_default();
    }

    fn unfiltered_layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let registry = RegistryLayer(Arc::clone(&self.0.registry));
        BridgeLayer(self.0.tracer.clone()).and_then(registry)
    }

    /// Returns `true` if the [`layer`] of this core records a `tracing` span with this metadata: one of an annotated
    /// function, or of a framework that [`ForeignSpans`](crate::ForeignSpans) includes.
    ///
    /// A second layer of `tracing-opentelemetry` also records annotated functions, in traces of its own. Use this
    /// method to filter them out. Spans that the program opens inside of them with `tracing` then have a parent
    /// that the exporter of that layer does not have:
    ///
    /// ```
    /// use agentops::tracing_opentelemetry;
    /// use tracing_subscriber::{Layer, filter::filter_fn, layer::SubscriberExt, registry};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let config = agentops::TracingConfig::builder().console(false).build()?;
    /// let core = agentops::TracingCore::new(config)?;
    /// let ours = core.clone();
    /// let theirs = tracing_opentelemetry::layer();
    /// let subscriber = registry()
    ///     .with(theirs.with_filter(filter_fn(move |metadata| !ours.records(metadata))))
    ///     .with(agentops::layer(&core));
    /// # drop(subscriber);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn records(&self, metadata: &Metadata<'_>) -> bool {
        self.filter().accepts(metadata)
    }

    fn filter(&self) -> OwnSpanFilter {
        OwnSpanFilter(self.0.registry.rules().foreign_spans)
    }

    /// Returns `true` if it has shut down and does not record any more.
    pub(crate) fn has_shut_down(&self) -> bool {
        self.0.shutdown.is_completed()
    }

    /// Exports everything that has ended so far, within the shutdown timeout.
    ///
    /// # Errors
    /// Returns an error if any span was not delivered in that time, or was lost since the last flush.
    pub fn flush(&self) -> Result<(), DeliveryError> {
        if fork::is_child() {
            return Ok(());
        }
        let flushed = self.0.queue.flush(self.0.settings.shutdown_timeout);
        flushed.map_err(|error| self.0.complete(error))
    }

    /// Stops recording, exports what has ended and returns the final counters, within the shutdown timeout. A
    /// second call returns the same result.
    ///
    /// # Errors
    /// Returns an error if any span was not delivered since the start.
    pub fn shutdown(&self) -> Result<Stats, DeliveryError> {
        if fork::is_child() {
            return Ok(Stats::default());
        }
        self.0.shut_down();
        match self.0.queue.losses() {
            None => Ok(self.stats()),
            Some(error) => Err(self.0.complete(error)),
        }
    }

    /// Flushes like [`flush`](Self::flush), for asynchronous code on any runtime: the polling thread is not
    /// blocked. It starts at the first poll and completes within the shutdown timeout.
    ///
    /// # Errors
    /// Returns the errors of [`flush`](Self::flush).
    pub fn flush_async(
        &self,
    ) -> impl Future<Output = Result<(), DeliveryError>> + Send + 'static + use<> {
        let core = self.clone();
        async move {
            match fork::is_child() {
                true => Ok(()),
                false => run_blocking(move || core.flush()).await,
            }
        }
    }

    /// Shuts down like [`shutdown`](Self::shutdown), for asynchronous code on any runtime, without blocking the
    /// polling thread.
    ///
    /// # Errors
    /// Returns the errors of [`shutdown`](Self::shutdown).
    pub fn shutdown_async(
        &self,
    ) -> impl Future<Output = Result<Stats, DeliveryError>> + Send + 'static + use<> {
        let core = self.clone();
        async move {
            match fork::is_child() {
                true => Ok(Stats::default()),
                false => run_blocking(move || core.shutdown()).await,
            }
        }
    }

    /// Returns the open sessions, in the order of their start.
    #[must_use]
    pub fn sessions(&self) -> Vec<SessionRef> {
        session_refs(&self.0.registry)
    }

    /// Returns a snapshot of the counters.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.0.registry.stats()
    }
}

/// Returns the layer that records annotated functions, to add beside the program's own:
/// `registry().with(agentops::layer(&core))`. It has its own filter, which does not affect other layers.
///
/// Another layer of `tracing-opentelemetry` may be added before or after it; each records its own spans. See
/// [`TracingCore::records`] for how to keep annotated functions out of the other one.
pub fn layer<S>(core: &TracingCore) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    core.unfiltered_layer().with_filter(core.filter())
}

/// Returns a span processor for the program's own tracer provider, in place of [`layer`].
///
/// A span of a provider has no reference to its core. This core therefore becomes the default of the process, for
/// sessions that no agentops layer claims.
#[must_use]
pub fn span_processor(core: &TracingCore) -> impl SpanProcessor + use<> {
    let core = &core.0;
    add_fallback(&core.registry);
    let timeout = core.settings.shutdown_timeout;
    AgentOpsSpanProcessor::new(Arc::clone(&core.registry), core.queue.clone(), timeout)
}

impl Core {
    fn assemble(mut config: TracingConfig) -> Result<Self, InitError> {
        let settings = Settings::of(&config);
        note_core_created(config.disabled, settings.reporter);
        config.report_notes(settings.reporter);
        warn_of_idle_spool(&config, &settings);
        if !config.disabled {
            load_prices();
            watch_panics();
        }
        let queue = Arc::new(Queue::new(limits(&config, settings.console)));
        let stop = Arc::new(ShutdownSignal::default());
        let registry = SessionRegistry::new(rules(&config, &settings));
        queue.set_resource(resource(config.service_name.clone(), &config.resource_attributes));
        let tracer = AgentOpsTracer::new(Arc::clone(&registry), queue.clone());
        let outbox = start_delivery(config, &settings, &queue, &stop)?;
        let deliveries = Arc::new(DeliveryCounters::new(&queue, outbox.as_ref()));
        registry.set_delivery(Arc::clone(&deliveries) as _);
        let shutdown = Once::new();
        Ok(Self { registry, tracer, queue, stop, outbox, deliveries, settings, shutdown })
    }

    fn complete(&self, error: DeliveryError) -> DeliveryError {
        let stats = self.registry.add_starts(&self.deliveries.add_bytes_sent(error.stats()));
        error.with_stats(stats)
    }

    fn shut_down(&self) {
        self.shutdown.call_once(|| {
            self.registry.core().close();
            end_sessions(&self.registry);
            let deadline = Instant::now() + self.settings.shutdown_timeout;
            self.stop.set(deadline);
            self.queue.stop(deadline);
            if let Some(spool) = self.outbox.as_ref().and_then(|outbox| outbox.spool()) {
                spool.close(deadline);
                self.tell_of_spooled(spool);
            }
            if self.settings.console {
                self.list_missed();
            }
        });
    }

    /// Logs how many spans wait in the spool: they are not lost, but another process has to send them.
    fn tell_of_spooled(&self, spool: &Spool) {
        let spooled = self.queue.stats().spooled;
        if spooled > 0 {
            let dir = shown(spool.dir());
            let message = format_args!(
                "{spooled} spans wait in `{dir}`; the next program with this spool sends them, \
                 or `agentops push {dir}`"
            );
            self.settings.reporter.info(&message);
        }
    }

    /// Prints the calls that are in no total of a session.
    fn list_missed(&self) {
        let (orphans, late) =
            (self.registry.counts().orphan_calls(), self.registry.counts().late_calls());
        if self.registry.counts().orphans() > 0 {
            report::print(&format_args!(
                "{} outside of any session not recorded: {}; call them below a `#[session]` \
                 function, and spawn them by `agentops::spawn`, with `.in_current_session()` or by \
                 `agentops::thread::spawn`; where a server or a queue calls them, put `#[session]` above them",
                calls(self.registry.counts().orphans()),
                list_calls(&orphans),
            ));
        }
        if !late.is_empty() {
            report::print(&format_args!(
                "{} ended after the session had, and in no total of it: {}; start them by \
                 `agentops::spawn`, with `.in_current_session()` or by `agentops::thread::spawn`, which keep \
                 the session open, and end a session in hand after them",
                calls(late.values().sum()),
                list_calls(&late),
            ));
        }
    }
}

fn calls(count: u64) -> String {
    if count == 1 { "1 call".to_owned() } else { format!("{count} calls") }
}

impl ShutDown for Core {
    /// Shuts down and logs the losses, since no caller will ask for them any more.
    fn shut_down_for_good(&self) {
        if self.shutdown.is_completed() || fork::is_child() {
            return;
        }
        self.shut_down();
        if let Some(error) = self.queue.losses() {
            self.settings.reporter.warn(&self.complete(error));
        }
    }
}

impl ShutDown for TracingCore {
    fn shut_down_for_good(&self) {
        self.0.shut_down_for_good();
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        self.shut_down_for_good();
        self.deliveries.keep_bytes_sent();
    }
}

impl Settings {
    fn of(config: &TracingConfig) -> Self {
        let is_local = matches!(config.destination, Destination::Local(_));
        Self {
            shutdown_timeout: config.shutdown_timeout,
            console: config.console.unwrap_or(is_local),
            reporter: Reporter::new(config.console.unwrap_or(true)),
        }
    }
}

/// Handling of signals.
#[cfg(all(unix, feature = "signals"))]
enum Signals {
    /// Set by the program; a failure is an error.
    Wanted,
    /// On by default, for development; a failure is ignored.
    Welcome,
    Left,
}

#[cfg(all(unix, feature = "signals"))]
impl Signals {
    fn of(config: &TracingConfig) -> Self {
        let is_local = matches!(config.destination, Destination::Local(_));
        match config.handle_signals {
            _ if config.disabled => Self::Left,
            Some(true) => Self::Wanted,
            None if is_local && !is_immune() => Self::Welcome,
            Some(false) | None => Self::Left,
        }
    }

    fn handle(self) -> Result<(), InitError> {
        match self {
            Self::Wanted => handle_signals().map_err(InitError::Signals),
            // Without handlers, the next program closes the sessions that stay open.
            Self::Welcome => {
                let _ = handle_signals();
                Ok(())
            }
            Self::Left => Ok(()),
        }
    }
}

/// Opens the destination and starts the worker thread that exports to it.
fn start_delivery(
    config: TracingConfig,
    settings: &Settings,
    queue: &Arc<Queue>,
    stop: &Arc<ShutdownSignal>,
) -> Result<Option<Arc<Outbox>>, InitError> {
    let warnings = Arc::new(DeliveryWarnings::new(settings.reporter));
    let far_side = OpenDestination::open(config.destination, config.spool, stop, queue, &warnings)?;
    if let Some(outbox) = far_side.outbox.as_ref().map(Arc::downgrade) {
        queue.set_waits_for(move || outbox.upgrade()?.waits_for());
    }
    let pipeline = ExportPipeline {
        disabled: config.disabled,
        preparation: Preparation {
            scope: scope(),
            masks: config.masks,
            dialects: config.dialects,
            warnings: Arc::clone(&warnings),
        },
        exporter: far_side.exporter,
        console: settings.console.then(|| ConsoleExporter::new(far_side.local_dir)),
        meters: far_side.meters,
    };
    spawn_worker(Arc::clone(queue), Box::new(pipeline), warnings).map_err(InitError::Thread)?;
    Ok(far_side.outbox)
}

fn warn_of_idle_spool(config: &TracingConfig, settings: &Settings) {
    if config.spool.is_some() && !matches!(config.destination, Destination::Otlp(_)) {
        let message = "a spool has no effect where traces do not go out over OTLP; \
                       set `AGENTOPS_EXPORTER_ENDPOINT` or unset `AGENTOPS_SPOOL_DIR`";
        settings.reporter.warn(&message);
    }
}

/// Maximum time until the start of a local session is on disk.
const SOON: Duration = Duration::from_millis(50);

fn limits(config: &TracingConfig, flush_on_session_end: bool) -> QueueLimits {
    let has_spool = config.spool.is_some() && matches!(config.destination, Destination::Otlp(_));
    // Half of the time is reserved for writing to disk.
    let wait = if has_spool { config.max_wait_time / 2 } else { config.max_wait_time };
    let starts = match config.destination {
        Destination::Otlp(_) => has_spool.then_some(wait),
        // A hanging program may be killed before its next batch, so starts are written soon.
        Destination::Local(_) => Some(wait.min(SOON)),
        Destination::Exporter(_) => None,
    };
    QueueLimits {
        spans: config.max_queue_size,
        bytes: config.max_queue_bytes,
        overflow: config.overflow,
        batch: config.max_batch_size,
        wait,
        flush_on_session_end,
        starts,
    }
}

fn rules(config: &TracingConfig, settings: &Settings) -> Rules {
    let has_replay = config.log_session_replay_url && config.destination.is_agentops();
    Rules {
        orphan_policy: config.orphan_policy,
        disabled: config.disabled,
        capture_content: config.capture_content,
        redact_credentials: config.redact_credentials,
        max_len: config.max_len.min(LONGEST_CONTENT),
        sampling: config.sampling.clone(),
        default_tags: config.default_tags.clone(),
        replay_url: has_replay.then(|| config.app_url.clone()),
        reporter: settings.reporter,
        trust_remote: config.trust_remote,
        foreign_spans: config.foreign_spans,
        on_budget_exceeded: config.on_budget_exceeded.clone(),
        prices: config.prices.clone(),
        drain_timeout: config.session_drain_timeout,
    }
}
