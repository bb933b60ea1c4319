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
mod environment;
mod exporter;
mod exporters;
mod host;
mod local;
mod policy;
mod proxy;
mod requests;
mod sampling;
mod secret;
mod spool;
mod target;
#[cfg(test)]
mod tests;
mod times;
mod tls;
mod variables;
mod wire;

pub use self::{
    budget::{Budget, BudgetExceeded, BudgetPolicy, Limit},
    compression::Compression,
    dialects::Dialect,
    policy::{ForeignSpans, OrphanPolicy, Overflow, TrustRemote},
};
pub(crate) use self::{
    budget::{BudgetCallback, Used},
    compression::Packing,
    destination::Destination,
    dialects::Dialects,
    exporter::{ErasedExporter, Receipt, Spans},
    local::LocalSettings,
    proxy::Proxies,
    sampling::Sampling,
    secret::Secret,
    spool::SpoolSettings,
    target::{AgentOpsKey, Endpoint, OtlpTarget},
};

use std::{
    collections::BTreeSet,
    mem,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use opentelemetry::{Key, KeyValue, Value};
use opentelemetry_sdk::trace::SpanExporter;

#[cfg(test)]
pub(crate) use self::tls::Tls;
use self::{
    environment::Environment,
    exporters::Asked,
    variables::{
        AGENTOPS_APP_URL, AGENTOPS_CAPTURE_CONTENT, AGENTOPS_CONSOLE, AGENTOPS_DEFAULT_TAGS,
        AGENTOPS_LOG_SESSION_REPLAY_URL, AGENTOPS_MAX_QUEUE_SIZE, AGENTOPS_REDACT_CREDENTIALS,
        OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT, OTEL_SDK_DISABLED, OTEL_SERVICE_NAME,
        Variable,
    },
};
use crate::{
    error::ConfigError,
    llm::{PriceTable, Prices},
    mask::{Mask, Masks},
    process::report,
    record::semconv::SERVICE_NAME,
};

/// The address of `AgentOps`' pages, unless another one is set.
const AGENTOPS_APP: &str = "https://app.agentops.ai";

/// All settings of a tracing core, checked; built by [`TracingConfig::builder`].
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
    /// What is to be said at the start.
    pub(crate) notes: Vec<String>,
}

impl TracingConfig {
    /// Starts from the environment and the defaults.
    pub fn builder() -> TracingConfigBuilder {
        TracingConfigBuilder::default()
    }

    /// The environment and the defaults alone.
    ///
    /// # Errors
    /// If a variable has a value that cannot be used; the error names it.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::builder().build()
    }

    /// Says what there is to say of the settings, each thing once in a process.
    pub(crate) fn tell_notes(&mut self, may_use_stderr: bool) {
        static TOLD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
        for note in mem::take(&mut self.notes) {
            if TOLD.lock().unwrap_or_else(PoisonError::into_inner).insert(note.clone()) {
                report::warn(may_use_stderr, &note);
            }
        }
    }
}

/// Collects the settings that the program itself decides; they win over the environment.
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct TracingConfigBuilder {
    exporter: Option<Box<dyn ErasedExporter>>,
    exporter_endpoint: Option<Secret>,
    wire: wire::Wire,
    disabled: Option<bool>,
    dialects: Option<Vec<Dialect>>,
    api_key: Option<Secret>,
    api_endpoint: Option<Secret>,
    app_url: Option<String>,
    local: local::Choice,
    service_name: Option<String>,
    resource_attributes: Vec<KeyValue>,
    log_session_replay_url: Option<bool>,
    console: Option<bool>,
    max_queue_size: Option<usize>,
    max_queue_bytes: Option<usize>,
    overflow: Option<Overflow>,
    spool: spool::Choice,
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
        /// Sends every span to an exporter of the program's own instead of anywhere else. Among those that are
        /// there already, `OTEL_TRACES_EXPORTER` chooses: `otlp`, `console` (local files, and a tree on stderr)
        /// or `none`.
        exporter(impl SpanExporter + 'static) Box::new(exporter);
        /// An OTLP/HTTP endpoint; a bare address gets `/v1/traces` (`AGENTOPS_EXPORTER_ENDPOINT`, else
        /// `OTEL_EXPORTER_OTLP_ENDPOINT`; default: none, sessions stay in local files). It speaks
        /// `http/protobuf`; that `OTEL_EXPORTER_OTLP_PROTOCOL` asks for something else is said at the start.
        exporter_endpoint(impl Into<String>) Secret::new(exporter_endpoint.into());
        /// The key of an AgentOps project (`AGENTOPS_API_KEY`).
        api_key(impl Into<String>) Secret::new(api_key.into());
        /// Where AgentOps exchanges a key for a token (`AGENTOPS_API_ENDPOINT`, default `https://api.agentops.ai`).
        api_endpoint(impl Into<String>) Secret::new(api_endpoint.into());
        /// Where AgentOps shows sessions (`AGENTOPS_APP_URL`, default `https://app.agentops.ai`).
        app_url(impl Into<String>) app_url.into();
        /// True to record nothing at all (`OTEL_SDK_DISABLED`, default false;
        /// `OTEL_TRACES_EXPORTER=none` says the same, unless the program names where its spans go).
        disabled(bool) disabled;
        /// The service's name (`OTEL_SERVICE_NAME`, default: the executable's plain name).
        service_name(impl Into<String>) service_name.into();
        /// Logs a link to the replay of each session, with AgentOps as the destination
        /// (`AGENTOPS_LOG_SESSION_REPLAY_URL`, default true).
        log_session_replay_url(bool) log_session_replay_url;
        /// Shows ended sessions as a tree on stderr (`AGENTOPS_CONSOLE`, default: where
        /// traces stay local).
        console(bool) console;
        /// The most ended spans that may wait (`AGENTOPS_MAX_QUEUE_SIZE`, default 131,072). Roots may take
        /// as much again, so that what was kept has one.
        max_queue_size(usize) max_queue_size;
        /// The most bytes that waiting spans may take, estimated (default 128 MiB, or 24 MiB where
        /// [`Overflow::Block`] makes room by waiting).
        max_queue_bytes(usize) max_queue_bytes;
        /// The fate of an ended span when the queue is full (default [`Overflow::Drop`]; with a spool,
        /// which is as fast as the disk, [`Overflow::Block`] for 1 s).
        overflow(Overflow) overflow;
        /// The longest time that an ended span waits for others before its batch is sent
        /// (`AGENTOPS_MAX_WAIT_TIME`, else its synonym `AGENTOPS_EXPORT_FLUSH_INTERVAL`, in milliseconds;
        /// default 1 s).
        max_wait_time(Duration) max_wait_time;
        /// The most spans of one batch (default 2,048).
        max_batch_size(usize) max_batch_size;
        /// The longest time of a flush or a shutdown (default 5 s).
        shutdown_timeout(Duration) shutdown_timeout;
        /// The longest time that a session stays open after its function has returned, while calls, streams and
        /// tasks that the function left behind still run (`AGENTOPS_SESSION_DRAIN_TIMEOUT`, in milliseconds;
        /// default 5 min). What ends after that is late, and a warning says how many still ran. Zero ends each
        /// session with its function. A session that is ended by [`Traced::end`](crate::Traced::end) waits for
        /// nothing.
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
        /// `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`, default true).
        capture_content(bool) capture_content;
        /// Records what is named like a credential (`password`, `api_key`, `token`, `authorization`, `cookie` and
        /// the like) as `"<redacted>"`: arguments, fields and keys of values at any depth, and the
        /// values of headers (`AGENTOPS_REDACT_CREDENTIALS`, default true). Single functions say `redact = off`.
        redact_credentials(bool) redact_credentials;
        /// The bound of one captured value in bytes (default 32 KiB; at most 1 MiB, as of every text of a span).
        max_len(usize) max_len;
        /// The share of sessions that are recorded, 0 to 1 (`AGENTOPS_SAMPLE_RATE`, default 1). It stands in
        /// for `OTEL_TRACES_SAMPLER`, which samples spans and not sessions, and has no effect. In a provider of
        /// the program's own, its sampler has its say on top.
        sample_rate(f64) sample_rate;
        /// A text that the program's services share and its callers do not know (`AGENTOPS_SAMPLE_SALT`, default: a
        /// random one in each process). It decides which sessions of callers are recorded, where the rate is
        /// between 0 and 1: processes with the same salt and rate record the same ones. Set it where several
        /// processes serve requests of one session. It is never shown or sent.
        ///
        /// A session that goes on from a caller is recorded if the HMAC-SHA256 of its trace's id, of 16 bytes,
        /// with the salt as the key, is small enough: the first 53 bits of it as a fraction of 2^53 are below the
        /// rate. So nobody who does not know the salt can choose ids that are recorded.
        ///
        /// ```
        /// use agentops::TracingConfig;
        ///
        /// let config = TracingConfig::builder().sample_rate(0.1).sample_salt("c2FsdA of the cluster").build()?;
        /// # Ok::<_, agentops::ConfigError>(())
        /// ```
        sample_salt(impl Into<String>) Secret::new(sample_salt.into());
    }

    /// Exactly the names that exported spans carry beside the neutral ones, `agentops.*` and `operation.*`
    /// (`AGENTOPS_DIALECT`, names separated by commas; default: `otel,openinference-min`, and `agentops` alone
    /// where AgentOps is the destination). Names of a dialect that is not written are left out of what the
    /// program and frameworks record, too.
    pub fn dialects(mut self, dialects: impl IntoIterator<Item = Dialect>) -> Self {
        self.dialects = Some(dialects.into_iter().collect());
        self
    }

    /// Adds an attribute of the resource: of the process that the spans come from. It wins over one of the
    /// same key in `OTEL_RESOURCE_ATTRIBUTES` (`key=value` pairs, separated by commas; default: none).
    pub fn resource_attribute(mut self, key: impl Into<Key>, value: impl Into<Value>) -> Self {
        self.resource_attributes.push(KeyValue::new(key, value));
        self
    }

    /// Tags of every session (`AGENTOPS_DEFAULT_TAGS`, separated by commas).
    pub fn default_tags<T: Into<String>>(mut self, tags: impl IntoIterator<Item = T>) -> Self {
        self.default_tags = Some(tags.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the fate of a call outside of any session (default [`OrphanPolicy::Drop`]).
    pub fn orphan_policy(mut self, policy: OrphanPolicy) -> Self {
        self.orphan_policy = policy;
        self
    }

    /// Sets how much of the trace headers of incoming requests is trusted (default [`TrustRemote::Identity`]).
    pub fn trust_remote(mut self, policy: TrustRemote) -> Self {
        self.trust_remote = policy;
        self
    }

    /// Which spans of frameworks become spans of the session they happen in.
    pub fn foreign_spans(mut self, which: ForeignSpans) -> Self {
        self.foreign_spans = which;
        self
    }

    /// Calls a function, once for each session that passes a limit of its budget, on the thread where that
    /// was noticed. A panic in it is caught.
    pub fn on_budget_exceeded(
        mut self,
        callback: impl Fn(&BudgetExceeded) + Send + Sync + 'static,
    ) -> Self {
        self.on_budget_exceeded = Some(BudgetCallback(Arc::new(callback)));
        self
    }

    /// Prices model calls by a table of the program's own; what it does not know is asked of the bundled one,
    /// with the feature `cost`.
    pub fn prices(mut self, table: impl PriceTable + 'static) -> Self {
        self.prices = Prices::of(table);
        self
    }

    /// Has every text shown to a mask before it leaves the process, whatever way it goes: over the network,
    /// into files, onto disk, to the console. Names of spans, keys and values of attributes, of metadata, of events,
    /// of links and of the resource (`service.name` and the others), messages of errors, the tracestate of callers, the
    /// names of tracers of the program's own; in JSON each text by itself. Several masks work one after the other.
    /// The feature `masks` has some for what is found everywhere.
    ///
    /// Keys that agentops and the conventions write (`agentops.*`, `gen_ai.*`, `service.name` and their like, to the
    /// letter) are not shown, only their values. A key is there once: of several that a mask makes the same the last
    /// stays, none takes the place of one that was left as it is, and one that becomes empty is left out; what goes in
    /// this way is in the span's `dropped_attributes_count`. A tracestate that is none by W3C any more is left out.
    ///
    /// It does not see numbers that are values of attributes, nor what leaves in another way: the headers that
    /// [`inject`](crate::inject) writes, warnings with the names of sessions and calls, and what other exporters of a
    /// provider of the program's own do.
    pub fn mask(mut self, mask: impl Mask + 'static) -> Self {
        self.masks.push(mask);
        self
    }

    /// Makes SIGINT and SIGTERM deliver what has ended, within the shutdown timeout, before the process dies
    /// of them (default: where traces stay local; feature `signals`, on Unix). Open sessions end as
    /// `Shutdown` then, and the exit status is what it would have been. Another signal, a fifth of a second
    /// later or more, kills at once.
    ///
    /// The default is on where traces stay local because Ctrl-C is how runs end while a program is developed,
    /// and whoever presses it wants to see how far it came. A program's own handlers stay in charge, whether
    /// they are installed before or after: with `tokio::signal`, `signal-hook` or `ctrlc` nothing of this
    /// happens, and the program ends its guard. (`ctrlc::try_set_handler` takes ours for one of the
    /// program's, if it is called after `init`.) What is ignored, as under `nohup`, stays ignored. Nor does the
    /// default reach the first process of a container, which does not die of these signals by itself.
    #[cfg(all(unix, feature = "signals"))]
    pub fn handle_signals(mut self, handle: bool) -> Self {
        self.handle_signals = Some(handle);
        self
    }

    /// Adds the environment and the defaults, and checks everything.
    ///
    /// # Errors
    /// If a setting or an environment variable has a value that cannot be used; the error names it.
    pub fn build(self) -> Result<TracingConfig, ConfigError> {
        self.build_in(&Environment::of_the_process())
    }

    fn build_in(self, env: &Environment) -> Result<TracingConfig, ConfigError> {
        let shutdown_timeout = self.shutdown_timeout.unwrap_or(Duration::from_secs(5));
        let mut notes = env.unknown();
        let asked = Asked::read(env, &mut notes)?;
        let disabled = self.disabled.or(env.flag(OTEL_SDK_DISABLED)?);
        // Whoever names a destination in the program wants it.
        let is_set = self.exporter.is_some() || self.exporter_endpoint.is_some();
        let is_off = asked.none && self.disabled.is_none() && !is_set && self.api_key.is_none();
        let choice = destination::Choice {
            exporter: self.exporter,
            endpoint: self.exporter_endpoint,
            wire: self.wire,
            api_key: self.api_key,
            api_endpoint: self.api_endpoint,
            local: self.local,
            timeout: times::of_request(shutdown_timeout),
            asked,
        };
        let (destination, of_destination) = destination::choose(choice, env)?;
        if !is_off {
            notes.extend(of_destination);
        }
        notes.extend(exporters::check(is_off, matches!(destination, Destination::Otlp(_)), env)?);
        let spool = spool::choose(&self.spool, env)?;
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
                env.parse(AGENTOPS_MAX_QUEUE_SIZE, environment::count)?,
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
            max_wait_time: times::max_wait(self.max_wait_time, env)?,
            max_batch_size: positive("max_batch_size", self.max_batch_size, None, 2048)?,
            shutdown_timeout,
            session_drain_timeout: times::session_drain(self.session_drain_timeout, env)?,
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

fn flag(
    set: Option<bool>,
    env: &Environment,
    variable: Variable,
) -> Result<Option<bool>, ConfigError> {
    // The variable is read even where the program decides, so that a bad value is never silent.
    let from_env = env.flag(variable)?;
    Ok(set.or(from_env))
}

fn positive(
    setting: &str,
    set: Option<usize>,
    from_env: Option<usize>,
    default: usize,
) -> Result<usize, ConfigError> {
    match set.or(from_env).unwrap_or(default) {
        0 => Err(ConfigError::new(setting, "is 0; give a number of at least 1")),
        number => Ok(number),
    }
}

/// The SDK would prefer the name among `OTEL_RESOURCE_ATTRIBUTES` to that of `OTEL_SERVICE_NAME`.
fn service_name(
    set: Option<String>,
    attributes: &[KeyValue],
    env: &Environment,
) -> Result<Option<String>, ConfigError> {
    let is_attribute = attributes.iter().any(|it| it.key.as_str() == SERVICE_NAME);
    let from_env = env.text(OTEL_SERVICE_NAME)?.filter(|_| !is_attribute);
    Ok(set.or(from_env.map(str::to_owned)))
}

fn tags(set: Option<Vec<String>>, env: &Environment) -> Result<Vec<String>, ConfigError> {
    let from_env = env.parse(AGENTOPS_DEFAULT_TAGS, |list| {
        let tags = list.split(',').map(str::trim).filter(|tag| !tag.is_empty());
        Ok(tags.map(str::to_owned).collect())
    })?;
    Ok(set.or(from_env).unwrap_or_default())
}

/// Our own variable first, then the one that instrumentations of generative AI share.
fn capture_content(set: Option<bool>, env: &Environment) -> Result<bool, ConfigError> {
    const SHARED: Variable = OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT;
    let ours = env.flag(AGENTOPS_CAPTURE_CONTENT)?;
    let shared = env.parse(SHARED, environment::message_content)?;
    Ok(set.or(ours).or(shared).unwrap_or(true))
}

/// For the fuzzer: reads these variables, as far as it does without files.
#[cfg(fuzzing)]
pub(crate) fn fuzz_environment(
    variables: Vec<(std::ffi::OsString, std::ffi::OsString)>,
) -> Result<(), String> {
    let built = TracingConfig::builder().build_in(&Environment::of(variables));
    built.map(drop).map_err(|error| error.to_string())
}
