//! JSON that stands in a script of a page: no text in it can end the script.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Serializer, ser::Formatter};

/// Writes a document.
pub(super) fn write_script_json(out: impl Write, document: &impl Serialize) -> io::Result<()> {
    Ok(document.serialize(&mut Serializer::with_formatter(out, ScriptFormatter))?)
}

/// Formatter that escapes what a page or a script would read as its own: a tag, a comment, an entity, an end of a line.
struct ScriptFormatter;

impl Formatter for ScriptFormatter {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}']) {
            let (before, letter) = rest.split_at(at);
            let end = letter.chars().next().map_or(0, char::len_utf8);
            let code = letter.chars().next().map_or(0, u32::from);
            write!(out, "{before}\\u{code:04x}")?;
            rest = &letter[end..];
        }
        out.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn hostile_texts_stay_within_their_strings() {
        let hostile = "</script><!--<script>&amp;\u{2028}\u{2029}\u{0}\"\\é</SCRIPT >";
        let document = json!({ hostile: [hostile, 1.5, null] });
        let mut out = Vec::new();
        write_script_json(&mut out, &document).unwrap();
        let text = String::from_utf8(out).unwrap();
        let escaped = r#"\u003c/script\u003e\u003c!--\u003cscript\u003e\u0026amp;\u2028\u2029\u0000\"\\é\u003c/SCRIPT \u003e"#;
        assert_eq!(text, format!(r#"{{"{escaped}":["{escaped}",1.5,null]}}"#));
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), document);
    }
}
