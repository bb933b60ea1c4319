//! User, tags and metadata of a session, which its spans carry.

use std::{borrow::Cow, sync::Arc};

use opentelemetry::{Array, KeyValue, StringValue, Value};

use crate::{
    attribute::{PIECE, cut, cut_value, json_of, length_of},
    record::semconv,
};

/// User, tags and metadata of a session.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Details {
    pub(crate) user_id: Option<Arc<str>>,
    pub(crate) tags: Vec<StringValue>,
    pub(crate) metadata: Vec<(Cow<'static, str>, Value)>,
}

/// Most tags, and most keys of metadata, that can be added to a running session: the limit of a span's attributes.
const MOST: usize = 128;

/// Most bytes of one text, since every span of the session carries it.
const LONGEST: usize = 64 << 10;

/// Most bytes of all tags and metadata.
const MOST_BYTES: usize = 128 << 10;

/// Cuts an id that is too long.
pub(super) fn bound_id(id: &mut Arc<str>) {
    if id.len() > LONGEST {
        *id = cut(id, LONGEST).into();
    }
}

impl Details {
    /// Returns the attributes that only the root of the session carries.
    pub(super) fn root_attributes(&self) -> impl Iterator<Item = KeyValue> {
        let metadata = self.metadata.iter().map(|(key, value)| {
            KeyValue::new(format!("{}{key}", semconv::METADATA_PREFIX), value.clone())
        });
        self.tags(semconv::TAGS).into_iter().chain(metadata)
    }

    /// Returns the attributes that every span carries, except the user. `OpenInference` backends group by them.
    pub(super) fn stamps(&self) -> Vec<KeyValue> {
        let metadata = (!self.metadata.is_empty())
            .then(|| KeyValue::new(semconv::METADATA, metadata_json(&self.metadata)));
        self.tags(semconv::TAG_TAGS).into_iter().chain(metadata).collect()
    }

    fn tags(&self, key: &'static str) -> Option<KeyValue> {
        let tags = || Value::Array(Array::String(self.tags.clone()));
        (!self.tags.is_empty()).then(|| KeyValue::new(key, tags()))
    }

    /// Cuts texts that are too long and drops tags and metadata beyond [`MOST_BYTES`]. Returns `false` if
    /// something was dropped.
    pub(super) fn bound(&mut self) -> bool {
        self.user_id.iter_mut().for_each(bound_id);
        for tag in &mut self.tags {
            if tag.as_str().len() > LONGEST {
                *tag = cut(tag.as_str(), LONGEST).into();
            }
        }
        for (key, value) in &mut self.metadata {
            if key.len() > LONGEST {
                *key = cut(key, LONGEST).into();
            }
            cut_value(value, LONGEST);
        }
        let mut room = MOST_BYTES;
        let mut fits = |bytes: usize| {
            let fits = bytes <= room;
            room -= if fits { bytes } else { 0 };
            fits
        };
        let counts = (self.tags.len(), self.metadata.len());
        self.tags.retain(|tag| fits(PIECE + tag.as_str().len()));
        self.metadata.retain(|(key, value)| fits(PIECE + key.len() + length_of(value)));
        counts == (self.tags.len(), self.metadata.len())
    }

    /// Adds a tag unless it is there already. Returns `false` if there are too many tags.
    pub(super) fn add_tag(&mut self, tag: String) -> bool {
        if self.tags.iter().any(|earlier| earlier.as_str() == tag) {
            return true;
        }
        let has_room = self.tags.len() < MOST;
        if has_room {
            self.tags.push(tag.into());
        }
        has_room
    }

    /// Sets a metadata key, replacing an earlier value. Returns `false` if there are too many keys.
    pub(super) fn set_metadata(&mut self, key: String, value: Value) -> bool {
        let known = self.metadata.iter_mut().rev().find(|(earlier, _)| *earlier == key);
        if let Some((_, earlier)) = known {
            *earlier = value;
            return true;
        }
        let has_room = self.metadata.len() < MOST;
        if has_room {
            self.metadata.push((key.into(), value));
        }
        has_room
    }
}

fn metadata_json(metadata: &[(Cow<'static, str>, Value)]) -> String {
    let entries = metadata.iter().map(|(key, value)| (key.clone().into_owned(), json_of(value)));
    serde_json::Value::Object(entries.collect()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_are_cut_and_dropped_at_the_limits() {
        let long = "x".repeat(1 << 20);
        let mut details = Details { user_id: Some(long.as_str().into()), ..Details::default() };
        details.add_tag(long.clone());
        details.set_metadata("a".to_owned(), long.clone().into());
        details.set_metadata("n".to_owned(), 7.into());
        let expected = format!("{}…[truncated]", &long[..LONGEST - "…[truncated]".len()]);
        assert!(!details.bound());
        assert_eq!(details.user_id.as_deref(), Some(&*expected));
        assert_eq!(details.tags, [expected.into()]);
        assert_eq!(details.metadata, [("n".into(), Value::I64(7))]);
        assert!(details.bound());
    }

    #[test]
    fn tags_and_keys_are_added_once_and_bounded() {
        let mut details = Details::default();
        let fits = |n: usize| n < MOST;
        for n in 0..MOST + 2 {
            assert_eq!(details.add_tag(n.to_string()), fits(n));
            assert_eq!(details.set_metadata(n.to_string(), Value::I64(1)), fits(n));
        }
        assert!(details.add_tag("0".to_owned()));
        assert!(details.set_metadata("0".to_owned(), Value::I64(2)));
        assert_eq!((details.tags.len(), details.metadata.len()), (MOST, MOST));
        assert_eq!(details.metadata[0], ("0".into(), Value::I64(2)));
    }
}
