//! Texts in messages that can be cut, and the bytes they take up in JSON.

use std::borrow::Cow;

use serde_json::Value;

use super::LEAST_OF_A_NAME;
use crate::llm::message::{Message, Part};
use crate::{inspect::TRUNCATED, text::prefix};

/// Text that can be cut.
#[derive(Debug)]
struct Piece<'a> {
    text: Cow<'a, str>,
    /// Length in JSON of the uncut text, in bytes.
    whole: usize,
    /// Minimum number of bytes kept of the text.
    least: usize,
    /// Length in JSON, in bytes, of the prefix that is already known to fit.
    known: usize,
}

impl<'a> Piece<'a> {
    fn text(text: &'a str, least: usize) -> Self {
        Self { whole: 2 + escaped(text), text: Cow::Borrowed(text), least, known: 0 }
    }

    /// Creates the piece of a JSON value. A value that is cut becomes the beginning of its JSON text.
    fn value(value: &'a Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(Self::text(text, 0)),
            Value::Null | Value::Bool(_) | Value::Number(_) => None,
            Value::Array(_) | Value::Object(_) => {
                let text = value.to_string();
                Some(Self { whole: text.len(), text: Cow::Owned(text), least: 0, known: 0 })
            }
        }
    }

    fn start(&self, most: usize) -> &str {
        prefix(&self.text, most.max(self.least))
    }

    /// Returns the length in JSON of the prefix of `most` bytes. The prefix up to `from` is already measured.
    fn start_takes(&self, from: usize, most: usize) -> usize {
        let known = self.start(from).len();
        self.known + escaped(&self.start(most)[known..])
    }

    /// Returns the length in JSON if the text is cut to at most `most` bytes.
    fn takes(&self, from: usize, most: usize) -> usize {
        if self.text.len() <= most.max(self.least) {
            return self.whole;
        }
        2 + self.start_takes(from, most) + TRUNCATED.len()
    }
}

/// Returns the maximum number of bytes to keep of each text, so that messages whose JSON has this `length` fit
/// into `room`. Returns `None` if cutting texts is not enough. Each byte is read about once.
pub(super) fn max_text_len(messages: &[Message], length: usize, room: usize) -> Option<usize> {
    let mut pieces: Vec<_> =
        messages.iter().flat_map(|message| &message.parts).flat_map(pieces_of).collect();
    let fixed = length.checked_sub(pieces.iter().map(|piece| piece.whole).sum())?;
    let (mut fits, mut too_long) = (0, pieces.iter().map(|piece| piece.text.len()).max()?);
    pieces.iter_mut().for_each(|piece| piece.known = escaped(piece.start(0)));
    let takes = |pieces: &[Piece<'_>], from, most| {
        fixed + pieces.iter().map(|piece| piece.takes(from, most)).sum::<usize>()
    };
    if takes(&pieces, 0, 0) > room {
        return None;
    }
    while too_long - fits > 16 {
        let middle = usize::midpoint(fits, too_long);
        if takes(&pieces, fits, middle) > room {
            too_long = middle;
            continue;
        }
        for piece in &mut pieces {
            piece.known = piece.start_takes(fits, middle);
        }
        fits = middle;
    }
    Some(fits)
}

fn pieces_of(part: &Part) -> impl Iterator<Item = Piece<'_>> {
    let (one, other) = match part {
        Part::Text { content: text }
        | Part::Reasoning { content: text }
        | Part::Uri { uri: text, .. } => (Some(Piece::text(text, 0)), None),
        Part::ToolCall { name, arguments, .. } => {
            (Some(Piece::text(name, LEAST_OF_A_NAME)), Piece::value(arguments))
        }
        Part::ToolCallResponse { response, .. } => (Piece::value(response), None),
    };
    one.into_iter().chain(other)
}

/// Returns the length of a text in JSON, without its quotes.
fn escaped(text: &str) -> usize {
    let escaped = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        0..=0x1f => 6,
        _ => 1,
    };
    text.bytes().map(escaped).sum()
}
