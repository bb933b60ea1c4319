//! Who an agent is, as its type tells.

use std::{borrow::Cow, pin::Pin, rc::Rc, sync::Arc};

use opentelemetry::{KeyValue, Value};

use crate::{process::guarded, record::semconv};

/// Who an agent is: what every span says that a method of its type opens.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentIdentity {
    pub(super) name: Cow<'static, str>,
    id: Option<Value>,
    role: Option<Value>,
    description: Option<Value>,
}

impl AgentIdentity {
    /// An agent that is called like its type.
    #[must_use]
    pub const fn of(type_name: &'static str) -> Self {
        Self { name: Cow::Borrowed(type_name), id: None, role: None, description: None }
    }

    /// Names the agent; an empty name is none.
    #[must_use]
    pub fn name(self, name: Option<Value>) -> Self {
        match name.map(|name| name.as_str().into_owned()).filter(|name| !name.is_empty()) {
            Some(name) => Self { name: name.into(), ..self },
            None => self,
        }
    }

    /// Tells this agent from others of its name.
    #[must_use]
    pub fn id(self, id: Option<Value>) -> Self {
        Self { id: id.map(|id| id.as_str().into_owned().into()), ..self }
    }

    /// Says what the agent is there for, in a word or two.
    #[must_use]
    pub fn role(self, role: Option<Value>) -> Self {
        Self { role, ..self }
    }

    /// Says what the agent does.
    #[must_use]
    pub fn description(self, description: Option<Value>) -> Self {
        Self { description, ..self }
    }

    pub(super) fn attributes(self) -> impl Iterator<Item = KeyValue> {
        let all = [
            (semconv::AGENT_NAME, Some(self.name.into())),
            (semconv::AGENT_ID, self.id),
            (semconv::AGENT_ROLE, self.role),
            (semconv::AGENT_DESCRIPTION, self.description),
        ];
        all.into_iter().filter_map(|(key, value)| Some(KeyValue::new(key, value?)))
    }
}

/// A type that is an agent.
pub trait Identified {
    /// Who this one is.
    fn agent_identity(&self) -> AgentIdentity;
}

macro_rules! pointer {
    ($($pointer:ty)*) => {$(
        impl<T: Identified + ?Sized> Identified for $pointer {
            fn agent_identity(&self) -> AgentIdentity {
                T::agent_identity(self)
            }
        }
    )*};
}
pointer!(&T &mut T Box<T> Arc<T> Rc<T>);

impl<P: std::ops::Deref<Target: Identified>> Identified for Pin<P> {
    fn agent_identity(&self) -> AgentIdentity {
        self.as_ref().get_ref().agent_identity()
    }
}

/// The `self` of a method, which is an agent or not: the compiler chooses as it does in `capture::probe`.
#[derive(Debug)]
pub struct SelfProbe<'a, T>(pub &'a T);

/// First choice.
pub trait ViaIdentity {
    /// Who the agent is.
    fn agent(&self) -> Option<AgentIdentity>;
}

impl<T: Identified> ViaIdentity for &SelfProbe<'_, T> {
    fn agent(&self) -> Option<AgentIdentity> {
        // Code of the user's, in a getter or a `Display`.
        guarded(|| self.0.agent_identity())
    }
}

/// What is left.
pub trait ViaNobody {
    /// Nobody.
    fn agent(&self) -> Option<AgentIdentity>;
}

impl<T> ViaNobody for SelfProbe<'_, T> {
    fn agent(&self) -> Option<AgentIdentity> {
        None
    }
}
