//! Messages of a conversation with a model, in OpenTelemetry's schema.

mod parse;

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use super::json_depth::shallow;
use crate::inspect::tree;

/// Message to or from a model, in the schema of `gen_ai.input.messages` and `gen_ai.output.messages`.
///
/// ```
/// use agentops::{Message, Part};
/// use serde_json::json;
///
/// let asked = [Message::system("Answer in one sentence."), Message::user("How tall is tower 7?")];
/// let call = Message::assistant_with(Part::tool_call("t1", "lookup", json!({"tower": 7})));
/// let result = Message::tool("t1", json!({"metres": 88}));
/// agentops::current().set_input_messages(&[&asked[..], &[call, result]].concat());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Message {
    /// Role of the sender: `system`, `user`, `assistant`, `tool` or a provider-specific role.
    pub role: Cow<'static, str>,
    /// Parts of the message, in order.
    pub parts: Vec<Part>,
    /// Name of the sender, to distinguish several with the same role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Reason why the model stopped; only for messages from the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finish_reason: Option<String>,
}

/// Part of a [`Message`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Part {
    /// Plain text.
    Text {
        /// Text content.
        content: String,
    },
    /// Reasoning of the model before its answer.
    Reasoning {
        /// Text of the reasoning.
        content: String,
    },
    /// Tool call requested by the model.
    ///
    /// In a streamed answer, a tool call without a name continues the arguments of the previous one. Both carry a
    /// piece of the JSON as a string.
    ToolCall {
        /// Id of the call; the response refers to it.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// Name of the tool.
        name: String,
        /// Arguments of the call.
        arguments: Value,
    },
    /// Response of a tool.
    ToolCallResponse {
        /// Id of the call that the response belongs to.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// Result of the tool.
        response: Value,
    },
    /// Image, audio or video, referenced by its URI.
    Uri {
        /// `image`, `audio` or `video`.
        modality: String,
        /// URI of the media.
        uri: String,
    },
}

impl Part {
    /// Creates a text part.
    pub fn text(content: impl Into<String>) -> Self {
        Self::Text { content: content.into() }
    }

    /// Creates a reasoning part.
    pub fn reasoning(content: impl Into<String>) -> Self {
        Self::Reasoning { content: content.into() }
    }

    /// Creates a tool call part.
    pub fn tool_call(id: impl Into<String>, name: impl Into<String>, arguments: Value) -> Self {
        Self::ToolCall { id: Some(id.into()), name: name.into(), arguments }
    }

    /// Returns the content of a text part.
    fn words(&self) -> Option<&str> {
        match self {
            Self::Text { content } => Some(content),
            _ => None,
        }
    }
}

impl Message {
    /// Converts a value that serialises like the messages of a common client: the formats of `OpenAI`, Anthropic
    /// and Gemini, and the types of async-openai, genai and rig; either one message or a list.
    ///
    /// A part in an unknown format is kept as its JSON text. Files and images are recorded by their URI; their bytes
    /// are left out.
    ///
    /// ```
    /// use agentops::Message;
    /// use serde_json::json;
    ///
    /// let request = json!([{"role": "user", "content": "How tall is tower 7?"}]);
    /// assert_eq!(Message::list_of(&request), [Message::user("How tall is tower 7?")]);
    /// ```
    pub fn list_of<T: Serialize + ?Sized>(messages: &T) -> Vec<Self> {
        let json = tree(messages);
        json.map(parse::messages).unwrap_or_default()
    }

    /// Creates a message with any role and one part.
    pub fn new(role: impl Into<Cow<'static, str>>, part: Part) -> Self {
        Self { role: role.into(), parts: vec![part], name: None, finish_reason: None }
    }

    /// Creates a system message (instructions).
    pub fn system(text: impl Into<String>) -> Self {
        Self::new("system", Part::text(text))
    }

    /// Creates a user message.
    pub fn user(text: impl Into<String>) -> Self {
        Self::new("user", Part::text(text))
    }

    /// Creates a text message from the model.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self::assistant_with(Part::text(text))
    }

    /// Creates a message from the model with one part that is not plain text.
    pub fn assistant_with(part: Part) -> Self {
        Self::new("assistant", part)
    }

    /// Creates a message from the model with several parts.
    #[must_use]
    pub fn assistant_with_parts(parts: Vec<Part>) -> Self {
        Self { role: "assistant".into(), parts, name: None, finish_reason: None }
    }

    /// Creates a tool message: the response to the call with this id.
    pub fn tool(id: impl Into<String>, response: Value) -> Self {
        Self::new("tool", Part::ToolCallResponse { id: Some(id.into()), response })
    }

    /// Adds a part.
    #[must_use]
    pub fn part(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }

    /// Sets the name of the sender.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// Sets the finish reason: the reason why the model stopped.
    #[must_use]
    pub fn finish_reason(self, reason: impl Into<String>) -> Self {
        Self { finish_reason: Some(reason.into()), ..self }
    }

    /// Returns the text parts joined, without reasoning and tool calls.
    #[must_use]
    pub fn text(&self) -> String {
        self.parts.iter().filter_map(Part::words).collect()
    }

    /// Makes the message an output message: sets a finish reason if it has none, since the schema requires one.
    pub(crate) fn answers(&mut self) {
        self.finish_reason.get_or_insert_with(|| "unknown".to_owned());
    }

    /// Returns a copy with everything below the maximum depth cut.
    pub(super) fn shallow(&self) -> Self {
        let parts = self.parts.iter().map(shallow_part).collect();
        Self { parts, ..self.clone_without_parts() }
    }

    /// Clones all fields except the parts.
    pub(super) fn clone_without_parts(&self) -> Self {
        let Self { role, name, finish_reason, .. } = self;
        Self {
            role: role.clone(),
            parts: Vec::new(),
            name: name.clone(),
            finish_reason: finish_reason.clone(),
        }
    }
}

/// Returns a copy of the part with everything below the maximum depth cut.
pub(super) fn shallow_part(part: &Part) -> Part {
    match part {
        Part::ToolCall { id, name, arguments } => Part::ToolCall {
            id: id.clone(),
            name: name.clone(),
            arguments: shallow(arguments).into_owned(),
        },
        Part::ToolCallResponse { id, response } => {
            Part::ToolCallResponse { id: id.clone(), response: shallow(response).into_owned() }
        }
        Part::Text { .. } | Part::Reasoning { .. } | Part::Uri { .. } => part.clone(),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::{Message, Part};

    fn any_part() -> impl Strategy<Value = Part> {
        prop_oneof![
            ".{0,200}".prop_map(Part::text),
            "\\PC{0,80}".prop_map(Part::reasoning),
            ("[a-z]{1,8}", any::<i64>(), ".{0,90}").prop_map(|(name, number, text)| {
                Part::tool_call("id", name, json!({"number": number, "text": [text]}))
            }),
            any::<f64>()
                .prop_map(|number| Part::ToolCallResponse { id: None, response: json!(number) }),
            ".{0,60}".prop_map(|uri| Part::Uri { modality: "image".into(), uri }),
        ]
    }

    pub(in super::super) fn any_message() -> impl Strategy<Value = Message> {
        ("[a-z]{1,9}", prop::collection::vec(any_part(), 1..4), prop::option::of("[a-z]{1,6}"))
            .prop_map(|(role, parts, name)| Message {
                parts,
                name,
                ..Message::new(role, Part::text(""))
            })
    }

    #[test]
    fn message_text_joins_its_words() {
        let message = Message::assistant("a").part(Part::reasoning("b")).part(Part::text("c"));
        assert_eq!(message.text(), "ac");
    }
}
