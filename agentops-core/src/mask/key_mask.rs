//! Masks keys in recorded texts once more, before they are shared.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use super::{MaskedText, Masks, builtin::keys, marks::KEY};
use crate::credential::REDACTED;

/// Masks keys, and values of fields named like credentials, in texts that have been recorded: see
/// [`masks::keys`](crate::masks::keys).
///
/// ```
/// use agentops_core::store::KeyMask;
///
/// let mask = KeyMask::new();
/// let masked = mask.masked("input.value", r#"{"api_key":"abc","city":"Rome"}"#);
/// assert_eq!(masked.as_deref(), Some(r#"{"api_key":"<key>","city":"Rome"}"#));
/// assert_eq!(mask.masked("city", "Rome"), None);
/// assert_eq!(mask.values(), 1);
/// ```
#[derive(Debug)]
pub struct KeyMask {
    masks: Masks,
    values: Arc<AtomicU64>,
}

impl KeyMask {
    /// Creates the mask.
    #[must_use]
    pub fn new() -> Self {
        let (values, keys) = (Arc::new(AtomicU64::new(0)), keys());
        let (counter, mut masks) = (Arc::clone(&values), Masks::default());
        masks.push(move |it: &MaskedText<'_>| {
            // What was redacted when it was recorded is no key any more.
            let masked = Some(it.text).filter(|text| *text != REDACTED && *text != KEY);
            let masked = masked.and_then(|_| super::Mask::mask(&keys, it));
            counter.fetch_add(u64::from(masked.is_some()), Ordering::Relaxed);
            masked
        });
        Self { masks, values }
    }

    /// Returns the masked text of a field with this name, or `None` if it holds no key. JSON stays JSON.
    #[must_use]
    pub fn masked(&self, name: &str, text: &str) -> Option<String> {
        self.masks.value(name, text)
    }

    /// Returns the number of texts that have been masked, each in JSON by itself.
    #[must_use]
    pub fn values(&self) -> u64 {
        self.values.load(Ordering::Relaxed)
    }
}

impl Default for KeyMask {
    fn default() -> Self {
        Self::new()
    }
}
