//! The one door through which our spans are born, and the first place that asks the session rule.

use std::sync::Arc;

use opentelemetry::{
    Array, Context, KeyValue, StringValue, Value,
    trace::{
        Link, SpanBuilder, SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState,
    },
};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::{
    call::Call,
    handoff::hand_over,
    scope::Scope,
    site::Site,
    traced::{Role, TracedSpan},
};
use crate::{
    capture::{self, Captured},
    config::OrphanPolicy,
    kind::SpanKind,
    semconv,
    session::{Identity, Refusal, SessionContext, SessionRegistry, SessionState, admit_current},
};

/// The one door through which our spans are created.
#[doc(alias = "Span Factory")]
#[derive(Debug)]
pub(crate) struct SpanFactory;

impl SpanFactory {
    /// Asks whether a call of this site gets a span.
    pub(super) fn admit(site: &'static Site) -> Start {
        if !SessionRegistry::any_open() {
            return Start(None);
        }
        if site.kind() == SpanKind::Session {
            return Self::admit_session(site);
        }
        match admit_current() {
            Ok(session) if !site.is_off() && session.registry().is_open() => {
                Start(Some(Draft::new(site, Origin::Child(session))))
            }
            Err(Some(refusal)) => Self::refuse(site, refusal),
            _ => Start(None),
        }
    }

    fn admit_session(site: &'static Site) -> Start {
        if Context::map_current(Context::is_telemetry_suppressed) {
            return Start(None);
        }
        // Even where a filter hides the session itself: what is below it must know that it is hidden.
        Start(SessionRegistry::find().map(|registry| Draft::new(site, Origin::Root(registry))))
    }

    /// "Tracing is off" is not "no session": where nobody would record the call, nothing is said.
    #[cold]
    fn refuse(site: &'static Site, refusal: Refusal) -> Start {
        let Some(registry) = SessionRegistry::find().filter(|_| site.is_enabled()) else {
            return Start(None);
        };
        match registry.rules().orphan_policy {
            OrphanPolicy::Drop => {
                registry.count_refused(site.name(), refusal);
                warn_once(site, refusal);
                Start(None)
            }
            OrphanPolicy::Panic => {
                registry.count_refused(site.name(), refusal);
                panic!("{}", refusal_text(site, refusal));
            }
            OrphanPolicy::AutoSession => {
                Start(Some(Draft::new(site, Origin::AutoSession(registry))))
            }
        }
    }
}

fn warn_once(site: &Site, refusal: Refusal) {
    if site.warns_now() {
        tracing::warn!(target: "agentops", "{}", refusal_text(site, refusal));
    }
}

fn refusal_text(site: &Site, refusal: Refusal) -> String {
    let (kind, name) = (site.kind().as_str(), site.name());
    match refusal {
        Refusal::NoSession => format!(
            "{kind} `{name}` was called outside of any session and is not recorded; \
             call it below a `#[session]` function (a spawned task or thread needs the session's context)"
        ),
        Refusal::SessionEnded => format!(
            "{kind} `{name}` was called after its session had ended and is not recorded; \
             await or join it before the `#[session]` function returns"
        ),
    }
}

/// Where a span to be comes from.
#[derive(Debug)]
enum Origin {
    /// It belongs to a session that lives.
    Child(Arc<SessionState>),
    /// It is itself a session.
    Root(Arc<SessionRegistry>),
    /// It has no session and gets one of its own.
    AutoSession(Arc<SessionRegistry>),
}

impl Origin {
    fn registry(&self) -> &Arc<SessionRegistry> {
        match self {
            Self::Child(session) => session.registry(),
            Self::Root(registry) | Self::AutoSession(registry) => registry,
        }
    }
}

/// A call that was asked about: its span to be, or nothing if it gets none.
#[derive(Debug)]
pub struct Start(Option<Draft>);

impl Start {
    /// Whether attributes are worth gathering.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Records the arguments, as far as content is captured here.
    pub fn input(&mut self, arguments: &[(&'static str, Captured<'_>)]) {
        if let Some(draft) = &mut self.0
            && draft.captures(draft.site.settings.capture_input)
        {
            let input = capture::object(arguments, draft.max_len());
            draft.attributes.push(KeyValue::new(semconv::INPUT, input));
        }
    }

    /// Records an attribute; `None` leaves it out.
    pub fn field(&mut self, key: &'static str, value: Option<Value>) {
        if let (Some(draft), Some(value)) = (&mut self.0, value) {
            draft.attributes.push(KeyValue::new(key, value));
        }
    }

    /// Gives the session an id of the user's own.
    pub fn session_id(&mut self, id: Option<Value>) {
        if let (Some(draft), Some(id)) = (&mut self.0, id) {
            draft.identity.session_id = Some(id.as_str().into());
        }
    }

    /// Says for whom the session runs.
    pub fn user_id(&mut self, id: Option<Value>) {
        if let (Some(draft), Some(id)) = (&mut self.0, id) {
            draft.identity.user_id = Some(id.as_str().into());
        }
    }

    /// Creates the span, if there is one to create.
    pub(super) fn begin(self) -> Option<Call> {
        self.0.and_then(Draft::begin)
    }
}

/// A span to be.
#[derive(Debug)]
struct Draft {
    site: &'static Site,
    origin: Origin,
    identity: Identity,
    attributes: Vec<KeyValue>,
}

impl Draft {
    fn new(site: &'static Site, origin: Origin) -> Self {
        let mut attributes = Vec::with_capacity(8);
        describe(&mut attributes, site, site.kind());
        if site.kind() == SpanKind::Session {
            add_tags(&mut attributes, site, &origin.registry().rules().default_tags);
        } else {
            add_tags(&mut attributes, site, &[]);
        }
        let identity = Identity { name: site.name().into(), ..Identity::default() };
        Self { site, origin, identity, attributes }
    }

    fn captures(&self, option: Option<bool>) -> bool {
        self.origin.registry().rules().capture_content && option.unwrap_or(true)
    }

    fn max_len(&self) -> usize {
        self.site.settings.max_len.unwrap_or(self.origin.registry().rules().max_len)
    }

    fn begin(self) -> Option<Call> {
        let captures_output = self.captures(self.site.settings.capture_output);
        let max_len = self.max_len();
        let Self { site, origin, identity, attributes } = self;
        let record = |role| TracedSpan::new(role, captures_output.then_some(max_len));
        match origin {
            Origin::Child(session) => {
                let span = site.is_enabled().then(|| new_span(site, attributes, None))?;
                let role = Role::Child(Arc::clone(session.registry()));
                Some(Call::new(Scope::Span(span), Some(record(role))))
            }
            Origin::Root(registry) => {
                Some(begin_session(site, registry, identity, attributes, record))
            }
            Origin::AutoSession(registry) => {
                let root = auto_session(site, &registry, identity)?;
                let role = Role::Child(registry);
                let span =
                    root.in_scope(|| site.is_enabled().then(|| new_span(site, attributes, None)));
                Some(Call::new(Scope::Span(span?), Some(record(role))).inside(root))
            }
        }
    }
}

/// A session that an orphan gets: named after it, with no content of its own.
fn auto_session(
    site: &'static Site,
    registry: &Arc<SessionRegistry>,
    identity: Identity,
) -> Option<Call> {
    let mut attributes = Vec::with_capacity(8);
    describe(&mut attributes, site, SpanKind::Session);
    add_tags(&mut attributes, site, &registry.rules().default_tags);
    let record = |role| TracedSpan::new(role, None);
    let mut root = begin_session(site, Arc::clone(registry), identity, attributes, record);
    root.open().then_some(root)
}

/// A session is the root of its own trace, whatever is current: the context keeps its baggage and values,
/// but not its span, to which the session only links. What no subscriber wants, and what is not sampled,
/// is silent from here down.
fn begin_session(
    site: &'static Site,
    registry: Arc<SessionRegistry>,
    identity: Identity,
    attributes: Vec<KeyValue>,
    record: impl FnOnce(Role) -> TracedSpan,
) -> Call {
    let sampled = is_sampled(registry.rules().sample_rate) && site.is_enabled();
    let session = Arc::new(SessionState::new(registry, identity, sampled));
    let (context, link) = Context::map_current(|outer| {
        let inside = outer
            .with_value(SessionContext(Arc::clone(&session)))
            .with_remote_span_context(no_parent());
        (inside, outer.span().span_context().clone())
    });
    if !sampled {
        return Call::new(Scope::Silent(context), None);
    }
    let _attached = context.attach();
    let span = new_span(site, attributes, link.is_valid().then_some(link));
    Call::new(Scope::Span(span), Some(record(Role::Session(session))))
}

/// A context's span can be replaced but not removed. An invalid one makes the next span a root; that it is
/// "sampled" keeps a parent-based sampler, as the user's own provider may have one, from dropping the root.
fn no_parent() -> SpanContext {
    SpanContext::new(
        TraceId::INVALID,
        SpanId::INVALID,
        TraceFlags::SAMPLED,
        false,
        TraceState::default(),
    )
}

fn is_sampled(rate: f64) -> bool {
    rate >= 1.0 || random_fraction() < rate
}

/// Uniform in 0..1, from the same source as the span ids.
fn random_fraction() -> f64 {
    let random = u64::from_be_bytes(RandomIdGenerator::default().new_span_id().to_bytes());
    // 53 bits: what an f64 holds.
    #[expect(clippy::cast_precision_loss, reason = "both numbers have at most 54 bits")]
    {
        (random >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// The attributes that every span of a site starts with: the kind first, where the processor looks.
fn describe(attributes: &mut Vec<KeyValue>, site: &Site, kind: SpanKind) {
    attributes.push(KeyValue::new(semconv::SPAN_KIND, kind.as_str()));
    attributes.push(KeyValue::new(semconv::OPERATION_NAME, site.name()));
    let optional = [
        (semconv::OPERATION_VERSION, site.settings.version),
        (semconv::DESCRIPTION, site.settings.description),
        (semconv::GUARDRAIL_SPEC, site.settings.spec),
    ];
    attributes
        .extend(optional.into_iter().filter_map(|(key, value)| Some(KeyValue::new(key, value?))));
}

fn add_tags(attributes: &mut Vec<KeyValue>, site: &Site, defaults: &[String]) {
    let own = site.settings.tags.iter().map(|tag| StringValue::from(*tag));
    let defaults = defaults.iter().filter(|tag| !site.settings.tags.contains(&tag.as_str()));
    let tags: Vec<_> = own.chain(defaults.map(|tag| StringValue::from(tag.clone()))).collect();
    if !tags.is_empty() {
        attributes.push(KeyValue::new(semconv::TAGS, Value::Array(Array::String(tags))));
    }
}

fn new_span(
    site: &'static Site,
    attributes: Vec<KeyValue>,
    link: Option<SpanContext>,
) -> tracing::Span {
    let mut builder = SpanBuilder::from_name(site.name()).with_attributes(attributes);
    if site.kind() == SpanKind::Llm {
        builder.span_kind = Some(opentelemetry::trace::SpanKind::Client);
    }
    builder.links = link.map(|link| vec![Link::with_context(link)]);
    let (span, left) = hand_over(builder, || {
        let metadata = site.metadata();
        let values: [(&tracing::field::Field, Option<&dyn tracing::Value>); 0] = [];
        tracing::Span::new(metadata, &metadata.fields().value_set(&values))
    });
    if let Some(builder) = left {
        describe_through_the_layer(&span, builder);
    }
    span
}

/// A layer that is not ours records the span: the user's own provider. It takes attributes one by one.
fn describe_through_the_layer(span: &tracing::Span, builder: SpanBuilder) {
    for KeyValue { key, value, .. } in builder.attributes.unwrap_or_default() {
        span.set_attribute(key, value);
    }
    for link in builder.links.unwrap_or_default() {
        span.add_link(link.span_context);
    }
}
