//! Credentials by the names they have: values that are left out unless somebody says otherwise.

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

/// What is recorded in the place of a credential.
pub(crate) const REDACTED: &str = "<redacted>";

impl Credential {
    /// Whether a value, as JSON or by its `Debug`, is none after all: a switch, nothing, or a count.
    pub(crate) fn shows(self, value: &str) -> bool {
        let value =
            value.strip_prefix("Some(").and_then(|it| it.strip_suffix(')')).unwrap_or(value);
        match value {
            "true" | "false" | "null" | "None" | "()" => true,
            number => self == Self::Key && number.parse::<f64>().is_ok(),
        }
    }
}
