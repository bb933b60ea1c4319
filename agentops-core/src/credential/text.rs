//! Redacts credentials in texts that contain names with values: JSON and `Debug` output.
//!
//! A text may be truncated, and may contain another text in a string, whose quotes are escaped: a quote after
//! `2^n - 1` backslashes (not counting escaped backslashes) belongs to a text nested `n` strings deep.

use super::{Credential, REDACTED, credential};

/// Format of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Any text; it is scanned only if it begins like JSON.
    Json,
    /// Output of `Debug`.
    Debug,
    /// Prose that may contain URLs and fragments of JSON.
    #[cfg(feature = "masks")]
    Words,
    /// `Debug` output of headers; all values are redacted.
    Headers,
}

/// Returns the text with credentials redacted, or `None` if it contains none.
pub(crate) fn redact_text(text: &str, form: Form) -> Option<String> {
    replace_in_text(text, form, REDACTED)
}

/// Returns a text with credentials replaced by `with`, or `None` if it contains none. Detects `Debug` output.
#[cfg(feature = "masks")]
pub(crate) fn replace_credentials(text: &str, with: &'static str) -> Option<String> {
    let form = if may_be_debug(text) { Form::Debug } else { Form::Words };
    replace_in_text(text, form, with)
}

/// Returns `true` if a text begins like the `Debug` output of a list, map, tuple or struct, rather than like
/// prose.
#[cfg(feature = "masks")]
fn may_be_debug(text: &str) -> bool {
    let name = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '<' | '>' | '&');
    let rest = text.trim_start_matches(name);
    rest.starts_with(['{', '[', '(']) || rest.len() < text.len() && rest.starts_with(" {")
}

fn replace_in_text(text: &str, form: Form, with: &'static str) -> Option<String> {
    if form == Form::Json && !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let headers_end = if form == Form::Headers { text.len() } else { 0 };
    let mut scan = Scan {
        text,
        form,
        with,
        at: 0,
        in_string: false,
        headers_end,
        copied: 0,
        redacted: String::new(),
    };
    while scan.step() {}
    scan.finish()
}

/// Scanner that copies a text and replaces credentials.
struct Scan<'a> {
    text: &'a str,
    form: Form,
    /// Replacement for a credential.
    with: &'static str,
    at: usize,
    /// `true` if the position is inside a string of the outermost text.
    in_string: bool,
    /// End of the headers that contain the position.
    headers_end: usize,
    /// End of the part of the text that is already copied or replaced.
    copied: usize,
    redacted: String,
}

/// Name before a value.
struct Key<'a> {
    name: &'a str,
    /// Number of strings that its quotes are nested in; `None` for a name without quotes.
    depth: Option<u32>,
}

impl<'a> Scan<'a> {
    /// Moves past the next significant byte. Returns `false` at the end of the text.
    fn step(&mut self) -> bool {
        let rest = &self.text.as_bytes()[self.at..];
        let Some(found) = rest.iter().position(|byte| matches!(byte, b'"' | b':' | b'=')) else {
            return false;
        };
        let place = self.at + found;
        self.at = place + 1;
        match rest[found] {
            b'"' => self.quote(place),
            b':' => self.colon(place),
            _ => self.equals(place),
        }
        true
    }

    fn quote(&mut self, place: usize) {
        let is_char =
            !self.in_string && self.text[..place].ends_with('\'') && self.follows(place, "'");
        if !is_char && depth_of(&self.text[..place]) == 0 {
            self.in_string = !self.in_string;
        }
    }

    fn follows(&self, place: usize, what: &str) -> bool {
        self.text[place + 1..].starts_with(what)
    }

    fn colon(&mut self, place: usize) {
        let Some(key) = self.key(place) else { return };
        let value = place + 1 + leading_spaces(&self.text[place + 1..]);
        if self.is_of_headers(&key, value) {
            self.headers_end = self.end_of(value, 0);
            return;
        }
        let is_header = place < self.headers_end && key.depth == Some(0);
        if let Some(credential) = is_header.then_some(Credential::Password).or(credential(key.name))
        {
            self.hide(value, &key, credential);
        }
    }

    /// Returns `true` if the value is the headers of a request.
    fn is_of_headers(&self, key: &Key<'_>, value: usize) -> bool {
        self.form != Form::Json
            && value >= self.headers_end
            && matches!(key.name, "headers" | "header_map")
            && self.text[value..].starts_with('{')
    }

    /// Returns the name that ends before a colon.
    fn key(&self, colon: usize) -> Option<Key<'a>> {
        let before = &self.text[..colon];
        if let Some(inside) = before.trim_end_matches(' ').strip_suffix('"') {
            let depth = depth_of(inside);
            let inside = inside.trim_end_matches('\\');
            let open = inside.rfind('"')?;
            return Some(Key { name: &inside[open + 1..], depth: Some(depth) });
        }
        // Matches `name: value`, but not `https://`, `12:30` or `a::b`.
        let has_bare_names = matches!(self.form, Form::Debug | Form::Headers);
        if !has_bare_names || self.in_string || !self.follows(colon, " ") {
            return None;
        }
        let name = &before[start_of_name(before)..];
        (!name.is_empty()).then_some(Key { name, depth: None })
    }

    /// Handles `?name=value&` in the query of a URL.
    fn equals(&mut self, place: usize) {
        let before = &self.text[..place];
        let start = start_of_name(before);
        let is_parameter = before[..start].ends_with(['?', '&', '"']);
        if self.form == Form::Json || !is_parameter || credential(&before[start..]).is_none() {
            return;
        }
        let value = &self.text[place + 1..];
        let ends =
            |c: char| c.is_whitespace() || matches!(c, '&' | '#' | '"' | '\\' | ',' | ')' | '}');
        let end = place + 1 + value.find(ends).unwrap_or(value.len());
        self.replace(place + 1, end, self.with);
    }

    /// Replaces a value, unless it is harmless.
    fn hide(&mut self, value: usize, key: &Key<'_>, credential: Credential) {
        let depth = key.depth.unwrap_or(0);
        let escapes = "\\".repeat(escapes(depth));
        let quote = format!("{escapes}\"");
        if self.text[value..].starts_with(&quote) {
            let inside = value + quote.len();
            let end = self.end_of_string(inside, quote.len());
            // The closing quote is scanned next.
            self.in_string |= depth == 0;
            return self.replace(inside, end, self.with);
        }
        let end = self.end_of(value, depth);
        let shown = self.text[value..end].trim_end();
        if !shown.is_empty() && !credential.shows(shown) {
            let end = value + shown.len();
            self.replace(value, end, &format!("{quote}{}{quote}", self.with));
        }
    }

    /// Returns the end of a string whose quote, including its escapes, has this length.
    fn end_of_string(&self, inside: usize, quote: usize) -> usize {
        let quotes = self.text[inside..].match_indices('"').map(|(at, _)| inside + at);
        // A quote nested one string deeper has twice as many backslashes plus one.
        let mut closing = quotes.map(|at| (at, backslashes(&self.text[inside..at])));
        let closing = closing.find(|(_, before)| !(before + 1).is_multiple_of(2 * quote));
        closing.map_or(self.text.len(), |(at, before)| at - before.min(quote - 1))
    }

    /// Returns the end of a value that is not a string: the comma, bracket or quote that does not belong to it.
    fn end_of(&self, value: usize, base: u32) -> usize {
        let (mut open, mut in_string) = (0_usize, false);
        for (at, byte) in self.text.bytes().enumerate().skip(value) {
            match byte {
                b'"' => match depth_of(&self.text[..at]) {
                    depth if depth < base => return at - escapes(depth),
                    depth if depth == base => in_string = !in_string,
                    _ => {}
                },
                _ if in_string => {}
                b'{' | b'[' | b'(' => open += 1,
                b'}' | b']' | b')' | b',' if open == 0 => return at,
                b'}' | b']' | b')' => open -= 1,
                _ => {}
            }
        }
        self.text.len()
    }

    fn replace(&mut self, from: usize, to: usize, with: &str) {
        self.redacted.push_str(&self.text[self.copied..from]);
        self.redacted.push_str(with);
        (self.copied, self.at) = (to, to);
    }

    fn finish(mut self) -> Option<String> {
        if self.copied == 0 {
            return None;
        }
        self.redacted.push_str(&self.text[self.copied..]);
        Some(self.redacted)
    }
}

/// Returns the start of the name at the end of a text.
fn start_of_name(text: &str) -> usize {
    text.trim_end_matches(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-')).len()
}

fn leading_spaces(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// Returns the number of strings that a quote after this text is nested in.
fn depth_of(before: &str) -> u32 {
    backslashes(before).trailing_ones()
}

fn backslashes(before: &str) -> usize {
    before.bytes().rev().take_while(|byte| *byte == b'\\').count()
}

/// Returns the number of backslashes before a quote that is nested in `depth` strings.
fn escapes(depth: u32) -> usize {
    (1_usize << depth.min(16)) - 1
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, time::Duration};

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn debug(text: &str) -> String {
        redact_text(text, Form::Debug).unwrap_or_else(|| text.to_owned())
    }

    fn in_json(text: &str) -> String {
        redact_text(text, Form::Json).unwrap_or_else(|| text.to_owned())
    }

    #[derive(Debug)]
    #[expect(dead_code, reason = "it is shown by its Debug")]
    struct Login<'a> {
        user: &'a str,
        password: &'a str,
        token: Option<&'a str>,
        auth: Option<Auth>,
        tokens: Duration,
        separator: char,
    }

    #[derive(Debug)]
    #[expect(dead_code, reason = "it is shown by its Debug")]
    enum Auth {
        Basic(&'static str, Vec<u8>),
    }

    #[test]
    fn debug_of_a_struct_hides_credentials() {
        let login = Login {
            user: "a: {\"x",
            password: "\"}, hunter2 \\",
            token: Some("t"),
            auth: Some(Auth::Basic("k)\"", vec![1, 2])),
            tokens: Duration::from_secs(3),
            separator: '"',
        };
        let expected = r#"Login { user: "a: {\"x", password: "<redacted>", token: "<redacted>", auth: "<redacted>", tokens: 3s, separator: '"' }"#;
        assert_eq!(debug(&format!("{login:?}")), expected);
        let nothing = Login { token: None, auth: None, password: "", ..login };
        let nothing = format!("{nothing:?} {}", "token: 7, secret: Some(8), pin: 9");
        let shown = debug(&nothing);
        assert!(shown.contains("token: None, auth: None"), "{shown}");
        assert!(shown.ends_with("token: 7, secret: Some(8), pin: \"<redacted>\""), "{shown}");
    }

    #[test]
    fn words_are_no_fields() {
        for text in [
            r#"Prompt { text: "the secret: be kind, and the password: none" }"#,
            r#"Prompt { text: "a \" token: b" }"#,
            "at 12:30 https://token:8080/secret::key",
            "Count { tokens: 3, max_token: \"x\" }",
        ] {
            assert_eq!(redact_text(text, Form::Debug), None, "{text}");
        }
    }

    #[test]
    fn json_in_strings_is_looked_into_however_deep() {
        let mut value = json!({"password": "a\"b\\", "n": 1});
        let mut expected = json!({"password": "<redacted>", "n": 1});
        for _ in 0..4 {
            let (text, redacted) = (value.to_string(), expected.to_string());
            assert_eq!(in_json(&text), redacted);
            assert_eq!(debug(&format!("{text:?}")), format!("{redacted:?}"));
            value = json!({"body": text, "z": [true]});
            expected = json!({"body": redacted, "z": [true]});
        }
        assert_eq!(in_json("the \"password\": \"x\""), "the \"password\": \"x\"");
    }

    #[test]
    fn headers_and_query_strings_are_redacted() {
        let request = r#"Request { method: GET, url: Url { username: "", password: Some("p"), query: Some("q=tea&api_key=x") }, headers: {"x-own": "v", "date": Sensitive}, body: {"x-own": "v"} }"#;
        let expected = r#"Request { method: GET, url: Url { username: "", password: "<redacted>", query: Some("q=tea&api_key=<redacted>") }, headers: {"x-own": "<redacted>", "date": "<redacted>"}, body: {"x-own": "v"} }"#;
        assert_eq!(debug(request), expected);
        assert_eq!(debug("uri: https://h/?token=a#b"), "uri: https://h/?token=<redacted>#b");
        let headers = BTreeMap::from([("a", "1"), ("b", "\"2")]);
        assert_eq!(
            redact_text(&format!("Some({headers:?})"), Form::Headers).as_deref(),
            Some(r#"Some({"a": "<redacted>", "b": "<redacted>"})"#)
        );
    }

    #[test]
    fn cut_credential_is_hidden_to_its_end() {
        assert_eq!(debug("A { password: \"hunt"), "A { password: \"<redacted>");
        assert_eq!(debug("A { auth: B { x: 1, y: \"hu"), "A { auth: \"<redacted>\"");
        assert_eq!(in_json(r#"{"a":"{\"pin\":12"#), r#"{"a":"{\"pin\":\"<redacted>\""#);
        assert_eq!(in_json(r#"{"a":"{\"pin\":"}"#), r#"{"a":"{\"pin\":"}"#);
    }

    fn any_object() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![".{0,12}".prop_map(Value::from), any::<i64>().prop_map(Value::from)];
        let name = prop_oneof![Just("password".to_owned()), Just("other".to_owned()), ".{0,6}"];
        leaf.prop_recursive(4, 32, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(name.clone(), inner.clone(), 0..4)
                    .prop_map(|map| map.into_iter().collect()),
                inner.prop_map(|inner| json!({"text": json!({"in": inner}).to_string()})),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_text_is_walked_to_its_end(text in r#"([\\\"{}:=, \[\]()]|password|headers|a|é)*"#) {
            for form in [Form::Json, Form::Debug, Form::Headers] {
                let _ = redact_text(&text, form);
            }
        }

        #[test]
        fn redacted_json_stays_json(value in any_object()) {
            let text = json!({"all": value}).to_string();
            let mut expected: Value = serde_json::from_str(&text).unwrap();
            super::super::redact_value(&mut expected);
            let redacted: Value = serde_json::from_str(&in_json(&text)).unwrap();
            prop_assert_eq!(redacted, expected);
        }
    }
}
