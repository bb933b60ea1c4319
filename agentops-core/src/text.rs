//! Texts: where they may be cut, and where the strings of JSON begin and end.

/// Returns the longest prefix of at most `len` bytes that ends at a char boundary.
pub(crate) fn prefix(text: &str, len: usize) -> &str {
    let end = (0..=len.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}

/// Tracker of the strings in valid JSON, for readers of what is outside of them.
#[derive(Default)]
pub(crate) struct JsonStrings {
    is_inside: bool,
    is_escaped: bool,
}

impl JsonStrings {
    /// Advances by a char or a byte. Returns `true` if it belongs to a string, quotes included.
    pub(crate) fn advance(&mut self, c: impl Into<char>) -> bool {
        let was_inside = self.is_inside;
        if std::mem::take(&mut self.is_escaped) {
            return true;
        }
        match c.into() {
            '\\' if was_inside => self.is_escaped = true,
            '"' => self.is_inside = !was_inside,
            _ => {}
        }
        was_inside || self.is_inside
    }
}

#[cfg(test)]
mod tests {
    use super::{JsonStrings, prefix};

    #[test]
    fn prefix_ends_at_a_char_boundary() {
        assert_eq!(prefix("aäb", 2), "a");
        assert_eq!(prefix("aäb", 3), "aä");
        assert_eq!(prefix("aäb", 9), "aäb");
        assert_eq!(prefix("ä", 1), "");
    }

    #[test]
    fn json_strings_include_quotes_and_escapes() {
        let json = r#"{"a\"{\\":"",1}"#;
        let mut strings = JsonStrings::default();
        let outside: String = json.chars().filter(|c| !strings.advance(*c)).collect();
        assert_eq!(outside, "{:,1}");
        let mut strings = JsonStrings::default();
        let outside: Vec<u8> = "[\"ä\"]".bytes().filter(|byte| !strings.advance(*byte)).collect();
        assert_eq!(outside, b"[]");
    }
}
