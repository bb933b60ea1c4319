//! Recognises credentials by their names; their values are redacted by default.

mod name;
mod text;
mod value;

#[cfg(feature = "masks")]
pub(crate) use self::text::replace_credentials;
pub(crate) use self::{
    name::{Credential, credential},
    text::{Form, redact_text},
    value::{PROPERTIES, redact_value},
};

/// Recorded in place of a credential.
pub(crate) const REDACTED: &str = "<redacted>";

impl Credential {
    /// Returns `true` if a value, as JSON or `Debug` text, is harmless: a boolean, an empty value or (for a key) a
    /// number.
    pub(crate) fn shows(self, value: &str) -> bool {
        let value =
            value.strip_prefix("Some(").and_then(|inner| inner.strip_suffix(')')).unwrap_or(value);
        match value {
            "true" | "false" | "null" | "None" | "()" => true,
            number => self == Self::Key && number.parse::<f64>().is_ok(),
        }
    }
}
