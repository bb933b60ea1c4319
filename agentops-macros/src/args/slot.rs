//! The place of one option, which can be given once.

use proc_macro2::Ident;
use syn::{Error, Result, ext::IdentExt, parse::ParseStream};

/// An option's key, and the how-manieth of the attribute it is.
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

/// An option: not given, given, or given with a value that was refused.
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

    /// The key, if the option was given at all.
    pub(crate) fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }

    /// The value, if the option was given rightly.
    pub(crate) fn value(&self) -> Option<&T> {
        self.value.as_ref()
    }
}
