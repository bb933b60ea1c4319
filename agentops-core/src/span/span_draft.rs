//! Admitted call that collects its initial attributes.

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

use opentelemetry::{KeyValue, StringValue, Value};

use super::{AgentIdentity, call_site::Site, span_component::Component};
use crate::{
    attribute::{non_empty, redacted},
    capture::{self, Asked, Captured},
    config::{Budget, BudgetPolicy},
    llm::LlmRequest,
    record::{Extent, LONGEST_CONTENT, RecordedKind, SpanAttributes, SpanKind, semconv},
    session::{Details, Identity, Rules, SessionRegistry, SessionState},
};

/// Parentage of a span that has not started yet.
#[derive(Debug)]
pub(super) enum Parentage {
    /// Child of an existing session.
    Child(Arc<SessionState>),
    /// Root of a new session.
    Root(Box<NewSession>),
    /// Call without a session that starts later, possibly inside one.
    Later(Arc<SessionRegistry>),
    /// Call without a session that gets a session of its own.
    AutoSession(Box<NewSession>),
}

/// Session that is about to start.
#[derive(Debug)]
pub(super) struct NewSession {
    pub(super) registry: Arc<SessionRegistry>,
    pub(super) identity: Identity,
}

impl NewSession {
    /// Creates a session that is named after the component, with the component's tags and the default ones.
    fn of(registry: Arc<SessionRegistry>, component: &Component) -> Box<Self> {
        let tags = session_tags(component.site, registry.rules());
        let details = Details { tags, ..Details::default() };
        let name = component.name();
        Box::new(Self { registry, identity: Identity { name, details, ..Identity::default() } })
    }
}

impl Parentage {
    fn rules(&self) -> &Rules {
        match self {
            Self::Child(session) => session.rules(),
            Self::Later(registry) => registry.rules(),
            Self::Root(new) | Self::AutoSession(new) => new.registry.rules(),
        }
    }

    /// Returns the parentage of a component that is a session.
    pub(super) fn root(registry: Arc<SessionRegistry>, component: &Component) -> Self {
        Self::Root(NewSession::of(registry, component))
    }

    /// Returns the parentage of a component that gets a session around it.
    pub(super) fn auto_session(registry: Arc<SessionRegistry>, component: &Component) -> Self {
        Self::AutoSession(NewSession::of(registry, component))
    }

    /// Returns the identity of the session that starts here, if one does.
    fn identity(&mut self) -> Option<&mut Identity> {
        match self {
            Self::Root(new) | Self::AutoSession(new) => Some(&mut new.identity),
            Self::Child(_) | Self::Later(_) => None,
        }
    }
}

/// Admitted call with the draft of its span, or `None` if it gets no span.
#[derive(Debug)]
pub struct Start(pub(super) Option<SpanDraft>);

impl Start {
    /// Returns `true` if the call gets a span, so that attributes are worth collecting.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Returns `true` if the arguments of this call are captured.
    #[must_use]
    pub fn captures_input(&self) -> bool {
        self.0
            .as_ref()
            .is_some_and(|draft| draft.captures(draft.component.site.settings.capture_input))
    }

    /// Sets the name of the call, and of the session that starts with it. `None` and an empty name are ignored.
    pub fn name(&mut self, name: Option<Value>) {
        let name = name.map(|name| name.as_str().into_owned()).filter(|name| !name.is_empty());
        if let (Some(draft), Some(name)) = (&mut self.0, name) {
            draft.initial.rename(name.into());
            draft.name_session();
        }
    }

    /// Records the arguments, if content is captured here.
    pub fn input(&mut self, arguments: &[(&'static str, Captured<'_>)]) {
        if let Some(draft) = &mut self.0
            && draft.captures(draft.component.site.settings.capture_input)
        {
            let capture = if draft.component.kind() == SpanKind::Llm {
                capture::conversation
            } else {
                capture::object
            };
            let input = capture(arguments, draft.extent());
            draft.initial.attributes.push(KeyValue::new(semconv::INPUT, input));
        }
    }

    /// Records the arguments of a model call, and the settings and content of those that are requests.
    pub fn request(&mut self, arguments: &[(&'static str, Asked<'_>)]) {
        let captured: Vec<_> =
            arguments.iter().map(|(name, argument)| (*name, argument.captured)).collect();
        self.input(&captured);
        let Some(draft) = &mut self.0 else { return };
        let mut request = LlmRequest::new();
        arguments
            .iter()
            .filter_map(|(_, argument)| argument.request())
            .for_each(|told| request.add(told));
        draft.initial.attributes.extend(request.attributes());
        if draft.captures(draft.component.site.settings.capture_input) {
            draft.initial.attributes.extend(request.content(draft.extent()));
        }
    }

    /// Records an attribute. `None` omits it.
    pub fn field(&mut self, key: &'static str, value: Option<Value>) {
        if let (Some(draft), Some(value)) = (&mut self.0, value) {
            draft.initial.attributes.push(KeyValue::new(key, value));
        }
    }

    /// Formats a value with `Debug`, for [`field`](Self::field).
    #[must_use]
    pub fn debug<T: fmt::Debug + ?Sized>(&self, value: &T) -> Option<Value> {
        let extent = self.0.as_ref()?.extent();
        Some(capture::debug_text(&value, extent).into())
    }

    /// Formats a value with `Display`, for [`field`](Self::field).
    #[must_use]
    pub fn display<T: fmt::Display + ?Sized>(&self, value: &T) -> Option<Value> {
        Some(capture::text(value, self.0.as_ref()?.max_len()).into())
    }

    /// Redacts a value that is named like a credential, if redaction is on, for [`field`](Self::field).
    #[must_use]
    pub fn credential(&self, name: &str, value: Option<Value>) -> Option<Value> {
        let redacts = self.0.as_ref()?.redacts();
        if redacts { value.map(|value| redacted(name, value)) } else { value }
    }

    /// Sets the session's id in place of the trace id. An empty id removes it.
    pub fn session_id(&mut self, id: Option<Value>) {
        if let (Some(identity), Some(id)) = (self.identity(), id) {
            identity.session_id = non_empty(&id);
        }
    }

    /// Sets the user for whom the session runs. An empty id removes it.
    pub fn user_id(&mut self, id: Option<Value>) {
        if let (Some(identity), Some(id)) = (self.identity(), id) {
            identity.details.user_id = non_empty(&id);
        }
    }

    fn identity(&mut self) -> Option<&mut Identity> {
        self.0.as_mut().and_then(|draft| draft.parentage.identity())
    }

    /// Sets the identity of the session, except for its name. The default tags are kept.
    pub(crate) fn set_session_identity(&mut self, mut identity: Identity) {
        if self.0.as_ref().is_some_and(SpanDraft::redacts) {
            let metadata = identity.details.metadata.into_iter();
            let without = metadata.map(|(key, value)| {
                let value = redacted(&key, value);
                (key, value)
            });
            identity.details.metadata = without.collect();
        }
        if let Some(planned) = self.identity() {
            let earlier = std::mem::replace(planned, identity);
            planned.name = earlier.name;
            let tags = &mut planned.details.tags;
            let defaults = earlier.details.tags.into_iter().filter(|tag| !tags.contains(tag));
            let defaults: Vec<_> = defaults.collect();
            tags.extend(defaults);
        }
    }

    /// Sets the agent whose method the call is. Options of the call itself are set later and take precedence.
    pub fn agent(&mut self, agent: Option<AgentIdentity>, named: bool) {
        if let (Some(draft), Some(agent)) = (&mut self.0, agent) {
            draft.initial.of_agent(draft.component.site.kind(), named, agent);
        }
    }

    /// Adds metadata of the user's own to the session.
    pub fn metadata(&mut self, key: &'static str, value: Option<Value>) {
        if let (Some(identity), Some(value)) = (self.identity(), value) {
            identity.details.metadata.push((key.into(), value));
        }
    }

    /// Limits the tokens of the session.
    pub fn limit_tokens(&mut self, tokens: u64) {
        self.limit(|budget| budget.tokens(tokens));
    }

    /// Limits the cost of the session, in US dollars.
    pub fn limit_usd(&mut self, usd: impl Into<f64>) {
        self.limit(|budget| budget.usd(usd.into()));
    }

    /// Limits the duration of the session. A value that no `Duration` can hold sets no limit.
    pub fn limit_seconds(&mut self, seconds: impl Into<f64>) {
        if let Ok(duration) = Duration::try_from_secs_f64(seconds.into().max(0.0)) {
            self.limit(|budget| budget.duration(duration));
        }
    }

    /// Cancels the session's future once a limit is exceeded.
    pub fn limit_cancels(&mut self) {
        self.limit(|budget| budget.policy(BudgetPolicy::Cancel));
    }

    fn limit(&mut self, change: impl FnOnce(Budget) -> Budget) {
        if let Some(identity) = self.identity() {
            identity.budget = change(identity.budget);
        }
    }
}

/// Span that has not started yet.
#[derive(Debug)]
pub(super) struct SpanDraft {
    pub(super) component: Component,
    pub(super) parentage: Parentage,
    pub(super) initial: InitialAttributes,
}

impl SpanDraft {
    #[inline(always)]
    pub(super) fn new(component: Component, parentage: Parentage) -> Self {
        let initial = InitialAttributes::new(component.site, component.kind(), component.name());
        Self { component, parentage, initial }
    }

    /// Creates the draft of a span in a session. `agent` is recorded as the agent that the span belongs to.
    #[inline(always)]
    pub(super) fn child(
        component: Component,
        session: Arc<SessionState>,
        agent: Option<Cow<'static, str>>,
    ) -> Self {
        let mut draft = Self::new(component, Parentage::Child(session));
        if let Some(agent) = agent {
            draft.initial.attributes.push(KeyValue::new(semconv::AGENT_NAME, agent));
        }
        draft
    }

    /// Names the session that starts here, if one does, after the span.
    pub(super) fn name_session(&mut self) {
        if let Some(identity) = self.parentage.identity() {
            identity.name = self.initial.name.clone();
        }
    }

    fn captures(&self, option: Option<bool>) -> bool {
        self.parentage.rules().capture_content && option.unwrap_or(true)
    }

    fn max_len(&self) -> usize {
        let of_program = self.parentage.rules().max_len;
        self.component
            .site
            .settings
            .max_len
            .map_or(of_program, |max_len| max_len.min(LONGEST_CONTENT))
    }

    fn redacts(&self) -> bool {
        let rules = self.parentage.rules();
        rules.redact_credentials && self.component.site.settings.redact.unwrap_or(true)
    }

    fn extent(&self) -> Extent {
        Extent { max_len: self.max_len(), redacts: self.redacts() }
    }

    /// Returns the bounds of the recorded output, or `None` if the output is not recorded.
    pub(super) fn output(&self) -> Option<Extent> {
        self.captures(self.component.site.settings.capture_output).then(|| self.extent())
    }
}

/// Name and attributes that a span starts with.
#[derive(Debug)]
pub(super) struct InitialAttributes {
    pub(super) name: Cow<'static, str>,
    /// Agent to which everything below the span belongs, if the span is an agent or a method of one.
    pub(super) agent: Option<Box<Cow<'static, str>>>,
    pub(super) kind: RecordedKind,
    pub(super) attributes: SpanAttributes,
}

impl InitialAttributes {
    /// Creates the attributes that every span of a site starts with.
    #[inline(always)]
    fn new(site: &Site, kind: SpanKind, name: Cow<'static, str>) -> Self {
        let mut attributes = SpanAttributes::new(kind);
        if let Some(function) = site.function() {
            attributes.push(KeyValue::new(semconv::CODE_FUNCTION_NAME, function));
        }
        if site.describes() {
            site.describe(attributes.list());
        }
        let agent = matches!(kind, SpanKind::Agent).then(|| Box::new(name.clone()));
        Self { name, agent, kind: kind.into(), attributes }
    }

    fn rename(&mut self, name: Cow<'static, str>) {
        if let Some(agent) = &mut self.agent {
            agent.as_mut().clone_from(&name);
        }
        self.name = name;
    }

    /// Creates the attributes of a session that is named after its only child and has no content of its own.
    pub(super) fn of_auto_session(child: &Self) -> Self {
        let kind = SpanKind::Session;
        let attributes = SpanAttributes::new(kind);
        Self { name: child.name.clone(), agent: None, kind: kind.into(), attributes }
    }

    /// Sets the agent that the span belongs to. The span of an agent itself is named after it, unless it has a name
    /// already.
    fn of_agent(&mut self, kind: SpanKind, named: bool, mut agent: AgentIdentity) {
        if kind == SpanKind::Agent && named {
            agent.name = self.name.clone();
        } else if kind == SpanKind::Agent {
            self.name = agent.name.clone();
        }
        self.agent = Some(Box::new(agent.name.clone()));
        self.attributes.extend(agent.attributes());
    }
}

/// Returns the session's own tags and the default ones.
fn session_tags(site: &Site, rules: &Rules) -> Vec<StringValue> {
    let own = site.settings.tags;
    let defaults = rules.default_tags.iter().filter(|tag| !own.contains(&tag.as_str()));
    own.iter()
        .map(|tag| StringValue::from(*tag))
        .chain(defaults.map(|tag| tag.clone().into()))
        .collect()
}
