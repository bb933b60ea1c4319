//! The results of tools that are served or called by the Model Context Protocol.

use rmcp::{
    Json,
    model::{CallToolResponse, CallToolResult},
};
use serde::Serialize;

use crate::{
    capture::{Captured, Probe, ToolOutcome},
    look::{ToJson, tree},
};

impl ToolOutcome for CallToolResult {
    fn failure(&self) -> Option<String> {
        if self.is_error != Some(true) {
            return None;
        }
        let content = tree(&self.content).unwrap_or_default();
        let texts = content.as_array().into_iter().flatten().filter_map(|it| it["text"].as_str());
        let text: Vec<_> = texts.collect();
        let structured = || Some(tree(self.structured_content.as_ref()?)?.to_string());
        let words = Some(text.join("\n")).filter(|text| !text.is_empty()).or_else(structured);
        Some(words.unwrap_or_else(|| "the tool says that it failed".to_owned()))
    }
}

/// A call that waits for its client, or that became a task, has not failed.
impl ToolOutcome for CallToolResponse {
    fn failure(&self) -> Option<String> {
        match self {
            Self::Complete(result) => result.failure(),
            _ => None,
        }
    }
}

/// The wrapper of structured results has none of the traits that tell of a value: the one in it is asked. What
/// the type itself has comes before the trait by which all other values would be opaque.
impl<'a, T: Serialize> Probe<'a, Json<T>> {
    /// The value in the wrapper.
    #[must_use]
    pub fn captured(&self) -> Captured<'a> {
        let Json(value) = self.0;
        Captured::Serialize(value as &'a dyn ToJson)
    }
}
