//! Request of a model call, as its span has recorded it.

use agentops_core::{Message, Part, store::is_altered};
use serde_json::{Map, Value, json};

use crate::store::SpanContent;

/// Request of a model call.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ModelRequest {
    pub(super) provider: Option<String>,
    pub(super) model: Option<String>,
    /// Whole URL, without its query.
    pub(super) url: Option<String>,
    pub(super) address: Option<String>,
    pub(super) port: Option<u64>,
    pub(super) instructions: Option<String>,
    pub(super) messages: Vec<Message>,
    /// Tools in the form of the conventions: type, name, description and parameters.
    pub(super) tools: Vec<Value>,
    /// Settings such as `temperature`, by their names in the conventions.
    pub(super) settings: Vec<(String, Value)>,
    /// A text was cut or masked.
    pub(super) is_altered: bool,
}

/// Prefix of the keys of settings.
const SETTINGS: &str = "gen_ai.request.";

impl ModelRequest {
    /// Reads the request of a span. Returns `None` if the span has no messages.
    pub(super) fn of(content: &SpanContent) -> Option<Self> {
        let text = |key: &str| content.attribute(key);
        let json = |key: &str| text(key).and_then(|text| serde_json::from_str::<Value>(&text).ok());
        let contents =
            ["gen_ai.input.messages", "gen_ai.system_instructions", "gen_ai.tool.definitions"];
        let messages = json(contents[0]).map(|json| Message::list_of(&json)).unwrap_or_default();
        if messages.is_empty() {
            return None;
        }
        let tools = json(contents[2]);
        Some(Self {
            provider: text("gen_ai.provider.name").or_else(|| text("gen_ai.system")),
            model: text("gen_ai.request.model").or_else(|| text("gen_ai.response.model")),
            url: text("url.full")
                .map(|url| url.split(['?', '#']).next().unwrap_or_default().to_owned()),
            address: text("server.address"),
            port: text("server.port").and_then(|port| port.parse().ok()),
            instructions: json(contents[1]).map(|parts| words(&parts)),
            messages,
            tools: tools.and_then(|tools| tools.as_array().cloned()).unwrap_or_default(),
            settings: settings(content),
            is_altered: contents.iter().filter_map(|key| text(key)).any(|text| is_altered(&text)),
        })
    }

    /// Returns model and settings as fields of a body. `places` has the names of settings in the conventions and in the
    /// body; `notes` receives those that have none, and what a request cannot repeat.
    pub(super) fn settings_body(
        &self,
        places: &[(&str, &str)],
        notes: &mut Vec<String>,
    ) -> Map<String, Value> {
        let mut body = Map::new();
        match &self.model {
            Some(model) => _ = body.insert("model".to_owned(), json!(model)),
            None => notes.push("the call names no model; add `model` to the body".to_owned()),
        }
        for (name, value) in &self.settings {
            match places.iter().find(|(known, _)| known == name) {
                Some((_, place)) => _ = body.insert((*place).to_owned(), value.clone()),
                None => notes.push(format!(
                    "the setting `{name}` is left out: this form has no place for it"
                )),
            }
        }
        let mut parts = self.messages.iter().flat_map(|message| &message.parts);
        if parts.any(|part| matches!(part, Part::Reasoning { .. })) {
            notes.push(
                "reasoning of the model is left out, which a request cannot repeat".to_owned(),
            );
        }
        body
    }
}

fn settings(content: &SpanContent) -> Vec<(String, Value)> {
    let settings = content.attributes().into_iter().filter_map(|(key, value)| {
        let name = key.strip_prefix(SETTINGS).filter(|name| *name != "model")?;
        Some((name.to_owned(), value))
    });
    settings.collect()
}

/// Returns the text of a list of parts, or of whatever else instructions were recorded as.
fn words(parts: &Value) -> String {
    let message = json!({ "role": "system", "parts": parts });
    Message::list_of(&message).iter().map(Message::text).collect()
}
