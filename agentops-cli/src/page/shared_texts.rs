//! Recorded texts on their way into a document: as they are, or masked once more for other eyes.

use std::borrow::Cow;

use agentops_core::store::KeyMask;
use serde_json::Value;

/// Content of the spans in a file that is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PageContent {
    /// Inputs, outputs, messages, events, errors and comments, with keys masked.
    Masked,
    LeftOut,
}

/// Attributes whose texts are no content.
const PLAIN: [&str; 24] = [
    "agentops.session.end_state",
    "agentops.span.kind",
    "code.file.path",
    "code.function.name",
    "exception.type",
    "gen_ai.agent.name",
    "gen_ai.operation.name",
    "gen_ai.output.type",
    "gen_ai.provider.name",
    "gen_ai.request.model",
    "gen_ai.response.finish_reasons",
    "gen_ai.response.id",
    "gen_ai.response.model",
    "gen_ai.system",
    "gen_ai.tool.call.id",
    "gen_ai.tool.name",
    "gen_ai.tool.type",
    "operation.name",
    "process.executable.name",
    "service.name",
    "service.version",
    "telemetry.sdk.language",
    "telemetry.sdk.name",
    "telemetry.sdk.version",
];

/// Text in place of what is left out.
const LEFT_OUT: &str = "(left out)";

/// Treatment of recorded texts.
#[derive(Debug)]
pub(super) enum SharedTexts {
    AsRecorded,
    Shared { mask: KeyMask, content: PageContent },
}

impl SharedTexts {
    /// Creates the treatment for a file that is shared.
    pub(super) fn shared(content: PageContent) -> Self {
        Self::Shared { mask: KeyMask::new(), content }
    }

    /// Returns the number of texts that were masked.
    pub(super) fn masked(&self) -> u64 {
        if let Self::Shared { mask, .. } = self { mask.values() } else { 0 }
    }

    fn leaves_out(&self) -> bool {
        matches!(self, Self::Shared { content: PageContent::LeftOut, .. })
    }

    /// Returns a text that is no content, such as a name.
    pub(super) fn name<'t>(&self, name: &str, text: &'t str) -> Cow<'t, str> {
        match self {
            Self::AsRecorded => text.into(),
            Self::Shared { mask, .. } => {
                mask.masked(name, text).map_or(Cow::Borrowed(text), Cow::Owned)
            }
        }
    }

    /// Returns the message of an error.
    pub(super) fn error<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.leaves_out() { LEFT_OUT.into() } else { self.name("status", text) }
    }

    /// Returns a text that is content; `None` if that is left out.
    pub(super) fn content<'t>(&self, name: &str, text: &'t str) -> Option<Cow<'t, str>> {
        (!self.leaves_out()).then(|| self.name(name, text))
    }

    /// Returns attributes.
    pub(super) fn attributes<'a>(
        &self,
        mut attributes: Vec<(&'a str, Value)>,
    ) -> Vec<(Cow<'a, str>, Value)> {
        attributes.retain(|(key, value)| !self.leaves_out() || is_plain(key, value));
        let attributes = attributes.into_iter();
        attributes.map(|(key, value)| (self.name("key", key), self.value(key, value))).collect()
    }

    fn value(&self, key: &str, value: Value) -> Value {
        let Self::Shared { mask, .. } = self else { return value };
        if let Value::String(text) = value {
            return mask.masked(key, &text).unwrap_or(text).into();
        }
        match mask.masked(key, &value.to_string()) {
            Some(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
            None => value,
        }
    }
}

/// Returns `true` for an attribute that is no content: a number, or one whose texts are known to be none.
fn is_plain(key: &str, value: &Value) -> bool {
    matches!(value, Value::Number(_) | Value::Bool(_)) || PLAIN.contains(&key)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn attributes(content: PageContent) -> (Value, u64) {
        let texts = SharedTexts::shared(content);
        let attributes = vec![
            ("gen_ai.request.model", json!("large")),
            ("input.value", json!(r#"{"api_key":"abc","city":"Rome"}"#)),
            ("password", json!(1234)),
            ("tags", json!(["one", "Bearer abcdefghijklmnop"])),
            ("gen_ai.usage.input_tokens", json!(7)),
        ];
        (json!(texts.attributes(attributes)), texts.masked())
    }

    #[test]
    fn shared_attributes_have_their_keys_masked() {
        let expected = json!([
            ["gen_ai.request.model", "large"],
            ["input.value", r#"{"api_key":"<key>","city":"Rome"}"#],
            ["password", "<key>"],
            ["tags", ["one", "Bearer <key>"]],
            ["gen_ai.usage.input_tokens", 7],
        ]);
        assert_eq!(attributes(PageContent::Masked), (expected, 3));
    }

    #[test]
    fn content_that_is_left_out_leaves_numbers_and_known_names() {
        let expected = json!([
            ["gen_ai.request.model", "large"],
            ["password", "<key>"],
            ["gen_ai.usage.input_tokens", 7],
        ]);
        assert_eq!(attributes(PageContent::LeftOut), (expected, 1));
        let texts = SharedTexts::shared(PageContent::LeftOut);
        assert_eq!(texts.error("no such file"), "(left out)");
        assert_eq!(texts.name("name", "read_file"), "read_file");
    }

    #[test]
    fn recorded_texts_stay_as_they_are() {
        let texts = SharedTexts::AsRecorded;
        let attributes = texts.attributes(vec![("api_key", json!("abc"))]);
        assert_eq!(json!(attributes), json!([["api_key", "abc"]]));
        assert_eq!((texts.error("a"), texts.masked()), ("a".into(), 0));
    }
}
