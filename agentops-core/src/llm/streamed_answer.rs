//! Accumulates a streamed answer, except its text.

use serde_json::Value;

use super::{Part, exact_json, message::shallow_part};
use crate::text::prefix;

/// Reasoning and tool calls of a streamed answer received so far.
#[derive(Debug)]
pub(crate) struct Streamed {
    parts: Vec<Part>,
    /// Remaining capacity, in bytes.
    room: usize,
}

impl Streamed {
    pub(crate) fn new(max_len: usize) -> Self {
        Self { parts: Vec::new(), room: max_len }
    }

    /// Adds a part, or appends to the last one; text parts are ignored, the caller handles them.
    pub(crate) fn add(&mut self, part: &Part) {
        match (self.parts.last_mut(), part) {
            (_, Part::Text { .. }) => {}
            (Some(Part::Reasoning { content }), Part::Reasoning { content: more }) => {
                append(content, more, &mut self.room);
            }
            (
                Some(Part::ToolCall { arguments: Value::String(json), .. }),
                Part::ToolCall { name, arguments: Value::String(more), .. },
            ) if name.is_empty() => append(json, more, &mut self.room),
            _ if self.room > 0 => {
                let part = shallow_part(part);
                self.room = self.room.saturating_sub(size_of(&part));
                self.parts.push(part);
            }
            _ => {}
        }
    }

    /// Returns all the parts; tool arguments received as pieces of JSON are parsed.
    pub(crate) fn into_parts(self) -> impl Iterator<Item = Part> {
        self.parts.into_iter().map(|part| match part {
            Part::ToolCall { id, name, arguments: Value::String(json) } => {
                let arguments = exact_json(&json).unwrap_or(Value::String(json));
                Part::ToolCall { id, name, arguments }
            }
            other => other,
        })
    }
}

/// Appends as much as there is room for, up to a char boundary.
fn append(text: &mut String, more: &str, room: &mut usize) {
    let piece = prefix(more, *room);
    text.push_str(piece);
    *room -= piece.len();
}

fn size_of(part: &Part) -> usize {
    match part {
        Part::Text { content } | Part::Reasoning { content } => content.len(),
        Part::ToolCall { name, arguments, .. } => name.len() + arguments.to_string().len(),
        Part::ToolCallResponse { response, .. } => response.to_string().len(),
        Part::Uri { uri, .. } => uri.len(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn piece(id: Option<&str>, name: &str, json: &str) -> Part {
        Part::ToolCall { id: id.map(Into::into), name: name.into(), arguments: json.into() }
    }

    #[test]
    fn call_pieces_join_until_a_new_name() {
        let mut streamed = Streamed::new(1_000);
        for part in [
            Part::reasoning("let "),
            Part::reasoning("me see"),
            Part::text("words"),
            piece(Some("a"), "lookup", ""),
            piece(None, "", "{\"n\""),
            piece(None, "", ":7}"),
            piece(Some("b"), "lookup", "{}"),
        ] {
            streamed.add(&part);
        }
        let parts: Vec<_> = streamed.into_parts().collect();
        assert_eq!(
            parts,
            [
                Part::reasoning("let me see"),
                Part::tool_call("a", "lookup", json!({"n": 7})),
                Part::tool_call("b", "lookup", json!({})),
            ]
        );
    }

    #[test]
    fn stream_drops_pieces_beyond_its_bound() {
        let mut streamed = Streamed::new(10);
        streamed.add(&Part::reasoning("0123"));
        streamed.add(&Part::reasoning("4567äöü"));
        streamed.add(&Part::reasoning("more"));
        assert_eq!(streamed.into_parts().collect::<Vec<_>>(), [Part::reasoning("01234567ä")]);
    }
}
