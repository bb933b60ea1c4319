//! The `_meta` of a message of the Model Context Protocol: its place for the headers of W3C Trace Context and
//! Baggage, by their own names ([SEP-414](https://modelcontextprotocol.io/seps/414)).

use std::borrow::Cow;

use rmcp::model::{MetaObject, NotificationMetaObject, RequestMetaObject};
use serde_json::Value;

use super::{Headers, HeadersMut};

/// By the entries of `_meta`.
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

/// A value that is no text is no header of the standards, and is refused.
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
    fn what_is_no_text_is_read_as_what_it_is_and_nothing_as_none() {
        let mut meta = MetaObject::new();
        meta.insert("traceparent".to_owned(), 5.into());
        meta.insert("tracestate".to_owned(), Value::Null);
        meta.insert("baggage".to_owned(), serde_json::json!({"session.id": "s"}));
        let read = ["traceparent", "tracestate", "baggage"].map(|name| meta.header(name));
        let expected = [Some("5".into()), None, Some(r#"{"session.id":"s"}"#.into())];
        assert_eq!(read, expected);
    }
}
