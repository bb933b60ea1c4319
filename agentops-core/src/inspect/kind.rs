//! Ways to read a value, chosen by the name of its type.
//!
//! In an optimised build most answers are constants: for a type that is not generic, no check remains in the code.

/// Way to read a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Treatment {
    /// Read by its own code.
    Freely,
    /// Not read: the value is a secret.
    AsSecret,
    /// Read by its `Debug`, which does not wait for a lock as its `Serialize` would.
    Unlocked,
    /// Not read: all of its code waits for a lock.
    AsLock,
    /// Read as bytes.
    AsBytes,
    /// Recorded by the name of its type: its `Debug` is an address, which differs in each run.
    AsAddress,
}

impl Treatment {
    /// Returns the way to read a type that is part of a serialised value.
    #[inline(always)]
    pub(crate) fn at_part(of: &str) -> Self {
        let of = of.strip_prefix('&').unwrap_or(of);
        let of = of.strip_prefix("mut ").unwrap_or(of);
        if is_secret(of) {
            return Self::AsSecret;
        }
        match of.as_bytes() {
            [.., b'>'] if serialises_elementwise(of) => Self::Freely,
            [b'[', b'u', b'8', b']'] | [b'[', b'u', b'8', b';', ..] => Self::AsBytes,
            [.., b'>'] | [b'&', ..] => at_generic(of),
            _ => Self::Freely,
        }
    }

    /// Returns the way to read a type as a whole by its `Debug`.
    pub(crate) fn at_whole(of: &str) -> Self {
        let of = of.trim_start_matches('&');
        if is_secret(of) {
            return Self::AsSecret;
        }
        if is_address(of) { Self::AsAddress } else { lock_in(of).unwrap_or(Self::Freely) }
    }
}

/// Returns `true` if the type name contains a lock whose `Debug` does not wait.
#[inline(always)]
pub(crate) fn has_lock(of: &str) -> bool {
    matches!(of.as_bytes(), [.., b'>' | b')' | b']']) && lock_in(of) == Some(Treatment::Unlocked)
}

/// Returns `true` if the type holds a secret or is a header value.
#[inline(always)]
fn is_secret(of: &str) -> bool {
    of.starts_with("secrecy::") || of.starts_with("http::header::value::HeaderValue")
}

/// Returns `true` if a generic type passes its content to the serialiser piece by piece.
#[inline(always)]
fn serialises_elementwise(of: &str) -> bool {
    if of.starts_with("alloc::vec::Vec<") {
        return !of.starts_with("alloc::vec::Vec<u8>");
    }
    of.starts_with("core::option::Option<")
        || of.starts_with("core::result::Result<")
        || of.starts_with("std::collections::")
        || of.starts_with("alloc::collections::")
        || of.starts_with("serde_json::map::Map<")
        // The name contains the lifetime or not, depending on the compiler version.
        || of.starts_with("alloc::borrow::Cow<'_, str>")
        || of.starts_with("alloc::borrow::Cow<str>")
        || of.starts_with("alloc::sync::Arc<str>")
        || of.starts_with("alloc::boxed::Box<str>")
        || of.starts_with("core::marker::PhantomData<")
}

fn at_generic(of: &str) -> Treatment {
    if is_bytes(of) {
        return Treatment::AsBytes;
    }
    match lock_in(of) {
        Some(_) => Treatment::AsLock,
        None => Treatment::Freely,
    }
}

/// Returns `true` if the type is a list of bytes, possibly behind pointers.
fn is_bytes(of: &str) -> bool {
    const POINTERS: [&str; 6] = [
        "&",
        "alloc::sync::Arc<",
        "alloc::boxed::Box<",
        "alloc::rc::Rc<",
        "alloc::borrow::Cow<'_, ",
        "alloc::borrow::Cow<",
    ];
    match POINTERS.iter().find_map(|pointer| of.strip_prefix(pointer)) {
        Some(to) => is_bytes(to),
        None => ["[u8]", "[u8; ", "alloc::vec::Vec<u8>"].iter().any(|list| of.starts_with(list)),
    }
}

/// Returns how to treat a type whose name contains a lock. Every type called a mutex or a lock counts as one. The
/// `Debug` of the known ones tries the lock without waiting, except that of concurrent maps.
fn lock_in(of: &str) -> Option<Treatment> {
    let mut found = None;
    for (end, _) in of.match_indices('<') {
        let path = &of[..end];
        let (before, name) = path.rsplit_once("::")?;
        match name {
            "DashMap" | "DashSet" => return Some(Treatment::AsLock),
            _ if before.contains("scc::") => return Some(Treatment::AsLock),
            "Mutex" | "RwLock" | "ReentrantMutex" | "ReentrantLock" | "FairMutex"
            | "ShardedLock" => found = Some(Treatment::Unlocked),
            _ => {}
        }
    }
    found
}

fn is_address(of: &str) -> bool {
    ["fn(", "unsafe fn(", "extern \"", "unsafe extern \"", "for<'", "*const ", "*mut "]
        .iter()
        .any(|start| of.starts_with(start))
}

#[cfg(test)]
mod tests {
    use std::{
        any::type_name,
        borrow::Cow,
        collections::{BTreeMap, HashMap},
        sync::{Arc, Mutex, MutexGuard, RwLock},
    };

    use super::*;

    fn part<T: ?Sized>() -> Treatment {
        Treatment::at_part(type_name::<T>())
    }

    fn whole<T: ?Sized>() -> Treatment {
        Treatment::at_whole(type_name::<T>())
    }

    struct Cache<T>(T);

    #[test]
    fn lock_is_recognised_anywhere_in_a_name() {
        assert_eq!(part::<Mutex<u8>>(), Treatment::AsLock);
        assert_eq!(part::<&&RwLock<String>>(), Treatment::AsLock);
        assert_eq!(part::<Arc<Mutex<u8>>>(), Treatment::AsLock);
        assert_eq!(part::<Cache<Box<RwLock<u8>>>>(), Treatment::AsLock);
        assert_eq!(whole::<&Arc<Mutex<u8>>>(), Treatment::Unlocked);
        assert_eq!(whole::<HashMap<String, RwLock<u8>>>(), Treatment::Unlocked);
        let named = |name| (Treatment::at_whole(name), Treatment::at_part(name));
        let parking_lot = "lock_api::mutex::Mutex<parking_lot::raw_mutex::RawMutex, u8>";
        assert_eq!(named(parking_lot), (Treatment::Unlocked, Treatment::AsLock));
        assert_eq!(named("dashmap::DashMap<u8, u8>"), (Treatment::AsLock, Treatment::AsLock));
        let both = "app::Pair<std::sync::poison::mutex::Mutex<u8>, dashmap::set::DashSet<u8>>";
        assert_eq!(named(both), (Treatment::AsLock, Treatment::AsLock));
    }

    #[test]
    fn containers_and_lookalikes_are_no_locks() {
        for treatment in [
            part::<String>(),
            part::<Vec<Mutex<u8>>>(),
            part::<BTreeMap<u8, Arc<Mutex<u8>>>>(),
            part::<(Mutex<u8>, u8)>(),
            part::<MutexGuard<'_, u8>>(),
            part::<Cow<'_, str>>(),
            part::<Cache<Box<str>>>(),
            Treatment::at_part("app::MyMutex<u8>"),
            Treatment::at_part("app::MutexStats"),
            whole::<Vec<String>>(),
        ] {
            assert_eq!(treatment, Treatment::Freely);
        }
    }

    #[test]
    fn bytes_and_addresses_are_known() {
        for treatment in [
            part::<Vec<u8>>(),
            part::<&[u8]>(),
            part::<[u8; 4]>(),
            part::<&&[u8; 4]>(),
            part::<Box<[u8]>>(),
            part::<Arc<[u8]>>(),
            part::<Cow<'_, [u8]>>(),
            part::<&Vec<u8>>(),
            part::<Arc<Vec<u8>>>(),
        ] {
            assert_eq!(treatment, Treatment::AsBytes);
        }
        assert_eq!(part::<Vec<u16>>(), Treatment::Freely);
        assert_eq!(part::<Vec<Vec<u8>>>(), Treatment::Freely);
        assert_eq!(whole::<fn(u8) -> u8>(), Treatment::AsAddress);
        assert_eq!(whole::<&*const u8>(), Treatment::AsAddress);
    }
}
