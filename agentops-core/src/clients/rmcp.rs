//! The results of tools that are served or called by the Model Context Protocol.

use rmcp::model::CallToolResult;
use serde_json::Value;

use crate::capture::ToolOutcome;

impl ToolOutcome for CallToolResult {
    fn failure(&self) -> Option<String> {
        if self.is_error != Some(true) {
            return None;
        }
        let content = serde_json::to_value(&self.content).unwrap_or_default();
        let texts = content.as_array().into_iter().flatten().filter_map(|it| it["text"].as_str());
        let text: Vec<_> = texts.collect();
        let structured = || self.structured_content.as_ref().map(Value::to_string);
        let words = Some(text.join("\n")).filter(|text| !text.is_empty()).or_else(structured);
        Some(words.unwrap_or_else(|| "the tool says that it failed".to_owned()))
    }
}
