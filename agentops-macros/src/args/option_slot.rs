//! Storage for one option, which can be given only once.

use proc_macro2::Ident;
use syn::{Error, Result, ext::IdentExt, parse::ParseStream};

/// Key of an option, and its 1-based position in the attribute.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) ident: Ident,
    pub(crate) place: usize,
}

impl Key {
    pub(crate) fn word(&self) -> String {
        self.ident.unraw().to_string()
    }
}

/// Option that is absent, given, or given with an invalid value.
pub(crate) struct Slot<T> {
    key: Option<Key>,
    value: Option<T>,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { key: None, value: None }
    }
}

impl<T> Slot<T> {
    /// Parses the value that follows the key, unless the option was already given.
    pub(super) fn fill(
        &mut self,
        key: Key,
        input: ParseStream<'_>,
        parse: impl FnOnce(&Key, ParseStream<'_>) -> Result<T>,
    ) -> Result<()> {
        if self.key.is_some() {
            let message = format!("duplicate argument `{}`; keep one", key.word());
            return Err(Error::new(key.ident.span(), message));
        }
        let key = self.key.insert(key);
        self.value = Some(parse(key, input)?);
        Ok(())
    }

    /// Returns the key if the option was given, even with an invalid value.
    pub(crate) fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }

    /// Returns the value if the option was given with a valid one.
    pub(crate) fn value(&self) -> Option<&T> {
        self.value.as_ref()
    }
}
