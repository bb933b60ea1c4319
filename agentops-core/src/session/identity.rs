//! Who a session is.

use std::{borrow::Cow, sync::Arc};

use opentelemetry::{Array, KeyValue, StringValue, Value};

use crate::{budget::Budget, semconv};

/// What a session is called, for whom it runs, and within what limits.
#[derive(Debug, Default)]
pub(crate) struct Identity {
    pub(crate) name: Cow<'static, str>,
    /// The user's own id; without one a session is known by its trace.
    pub(crate) session_id: Option<Arc<str>>,
    pub(crate) user_id: Option<Arc<str>>,
    pub(crate) tags: Vec<StringValue>,
    pub(crate) metadata: Vec<(Cow<'static, str>, Value)>,
    pub(crate) budget: Budget,
}

impl Identity {
    /// What of it stands on the root of the session alone.
    pub(crate) fn root_attributes(&self) -> impl Iterator<Item = KeyValue> {
        let tags = (!self.tags.is_empty())
            .then(|| KeyValue::new(semconv::TAGS, Value::Array(Array::String(self.tags.clone()))));
        let metadata = self.metadata.iter().map(|(key, value)| {
            KeyValue::new(format!("{}{key}", semconv::METADATA_PREFIX), value.clone())
        });
        tags.into_iter().chain(metadata).chain(self.budget.attributes())
    }

    /// What of it stands on every span: readers of `OpenInference` group by it.
    pub(super) fn stamps(&self) -> Vec<KeyValue> {
        let tags = (!self.tags.is_empty()).then(|| {
            KeyValue::new(semconv::TAG_TAGS, Value::Array(Array::String(self.tags.clone())))
        });
        let metadata = (!self.metadata.is_empty())
            .then(|| KeyValue::new(semconv::METADATA, metadata_json(&self.metadata)));
        tags.into_iter().chain(metadata).collect()
    }
}

fn metadata_json(metadata: &[(Cow<'static, str>, Value)]) -> String {
    let entries = metadata.iter().map(|(key, value)| (key.clone().into_owned(), json(value)));
    serde_json::Value::Object(entries.collect()).to_string()
}

fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Bool(value) => (*value).into(),
        Value::I64(value) => (*value).into(),
        Value::F64(value) => (*value).into(),
        other => other.as_str().into(),
    }
}
