//! Event on a span.

use std::borrow::Cow;

use opentelemetry::{Key, KeyValue};

use crate::attribute::{FieldValue, field_value};

/// Event on a span: a name, and attributes of its own. A name alone needs no `Event`.
///
/// ```
/// use agentops::Event;
///
/// agentops::current()
///     .event("cache miss")
///     .event(Event::new("retry").attribute("attempt", 2).attribute("reason", "timeout"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub(super) name: Cow<'static, str>,
    pub(super) attributes: Vec<KeyValue>,
}

impl Event {
    /// Creates an event without attributes.
    #[must_use]
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into(), attributes: Vec::new() }
    }

    /// Adds an attribute; a value of `None` adds none.
    #[must_use]
    pub fn attribute(mut self, key: impl Into<Key>, value: impl FieldValue) -> Self {
        self.attributes.extend(field_value(&value).map(|value| KeyValue::new(key, value)));
        self
    }
}

macro_rules! from_names {
    ($($name:ty)*) => {$(
        impl From<$name> for Event {
            fn from(name: $name) -> Self {
                Self::new(name)
            }
        }
    )*};
}
from_names!(&'static str String Cow<'static, str>);
