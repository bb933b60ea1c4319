//! A serialiser that writes JSON up to a bound, then stops the value's own `Serialize`.
//!
//! Leaves (strings, numbers) are written by `serde_json`; this file only keeps the structure, so that it
//! can be closed at any point. What is written is valid JSON wherever it stops.
//!
//! A value behind the name of a credential is written by a writer of its own, which shows whether it is one.

mod containers;
mod serializer;

use std::{
    any::type_name,
    fmt::{self, Display},
    mem,
};

use serde::{Serialize, ser};

use self::containers::Containers;
use super::{TRUNCATED, debug::is_secret, floor};
use crate::{
    credential::{Credential, Form, PROPERTIES, REDACTED, credential, redact_text},
    extent::Extent,
};

/// Deeper than this a value is cut: serialising recurses, and the stack is the program's.
const MAX_DEPTH: u32 = u64::BITS;

/// A value that can be written as bounded JSON: every `Serialize`, behind a `dyn`.
pub trait ToJson {
    /// Writes the value, or stops.
    #[doc(hidden)]
    fn to_json(&self, writer: &mut Writer<'_>) -> Result<(), Stop>;
}

impl<T: Serialize> ToJson for T {
    fn to_json(&self, writer: &mut Writer<'_>) -> Result<(), Stop> {
        writer.value(self)
    }
}

/// Why serialising ended early.
#[derive(Debug)]
pub enum Stop {
    /// The bound is reached: what is written so far counts.
    Full,
    /// The value refused to be serialised.
    Refused(String),
}

impl Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("the bound is reached"),
            Self::Refused(error) => f.write_str(error),
        }
    }
}

impl std::error::Error for Stop {}

impl ser::Error for Stop {
    fn custom<T: Display>(error: T) -> Self {
        Self::Refused(error.to_string())
    }
}

/// What the name of a value says of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Next {
    #[default]
    Anything,
    Credential(Credential),
    /// What a schema describes, by its names.
    Properties,
}

/// A number is no longer than this.
const LONGEST_NUMBER: usize = 48;

/// The JSON written so far and what is still open in it.
#[derive(Debug)]
pub struct Writer<'a> {
    json: &'a mut Vec<u8>,
    end: usize,
    open: Containers,
    value_pending: bool,
    marked: bool,
    redacts: bool,
    /// What the name says of the value that comes next.
    next: Next,
    /// What all values are that stand in the innermost container.
    inside: Next,
}

impl<'a> Writer<'a> {
    pub(super) fn new(json: &'a mut Vec<u8>, extent: Extent) -> Self {
        let Extent { max_len, redacts } = extent;
        let end = json.len().saturating_add(max_len);
        let (open, next, inside) = (Containers::default(), Next::Anything, Next::Anything);
        Self { json, end, open, value_pending: false, marked: false, redacts, next, inside }
    }

    /// Marks the place where a full writer stopped and closes what is open there.
    pub(super) fn close(&mut self) {
        let marker = format!("\"{TRUNCATED}\"");
        if !self.marked {
            match self.open.last() {
                Some(container) if !self.value_pending => {
                    let comma = if container.is_empty { "" } else { "," };
                    let member = if container.is_object { ":true" } else { "" };
                    self.push(&format!("{comma}{marker}{member}"));
                }
                _ => self.push(&marker),
            }
        }
        while let Some(container) = self.open.close() {
            self.json.push(if container.is_object { b'}' } else { b']' });
        }
    }

    fn push(&mut self, text: &str) {
        self.json.extend_from_slice(text.as_bytes());
    }

    fn room(&self) -> usize {
        self.end.saturating_sub(self.json.len())
    }

    /// Writes a leaf, if it fits.
    fn leaf<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        let start = self.json.len();
        serde_json::to_writer(&mut *self.json, value).map_err(ser::Error::custom)?;
        if self.json.len() > self.end {
            self.json.truncate(start);
            return Err(Stop::Full);
        }
        self.value_pending = false;
        Ok(())
    }

    /// Writes a string, or as much of it as fits, marked.
    fn string(&mut self, text: &str) -> Result<(), Stop> {
        let start = self.json.len();
        // Escaped it is no shorter: what is beyond the bound already need not be read.
        let near = floor(text, self.room());
        let is_near_all = near.len() == text.len();
        let redacted = if self.redacts { redact_text(near, Form::Json) } else { None };
        let near = redacted.as_deref().unwrap_or(near);
        serde_json::to_writer(&mut *self.json, near).map_err(ser::Error::custom)?;
        self.value_pending = false;
        if is_near_all && self.json.len() <= self.end {
            return Ok(());
        }
        let room = self.end.saturating_sub(start + TRUNCATED.len() + 2);
        let kept = cut(&self.json[start + 1..], room);
        self.json.truncate(start + 1 + kept);
        self.push(TRUNCATED);
        self.json.push(b'"');
        self.marked = true;
        Err(Stop::Full)
    }

    fn begin(&mut self, is_object: bool) -> Result<(), Stop> {
        if self.open.depth == MAX_DEPTH || self.room() < 2 {
            return Err(Stop::Full);
        }
        self.json.push(if is_object { b'{' } else { b'[' });
        self.value_pending = false;
        let describes = mem::take(&mut self.next) == Next::Properties;
        self.open.open(is_object, describes);
        Ok(())
    }

    /// The place before an array's element or an object's key.
    fn next_member(&mut self) -> Result<(), Stop> {
        if self.room() < 2 {
            return Err(Stop::Full);
        }
        if self.open.last().is_some_and(|container| !container.is_empty) {
            self.json.push(b',');
        }
        self.open.fill();
        Ok(())
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        self.next_member()?;
        self.value_pending = true;
        self.value(value)
    }

    /// Writes what stands on its own or behind a name.
    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        // The compiler knows: no code is left of this where the type has another name.
        if is_secret(type_name::<T>()) && self.redacts {
            self.next = Next::Anything;
            return self.string(REDACTED);
        }
        let by_name = if self.next == Next::Anything { self.inside } else { self.next };
        match by_name {
            Next::Anything => value.serialize(&mut *self),
            Next::Credential(credential) => self.credential(value, credential),
            Next::Properties => {
                let written = value.serialize(&mut *self);
                self.next = Next::Anything;
                written
            }
        }
    }

    /// Leaves a credential out, unless the value is none after all, or described and not given.
    #[cold]
    fn credential<T: Serialize + ?Sized>(
        &mut self,
        value: &T,
        credential: Credential,
    ) -> Result<(), Stop> {
        self.next = Next::Anything;
        let mut json = Vec::new();
        let extent = Extent { max_len: LONGEST_NUMBER, redacts: false };
        let is_whole = value.serialize(&mut Writer::new(&mut json, extent)).is_ok();
        if self.open.describes() && json.starts_with(b"{") {
            return value.serialize(&mut *self);
        }
        match str::from_utf8(&json) {
            Ok(shown) if is_whole && credential.shows(shown) => self.bare(shown),
            _ => self.string(REDACTED),
        }
    }

    /// Writes what is JSON already, if it fits.
    fn bare(&mut self, json: &str) -> Result<(), Stop> {
        if json.len() > self.room() {
            return Err(Stop::Full);
        }
        self.push(json);
        self.value_pending = false;
        Ok(())
    }

    /// JSON keys are strings, so a number or a boolean is quoted, as `serde_json` does.
    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Stop> {
        let mut written = serde_json::to_string(key).map_err(ser::Error::custom)?;
        match written.as_bytes().first() {
            Some(b'"') => {}
            Some(b'{' | b'[') | None => {
                return Err(ser::Error::custom("key must be a string, a number or a boolean"));
            }
            Some(_) => written = format!("\"{written}\""),
        }
        if written.len() + 2 > self.room() {
            return Err(Stop::Full);
        }
        if self.redacts {
            self.next = named(written.get(1..written.len() - 1).unwrap_or_default());
        }
        self.next_member()?;
        self.push(&written);
        self.json.push(b':');
        self.value_pending = true;
        Ok(())
    }

    fn field<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Stop> {
        self.key(key)?;
        self.value(value)
    }

    /// The name of an enum's variant: as `Token` it is more often a piece of text than a credential.
    fn variant(&mut self, variant: &'static str) -> Result<(), Stop> {
        self.key(variant)?;
        if variant == "Token" || self.next == Next::Properties {
            self.next = Next::Anything;
        }
        Ok(())
    }

    fn finish(&mut self) {
        if let Some(container) = self.open.close() {
            self.json.push(if container.is_object { b'}' } else { b']' });
        }
    }
}

fn named(name: &str) -> Next {
    match credential(name) {
        Some(credential) => Next::Credential(credential),
        None if name == PROPERTIES => Next::Properties,
        None => Next::Anything,
    }
}

/// Where an escaped text may be cut, after so many bytes at the most.
fn cut(json: &[u8], room: usize) -> usize {
    let between = |end: &usize| json.get(*end).is_none_or(|byte| byte & 0xc0 != 0x80);
    let end = (0..=room.min(json.len())).rev().find(between).unwrap_or(0);
    // An escape that begins this near may reach beyond.
    let near = end.saturating_sub(LONGEST_ESCAPE - 1)..end;
    let cut_through = |at: &usize| {
        let length = if json.get(at + 1) == Some(&b'u') { LONGEST_ESCAPE } else { 2 };
        is_escape(json, *at) && at + length > end
    };
    near.into_iter().find(cut_through).unwrap_or(end)
}

/// `\u001f`
const LONGEST_ESCAPE: usize = 6;

/// Whether an escape begins here, rather than in an escaped backslash.
fn is_escape(json: &[u8], at: usize) -> bool {
    let before = json[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
    json[at] == b'\\' && before % 2 == 0
}
