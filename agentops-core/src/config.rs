//! Tracing settings, separate from the application's own.
//!
//! ```text
//! builder ─┐
//!          ├─▶ build(): the builder first, then the environment, then the default; all checked ─▶ TracingConfig
//! env ─────┘
//! ```

mod address;
mod budget;
mod compression;
mod destination;
mod dialects;
mod duration_settings;
mod erased_exporter;
mod exporter_variables;
mod host_match;
mod local_files;
mod otlp_target;
mod plain_settings;
mod policies;
mod proxy;
mod request_builder;
mod request_settings;
mod sampling;
mod secret_text;
mod spool_settings;
#[cfg(test)]
mod tests;
mod tls_settings;
mod variable_names;
mod variable_reader;

pub use self::{
    budget::{Budget, BudgetExceeded, BudgetPolicy, Excess, Limit},
    compression::Compression,
    dialects::Dialect,
    policies::{ForeignSpans, OrphanPolicy, Overflow, TrustRemote},
};
pub(crate) use self::{
    budget::{BudgetCallback, Used},
    compression::Packing,
    destination::Destination,
    dialects::Dialects,
    erased_exporter::{DeliveryFailure, ErasedExporter, ExportedSpan, Receipt, Spans},
    local_files::LocalSettings,
    otlp_target::{AgentOpsKey, Endpoint, OtlpTarget},
    proxy::Proxies,
    sampling::Sampling,
    secret_text::Secret,
    spool_settings::SpoolSettings,
};

use std::{collections::BTreeSet, mem, sync::Arc, time::Duration};

use opentelemetry::{Key, KeyValue, Value};
use opentelemetry_sdk::trace::SpanExporter;

#[cfg(test)]
pub(crate) use self::tls_settings::Tls;
use self::{
    exporter_variables::Asked,
    plain_settings::{capture_content, flag, positive, service_name, tags},
    variable_names::{
        AGENTOPS_APP_URL, AGENTOPS_CONSOLE, AGENTOPS_LOG_SESSION_REPLAY_URL,
        AGENTOPS_MAX_QUEUE_SIZE, AGENTOPS_REDACT_CREDENTIALS, OTEL_SDK_DISABLED,
    },
    variable_reader::Environment,
};
use crate::{
    error::ConfigError,
    llm::{PriceTable, Prices},
    mask::{Mask, Masks},
    process::{Lock, Reporter},
};

/// Base URL of the `AgentOps` web application, unless another one is set.
const AGENTOPS_APP: &str = "https://app.agentops.ai";

/// All settings of a tracing core, validated; built by [`TracingConfig::builder`].
#[doc(alias = "Tracing Config")]
#[derive(Debug)]
pub struct TracingConfig {
    pub(crate) disabled: bool,
    pub(crate) service_name: Option<String>,
    pub(crate) resource_attributes: Vec<KeyValue>,
    pub(crate) destination: Destination,
    pub(crate) dialects: Dialects,
    pub(crate) app_url: String,
    pub(crate) log_session_replay_url: bool,
    pub(crate) console: Option<bool>,
    pub(crate) max_queue_size: usize,
    pub(crate) max_queue_bytes: usize,
    pub(crate) overflow: Overflow,
    pub(crate) spool: Option<SpoolSettings>,
    pub(crate) max_wait_time: Duration,
    pub(crate) max_batch_size: usize,
    pub(crate) shutdown_timeout: Duration,
    pub(crate) session_drain_timeout: Duration,
    pub(crate) default_tags: Vec<String>,
    pub(crate) capture_content: bool,
    pub(crate) redact_credentials: bool,
    pub(crate) max_len: usize,
    pub(crate) sampling: Sampling,
    pub(crate) orphan_policy: OrphanPolicy,
    pub(crate) trust_remote: TrustRemote,
    pub(crate) foreign_spans: ForeignSpans,
    pub(crate) on_budget_exceeded: Option<BudgetCallback>,
    pub(crate) prices: Prices,
    pub(crate) masks: Masks,
    #[cfg(all(unix, feature = "signals"))]
    pub(crate) handle_signals: Option<bool>,
    /// Warnings to report when the core starts.
    pub(crate) notes: Vec<String>,
}

impl TracingConfig {
    /// Returns a builder; what is not set on it comes from the environment, else from the defaults.
    pub fn builder() -> TracingConfigBuilder {
        TracingConfigBuilder::default()
    }

    /// Builds the settings from the environment and the defaults alone.
    ///
    /// # Errors
    /// Returns an error that names the variable if a variable has a value that cannot be used.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::builder().build()
    }

    /// Reports the warnings about the settings, each text once per process.
    pub(crate) fn report_notes(&mut self, reporter: Reporter) {
        static TOLD: Lock<BTreeSet<String>> = Lock::new(BTreeSet::new());
        for note in mem::take(&mut self.notes) {
            if TOLD.lock().insert(note.clone()) {
                reporter.warn(&note);
            }
        }
    }
}

/// Builder for [`TracingConfig`]. Values set here win over the environment.
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct TracingConfigBuilder {
    exporter: Option<Box<dyn ErasedExporter>>,
    exporter_endpoint: Option<Secret>,
    wire: request_builder::Wire,
    disabled: Option<bool>,
    dialects: Option<Vec<Dialect>>,
    api_key: Option<Secret>,
    api_endpoint: Option<Secret>,
    app_url: Option<String>,
    local: local_files::Choice,
    service_name: Option<String>,
    resource_attributes: Vec<KeyValue>,
    log_session_replay_url: Option<bool>,
    console: Option<bool>,
    max_queue_size: Option<usize>,
    max_queue_bytes: Option<usize>,
    overflow: Option<Overflow>,
    spool: spool_settings::Choice,
    max_wait_time: Option<Duration>,
    max_batch_size: Option<usize>,
    shutdown_timeout: Option<Duration>,
    session_drain_timeout: Option<Duration>,
    default_tags: Option<Vec<String>>,
    capture_content: Option<bool>,
    redact_credentials: Option<bool>,
    max_len: Option<usize>,
    sample_rate: Option<f64>,
    sample_salt: Option<Secret>,
    orphan_policy: OrphanPolicy,
    trust_remote: TrustRemote,
    foreign_spans: ForeignSpans,
    on_budget_exceeded: Option<BudgetCallback>,
    prices: Prices,
    masks: Masks,
    #[cfg(all(unix, feature = "signals"))]
    handle_signals: Option<bool>,
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident($type:ty) $value:expr;)*) => {$(
        $(#[$doc])*
        pub fn $name(mut self, $name: $type) -> Self {
            self.$name = Some($value);
            self
        }
    )*};
}

impl TracingConfigBuilder {
    setters! {
        /// Exports every span to a custom exporter and nowhere else. Among the built-in exporters,
        /// `OTEL_TRACES_EXPORTER` chooses: `otlp`, `console` (local files, and a tree on stderr) or `none`.
        exporter(impl SpanExporter + 'static) Box::new(exporter);
        /// Sets the OTLP/HTTP endpoint; an address without a path gets `/v1/traces` (`AGENTOPS_EXPORTER_ENDPOINT`,
        /// else `OTEL_EXPORTER_OTLP_ENDPOINT`; default: none, sessions stay in local files). The protocol is
        /// always `http/protobuf`; if `OTEL_EXPORTER_OTLP_PROTOCOL` asks for `grpc` or `http/json`, a warning is
        /// logged at startup.
        exporter_endpoint(impl Into<String>) Secret::new(exporter_endpoint.into());
        /// Sets the API key of an AgentOps project (`AGENTOPS_API_KEY`).
        api_key(impl Into<String>) Secret::new(api_key.into());
        /// Sets the AgentOps address that exchanges a key for a token (`AGENTOPS_API_ENDPOINT`, default
        /// `https://api.agentops.ai`).
        api_endpoint(impl Into<String>) Secret::new(api_endpoint.into());
        /// Sets the address of the AgentOps web application (`AGENTOPS_APP_URL`, default
        /// `https://app.agentops.ai`).
        app_url(impl Into<String>) app_url.into();
        /// Turns recording off if `true` (`OTEL_SDK_DISABLED`, default `false`). `OTEL_TRACES_EXPORTER=none` does
        /// the same, unless the program sets a destination.
        disabled(bool) disabled;
        /// Sets the service name (`OTEL_SERVICE_NAME`, default: the plain name of the executable).
        service_name(impl Into<String>) service_name.into();
        /// Logs a link to the replay of each session if AgentOps is the destination
        /// (`AGENTOPS_LOG_SESSION_REPLAY_URL`, default `true`).
        log_session_replay_url(bool) log_session_replay_url;
        /// Prints ended sessions as a tree on stderr (`AGENTOPS_CONSOLE`, default: on if traces stay local).
        console(bool) console;
        /// Sets the maximum number of ended spans in the queue (`AGENTOPS_MAX_QUEUE_SIZE`, default 131,072). A separate
        /// quota of the same size is reserved for root spans, so that queued spans do not lose their root.
        max_queue_size(usize) max_queue_size;
        /// Sets the maximum estimated size in bytes of the queued spans (default 128 MiB, or 24 MiB with
        /// [`Overflow::Block`]).
        max_queue_bytes(usize) max_queue_bytes;
        /// Sets the policy for a span that ends while the queue is full (default [`Overflow::Drop`]; with a spool,
        /// which drains as fast as the disk, [`Overflow::Block`] for 1 s).
        overflow(Overflow) overflow;
        /// Sets the maximum time that an ended span is buffered before its batch is sent (`AGENTOPS_MAX_WAIT_TIME`,
        /// else its synonym `AGENTOPS_EXPORT_FLUSH_INTERVAL`, in milliseconds; default 1 s).
        max_wait_time(Duration) max_wait_time;
        /// Sets the maximum number of spans in one batch (default 2,048).
        max_batch_size(usize) max_batch_size;
        /// Sets the timeout of a flush or a shutdown (default 5 s).
        shutdown_timeout(Duration) shutdown_timeout;
        /// Sets how long a session stays open after its function has returned, while calls, streams and tasks that the
        /// function started still run (`AGENTOPS_SESSION_DRAIN_TIMEOUT`, in milliseconds; default 5 min). Spans that
        /// end after that are counted as late, and a warning reports how many were still running. Zero ends each
        /// session with its function. A session that is ended by [`Traced::end`](crate::Traced::end) does not wait.
        ///
        /// ```
        /// use std::time::Duration;
        ///
        /// use agentops::TracingConfig;
        ///
        /// let config = TracingConfig::builder().session_drain_timeout(Duration::from_secs(30)).build()?;
        /// # Ok::<_, agentops::ConfigError>(())
        /// ```
        session_drain_timeout(Duration) session_drain_timeout;
        /// Records arguments and return values (`AGENTOPS_CAPTURE_CONTENT`, else
        /// `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`, default `true`).
        capture_content(bool) capture_content;
        /// Replaces values whose names look like credentials (`password`, `api_key`, `token`, `authorization`, `cookie`
        /// and the like) with `"<redacted>"`: arguments, fields and keys of values at any depth, and the values of
        /// headers (`AGENTOPS_REDACT_CREDENTIALS`, default `true`). A single function opts out by `redact = off`.
        redact_credentials(bool) redact_credentials;
        /// Sets the maximum size of one captured value in bytes (default 32 KiB; at most 1 MiB, as for every text
        /// of a span).
        max_len(usize) max_len;
        /// Sets the fraction of sessions that are recorded, 0 to 1 (`AGENTOPS_SAMPLE_RATE`, default 1). It
        /// replaces `OTEL_TRACES_SAMPLER`, which samples spans rather than sessions and has no effect. If the
        /// program has a tracer provider of its own, the sampler of that provider applies in addition.
        sample_rate(f64) sample_rate;
        /// Sets a secret text that the program's services share (`AGENTOPS_SAMPLE_SALT`, default: a random one in
        /// each process). With a rate between 0 and 1, it decides which of the sessions continued from a caller
        /// are recorded: processes with the same salt and rate record the same sessions. Set it if several
        /// processes serve requests of one session. Callers must not know it; it is never shown or sent.
        ///
        /// A session continued from a caller is recorded if the HMAC-SHA256 of its trace id (16 bytes), keyed with
        /// the salt, is below the rate: the first 53 bits of the hash, taken as a fraction of 2^53, are compared
        /// with the rate. A caller that does not know the salt therefore cannot choose ids that are recorded.
        ///
        /// ```
        /// use agentops::TracingConfig;
        ///
        /// let config = TracingConfig::builder().sample_rate(0.1).sample_salt("c2FsdA of the cluster").build()?;
        /// # Ok::<_, agentops::ConfigError>(())
        /// ```
        sample_salt(impl Into<String>) Secret::new(sample_salt.into());
    }

    /// Sets the dialects: the attribute names that exported spans carry in addition to the neutral ones,
    /// `agentops.*` and `operation.*` (`AGENTOPS_DIALECT`, names separated by commas; default:
    /// `otel,openinference-min`, and `agentops` alone if AgentOps is the destination). Attributes of other
    /// dialects are removed, even if the program or a framework has recorded them.
    pub fn dialects(mut self, dialects: impl IntoIterator<Item = Dialect>) -> Self {
        self.dialects = Some(dialects.into_iter().collect());
        self
    }

    /// Adds an attribute of the resource, which describes the process that emits the spans. It wins over one of
    /// the same key in `OTEL_RESOURCE_ATTRIBUTES` (`key=value` pairs, separated by commas; default: none).
    pub fn resource_attribute(mut self, key: impl Into<Key>, value: impl Into<Value>) -> Self {
        self.resource_attributes.push(KeyValue::new(key, value));
        self
    }

    /// Sets the tags of every session (`AGENTOPS_DEFAULT_TAGS`, separated by commas; default: none).
    pub fn default_tags<T: Into<String>>(mut self, tags: impl IntoIterator<Item = T>) -> Self {
        self.default_tags = Some(tags.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the policy for a call outside of any session (default [`OrphanPolicy::Drop`]).
    pub fn orphan_policy(mut self, policy: OrphanPolicy) -> Self {
        self.orphan_policy = policy;
        self
    }

    /// Sets how much of the trace headers of incoming requests is trusted (default [`TrustRemote::Identity`]).
    pub fn trust_remote(mut self, policy: TrustRemote) -> Self {
        self.trust_remote = policy;
        self
    }

    /// Sets the framework spans that become spans of the surrounding session (default [`ForeignSpans::GenAi`]).
    pub fn foreign_spans(mut self, which: ForeignSpans) -> Self {
        self.foreign_spans = which;
        self
    }

    /// Sets a callback that is called once for each session that exceeds a limit of its budget, on the thread that
    /// notices it. A panic in the callback is caught.
    pub fn on_budget_exceeded(
        mut self,
        callback: impl Fn(&BudgetExceeded) + Send + Sync + 'static,
    ) -> Self {
        self.on_budget_exceeded = Some(BudgetCallback(Arc::new(callback)));
        self
    }

    /// Sets a price table for model calls. A model that it does not contain is looked up in the bundled table,
    /// with the feature `cost`.
    pub fn prices(mut self, table: impl PriceTable + 'static) -> Self {
        self.prices = Prices::of(table);
        self
    }

    /// Adds a mask that can rewrite every text before it leaves the process, over the network, into files, into
    /// the spool or to the console: names of spans; keys and values of attributes, metadata, events, links and the
    /// resource (`service.name` and the others); error messages; the tracestate of callers; names of the program's
    /// own tracers. In JSON, each string is masked separately. Several masks are applied in the order they were
    /// added. The feature `masks` has masks for common patterns.
    ///
    /// Keys that agentops and the conventions define (exactly `agentops.*`, `gen_ai.*`, `service.name` and the
    /// like) are not masked, only their values. Keys stay unique: if a mask maps several keys to the same text,
    /// the last attribute is kept, but a masked key never replaces an unchanged one, and an attribute whose key
    /// becomes empty is removed. Attributes removed in this way are counted in the span's
    /// `dropped_attributes_count`. A tracestate that is no longer valid W3C syntax is removed.
    ///
    /// A mask does not see numeric attribute values, nor what leaves the process by other ways: the headers that
    /// [`inject`](crate::inject) writes, warnings with the names of sessions and calls, and the output of other
    /// exporters of the program's own provider.
    pub fn mask(mut self, mask: impl Mask + 'static) -> Self {
        self.masks.push(mask);
        self
    }

    /// Makes SIGINT and SIGTERM export the ended spans, within the shutdown timeout, before the signal terminates
    /// the process (default: on if traces stay local; feature `signals`, on Unix). Open sessions then end as
    /// `Shutdown`, and the exit status is what it would have been. Another signal, at least a fifth of a second
    /// later, kills the process at once.
    ///
    /// The default is on for local traces because Ctrl-C is the usual way to end a run during development, and the
    /// developer wants to see the trace so far. The program's own handlers take precedence, whether they are installed
    /// before or after: with `tokio::signal`, `signal-hook` or `ctrlc` this handler does nothing, and the program must
    /// drop its guard or shut it down. (`ctrlc::try_set_handler` mistakes this handler for one of the program's if it
    /// is called after `init`.) An ignored signal, as under `nohup`, stays ignored. The default does not apply to the
    /// first process of a container either, since these signals do not terminate it by themselves.
    #[cfg(all(unix, feature = "signals"))]
    pub fn handle_signals(mut self, handle: bool) -> Self {
        self.handle_signals = Some(handle);
        self
    }

    /// Builds the settings: fills in the environment and the defaults, and validates everything.
    ///
    /// # Errors
    /// Returns an error that names the setting or variable if its value cannot be used.
    pub fn build(self) -> Result<TracingConfig, ConfigError> {
        self.build_in(&Environment::of_the_process())
    }

    fn build_in(self, env: &Environment) -> Result<TracingConfig, ConfigError> {
        let shutdown_timeout = self.shutdown_timeout.unwrap_or(Duration::from_secs(5));
        let mut notes = env.unknown();
        let asked = Asked::read(env, &mut notes)?;
        let disabled = self.disabled.or(env.flag(OTEL_SDK_DISABLED)?);
        // A destination that is set in the program wins over `OTEL_TRACES_EXPORTER=none`.
        let is_set = self.exporter.is_some() || self.exporter_endpoint.is_some();
        let is_off = asked.none && self.disabled.is_none() && !is_set && self.api_key.is_none();
        let choice = destination::Choice {
            exporter: self.exporter,
            endpoint: self.exporter_endpoint,
            wire: self.wire,
            api_key: self.api_key,
            api_endpoint: self.api_endpoint,
            local: self.local,
            timeout: duration_settings::of_request(shutdown_timeout),
            asked,
        };
        let (destination, of_destination) = destination::choose(choice, env)?;
        if !is_off {
            notes.extend(of_destination);
        }
        notes.extend(exporter_variables::check(
            is_off,
            matches!(destination, Destination::Otlp(_)),
            env,
        )?);
        let spool = spool_settings::choose(&self.spool, env)?;
        let overflow = self.overflow.unwrap_or_else(|| Overflow::default_beside(spool.is_some()));
        let dialects = dialects::choose(self.dialects.as_deref(), env, destination.is_agentops())?;
        Ok(TracingConfig {
            disabled: disabled.unwrap_or(false) || is_off,
            service_name: service_name(self.service_name, &self.resource_attributes, env)?,
            resource_attributes: self.resource_attributes,
            dialects,
            app_url: destination::base_url(
                "app_url",
                self.app_url.as_deref(),
                AGENTOPS_APP_URL,
                AGENTOPS_APP,
                env,
            )?,
            log_session_replay_url: flag(
                self.log_session_replay_url,
                env,
                AGENTOPS_LOG_SESSION_REPLAY_URL,
            )?
            .unwrap_or(true),
            console: flag(self.console, env, AGENTOPS_CONSOLE)?.or(asked.console.then_some(true)),
            max_queue_size: positive(
                "max_queue_size",
                self.max_queue_size,
                env.parse(AGENTOPS_MAX_QUEUE_SIZE, variable_reader::count)?,
                131_072,
            )?,
            max_queue_bytes: positive(
                "max_queue_bytes",
                self.max_queue_bytes,
                None,
                overflow.default_queue_bytes(),
            )?,
            overflow,
            spool,
            max_wait_time: duration_settings::max_wait(self.max_wait_time, env)?,
            max_batch_size: positive("max_batch_size", self.max_batch_size, None, 2048)?,
            shutdown_timeout,
            session_drain_timeout: duration_settings::session_drain(
                self.session_drain_timeout,
                env,
            )?,
            default_tags: tags(self.default_tags, env)?,
            capture_content: capture_content(self.capture_content, env)?,
            redact_credentials: flag(self.redact_credentials, env, AGENTOPS_REDACT_CREDENTIALS)?
                .unwrap_or(true),
            max_len: positive("max_len", self.max_len, None, 32 << 10)?,
            sampling: sampling::choose(self.sample_rate, self.sample_salt.as_ref(), env)?,
            orphan_policy: self.orphan_policy,
            trust_remote: self.trust_remote,
            foreign_spans: self.foreign_spans,
            on_budget_exceeded: self.on_budget_exceeded,
            prices: self.prices,
            masks: self.masks,
            #[cfg(all(unix, feature = "signals"))]
            handle_signals: self.handle_signals,
            notes,
            destination,
        })
    }
}

/// Builds the settings from the given variables for the fuzzer, as far as that works without files.
#[cfg(fuzzing)]
pub(crate) fn fuzz_environment(
    variables: Vec<(std::ffi::OsString, std::ffi::OsString)>,
) -> Result<(), String> {
    let built = TracingConfig::builder().build_in(&Environment::of(variables));
    built.map(drop).map_err(|error| error.to_string())
}
