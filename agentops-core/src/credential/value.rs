//! Redacts credentials in JSON values.

use serde_json::Value;

use super::{Credential, Form, REDACTED, credential, redact_text};

/// Maximum depth that is scanned; everything deeper is redacted.
const MAX_DEPTH: usize = 128;

/// Redacts values named like credentials, at any depth and in strings that contain JSON.
pub(crate) fn redact_value(value: &mut Value) {
    redact(value, false, 0);
}

/// Redacts a value. A schema's `properties` that are objects are descriptions, not secrets.
fn redact(value: &mut Value, describes: bool, depth: usize) {
    if depth == MAX_DEPTH {
        *value = REDACTED.into();
        return;
    }
    match value {
        Value::String(text) => {
            if let Some(redacted) = redact_text(text, Form::Json) {
                *text = redacted;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| redact(item, false, depth + 1)),
        Value::Object(members) => {
            for (name, member) in members {
                match credential(name) {
                    Some(credential) if !(describes && member.is_object()) => {
                        hide(member, credential);
                    }
                    _ => redact(member, name == PROPERTIES, depth + 1),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// JSON Schema keyword for the members of an object.
pub(crate) const PROPERTIES: &str = "properties";

fn hide(value: &mut Value, credential: Credential) {
    let shows = match value {
        Value::Null | Value::Bool(_) => true,
        Value::Number(_) => credential == Credential::Key,
        Value::String(_) | Value::Array(_) | Value::Object(_) => false,
    };
    if !shows {
        *value = REDACTED.into();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn credentials_are_redacted_anywhere_in_json() {
        let mut value = json!({
            "user": "ann", "password": 1234, "token": null, "max_tokens": 7, "auth": {"any": "thing"},
            "list": [{"api_key": "k"}, "{\"api_key\": \"k\", \"n\": 1}"],
            "properties": {"token": {"type": "string"}, "secret": "s"},
        });
        redact_value(&mut value);
        let expected = json!({
            "user": "ann", "password": REDACTED, "token": null, "max_tokens": 7, "auth": REDACTED,
            "list": [{"api_key": REDACTED}, "{\"api_key\": \"<redacted>\", \"n\": 1}"],
            "properties": {"token": {"type": "string"}, "secret": REDACTED},
        });
        assert_eq!(value, expected);
    }

    #[test]
    fn endless_nesting_is_hidden() {
        let mut value = (0..1_000).fold(json!("s"), |inner, _| json!([inner]));
        redact_value(&mut value);
        assert!(value.to_string().contains(REDACTED));
    }
}
