//! Serialiser that writes JSON up to a bound, then stops the value's own `Serialize` by an error.
//!
//! Leaves (strings, numbers) are written by `serde_json`. This file only tracks the structure, so that it can be
//! closed at any point: the output is valid JSON wherever it stops.
//!
//! A value named like a credential is first written to a separate writer, to find out whether it is harmless.

mod bytes;
mod containers;
mod escape;
mod serialize_stop;
mod serializer;

use std::{
    any::type_name,
    borrow::Cow,
    fmt::{self, Display},
    mem,
};

use serde::{Serialize, ser};

pub(crate) use self::serialize_stop::{SerializeStop, refused};
use self::{bytes::Bytes, containers::Containers, escape::cut};
use super::{Clipped, Ignored, LOCK, TRUNCATED, kind::Treatment, stack_limit::Stack};
use crate::{
    credential::{Credential, Form, PROPERTIES, REDACTED, credential, redact_text},
    mask::is_json,
    record::Extent,
    text::prefix,
};

/// Maximum nesting of values; deeper ones are cut, since serialising recurses on the program's stack. A wrapper of
/// one value, such as `Option`, counts as a level.
const MAX_LEVELS: u32 = 2 * MAX_DEPTH;

/// Maximum nesting of arrays and objects.
const MAX_DEPTH: u32 = u64::BITS;

/// Object-safe form of `Serialize` that writes bounded JSON.
pub trait ToJson {
    /// Writes the value, or stops with an error.
    #[doc(hidden)]
    fn to_json(&self, writer: &mut Writer<'_>) -> Result<(), SerializeStop>;
}

impl<T: Serialize> ToJson for T {
    fn to_json(&self, writer: &mut Writer<'_>) -> Result<(), SerializeStop> {
        writer.value(self)
    }
}

/// Meaning of a value that is implied by its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Next {
    #[default]
    Anything,
    Credential(Credential),
    /// Properties described by a JSON schema.
    Properties,
}

/// Maximum length of a number in JSON, in bytes.
const LONGEST_NUMBER: usize = 48;

/// Writer of bounded JSON: the output so far and the containers still open.
#[derive(Debug)]
pub struct Writer<'a> {
    json: &'a mut Vec<u8>,
    end: usize,
    open: Containers,
    value_pending: bool,
    marked: bool,
    redacts: bool,
    /// Meaning of the next value, implied by its name.
    next: Next,
    /// Meaning of all values directly inside the innermost container.
    inside: Next,
    /// Number of values being written, each nested in the previous one.
    levels: u32,
    stack: Stack,
    /// `true` if nothing more is written, even if the code ignores the error.
    is_stopped: bool,
    ignored: Ignored,
    /// `true` if a value was left out because of its depth.
    is_cut: bool,
    /// `true` if a lock was left out.
    has_met_lock: bool,
    /// `true` if only the last element of the next list is to be written.
    is_last_only: bool,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(json: &'a mut Vec<u8>, extent: Extent) -> Self {
        let Extent { max_len, redacts } = extent;
        Self {
            end: json.len().saturating_add(max_len),
            json,
            open: Containers::default(),
            value_pending: false,
            marked: false,
            redacts,
            next: Next::Anything,
            inside: Next::Anything,
            levels: 0,
            stack: Stack::here(),
            is_stopped: false,
            ignored: Ignored::default(),
            is_cut: false,
            has_met_lock: false,
            is_last_only: false,
        }
    }

    /// Creates a writer with another buffer for a part of the value. It keeps the nesting level and the stack
    /// limit.
    fn aside<'b>(&self, json: &'b mut Vec<u8>, extent: Extent) -> Writer<'b> {
        Writer { levels: self.levels, stack: self.stack, ..Writer::new(json, extent) }
    }

    /// Restricts the next list to its last element, if it has more than one.
    pub(crate) fn skip_to_last(&mut self) {
        self.is_last_only = true;
    }

    /// Stops the writer: it ignores all further values.
    pub(crate) fn stop(&mut self) -> SerializeStop {
        self.is_stopped = true;
        self.ignored.add();
        SerializeStop::Full
    }

    /// Returns `true` if a lock was left out.
    pub(crate) fn has_met_lock(&self) -> bool {
        self.has_met_lock
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    /// Adds the mark if the writer has stopped, and closes open containers. Returns `true` if everything was
    /// written.
    pub(crate) fn end(mut self, mark: &str) -> bool {
        if self.is_stopped && !self.marked {
            let mark = format!("\"{mark}\"");
            match self.open.last() {
                Some(container) if !self.value_pending => {
                    let comma = if container.is_empty { "" } else { "," };
                    let member = if container.is_object { ":true" } else { "" };
                    self.push(&format!("{comma}{mark}{member}"));
                }
                _ => self.push(&mark),
            }
        }
        while let Some(container) = self.open.close() {
            self.json.push(if container.is_object { b'}' } else { b']' });
        }
        !self.is_stopped && !self.is_cut
    }

    fn push(&mut self, text: &str) {
        self.json.extend_from_slice(text.as_bytes());
    }

    fn room(&self) -> usize {
        self.end.saturating_sub(self.json.len())
    }

    /// Writes a leaf value if it fits, and stops otherwise.
    fn leaf<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerializeStop> {
        let start = self.json.len();
        serde_json::to_writer(&mut *self.json, value).map_err(ser::Error::custom)?;
        if self.json.len() > self.end {
            self.json.truncate(start);
            return Err(self.stop());
        }
        self.value_pending = false;
        Ok(())
    }

    /// Writes a number; a non-finite one is written as a string such as `"NaN"`.
    fn float(&mut self, value: f64, number: &impl Serialize) -> Result<(), SerializeStop> {
        if value.is_finite() { self.leaf(number) } else { self.leaf(&value.to_string()) }
    }

    /// Writes a string; one that does not fit is cut and marked.
    fn string(&mut self, text: &str) -> Result<(), SerializeStop> {
        // Escaping never makes text shorter, so text beyond the bound is not read: a 10 MB prompt takes 1.07 times the
        // instructions of one of 32 KiB (`benches/run`).
        let near = prefix(text, self.room());
        self.start_of_string(near, near.len() == text.len())
    }

    /// Writes a string of which only a prefix is given, unless `is_all`; cuts and marks it as `string` does.
    fn start_of_string(&mut self, near: &str, is_all: bool) -> Result<(), SerializeStop> {
        let start = self.json.len();
        let redacted = if self.redacts { redact_text(near, Form::Json) } else { None };
        let near = redacted.as_deref().unwrap_or(near);
        serde_json::to_writer(&mut *self.json, near).map_err(ser::Error::custom)?;
        self.value_pending = false;
        if is_all && self.json.len() <= self.end {
            return Ok(());
        }
        let room = self.end.saturating_sub(start + TRUNCATED.len() + 2);
        let kept = cut(&self.json[start + 1..], room);
        self.json.truncate(start + 1 + kept);
        self.push(TRUNCATED);
        self.json.push(b'"');
        self.marked = true;
        Err(self.stop())
    }

    /// Writes a value's `Display` text as a string.
    fn display<T: Display + ?Sized>(&mut self, value: &T) -> Result<(), SerializeStop> {
        let mut text = Clipped::new(self.room());
        let written = fmt::Write::write_fmt(&mut text, format_args!("{value}"));
        let (text, is_all) = text.into_text();
        if written.is_err() && is_all {
            return Err(ser::Error::custom("it cannot be displayed"));
        }
        self.start_of_string(&text, is_all)
    }

    fn begin(&mut self, is_object: bool) -> Result<(), SerializeStop> {
        if self.open.depth == MAX_DEPTH {
            return Err(SerializeStop::Deep);
        }
        if self.is_stopped || self.room() < 2 {
            return Err(self.stop());
        }
        self.json.push(if is_object { b'{' } else { b'[' });
        self.value_pending = false;
        let describes = mem::take(&mut self.next) == Next::Properties;
        self.open.open(is_object, describes);
        Ok(())
    }

    /// Writes the separator before an array element or an object key.
    fn next_member(&mut self) -> Result<(), SerializeStop> {
        if self.is_stopped || self.room() < 2 {
            return Err(self.stop());
        }
        if self.open.last().is_some_and(|container| !container.is_empty) {
            self.json.push(b',');
        }
        self.open.fill(true);
        Ok(())
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerializeStop> {
        self.next_member()?;
        self.value_pending = true;
        self.value(value)
    }

    /// Writes a value, alone or after a name. A nested value that cannot be written is replaced in place by a
    /// text.
    pub(crate) fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerializeStop> {
        if self.is_stopped {
            return Err(self.stop());
        }
        if self.levels == MAX_LEVELS || self.stack.is_used_up() {
            return self.cut_here();
        }
        let (start, depth, inside) = (self.json.len(), self.open.depth, self.inside);
        self.levels += 1;
        let written = self.value_by_name(value);
        self.levels -= 1;
        let instead = match written {
            Ok(()) => return Ok(()),
            _ if self.is_stopped => return Err(SerializeStop::Full),
            Err(SerializeStop::Refused(error)) if self.levels > 0 => Some(refused(&error)),
            Err(SerializeStop::Deep) if self.levels > 0 => None,
            Err(stop) => return Err(stop),
        };
        self.json.truncate(start);
        self.open.close_to(depth);
        (self.inside, self.next) = (inside, Next::Anything);
        match instead {
            Some(text) => self.string(&text),
            None => self.cut_here(),
        }
    }

    /// Writes the truncation mark in place of a value that nests too deep.
    #[cold]
    fn cut_here(&mut self) -> Result<(), SerializeStop> {
        if self.room() < TRUNCATED.len() + 2 {
            return Err(self.stop());
        }
        self.is_cut = true;
        self.next = Next::Anything;
        self.leaf(TRUNCATED)
    }

    fn value_by_name<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerializeStop> {
        // The type name is a constant: in an optimised build these checks vanish for most types.
        let treatment = Treatment::at_part(type_name::<T>());
        if treatment == Treatment::AsSecret && self.redacts {
            self.next = Next::Anything;
            return self.string(REDACTED);
        }
        if treatment == Treatment::AsLock {
            self.has_met_lock = true;
            self.next = Next::Anything;
            return self.string(LOCK);
        }
        let by_name = if self.next == Next::Anything { self.inside } else { self.next };
        match by_name {
            Next::Anything if treatment == Treatment::AsBytes => self.bytes_of(value),
            Next::Anything => value.serialize(&mut *self),
            Next::Credential(credential) => self.credential(value, credential),
            Next::Properties => {
                let written = value.serialize(&mut *self);
                self.next = Next::Anything;
                written
            }
        }
    }

    /// Writes a list of bytes as text or base64.
    fn bytes_of<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerializeStop> {
        let mut bytes = Bytes::new(self.room());
        match value.serialize(&mut bytes) {
            Ok(()) | Err(SerializeStop::Full) => self.bytes(&bytes.taken, bytes.len()),
            // The value is not a list of bytes after all.
            Err(_) => value.serialize(&mut *self),
        }
    }

    /// Writes bytes as text if they are UTF-8, otherwise in base64 with their number. `start` is a prefix of the
    /// bytes.
    fn bytes(&mut self, start: &[u8], len: usize) -> Result<(), SerializeStop> {
        let start = &start[..start.len().min(self.room())];
        let shown = bytes::shown(start, len);
        self.start_of_string(&shown, start.len() == len)
    }

    /// Redacts a credential, unless its value is harmless or merely a schema's description of one.
    #[cold]
    fn credential<T: Serialize + ?Sized>(
        &mut self,
        value: &T,
        credential: Credential,
    ) -> Result<(), SerializeStop> {
        self.next = Next::Anything;
        let mut json = Vec::new();
        let extent = Extent { max_len: LONGEST_NUMBER, redacts: false };
        let mut aside = self.aside(&mut json, extent);
        let is_whole = value.serialize(&mut aside).is_ok() && aside.end(TRUNCATED);
        if self.open.describes() && json.starts_with(b"{") {
            return value.serialize(&mut *self);
        }
        match str::from_utf8(&json) {
            Ok(shown) if is_whole && credential.shows(shown) => self.bare(shown),
            _ => self.string(REDACTED),
        }
    }

    /// Writes text that is already JSON, if it fits.
    fn bare(&mut self, json: &str) -> Result<(), SerializeStop> {
        if json.len() > self.room() {
            return Err(self.stop());
        }
        self.push(json);
        self.value_pending = false;
        Ok(())
    }

    /// Writes the content of a format's private struct: a number or raw JSON unchanged, anything else as a value.
    fn hidden<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), SerializeStop> {
        let mut json = Vec::new();
        let extent = Extent { max_len: self.room(), redacts: self.redacts };
        let mut aside = self.aside(&mut json, extent);
        aside.levels += 1;
        let written = aside.value(value);
        let is_marked = aside.marked;
        if !aside.end(TRUNCATED) || written.is_err() {
            self.json.append(&mut json);
            self.marked |= is_marked;
            self.value_pending = false;
            return Err(self.stop());
        }
        match serde_json::from_slice::<String>(&json) {
            Ok(text) if is_json(&text) => self.bare(&text),
            _ => self.bare(str::from_utf8(&json).unwrap_or_default()),
        }
    }

    /// Writes the key of a map, which may be any value; a key that is not a string is converted to one.
    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), SerializeStop> {
        if self.is_stopped || self.stack.is_used_up() {
            return Err(self.stop());
        }
        let mut json = Vec::new();
        let mut aside = self.aside(&mut json, Extent { max_len: self.room(), redacts: false });
        aside.levels += 1;
        let written = aside.value(key);
        let is_stopped = written.is_err() || aside.is_stopped;
        aside.end(TRUNCATED);
        if is_stopped {
            return Err(self.stop());
        }
        match serde_json::from_slice::<Cow<'_, str>>(&json) {
            Ok(name) => self.name(&name),
            Err(_) => self.name(str::from_utf8(&json).unwrap_or_default()),
        }
    }

    /// Writes the name of a field.
    fn name(&mut self, name: &str) -> Result<(), SerializeStop> {
        let start = self.json.len();
        let is_first = self.open.last().is_none_or(|container| container.is_empty);
        self.next_member()?;
        serde_json::to_writer(&mut *self.json, name).map_err(ser::Error::custom)?;
        if self.json.len() + 2 > self.end {
            self.json.truncate(start);
            self.open.fill(!is_first);
            return Err(self.stop());
        }
        if self.redacts {
            self.next = named(name);
        }
        self.json.push(b':');
        self.value_pending = true;
        Ok(())
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), SerializeStop> {
        self.name(name)?;
        self.value(value)
    }

    /// Writes the name of an enum variant. `Token` is not treated as a credential: it is more often a piece of
    /// text.
    fn variant(&mut self, variant: &'static str) -> Result<(), SerializeStop> {
        self.name(variant)?;
        if variant == "Token" || self.next == Next::Properties {
            self.next = Next::Anything;
        }
        Ok(())
    }

    fn finish(&mut self) {
        if self.is_stopped {
            return;
        }
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
