//! Difference between two prompts: the first message that differs, with the number of words.

use std::{collections::HashMap, fmt};

use serde_json::Value;

/// Difference between two prompts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PromptChange {
    place: Place,
    words: WordChange,
}

/// Place of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The prompts are no lists of messages.
    Text,
    /// Number of the message, from 1.
    Message(usize),
    /// Number of the first message that only the newer prompt has, or only the older one.
    NewMessage(usize),
    LostMessage(usize),
}

/// Number of words by which two texts differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct WordChange {
    added: usize,
    removed: usize,
}

impl PromptChange {
    /// Compares two prompts; an absent one is an empty text.
    pub(super) fn new([older, newer]: [&str; 2]) -> Self {
        let messages = |text: &str| match serde_json::from_str(text) {
            Ok(Value::Array(messages)) => Some(messages),
            _ => None,
        };
        let (Some(older_messages), Some(newer_messages)) = (messages(older), messages(newer))
        else {
            return Self { place: Place::Text, words: WordChange::new([older, newer]) };
        };
        Self::of_messages([&older_messages, &newer_messages])
    }

    fn of_messages([older, newer]: [&[Value]; 2]) -> Self {
        let pairs = older.iter().zip(newer);
        let same = pairs.take_while(|(older, newer)| older == newer).count();
        let place = match (older.get(same), newer.get(same)) {
            (None, Some(_)) => Place::NewMessage(same + 1),
            (Some(_), None) => Place::LostMessage(same + 1),
            _ => Place::Message(same + 1),
        };
        let texts = [older.get(same), newer.get(same)]
            .map(|message| message.map(text_of).unwrap_or_default());
        Self { place, words: WordChange::new([&texts[0], &texts[1]]) }
    }
}

impl fmt::Display for PromptChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.words;
        match self.place {
            Place::Text => write!(f, "differs ({words})"),
            Place::Message(number) => write!(f, "differs in message {number} ({words})"),
            Place::NewMessage(number) => write!(f, "has a new message {number} ({words})"),
            Place::LostMessage(number) => write!(f, "has no message {number} any more ({words})"),
        }
    }
}

impl WordChange {
    /// Counts the words that only one of two texts has, wherever they stand.
    pub(super) fn new([older, newer]: [&str; 2]) -> Self {
        let mut counts = HashMap::<_, isize>::new();
        newer.split_whitespace().for_each(|word| *counts.entry(word).or_default() += 1);
        older.split_whitespace().for_each(|word| *counts.entry(word).or_default() -= 1);
        let mut change = Self::default();
        for count in counts.into_values() {
            let words = if count > 0 { &mut change.added } else { &mut change.removed };
            *words += count.unsigned_abs();
        }
        change
    }
}

impl fmt::Display for WordChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { added, removed } = *self;
        let noun = if added.max(removed) == 1 { "word" } else { "words" };
        match (added, removed) {
            (0, 0) => f.write_str("the same words"),
            (added, 0) => write!(f, "+{added} {noun}"),
            (0, removed) => write!(f, "−{removed} {noun}"),
            (added, removed) => write!(f, "+{added} −{removed} {noun}"),
        }
    }
}

/// Returns the texts of a message, with a line for each.
// The parser limits the depth of a value, so the recursion is bounded.
fn text_of(message: &Value) -> String {
    match message {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(text_of).collect::<Vec<_>>().join("\n"),
        Value::Object(parts) => parts.values().map(text_of).collect::<Vec<_>>().join("\n"),
        Value::Null | Value::Bool(_) | Value::Number(_) => message.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(older: &str, newer: &str) -> String {
        PromptChange::new([older, newer]).to_string()
    }

    #[test]
    fn prompt_change_names_first_message_that_differs() {
        let one = r#"[{"role":"system","content":"be kind"},{"role":"user","content":"a lamp"}]"#;
        let two = one.replace("a lamp", "a red lamp of brass");
        assert_eq!(change(one, &two), "differs in message 2 (+3 words)");
        assert_eq!(change(&two, one), "differs in message 2 (−3 words)");
        assert_eq!(change(one, &one.replace("kind", "short")), "differs in message 1 (+1 −1 word)");
        let three = one.replace(']', r#",{"role":"assistant","content":"which one"}]"#);
        assert_eq!(change(one, &three), "has a new message 3 (+3 words)");
        assert_eq!(change(&three, one), "has no message 3 any more (−3 words)");
    }

    #[test]
    fn prompt_change_of_plain_text_counts_words() {
        assert_eq!(change("find a lamp", "find a lamp now"), "differs (+1 word)");
        assert_eq!(change("a b", "b a"), "differs (the same words)");
        assert_eq!(change("", "b a"), "differs (+2 words)");
    }
}
