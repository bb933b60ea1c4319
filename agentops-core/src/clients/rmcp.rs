//! Results of tools that are served or called by the Model Context Protocol.

use rmcp::{
    Json,
    model::{CallToolResponse, CallToolResult},
};
use serde::Serialize;

use crate::{
    capture::{Captured, Probe, ToolOutcome},
    inspect::{ToJson, tree},
};

impl ToolOutcome for CallToolResult {
    fn failure(&self) -> Option<String> {
        if self.is_error != Some(true) {
            return None;
        }
        let content = tree(&self.content).unwrap_or_default();
        let texts =
            content.as_array().into_iter().flatten().filter_map(|part| part["text"].as_str());
        let text: Vec<_> = texts.collect();
        let structured = || Some(tree(self.structured_content.as_ref()?)?.to_string());
        let words = Some(text.join("\n")).filter(|text| !text.is_empty()).or_else(structured);
        Some(words.unwrap_or_else(|| "the tool says that it failed".to_owned()))
    }
}

/// A pending call or one that became a task has not failed.
impl ToolOutcome for CallToolResponse {
    fn failure(&self) -> Option<String> {
        match self {
            Self::Complete(result) => result.failure(),
            _ => None,
        }
    }
}

/// Captures the value inside the wrapper of structured results, since the wrapper implements neither `Serialize`
/// nor `Debug`. An inherent method takes precedence over the fallback trait that would make it opaque.
impl<'a, T: Serialize> Probe<'a, Json<T>> {
    /// Captures the wrapped value by its `Serialize`.
    #[must_use]
    pub fn captured(&self) -> Captured<'a> {
        let Json(value) = self.0;
        Captured::Serialize(value as &'a dyn ToJson)
    }
}
