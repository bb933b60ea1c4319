//! Misbehaving values, built from arbitrary bytes, and the guarantees that must hold when they are captured.

use std::{
    cell::RefCell,
    fmt,
    rc::Rc,
    sync::{LazyLock, Mutex, RwLock},
};

use serde::{
    Serialize, Serializer,
    ser::{Error, SerializeMap, SerializeSeq, SerializeStruct},
};
use serde_json::Value;

use super::{TRUNCATED, append_json, debug_text};
use crate::process::watch_panics;
use crate::record::Extent;

/// Value whose `Serialize` and `Debug` may misbehave.
#[derive(Clone)]
pub(crate) enum Hostile {
    Number(f64),
    Text(String),
    Bytes(Vec<u8>),
    List(Vec<Hostile>),
    /// Map whose keys can be any value.
    Map(Vec<(Hostile, Hostile)>),
    Newtype(Box<Hostile>),
    Variant(Box<Hostile>),
    /// Value that contains itself.
    Cycle(Rc<RefCell<Option<Hostile>>>),
    /// Lock that is never released.
    Locked,
    Panics,
    Refuses,
    /// List that continues after errors.
    Deaf(Vec<Hostile>, u16),
    /// Value that nests to this depth.
    Deep(u32),
    /// Struct with the private name by which some formats pass special values to serde.
    Token(String),
}

/// Locks that are never released.
static HELD: LazyLock<&'static (Mutex<u8>, RwLock<u8>)> = LazyLock::new(|| {
    let locks = Box::leak(Box::new((Mutex::new(1), RwLock::new(1))));
    std::mem::forget(locks.0.lock());
    std::mem::forget(locks.1.write());
    locks
});

impl Serialize for Hostile {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => to.serialize_f64(*number),
            Self::Text(text) => to.collect_str(text),
            Self::Bytes(bytes) => to.serialize_bytes(bytes),
            Self::List(list) => to.collect_seq(list),
            Self::Map(map) => to.collect_map(map.iter().map(|(key, value)| (key, value))),
            Self::Newtype(inner) => to.serialize_newtype_struct("Newtype", inner),
            Self::Variant(inner) => to.serialize_newtype_variant("Hostile", 0, "Variant", inner),
            Self::Cycle(inner) => to.serialize_some(&*inner.borrow()),
            Self::Locked => to.serialize_some(&(&HELD.0, Some(&HELD.1))),
            Self::Panics => panic!("looked at"),
            Self::Refuses => Err(S::Error::custom("\"no\"")),
            Self::Deaf(list, times) => {
                let mut seq = to.serialize_seq(None)?;
                (0..*times).flat_map(|_| list).for_each(|item| _ = seq.serialize_element(item));
                seq.end()
            }
            Self::Deep(0) => to.serialize_unit(),
            Self::Deep(depth) => {
                let mut map = to.serialize_map(None)?;
                map.serialize_entry("deep", &Self::Deep(depth - 1))?;
                map.serialize_entry("password", &Self::Deep(depth - 1))?;
                map.end()
            }
            Self::Token(text) => {
                let mut token = to.serialize_struct("$any::private", 1)?;
                token.serialize_field("$any::private", text)?;
                token.end()
            }
        }
    }
}

impl fmt::Debug for Hostile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number:?}"),
            Self::Text(text) | Self::Token(text) => write!(f, "{text:?}"),
            Self::Bytes(bytes) => write!(f, "{bytes:#x?}"),
            Self::List(list) => f.debug_list().entries(list).finish(),
            Self::Map(map) => f.debug_map().entries(map.iter().map(|(k, v)| (k, v))).finish(),
            Self::Newtype(inner) => fmt::Debug::fmt(inner, f),
            Self::Variant(inner) => f.debug_tuple("Variant").field(inner).finish(),
            Self::Cycle(inner) => fmt::Debug::fmt(&inner.borrow(), f),
            Self::Locked => write!(f, "{:?}", *HELD),
            Self::Panics => panic!("looked at"),
            Self::Refuses => Err(fmt::Error),
            Self::Deaf(list, times) => {
                (0..*times).flat_map(|_| list).for_each(|item| _ = write!(f, ",{item:#?}"));
                Ok(())
            }
            Self::Deep(depth) => {
                _ = depth.checked_sub(1).map(|depth| write!(f, ".{:?}", Self::Deep(depth)));
                Ok(())
            }
        }
    }
}

/// Builds a value from bytes until they are used up.
pub(crate) fn hostile(bytes: &mut dyn Iterator<Item = u8>, depth: u8) -> Hostile {
    let kind = bytes.next().unwrap_or_default() % if depth == 0 { 8 } else { 16 };
    let size = bytes.next().unwrap_or_default();
    let mut text = || (0..size % 40).map_while(|_| bytes.next()).collect::<Vec<_>>();
    match kind {
        0 => Hostile::Number(f64::from(size) / f64::from(size % 3)),
        1 => Hostile::Text(String::from_utf8_lossy(&text()).into_owned()),
        2 => Hostile::Bytes(text()),
        3 => Hostile::Locked,
        4 => Hostile::Panics,
        5 => Hostile::Refuses,
        6 => Hostile::Deep(u32::from(size) * u32::from(size)),
        7 => Hostile::Token(TOKENS[usize::from(size) % TOKENS.len()].to_owned()),
        8 | 9 => Hostile::List(several(bytes, size, depth)),
        10 | 11 => {
            let (keys, values) = (several(bytes, size, depth), several(bytes, size, depth));
            Hostile::Map(keys.into_iter().zip(values).collect())
        }
        12 => Hostile::Newtype(Box::new(hostile(bytes, depth - 1))),
        13 => Hostile::Variant(Box::new(hostile(bytes, depth - 1))),
        14 => {
            let cycle = Rc::new(RefCell::new(None));
            let mut inside = several(bytes, size, depth);
            inside.push(Hostile::Cycle(Rc::clone(&cycle)));
            *cycle.borrow_mut() = Some(Hostile::List(inside));
            Hostile::Cycle(cycle)
        }
        _ => Hostile::Deaf(several(bytes, size, depth), u16::from(size) * 256),
    }
}

const TOKENS: [&str; 6] = ["1e3", "{\"a\": [1]}", "x", "", "[", "\"s\""];

fn several(bytes: &mut dyn Iterator<Item = u8>, size: u8, depth: u8) -> Vec<Hostile> {
    (0..size % 5).map(|_| hostile(bytes, depth - 1)).collect()
}

impl Hostile {
    /// Breaks the cycles so that the value can be freed.
    pub(crate) fn end(self) {
        match self {
            Self::List(list) | Self::Deaf(list, _) => list.into_iter().for_each(Self::end),
            Self::Map(map) => map.into_iter().for_each(|(key, value)| {
                key.end();
                value.end();
            }),
            Self::Newtype(inner) | Self::Variant(inner) => inner.end(),
            Self::Cycle(inner) => inner.take().into_iter().for_each(Self::end),
            _ => {}
        }
    }
}

/// Captures a value in each way and checks that the result is JSON of a bounded length and that capturing returns.
pub(crate) fn inspect_hostile(value: &Hostile, max_len: usize) {
    watch_panics();
    for redacts in [false, true] {
        let extent = Extent { max_len, redacts };
        let mut json = Vec::new();
        if append_json(&mut json, extent, |writer| writer.value(value)).is_json() {
            let text = str::from_utf8(&json).unwrap_or_default();
            let parsed = serde_json::from_str::<Value>(text);
            assert!(parsed.is_ok(), "{parsed:?}: {text}");
            assert!(text.len() <= max_len + MOST_CLOSERS, "{} > {max_len}: {text}", text.len());
        }
        let (text, _) = debug_text(value, "", extent);
        assert!(text.len() <= max_len.max(16) + TRUNCATED.len(), "{} > {max_len}", text.len());
    }
}

/// Maximum length of the closing brackets and the mark at the bound.
const MOST_CLOSERS: usize = 64 + TRUNCATED.len() + 16;

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns pseudorandom bytes that are the same in each run.
    fn bytes(seed: u64) -> impl Iterator<Item = u8> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        std::iter::repeat_with(move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_be_bytes()[0]
        })
        .take(200)
    }

    #[test]
    fn hostile_values_are_read_within_bounds() {
        let treatment = || {
            for seed in 0..400 {
                let value = hostile(&mut bytes(seed), 6);
                let max_len = usize::try_from(seed * 7 % 5_000).unwrap();
                inspect_hostile(&value, max_len);
                value.end();
            }
        };
        std::thread::Builder::new().stack_size(512 << 10).spawn(treatment).unwrap().join().unwrap();
    }
}
