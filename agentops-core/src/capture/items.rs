//! The items of a stream, gathered up to a bound: a text if all of them are, else a JSON array.

use super::{Captured, append};
use crate::record::Extent;

/// Stands between two pieces of text; JSON never holds it unescaped.
const BETWEEN: u8 = b'\n';

/// What was yielded so far.
#[derive(Debug)]
pub(crate) struct Items {
    /// Of a text: what stands inside the quotes. Of an array: what stands inside the brackets.
    json: Vec<u8>,
    is_text: bool,
    is_empty: bool,
    /// The bytes of content that there is room for.
    room: usize,
    redacts: bool,
    is_full: bool,
}

impl Items {
    pub(crate) fn new(extent: Extent) -> Self {
        let Extent { max_len: room, redacts } = extent;
        let json = Vec::new();
        Self { json, is_text: true, is_empty: true, room, redacts, is_full: false }
    }

    /// Adds an item, or as much of it as there is room for.
    pub(crate) fn push(&mut self, item: &Captured<'_>) {
        if self.is_full {
            return;
        }
        let mut json = Vec::new();
        // A text's own quotes are not part of what is joined.
        let quotes = if self.is_text { 2 } else { 0 };
        let extent = Extent { max_len: self.room + quotes, redacts: self.redacts };
        let is_whole = append(&mut json, item, extent);
        let text = match json.as_slice() {
            [b'"', text @ .., b'"']
                if matches!(item, Captured::Both(_) | Captured::Serialize(_)) =>
            {
                Some(text)
            }
            _ => None,
        };
        match text {
            Some(text) if self.is_text => self.add(text, BETWEEN),
            _ => {
                self.become_array();
                self.add(&json, b',');
            }
        }
        self.is_full = !is_whole;
    }

    fn add(&mut self, piece: &[u8], between: u8) {
        if !self.is_empty {
            self.json.push(between);
        }
        self.is_empty = false;
        self.json.extend_from_slice(piece);
        // Nothing at all takes a place, too.
        self.room = self.room.saturating_sub(piece.len().max(1));
    }

    fn become_array(&mut self) {
        if !std::mem::replace(&mut self.is_text, false) || self.is_empty {
            return;
        }
        let mut array = vec![b'"'];
        for &byte in &self.json {
            if byte == BETWEEN {
                array.extend_from_slice(b"\",\"");
            } else {
                array.push(byte);
            }
        }
        array.push(b'"');
        self.json = array;
    }

    /// The whole as valid JSON.
    pub(crate) fn json(mut self) -> String {
        let (open, close) = if self.is_text && !self.is_empty { ('"', '"') } else { ('[', ']') };
        if self.is_text {
            self.json.retain(|byte| *byte != BETWEEN);
        }
        let content = String::from_utf8_lossy(&self.json);
        format!("{open}{content}{close}")
    }
}
