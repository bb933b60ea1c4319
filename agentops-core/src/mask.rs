//! Masks supplied by the program, which rewrite texts before they are exported.
//!
//! ```text
//! attribute ─▶ is it JSON? ─▶ each name, text and number in it ─▶ one mask after the other ─▶ attribute
//! ```

#[cfg(feature = "masks")]
pub mod builtin;
mod json;
#[cfg(feature = "masks")]
mod key_mask;
pub(crate) mod marks;

use std::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
};

use self::json::mask_json;
pub(crate) use self::json::{is_json, quote};
#[cfg(feature = "masks")]
pub use self::key_mask::KeyMask;
use crate::process::catch_user_panic;

/// Redacts texts before they leave the process; see
/// [`TracingConfigBuilder::mask`](crate::TracingConfigBuilder::mask). Implemented for closures.
///
/// ```
/// use agentops::{Mask, MaskedText, TracingConfig};
///
/// /// Knows customers by the numbers that they have here.
/// struct Customers;
///
/// impl Mask for Customers {
///     fn mask(&self, it: &MaskedText<'_>) -> Option<String> {
///         it.text.starts_with("customer-").then(|| "<customer>".to_owned())
///     }
/// }
///
/// let config = TracingConfig::builder()
///     .mask(Customers)
///     .mask(|it: &MaskedText<'_>| (it.name == "diagnosis").then(|| "<diagnosis>".to_owned()));
/// # drop(config);
/// ```
pub trait Mask: Send + Sync {
    /// Returns the replacement for a text, or `None` to keep it. Runs on the delivery thread. If it panics, the
    /// text is replaced with `"<mask failed>"`.
    fn mask(&self, it: &MaskedText<'_>) -> Option<String>;
}

impl<F: Fn(&MaskedText<'_>) -> Option<String> + Send + Sync> Mask for F {
    fn mask(&self, it: &MaskedText<'_>) -> Option<String> {
        self(it)
    }
}

/// Text that is about to leave the process.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct MaskedText<'a> {
    /// Name closest to the text: the field that contains it in JSON, otherwise the attribute.
    pub name: &'a str,
    /// Attribute that contains the text. For other texts: `name` (name of the span), `status` (description of its
    /// status), `event` (name of an event), `key` (key of an attribute or of session metadata), `tracestate` (name
    /// or value in a caller's W3C header) or `scope` (name or version of the program's own tracer).
    pub attribute: &'a str,
    /// Text to mask. In JSON, each name and string is passed separately, without quotes and escapes, and so is
    /// each number.
    pub text: &'a str,
}

/// Replacement for a text whose mask panicked.
const FAILED: &str = "<mask failed>";

/// Masks of a core, in order of application.
#[derive(Default)]
pub(crate) struct Masks {
    masks: Vec<Box<dyn Mask>>,
    has_failed: AtomicBool,
}

impl fmt::Debug for Masks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Masks({})", self.masks.len())
    }
}

impl Masks {
    pub(crate) fn push(&mut self, mask: impl Mask + 'static) {
        self.masks.push(Box::new(mask));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.masks.is_empty()
    }

    /// Returns `true` if a mask has panicked so far.
    pub(crate) fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Relaxed)
    }

    /// Returns the masked value of an attribute, or `None` if it is unchanged. JSON stays valid JSON.
    pub(crate) fn value(&self, attribute: &str, text: &str) -> Option<String> {
        let one = |name: Option<&str>, text: &str| {
            self.one(&MaskedText { name: name.unwrap_or(attribute), attribute, text })
        };
        mask_json(text, &one).unwrap_or_else(|_| one(None, text))
    }

    /// Returns a masked text that is not an attribute value, or `None` if it is unchanged.
    pub(crate) fn text(&self, place: &str, text: &str) -> Option<String> {
        self.one(&MaskedText { name: place, attribute: place, text })
    }

    fn one(&self, it: &MaskedText<'_>) -> Option<String> {
        self.masks.iter().fold(None, |masked: Option<String>, mask| {
            let text = masked.as_deref().unwrap_or(it.text);
            let result = catch_user_panic(|| mask.mask(&MaskedText { text, ..*it }));
            let result = result.unwrap_or_else(|| {
                self.has_failed.store(true, Ordering::Relaxed);
                Some(FAILED.to_owned())
            });
            result.or(masked)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masks(mask: impl Mask + 'static) -> Masks {
        let mut masks = Masks::default();
        masks.push(mask);
        masks
    }

    #[test]
    fn masks_run_one_after_another() {
        let mut masks = masks(|it: &MaskedText<'_>| Some(it.text.replace('a', "b")));
        masks.push(|it: &MaskedText<'_>| it.text.contains('b').then(|| format!("<{}>", it.text)));
        masks.push(|_: &MaskedText<'_>| None);
        assert_eq!(masks.value("k", "aha").as_deref(), Some("<bhb>"));
    }

    #[test]
    fn mask_receives_the_place_of_a_text() {
        let masked = masks(|it: &MaskedText<'_>| {
            Some(format!("{} in {}: {}", it.name, it.attribute, it.text))
        });
        assert_eq!(masked.value("k", "words").as_deref(), Some("k in k: words"));
        let numbers = masks(|it: &MaskedText<'_>| {
            it.text.starts_with('7').then(|| format!("{} in {}", it.name, it.attribute))
        });
        let masked = numbers.value("k", r#"{"a":[7],"b":1}"#);
        assert_eq!(masked.as_deref(), Some(r#"{"a":["a in k"],"b":1}"#));
    }

    #[test]
    fn panicking_mask_lets_nothing_through() {
        let masks = masks(|it: &MaskedText<'_>| -> Option<String> {
            assert_ne!(it.text, "secret");
            None
        });
        assert_eq!((masks.value("k", "words"), masks.has_failed()), (None, false));
        let masked = masks.value("k", r#"["words","secret"]"#);
        assert_eq!(masked.as_deref(), Some(r#"["words","<mask failed>"]"#));
        assert!(masks.has_failed());
    }
}
