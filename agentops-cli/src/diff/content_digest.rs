//! Digest of the input and output of a span, by which two of them are compared without being kept.

use std::{
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
};

use serde::{
    Deserializer,
    de::{DeserializeSeed, MapAccess, SeqAccess, Visitor},
};

use crate::store::SpanTexts;

/// Longest part of an input whose words are looked at, in characters.
const SKETCHED: usize = 4 << 10;
/// Parts of a sketch.
const PARTS: usize = 8;

/// Digest of input and output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ContentDigest {
    pub(super) input: Option<u64>,
    pub(super) output: Option<u64>,
    /// Sample of the words of the input.
    pub(super) sketch: [u8; PARTS],
}

impl ContentDigest {
    /// Computes the hash of a call: of its kind, its name and its input. `None` without an input.
    pub(crate) fn call((kind, name): (&str, &str), input: Option<&str>) -> Option<u64> {
        Some(hash_one("call", (kind, name, hash_of(input?))))
    }

    /// Computes the digest of the texts of a span.
    pub(crate) fn of(texts: &SpanTexts<'_>) -> Self {
        let input = texts.prompt();
        Self {
            input: input.as_deref().map(hash_of),
            output: texts.output.as_deref().map(hash_of),
            sketch: input.as_deref().map(sketch_of).unwrap_or_default(),
        }
    }
}

/// Returns the hash of a JSON value, in which the keys of an object have no order.
pub(crate) fn hash_of_json(value: &serde_json::Value) -> u64 {
    // A value in memory has no error to meet.
    JsonHash.deserialize(value).unwrap_or_default()
}

/// Returns the hash of a text; of JSON, that of what it means.
fn hash_of(text: &str) -> u64 {
    let is_json = text.trim_start().starts_with(['{', '[']);
    let of_json = || {
        let mut json = serde_json::Deserializer::from_str(text);
        let hash = JsonHash.deserialize(&mut json).ok()?;
        json.end().ok().map(|()| hash)
    };
    is_json.then(of_json).flatten().unwrap_or_else(|| hash_one("text", text))
}

pub(super) fn hash_one(kind: &str, value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    (kind, value).hash(&mut hasher);
    hasher.finish()
}

/// Returns the least hash of the words in each part, so that similar texts have more parts in common.
fn sketch_of(text: &str) -> [u8; PARTS] {
    let end = text.char_indices().nth(SKETCHED).map_or(text.len(), |(end, _)| end);
    let mut sketch = [u8::MAX; PARTS];
    for word in
        text[..end].split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty())
    {
        let [part, hash, ..] = hash_one("word", word).to_le_bytes();
        let least = &mut sketch[usize::from(part) % PARTS];
        *least = hash.min(*least);
    }
    sketch
}

/// Hash of a JSON value, in which the keys of an object have no order.
struct JsonHash;

impl<'de> DeserializeSeed<'de> for JsonHash {
    type Value = u64;

    // A parser of serde_json limits the depth, so the recursion is bounded.
    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<u64, D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for JsonHash {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<u64, E> {
        Ok(hash_one("null", ()))
    }

    fn visit_bool<E>(self, is_true: bool) -> Result<u64, E> {
        Ok(hash_one("bool", is_true))
    }

    fn visit_u64<E>(self, number: u64) -> Result<u64, E> {
        Ok(hash_one("number", number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<u64, E> {
        Ok(hash_one("negative", number))
    }

    fn visit_f64<E>(self, number: f64) -> Result<u64, E> {
        Ok(hash_one("float", number.to_bits()))
    }

    fn visit_str<E>(self, text: &str) -> Result<u64, E> {
        Ok(hash_one("string", text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<u64, A::Error> {
        let mut hasher = DefaultHasher::new();
        while let Some(hash) = list.next_element_seed(JsonHash)? {
            hasher.write_u64(hash);
        }
        Ok(hash_one("list", hasher.finish()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<u64, A::Error> {
        let mut sum = 0_u64;
        while let Some(key) = object.next_key_seed(JsonHash)? {
            let value = object.next_value_seed(JsonHash)?;
            sum = sum.wrapping_add(hash_one("entry", (key, value)));
        }
        Ok(hash_one("object", sum))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_ignores_order_of_keys_and_space() {
        let text = r#"{"a":[1,{"b":null,"c":"x"}],"d":-1.5}"#;
        let same = r#" { "d": -1.5, "a": [1, {"c": "x", "b": null}] }"#;
        assert_eq!(hash_of(text), hash_of(same));
        let others = [
            r#"{"a":[{"b":null,"c":"x"},1],"d":-1.5}"#,
            r#"{"a":[1,{"b":null,"c":"y"}],"d":-1.5}"#,
            r#"{"a":[1,{"b":"x","c":null}],"d":-1.5}"#,
            r#"{"a":["1",{"b":null,"c":"x"}],"d":-1.5}"#,
            r#"{"a":[1,{"b":null,"c":"x"}],"d":-1.5"#,
        ];
        assert_eq!(others.map(|other| hash_of(text) == hash_of(other)), [false; 5]);
    }

    #[test]
    fn sketch_has_parts_in_common_with_similar_text() {
        let common = |one, other| {
            let pairs = sketch_of(one).into_iter().zip(sketch_of(other));
            pairs.filter(|(one, other)| one == other).count()
        };
        let text = "find all the lamps of the shop that are red and cheaper than ten dollars";
        let near = "find all the lamps of the shop that are red and cheaper than nine dollars";
        assert_eq!(common(text, text), PARTS);
        assert!(common(text, near) > common(text, "list every file of this folder and its size"));
    }
}
