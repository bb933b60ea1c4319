//! Masks the texts inside JSON one by one; everything between them is left unchanged.

use serde::de::IgnoredAny;

use crate::text::JsonStrings;

/// Callback that receives the field name and a text, and returns a replacement or `None`.
pub(super) type MaskText<'a> = dyn Fn(Option<&str>, &str) -> Option<String> + 'a;

/// Error for a text that is not JSON.
#[derive(Debug, PartialEq)]
pub(crate) struct NotJson;

/// Masks the texts in JSON. Returns `None` if nothing changed. Only a text that begins like an object, a list or a
/// string is treated as JSON; a bare number is plain text.
pub(super) fn mask_json(json: &str, mask: &MaskText<'_>) -> Result<Option<String>, NotJson> {
    let begins_so = json.trim_start().starts_with(['{', '[', '"']);
    if !begins_so || !is_json(json) {
        return Err(NotJson);
    }
    let mut scan = Scan { rest: json, masked: String::new(), field: None, around: Vec::new() };
    let mut is_another = false;
    while let Some(token) = scan.next() {
        is_another |= scan.write(token, mask);
    }
    Ok(is_another.then_some(scan.masked))
}

/// Scanner of well-formed JSON.
struct Scan<'a> {
    rest: &'a str,
    masked: String,
    /// Current field.
    field: Option<String>,
    /// Fields of the surrounding containers.
    around: Vec<Option<String>>,
}

#[derive(Clone, Copy)]
enum Token<'a> {
    Text(&'a str),
    Number(&'a str),
    Open(&'a str),
    Close(&'a str),
    Between(&'a str),
}

impl<'a> Scan<'a> {
    fn next(&mut self) -> Option<Token<'a>> {
        let kind: fn(&'a str) -> Token<'a> = match self.rest.bytes().next()? {
            b'"' => Token::Text,
            b'-' | b'0'..=b'9' => Token::Number,
            b'{' | b'[' => Token::Open,
            b'}' | b']' => Token::Close,
            _ => Token::Between,
        };
        let length = match kind("") {
            Token::Text(_) => text_length(self.rest),
            Token::Number(_) => {
                length_while(self.rest, |byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte))
            }
            Token::Open(_) | Token::Close(_) => 1,
            Token::Between(_) => length_while(self.rest, |byte| {
                !byte.is_ascii_digit() && !b"\"-{}[]".contains(&byte)
            }),
        };
        let (token, rest) = self.rest.split_at(length);
        self.rest = rest;
        Some(kind(token))
    }

    /// Writes a token or its replacement. Returns `true` if it was replaced.
    fn write(&mut self, token: Token<'_>, mask: &MaskText<'_>) -> bool {
        let (same, other) = match token {
            Token::Text(quoted) => (quoted, self.text(quoted, mask)),
            Token::Number(number) => (number, mask(self.field.as_deref(), number)),
            Token::Open(bracket) => {
                self.around.push(self.field.clone());
                (bracket, None)
            }
            Token::Close(bracket) => {
                self.field = self.around.pop().flatten();
                (bracket, None)
            }
            Token::Between(text) => (text, None),
        };
        match &other {
            Some(other) => self.masked.push_str(&quote(other)),
            None => self.masked.push_str(same),
        }
        other.is_some()
    }

    /// Returns the replacement of a string, which may contain JSON itself. A name becomes the current field.
    fn text(&mut self, quoted: &str, mask: &MaskText<'_>) -> Option<String> {
        let text: String = serde_json::from_str(quoted).ok()?;
        if self.rest.trim_start().starts_with(':') {
            let other = mask(None, &text);
            self.field = Some(text);
            return other;
        }
        let field = self.field.as_deref();
        let inner = |name: Option<&str>, text: &str| mask(name.or(field), text);
        let begins_so = text.starts_with(['{', '[']);
        let inside = if begins_so { mask_json(&text, &inner) } else { Err(NotJson) };
        inside.unwrap_or_else(|_| mask(field, &text))
    }
}

/// Returns the length of the string at the start, including its quotes.
fn text_length(json: &str) -> usize {
    let mut strings = JsonStrings::default();
    // In valid JSON no string follows another at once, so the first byte outside is the end of this one.
    length_while(json, |byte| strings.advance(byte))
}

fn length_while(text: &str, mut belongs: impl FnMut(u8) -> bool) -> usize {
    text.bytes().take_while(|byte| belongs(*byte)).count()
}

/// Returns `true` if a text is valid JSON.
pub(crate) fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Returns a text as a JSON string.
pub(crate) fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    /// Returns every text passed to the callback, with its field.
    fn shown(json: &str) -> Vec<String> {
        let seen = std::cell::RefCell::new(Vec::new());
        let masked = mask_json(json, &|name, text| {
            seen.borrow_mut().push(format!("{}={text}", name.unwrap_or("-")));
            None
        });
        assert_eq!(masked, Ok(None), "{json}");
        seen.into_inner()
    }

    fn hide(json: &str, what: &str) -> Result<Option<String>, NotJson> {
        mask_json(json, &|_, text| text.contains(what).then(|| text.replace(what, "*")))
    }

    #[test]
    fn mask_receives_names_strings_and_numbers_with_field() {
        let json = r#"{"a": ["x", {"b": -1.5e3}, "y"], "c": {}, "d": "z"}"#;
        let expected = ["-=a", "a=x", "-=b", "b=-1.5e3", "a=y", "-=c", "-=d", "d=z"];
        assert_eq!(shown(json), expected);
    }

    #[test]
    fn mask_leaves_the_rest_unchanged() {
        let json =
            r#"{ "secret" : "a\nsecret\"", "n": 1.0, "big": 123456789012345678901234567890 }"#;
        let expected = r#"{ "*" : "a\n*\"", "n": 1.0, "big": 123456789012345678901234567890 }"#;
        assert_eq!(hide(json, "secret"), Ok(Some(expected.to_owned())));
        assert_eq!(hide(json, "nothing"), Ok(None));
    }

    #[test]
    fn masked_number_becomes_a_string() {
        assert_eq!(hide("[4111, true, null]", "4111"), Ok(Some(r#"["*", true, null]"#.to_owned())));
    }

    #[test]
    fn json_in_a_string_is_looked_into() {
        let inner = json!({"card": 4111, "name": "\"4111\""}).to_string();
        let outer = json!({"arguments": inner}).to_string();
        let masked: Value = serde_json::from_str(&hide(&outer, "4111").unwrap().unwrap()).unwrap();
        let inner: Value = serde_json::from_str(masked["arguments"].as_str().unwrap()).unwrap();
        assert_eq!(inner, json!({"card": "*", "name": "\"*\""}));
    }

    #[test]
    fn text_that_is_not_json_is_rejected() {
        for text in ["", "words", "4111", "{4111}", "[1, 2", "\"", "null"] {
            assert_eq!(hide(text, "4111"), Err(NotJson), "{text}");
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".*".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(".*", inner, 0..4)
                    .prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn masked_json_stays_json(json in any_json(), other: String) {
            let text = json!([json]).to_string();
            let masked = mask_json(&text, &|_, _| Some(other.clone()));
            prop_assert!(masked.is_ok());
            if let Ok(Some(masked)) = masked {
                prop_assert!(serde_json::from_str::<Value>(&masked).is_ok(), "{}", masked);
            }
            prop_assert_eq!(mask_json(&text, &|_, _| None), Ok(None));
        }

        #[test]
        fn any_text_is_json_or_not(text: String) {
            let _ = mask_json(&text, &|_, text| Some(text.to_owned()));
        }
    }
}
