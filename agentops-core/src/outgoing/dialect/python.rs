//! JSON as Python writes it, which AgentOps' readers expect.

use crate::text::JsonStrings;

/// Adds a space after each comma and colon of compact JSON, and escapes every character that is not ASCII.
pub(super) fn respaced(json: &str) -> String {
    let mut text = String::with_capacity(json.len() + json.len() / 8);
    let mut strings = JsonStrings::default();
    for c in json.chars() {
        let is_between = !strings.advance(c) && matches!(c, ',' | ':');
        match c {
            _ if c.is_ascii() => text.push(c),
            _ => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                text.push_str(&format!("\\u{unit:04x}"));
            }),
        }
        if is_between {
            text.push(' ');
        }
    }
    text
}

/// Writes the arguments of a call as `{"args": […], "kwargs": {}}`, without their names, as Python records positional
/// ones. Arguments that are in that form already keep it.
pub(super) fn arguments(json: &str) -> String {
    match members(json) {
        Some(members) if members.iter().map(|(key, _)| *key).eq(["\"args\"", "\"kwargs\""]) => {
            respaced(json)
        }
        Some(members) => {
            let values: Vec<_> = members.iter().map(|(_, value)| respaced(value)).collect();
            format!("{{\"args\": [{}], \"kwargs\": {{}}}}", values.join(", "))
        }
        None => respaced(json),
    }
}

/// Returns the keys and values of a compact JSON object, in order.
fn members(json: &str) -> Option<Vec<(&str, &str)>> {
    let inside = json.strip_prefix('{')?.strip_suffix('}')?;
    let members = split(inside, ',').into_iter().filter(|member| !member.is_empty());
    members
        .map(|member| member.split_at_checked(split(member, ':').first()?.len()))
        .map(|member| {
            let (key, value) = member?;
            Some((key, value.strip_prefix(':')?))
        })
        .collect()
}

/// Splits compact JSON at each `at` that is outside of strings and brackets.
fn split(json: &str, at: char) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0_usize, 0_usize);
    let mut strings = JsonStrings::default();
    for (index, c) in json.char_indices() {
        if strings.advance(c) {
            continue;
        }
        match c {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            _ if c == at && depth == 0 => {
                parts.push(&json[start..index]);
                start = index + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&json[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use crate::capture::tests::any_json;
    use crate::outgoing::dialect::python::{arguments, respaced};

    #[test]
    fn json_looks_as_python_writes_it() {
        assert_eq!(
            respaced(r#"{"a,b":[1,"x:\"y"],"é":"😀"}"#),
            r#"{"a,b": [1, "x:\"y"], "\u00e9": "\ud83d\ude00"}"#
        );
    }

    #[test]
    fn arguments_lose_their_names_and_keep_their_order() {
        assert_eq!(
            arguments(r#"{"z":1,"a":{"k":[2,3]}}"#),
            r#"{"args": [1, {"k": [2, 3]}], "kwargs": {}}"#
        );
        assert_eq!(arguments("{}"), r#"{"args": [], "kwargs": {}}"#);
        let own = r#"{"args":[1],"kwargs":{"y":3}}"#;
        assert_eq!(arguments(own), r#"{"args": [1], "kwargs": {"y": 3}}"#);
        assert_eq!(arguments("[1,2]"), "[1, 2]");
    }

    proptest! {
        #[test]
        fn python_respacing_preserves_json_value(value in any_json()) {
            let json = value.to_string();
            let same: Value = serde_json::from_str(&respaced(&json)).unwrap();
            prop_assert_eq!(&same, &value);
            let call: Value = serde_json::from_str(&arguments(&json!({"it": value}).to_string())).unwrap();
            prop_assert_eq!(call, json!({"args": [value], "kwargs": {}}));
        }
    }
}
