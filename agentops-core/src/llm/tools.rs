//! Converts tool definitions to `gen_ai.tool.definitions`.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::inspect::tree;

/// Serialises a list of tools to JSON of at most `max_len` bytes. If it is too long, the parameter schemas are
/// left out first, then the descriptions, then the last tools.
pub(crate) fn tools_json<T: Serialize + ?Sized>(tools: &T, max_len: usize) -> String {
    let json = tree(tools);
    let mut tools = json.map(definitions).unwrap_or_default();
    for detail in ["parameters", "description"] {
        if text(&tools).len() > max_len {
            tools
                .iter_mut()
                .filter_map(Value::as_object_mut)
                .for_each(|tool| _ = tool.remove(detail));
        }
    }
    let mut end = "[]".len();
    let mut fits = |tool: &Value| {
        // Length with the comma before it; the first tool has none.
        end += tool.to_string().len() + usize::from(end > "[]".len());
        end <= max_len
    };
    let kept = tools.iter().position(|tool| !fits(tool)).unwrap_or(tools.len());
    text(&tools[..kept])
}

fn text(tools: &[Value]) -> String {
    // Only JSON values: serialising them cannot fail.
    serde_json::to_string(tools).unwrap_or_else(|_| "[]".to_owned())
}

/// Returns the definitions in a list of tools, a single tool, a tool's name, or Gemini's groups of functions.
fn definitions(json: Value) -> Vec<Value> {
    match json {
        Value::Array(tools) => tools.into_iter().flat_map(definitions).collect(),
        Value::Object(mut tool) => {
            let group = ["functionDeclarations", "function_declarations"]
                .iter()
                .find_map(|key| tool.remove(*key));
            group.map_or_else(|| definition(tool).into_iter().collect(), definitions)
        }
        Value::String(name) => {
            definition(Map::from_iter([("name".to_owned(), name.into())])).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Converts one definition. The schema requires a type and a name; a provider's built-in tool is named by its
/// type.
fn definition(mut tool: Map<String, Value>) -> Option<Value> {
    let kind = tool.remove("type").filter(Value::is_string).unwrap_or_else(|| "function".into());
    let mut inner = match tool.remove("function") {
        Some(Value::Object(inner)) => inner,
        _ => tool,
    };
    let mut definition = Map::new();
    let name = inner.remove("name").filter(Value::is_string).unwrap_or_else(|| kind.clone());
    definition.insert("type".to_owned(), kind);
    definition.insert("name".to_owned(), name);
    if let Some(description) = inner.remove("description").filter(Value::is_string) {
        definition.insert("description".to_owned(), description);
    }
    let schemas = ["parameters", "input_schema", "inputSchema", "schema"];
    let schema = schemas.iter().find_map(|key| inner.remove(*key)).filter(Value::is_object);
    definition.extend(schema.map(|schema| ("parameters".to_owned(), schema)));
    Some(Value::Object(definition))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn parsed(tools: &Value, max_len: usize) -> Value {
        serde_json::from_str(&tools_json(tools, max_len)).unwrap()
    }

    #[test]
    fn tools_of_openai_anthropic_and_gemini_are_normalised() {
        let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}});
        let expected = json!([
            {"type": "function", "name": "f", "description": "it counts", "parameters": schema}
        ]);
        let ways = [
            json!([{"type": "function", "function":
                {"name": "f", "description": "it counts", "parameters": schema}}]),
            json!([{"name": "f", "description": "it counts", "input_schema": schema}]),
            json!([{"functionDeclarations":
                [{"name": "f", "description": "it counts", "parameters": schema}]}]),
            expected.clone(),
        ];
        for way in ways {
            assert_eq!(parsed(&way, 1_000), expected);
        }
        assert_eq!(parsed(&json!(["f"]), 1_000), json!([{"type": "function", "name": "f"}]));
        assert_eq!(
            parsed(&json!([{"type": "web_search"}]), 1_000),
            json!([{"type": "web_search", "name": "web_search"}])
        );
    }

    #[test]
    fn long_tools_lose_details_first() {
        let tools = json!([{"name": "f", "description": "it counts", "input_schema": {"a": "b"}}]);
        let named = json!({"type": "function", "name": "f", "description": "it counts"});
        assert_eq!(parsed(&tools, 70), json!([named]));
        assert_eq!(parsed(&tools, 40), json!([{"type": "function", "name": "f"}]));
        assert_eq!(parsed(&tools, 4), json!([]));
    }

    proptest! {
        #[test]
        fn tools_have_type_and_name_within_the_bound(
            names in prop::collection::vec((".{0,20}", ".{0,200}"), 0..6),
            max_len in 2_usize..400,
        ) {
            let tools: Vec<_> = names
                .iter()
                .map(|(name, text)| json!({"name": name, "description": text}))
                .collect();
            let json = tools_json(&tools, max_len);
            prop_assert!(json.len() <= max_len);
            let tools: Vec<Value> = serde_json::from_str(&json).unwrap();
            prop_assert!(tools.iter().all(|tool| tool["type"].is_string() && tool["name"].is_string()));
        }
    }
}
