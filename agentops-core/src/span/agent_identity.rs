//! Identity of an agent, as declared by its type.

use std::{borrow::Cow, pin::Pin, rc::Rc, sync::Arc};

use opentelemetry::{KeyValue, Value};

use crate::{
    attribute::{FieldValue, field_value},
    process::catch_user_panic,
    record::semconv,
};

/// Identity of an agent. Every span that a method of its type opens carries it.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentIdentity {
    pub(super) name: Cow<'static, str>,
    id: Option<Value>,
    role: Option<Value>,
    description: Option<Value>,
}

impl AgentIdentity {
    /// Creates the identity of an agent that is named after its type.
    #[must_use]
    pub const fn of(type_name: &'static str) -> Self {
        Self { name: Cow::Borrowed(type_name), id: None, role: None, description: None }
    }

    /// Sets the name of the agent. `None` and an empty name keep the name of the type.
    #[must_use]
    pub fn name(self, name: Option<Value>) -> Self {
        match name.map(|name| name.as_str().into_owned()).filter(|name| !name.is_empty()) {
            Some(name) => Self { name: name.into(), ..self },
            None => self,
        }
    }

    /// Sets the id that tells this agent from others of the same name.
    #[must_use]
    pub fn id(self, id: Option<Value>) -> Self {
        Self { id: id.map(|id| id.as_str().into_owned().into()), ..self }
    }

    /// Sets the role of the agent, in a word or two.
    #[must_use]
    pub fn role(self, role: Option<Value>) -> Self {
        Self { role, ..self }
    }

    /// Sets the description of the agent.
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

/// Field of a struct that can provide a part of an agent's identity: every [`FieldValue`]. The trait exists for its
/// error message, whose remedy is not that of an attribute's value.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of an agent's identity",
    label = "neither a text, a number, a `bool`, nor a pointer to one",
    note = "take it from an expression on the struct instead, as in `#[agentops(name = self.field.to_string())]`"
)]
pub trait IdentityPart {
    /// Returns the attribute's value, or `None` to omit the attribute.
    fn identity_part(&self) -> Option<Value>;
}

// Without this the compiler reports the missing `FieldValue`.
#[diagnostic::do_not_recommend]
impl<T: FieldValue + ?Sized> IdentityPart for T {
    fn identity_part(&self) -> Option<Value> {
        field_value(self)
    }
}

/// Converts a field that provides a part of an agent's identity.
pub fn identity_part<T: IdentityPart + ?Sized>(field: &T) -> Option<Value> {
    field.identity_part()
}

/// Type that is an agent.
pub trait Identified {
    /// Returns the identity of this agent.
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

/// Wrapper for the `self` of a method, which may be an agent or not. The compiler chooses the trait below as it does
/// in `capture::probe`.
#[derive(Debug)]
pub struct SelfProbe<'a, T>(pub &'a T);

/// First choice: `self` is an agent.
pub trait ViaIdentity {
    /// Returns the identity of the agent, or `None` if it panics while it is read.
    fn agent(&self) -> Option<AgentIdentity>;
}

impl<T: Identified> ViaIdentity for &SelfProbe<'_, T> {
    fn agent(&self) -> Option<AgentIdentity> {
        // Runs user code: a getter or a `Display`.
        catch_user_panic(|| self.0.agent_identity())
    }
}

/// Fallback: `self` is not an agent.
pub trait ViaNobody {
    /// Returns `None`.
    fn agent(&self) -> Option<AgentIdentity>;
}

impl<T> ViaNobody for SelfProbe<'_, T> {
    fn agent(&self) -> Option<AgentIdentity> {
        None
    }
}
