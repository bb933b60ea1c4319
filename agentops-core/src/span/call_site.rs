//! Static description of an annotated function.

use std::{
    collections::HashSet,
    sync::{
        LazyLock, OnceLock, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use opentelemetry::{Array, KeyValue, StringValue, Value};
use tracing::{
    Level, dispatcher,
    level_filters::{LevelFilter, STATIC_MAX_LEVEL},
};
use tracing_core::{
    Metadata,
    callsite::{DefaultCallsite, Identifier},
    subscriber::Interest,
};

use super::function_locations::note_location;
use crate::{
    process::{FirstTime, Reporter, fork, report},
    record::{SpanKind, semconv},
    session::{CallLocation, CoreState, Orphans, admit_current, count_if_orphan},
};

/// Options of an annotation that are known at compile time.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub(super) version: Option<&'static str>,
    pub(super) tags: &'static [&'static str],
    pub(super) description: Option<&'static str>,
    pub(super) spec: Option<&'static str>,
    pub(super) capture_input: Option<bool>,
    pub(super) capture_output: Option<bool>,
    pub(super) max_len: Option<usize>,
    pub(super) redact: Option<bool>,
    pub(super) cancelled_fails: bool,
    pub(super) returns_value: bool,
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $type:ty => $value:expr;)*) => {$(
        $(#[$doc])*
        #[must_use]
        pub const fn $name(mut self, $name: $type) -> Self {
            self.$name = $value;
            self
        }
    )*};
}

impl Settings {
    /// Creates settings with nothing set.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "only called in constants, where a default cannot be"
    )]
    pub const fn new() -> Self {
        Self {
            version: None,
            tags: &[],
            description: None,
            spec: None,
            capture_input: None,
            capture_output: None,
            max_len: None,
            redact: None,
            cancelled_fails: false,
            returns_value: false,
        }
    }

    /// Returns `true` if spans may have more initial attributes than their kind and name.
    const fn describe(&self) -> bool {
        self.version.is_some()
            || self.description.is_some()
            || self.spec.is_some()
            || self.redact.is_some()
            || !self.tags.is_empty()
    }

    setters! {
        /// Sets `version = "…"`.
        version: &'static str => Some(version);
        /// Sets `tags("a", "b")`.
        tags: &'static [&'static str] => tags;
        /// Sets `description = "…"`, or the doc comment.
        description: &'static str => Some(description);
        /// Sets `spec = "input" | "output"`.
        spec: &'static str => Some(spec);
        /// Sets `capture_input = bool`.
        capture_input: bool => Some(capture_input);
        /// Sets `capture_output = bool`.
        capture_output: bool => Some(capture_output);
        /// Sets `max_len = n`.
        max_len: usize => Some(max_len);
        /// Sets `redact = off`.
        redact: bool => Some(redact);
        /// Sets `cancelled = error`.
        cancelled_fails: bool => cancelled_fails;
        /// Sets `future = false` or `stream = false`.
        returns_value: bool => returns_value;
    }
}

/// Returns the `tracing` fields of a callsite. A model call declares the fields that rig looks for in the current
/// span, so that rig records its own call there instead of in a child span. Other kinds have none, since the bridge
/// allocates for them.
#[must_use]
pub const fn fields_of(kind: SpanKind) -> &'static [&'static str] {
    const LLM: &[&str] = &[
        "rig.completion_parent",
        "rig.provider_request_id",
        semconv::GEN_AI_OPERATION,
        semconv::PROVIDER_NAME,
        semconv::REQUEST_MODEL,
        semconv::REQUEST_STREAM,
        semconv::SYSTEM_INSTRUCTIONS,
        semconv::RESPONSE_ID,
        semconv::RESPONSE_MODEL,
        semconv::INPUT_TOKENS,
        semconv::OUTPUT_TOKENS,
        semconv::CACHE_READ_TOKENS,
        semconv::CACHE_CREATION_TOKENS,
        semconv::TOOL_USE_TOKENS,
        semconv::RIG_REASONING_TOKENS,
        semconv::INPUT_MESSAGES,
        semconv::OUTPUT_MESSAGES,
    ];
    match kind {
        SpanKind::Llm => LLM,
        _ => &[],
    }
}

/// Annotated function: its `tracing` callsite and its settings.
#[derive(Debug)]
pub struct Site {
    callsite: &'static DefaultCallsite,
    metadata: &'static Metadata<'static>,
    kind: SpanKind,
    pub(super) settings: Settings,
    describes: bool,
    /// Function inside the annotated one, whose type name contains the path of the annotated one.
    inside: Option<fn() -> &'static str>,
    function: OnceLock<&'static str>,
    pub(super) orphans: Orphans,
    is_known: AtomicBool,
    warning: FirstTime,
}

/// Claimed once a filter that hides calls was reported.
static FILTER_WARNING: FirstTime = FirstTime::new();

/// Callsites of annotated functions and handles.
static KNOWN: LazyLock<RwLock<HashSet<Identifier>>> = LazyLock::new(RwLock::default);

/// Returns `true` for the callsite of an annotated function or a handle.
pub(crate) fn is_own(metadata: &Metadata<'_>) -> bool {
    // A lock that was held for writing at the time of the fork stays locked in the child.
    let known = if fork::is_child() { KNOWN.try_read().ok() } else { KNOWN.read().ok() };
    known.is_some_and(|known| known.contains(&metadata.callsite()))
}

impl Site {
    /// Creates the description of a function; called from expanded code, in a static.
    #[must_use]
    pub const fn new(
        callsite: &'static DefaultCallsite,
        metadata: &'static Metadata<'static>,
        kind: SpanKind,
        settings: Settings,
    ) -> Self {
        let (is_known, warning) = (AtomicBool::new(false), FirstTime::new());
        let describes = settings.describe();
        let orphans = Orphans::new();
        Self {
            callsite,
            metadata,
            kind,
            settings,
            describes,
            inside: None,
            function: OnceLock::new(),
            orphans,
            is_known,
            warning,
        }
    }

    /// Sets the function inside the annotated one, by which the annotated one is named.
    #[must_use]
    pub const fn inside(mut self, inside: fn() -> &'static str) -> Self {
        self.inside = Some(inside);
        self
    }

    /// Returns the annotated function with its module, and its type and trait if it is a method.
    #[inline(always)]
    pub(super) fn function(&self) -> Option<&'static str> {
        let inside = self.inside?;
        Some(self.function.get_or_init(|| self.name_function(inside)))
    }

    #[cold]
    fn name_function(&self, inside: fn() -> &'static str) -> &'static str {
        let function = enclosing(inside());
        if let Some(location) = self.metadata.file().zip(self.metadata.line()) {
            note_location(function, location);
        }
        function
    }

    /// Returns `true` if no session is open, or if no subscriber records this callsite.
    pub(super) fn is_silent(&self) -> bool {
        if !CoreState::any_open() {
            return true;
        }
        let is_off = self.is_off();
        if is_off {
            self.note_filtered(None);
        }
        is_off
    }

    /// Warns once that a filter hides a session or a call in one. Callsites below `INFO` are exempt: their level
    /// exists to be filtered.
    pub(super) fn note_filtered(&self, session_of: Option<&CoreState>) {
        if !FILTER_WARNING.is_claimed() && *self.metadata.level() <= Level::INFO {
            self.warn_of_filter(session_of);
        }
    }

    #[cold]
    fn warn_of_filter(&self, session_of: Option<&CoreState>) {
        let session = admit_current().ok();
        let Some(core) = session_of.or(session.as_ref().map(|session| session.core())) else {
            return;
        };
        if !FILTER_WARNING.claim() {
            return;
        }
        let (kind, location) = (self.kind.as_str(), self.location());
        let cause =
            cause_of_silence(*self.metadata.level(), STATIC_MAX_LEVEL, self.metadata.target());
        let message = format_args!("{kind} {location} is not recorded: {cause}");
        // Printed rather than emitted as an event, which the same filter may hide.
        if core.rules().reporter == Reporter::LogOrStderr {
            report::print(&message);
        } else {
            Reporter::LogOnly.warn(&message);
        }
    }

    /// Returns the name and the source location of the function.
    pub(super) fn location(&self) -> CallLocation {
        let line = self.metadata.file().zip(self.metadata.line());
        CallLocation { name: self.metadata.name().into(), line }
    }

    /// Counts the call without asking the session rule, if it is outside of any session. Returns `false` otherwise.
    pub(super) fn count_if_orphan(&self) -> bool {
        CoreState::any_open()
            && self.callsite.interest().is_always()
            && count_if_orphan(&self.orphans)
    }

    /// Returns `true` if spans may have more initial attributes than their kind and name.
    pub(super) fn describes(&self) -> bool {
        self.describes
    }

    /// Appends the static attributes.
    #[cold]
    pub(super) fn describe(&self, attributes: &mut Vec<KeyValue>) {
        let Settings { version, description, spec, tags, redact, .. } = self.settings;
        let texts = [
            (semconv::OPERATION_VERSION, version),
            (semconv::DESCRIPTION, description),
            (semconv::GUARDRAIL_SPEC, spec),
            (semconv::REDACT, redact.filter(|redact| !redact).map(|_| "off")),
        ];
        let texts = texts.into_iter().filter_map(|(key, text)| Some(KeyValue::new(key, text?)));
        attributes.extend(texts);
        // The tags of a session are part of its identity.
        if self.kind != SpanKind::Session && !tags.is_empty() {
            let tags = tags.iter().map(|tag| StringValue::from(*tag)).collect();
            attributes.push(KeyValue::new(semconv::TAGS, Value::Array(Array::String(tags))));
        }
    }

    pub(super) fn kind(&self) -> SpanKind {
        self.kind
    }

    pub(super) fn name(&self) -> &'static str {
        self.metadata.name()
    }

    pub(super) fn metadata(&self) -> &'static Metadata<'static> {
        self.metadata
    }

    /// Returns `true` if no subscriber can want this span. This is the cheap half of [`Self::is_enabled`].
    pub(super) fn is_off(&self) -> bool {
        let level = self.metadata.level();
        *level > STATIC_MAX_LEVEL || *level > LevelFilter::current() || self.register().is_never()
    }

    /// Returns `true` if a span that was not off a moment ago is enabled. Cheaper than [`Self::is_enabled`].
    pub(super) fn is_still_enabled(&self) -> bool {
        self.callsite.interest().is_always() || self.is_enabled()
    }

    /// Returns `true` if a subscriber wants this span now. Per-layer filters keep their decision in a thread-local
    /// for the next span, so a span must be created right after this call.
    pub(super) fn is_enabled(&self) -> bool {
        if self.is_off() {
            return false;
        }
        self.callsite.interest().is_always()
            || dispatcher::get_default(|dispatch| dispatch.enabled(self.metadata))
    }

    /// Registers the callsite as one of ours, once, and returns the interest of the subscribers.
    fn register(&self) -> Interest {
        if !self.is_known.load(Ordering::Acquire) {
            self.become_known();
        }
        self.callsite.interest()
    }

    #[cold]
    fn become_known(&self) {
        let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(self.metadata.callsite());
        self.is_known.store(true, Ordering::Release);
    }

    /// Claims the only warning of this callsite. Returns `true` the first time.
    pub(super) fn claim_warning(&self) -> bool {
        self.warning.claim()
    }
}

/// Returns the path of the function that encloses `function`, without the closures in between.
#[cold]
fn enclosing(function: &'static str) -> &'static str {
    let mut path = function.rsplit_once("::").map_or(function, |(path, _)| path);
    while let Some(outer) = path.strip_suffix("::{{closure}}") {
        path = outer;
    }
    path
}

/// Returns the reason why no subscriber wants a span of this level and target, with a remedy.
fn cause_of_silence(level: Level, most: LevelFilter, target: &str) -> String {
    if level > most {
        return format!(
            "`tracing` is built with a feature `max_level_…` or `release_max_level_…` that leaves out spans of \
             the level {level}; raise it to `{}`",
            level.as_str().to_lowercase()
        );
    }
    format!(
        "a filter of the whole subscriber disables its target `{target}`, and may disable others; give the \
         filter to the layer that it is meant for, as in `fmt::layer().with_filter(…)`, or let it pass \
         `{target}=info`"
    )
}

#[cfg(test)]
mod tests {
    use super::{Level, LevelFilter, cause_of_silence, enclosing};

    #[test]
    fn enclosing_returns_function_path() {
        let all = [
            "shop::search::here",
            "<shop::Weather as shop::Tool>::call::{{closure}}::{{closure}}::here",
            "here",
        ];
        let expected = ["shop::search", "<shop::Weather as shop::Tool>::call", "here"];
        assert_eq!(all.map(enclosing), expected);
    }

    #[test]
    fn cause_of_silence_names_filter_or_feature() {
        let cause = |most| cause_of_silence(Level::INFO, most, "shop");
        assert_eq!(
            cause(LevelFilter::TRACE),
            "a filter of the whole subscriber disables its target `shop`, and may disable others; give the \
             filter to the layer that it is meant for, as in `fmt::layer().with_filter(…)`, or let it pass \
             `shop=info`"
        );
        assert_eq!(
            cause(LevelFilter::WARN),
            "`tracing` is built with a feature `max_level_…` or `release_max_level_…` that leaves out spans \
             of the level INFO; raise it to `info`"
        );
    }
}
