//! The messages of a conversation with a model, in OpenTelemetry's schema.

mod parse;

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use super::depth::shallow;
use crate::look::tree;

/// One message to or from a model, as `gen_ai.input.messages` and `gen_ai.output.messages` have it.
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
    /// The role of the speaker: `system`, `user`, `assistant`, `tool` or another role of the provider's.
    pub role: Cow<'static, str>,
    /// Its parts, in order.
    pub parts: Vec<Part>,
    /// The speaker's name, where there are several of a role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Why the model stopped; of messages from it only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finish_reason: Option<String>,
}

/// A part of a [`Message`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Part {
    /// Words.
    Text {
        /// The words.
        content: String,
    },
    /// The model's reasoning before its answer.
    Reasoning {
        /// The thoughts.
        content: String,
    },
    /// The model wants a tool called.
    ///
    /// Of a streamed answer, one without a name goes on with the arguments of the last one: both say a piece
    /// of JSON in a string.
    ToolCall {
        /// The call's id, by which the result is told.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// The tool's name.
        name: String,
        /// The arguments.
        arguments: Value,
    },
    /// The response of a tool.
    ToolCallResponse {
        /// The id of the call.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// The result.
        response: Value,
    },
    /// An image, a sound or the like, by its address.
    Uri {
        /// `image`, `audio` or `video`.
        modality: String,
        /// The address.
        uri: String,
    },
}

impl Part {
    /// Words.
    pub fn text(content: impl Into<String>) -> Self {
        Self::Text { content: content.into() }
    }

    /// The model's reasoning before its answer.
    pub fn reasoning(content: impl Into<String>) -> Self {
        Self::Reasoning { content: content.into() }
    }

    /// The model wants a tool called.
    pub fn tool_call(id: impl Into<String>, name: impl Into<String>, arguments: Value) -> Self {
        Self::ToolCall { id: Some(id.into()), name: name.into(), arguments }
    }

    /// The words of a text.
    fn words(&self) -> Option<&str> {
        match self {
            Self::Text { content } => Some(content),
            _ => None,
        }
    }
}

impl Message {
    /// The messages in a value that serialises as those of the common clients do: `OpenAI`'s,
    /// Anthropic's and Gemini's own shapes, and the types of async-openai, genai and rig, alone or in a list.
    ///
    /// A part that is none of theirs is kept as its JSON; files and images are kept by their address, and
    /// their bytes are left out.
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

    /// A message of any role.
    pub fn new(role: impl Into<Cow<'static, str>>, part: Part) -> Self {
        Self { role: role.into(), parts: vec![part], name: None, finish_reason: None }
    }

    /// Instructions.
    pub fn system(text: impl Into<String>) -> Self {
        Self::new("system", Part::text(text))
    }

    /// A message of the user.
    pub fn user(text: impl Into<String>) -> Self {
        Self::new("user", Part::text(text))
    }

    /// A message of the model.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self::assistant_with(Part::text(text))
    }

    /// A message of the model of one part, other than words.
    pub fn assistant_with(part: Part) -> Self {
        Self::new("assistant", part)
    }

    /// A message of the model of several parts.
    #[must_use]
    pub fn assistant_with_parts(parts: Vec<Part>) -> Self {
        Self { role: "assistant".into(), parts, name: None, finish_reason: None }
    }

    /// The response of a tool, by the id of its call.
    pub fn tool(id: impl Into<String>, response: Value) -> Self {
        Self::new("tool", Part::ToolCallResponse { id: Some(id.into()), response })
    }

    /// Adds a part.
    #[must_use]
    pub fn with_part(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }

    /// Names the speaker.
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// Sets the finish reason: why the model stopped.
    #[must_use]
    pub fn with_finish_reason(self, reason: impl Into<String>) -> Self {
        Self { finish_reason: Some(reason.into()), ..self }
    }

    /// Its words, without thoughts and tool calls.
    #[must_use]
    pub fn text(&self) -> String {
        self.parts.iter().filter_map(Part::words).collect()
    }

    /// Makes it a message from the model: the schema wants a reason why it stopped.
    pub(crate) fn answers(&mut self) {
        self.finish_reason.get_or_insert_with(|| "unknown".to_owned());
    }

    /// The same without what nests too deep in it.
    pub(super) fn shallow(&self) -> Self {
        let parts = self.parts.iter().map(shallow_part).collect();
        Self { parts, ..self.clone_without_parts() }
    }

    /// Everything else than the parts.
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

/// A part without what nests too deep in it.
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
    fn the_text_of_a_message_are_its_words() {
        let message =
            Message::assistant("a").with_part(Part::reasoning("b")).with_part(Part::text("c"));
        assert_eq!(message.text(), "ac");
    }
}
