//! Propagation through the `_meta` of a Model Context Protocol message, which holds the headers of W3C Trace
//! Context and Baggage under their own names ([SEP-414](https://modelcontextprotocol.io/seps/414)).

use std::borrow::Cow;

use rmcp::model::{MetaObject, NotificationMetaObject, RequestMetaObject};
use serde_json::Value;

use super::{Headers, HeadersMut};

/// Marker of the implementations for `_meta` objects.
#[doc(hidden)]
#[derive(Debug)]
pub enum ViaMeta {}

macro_rules! meta {
    ($($meta:ty)*) => {$(
        impl Headers<ViaMeta> for $meta {
            fn header(&self, name: &str) -> Option<Cow<'_, str>> {
                self.get(name).and_then(text)
            }
        }

        impl HeadersMut<ViaMeta> for $meta {
            fn set_header(&mut self, name: &str, value: String) {
                self.insert(name.to_owned(), Value::String(value));
            }
        }
    )*};
}
meta!(MetaObject RequestMetaObject NotificationMetaObject);

/// Returns an entry as text. One that is not a string is returned as JSON, which is malformed as a header and then
/// rejected.
fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.into()),
        other => Some(other.to_string().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meta_reads_other_values_as_text() {
        let mut meta = MetaObject::new();
        meta.insert("traceparent".to_owned(), 5.into());
        meta.insert("tracestate".to_owned(), Value::Null);
        meta.insert("baggage".to_owned(), serde_json::json!({"session.id": "s"}));
        let read = ["traceparent", "tracestate", "baggage"].map(|name| meta.header(name));
        let expected = [Some("5".into()), None, Some(r#"{"session.id":"s"}"#.into())];
        assert_eq!(read, expected);
    }
}
