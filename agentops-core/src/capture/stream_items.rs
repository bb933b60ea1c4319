//! Collects the items of a stream up to a bound: as one text if all items are texts, otherwise as a JSON array.

use super::{Captured, append};
use crate::record::Extent;

/// Separator between pieces of text. JSON never contains it unescaped.
const BETWEEN: u8 = b'\n';

/// Items yielded so far.
#[derive(Debug)]
pub(crate) struct Items {
    /// Content between the quotes of the text, or between the brackets of the array.
    json: Vec<u8>,
    is_text: bool,
    is_empty: bool,
    /// Remaining capacity for content, in bytes.
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

    /// Adds an item, cut if there is not enough room for all of it.
    pub(crate) fn push(&mut self, item: &Captured<'_>) {
        if self.is_full {
            return;
        }
        let mut json = Vec::new();
        // A text's own quotes do not count: they are removed when texts are joined.
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
        // An empty piece counts as one byte, so that the number of items stays bounded.
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

    /// Returns the items as valid JSON.
    pub(crate) fn json(mut self) -> String {
        let (open, close) = if self.is_text && !self.is_empty { ('"', '"') } else { ('[', ']') };
        if self.is_text {
            self.json.retain(|byte| *byte != BETWEEN);
        }
        let content = String::from_utf8_lossy(&self.json);
        format!("{open}{content}{close}")
    }
}
