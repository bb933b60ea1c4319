//! Walk through the spans of a line of OTLP JSON, in one pass and with one span in memory at a time.

use std::fmt;

use serde::{
    Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::raw_span::RawSpan;

/// Lists within each other, down to the spans.
const LISTS: [&str; 3] = ["resourceSpans", "scopeSpans", "spans"];

/// Calls `read` with each span of a line.
///
/// # Errors
/// Returns an error if the line is no OTLP trace; the spans before the error have been read.
pub(super) fn for_each_span<'l>(
    line: &'l [u8],
    mut read: impl FnMut(RawSpan<'l>),
) -> Result<(), serde_json::Error> {
    let mut json = serde_json::Deserializer::from_slice(line);
    ObjectWalk { read: &mut read, depth: 0 }.deserialize(&mut json)?;
    json.end()
}

/// Walk through an object that holds the list of this depth.
struct ObjectWalk<'a, F> {
    read: &'a mut F,
    depth: usize,
}

/// Walk through the list of this depth.
struct ListWalk<'a, F> {
    read: &'a mut F,
    depth: usize,
}

impl<'de, F: FnMut(RawSpan<'de>)> DeserializeSeed<'de> for ObjectWalk<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, object: D) -> Result<(), D::Error> {
        object.deserialize_map(self)
    }
}

impl<'de, F: FnMut(RawSpan<'de>)> Visitor<'de> for ObjectWalk<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with `{}`", LISTS[self.depth])
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let Self { read, depth } = self;
        while let Some(KeyIs(is_list)) = object.next_key_seed(KeySeed(LISTS[depth]))? {
            if is_list {
                object.next_value_seed(ListWalk { read: &mut *read, depth })?;
            } else {
                object.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

impl<'de, F: FnMut(RawSpan<'de>)> DeserializeSeed<'de> for ListWalk<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, list: D) -> Result<(), D::Error> {
        list.deserialize_any(self)
    }
}

impl<'de, F: FnMut(RawSpan<'de>)> Visitor<'de> for ListWalk<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the list `{}`", LISTS[self.depth])
    }

    /// Accepts `null`, which some writers have for an empty list.
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { read, depth } = self;
        if depth + 1 == LISTS.len() {
            while let Some(span) = list.next_element()? {
                read(span);
            }
        } else {
            while let Some(()) =
                list.next_element_seed(ObjectWalk { read: &mut *read, depth: depth + 1 })?
            {
            }
        }
        Ok(())
    }
}

/// Seed that compares a key with a name.
struct KeySeed(&'static str);

/// Result of the comparison.
struct KeyIs(bool);

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = KeyIs;

    fn deserialize<D: Deserializer<'de>>(self, key: D) -> Result<KeyIs, D::Error> {
        key.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed {
    type Value = KeyIs;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<KeyIs, E> {
        Ok(KeyIs(key == self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(line: &str) -> (Vec<String>, Option<String>) {
        let mut names = Vec::new();
        let walked = for_each_span(line.as_bytes(), |span| names.push(span.name.into_owned()));
        (names, walked.err().map(|error| error.to_string()))
    }

    #[test]
    fn for_each_span_reads_all_lists_in_order() {
        let line = r#"{"x":[1,{"spans":[{"name":"no"}]}],"resourceSpans":[
            {"resource":{"attributes":[]},"scopeSpans":[{"spans":[{"name":"a\n"},{"name":"b","kind":3,"status":null}],"schemaUrl":""}]},
            {"scopeSpans":null},{},{"scopeSpans":[{"scope":{},"spans":[{}]}]}]}"#;
        assert_eq!(names(line), (vec!["a\n".to_owned(), "b".to_owned(), String::new()], None));
    }

    #[test]
    fn for_each_span_reports_error_after_spans() {
        let line = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a"},7]}]}]}"#;
        let error = "invalid type: integer `7`, expected struct RawSpan at line 1 column 57";
        assert_eq!(names(line), (vec!["a".to_owned()], Some(error.to_owned())));
        assert_eq!(
            names("[]").1.unwrap(),
            "invalid type: sequence, expected an object with `resourceSpans` at line 1 column 0"
        );
        assert_eq!(names("{} {}").1.unwrap(), "trailing characters at line 1 column 4");
    }
}
