//! List of a span's attributes, with its kind first and its name second.
//!
//! AgentOps takes the type of a span from the first key that it knows, and whoever looks up the kind or the name finds
//! it at once. The name is inserted on delivery: the delivery thread has time to move the attributes behind it.

use opentelemetry::{KeyValue, StringValue};

use super::{
    SpanKind, pool,
    semconv::{ADOPTED_FROM, OPERATION_NAME, SPAN_KIND},
};

/// Attributes that a span starts with, in a recycled list if possible.
#[derive(Debug)]
pub(crate) struct SpanAttributes(Vec<KeyValue>);

impl SpanAttributes {
    /// Creates the attributes of a span of ours.
    #[inline(always)]
    pub(crate) fn new(kind: SpanKind) -> Self {
        let mut attributes = pool::attributes();
        attributes.push(KeyValue::new(SPAN_KIND, kind.as_str()));
        Self(attributes)
    }

    /// Creates the attributes of a framework's span, from the target of its callsite and its kind.
    pub(crate) fn adopted(target: &'static str, kind: SpanKind) -> Self {
        let mut attributes = pool::attributes();
        attributes.push(KeyValue::new(ADOPTED_FROM, target));
        attributes.push(KeyValue::new(SPAN_KIND, kind.as_str()));
        Self(attributes)
    }

    #[inline(always)]
    pub(crate) fn push(&mut self, attribute: KeyValue) {
        self.0.push(attribute);
    }

    /// Returns the list for code that appends to it.
    pub(crate) fn list(&mut self) -> &mut Vec<KeyValue> {
        &mut self.0
    }

    #[inline(always)]
    pub(crate) fn into_list(self) -> Vec<KeyValue> {
        self.0
    }
}

impl Extend<KeyValue> for SpanAttributes {
    fn extend<T: IntoIterator<Item = KeyValue>>(&mut self, attributes: T) {
        self.0.extend(attributes);
    }
}

/// Inserts the name of a span behind its kind, unless the list has one. Code of the program may have emptied the list;
/// then the name is its first attribute.
pub(crate) fn insert_name(attributes: &mut Vec<KeyValue>, name: impl Into<StringValue>) {
    if attributes.iter().all(|attribute| attribute.key.as_str() != OPERATION_NAME) {
        let second = attributes.len().min(1);
        attributes.insert(second, KeyValue::new(OPERATION_NAME, name.into()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(attributes: &[KeyValue]) -> Vec<&str> {
        attributes.iter().map(|attribute| attribute.key.as_str()).collect()
    }

    #[test]
    fn name_is_inserted_once_and_behind_the_kind() {
        let mut attributes = SpanAttributes::new(SpanKind::Tool);
        attributes.push(KeyValue::new("k", 1));
        let mut attributes = attributes.into_list();
        insert_name(&mut attributes, "first");
        insert_name(&mut attributes, "second");
        assert_eq!(keys(&attributes), [SPAN_KIND, OPERATION_NAME, "k"]);
        assert_eq!(attributes[1].value, "first".into());
    }

    #[test]
    fn name_of_an_emptied_list_is_its_first_attribute() {
        let mut attributes = Vec::new();
        insert_name(&mut attributes, "search");
        assert_eq!(attributes, [KeyValue::new(OPERATION_NAME, "search")]);
    }
}
