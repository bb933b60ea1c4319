//! Converts Rust values to attribute values.

mod length;

pub(crate) use self::length::{PIECE, cut, cut_value, length_of};

use std::{borrow::Cow, mem, rc::Rc, sync::Arc};

use opentelemetry::{Array, KeyValue, StringValue, Value};

use crate::{
    credential::{Credential, REDACTED, credential},
    process::catch_user_panic,
};

/// Value that can be recorded as an attribute, as in `fields(n = items.len())` or `model = self.model`.
///
/// Integers become 64-bit signed integers, OpenTelemetry's only integer type; one out of its range becomes a
/// string instead. `None` records nothing.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of an attribute",
    note = "record its text: `value.to_string()`, or `%value` and `?value` in `fields(…)` and `metadata(…)`"
)]
pub trait FieldValue {
    /// `true` if the implementation is part of this crate and cannot panic, so that panics need not be caught.
    #[doc(hidden)]
    const IS_OURS: bool = false;

    /// Returns the attribute's value, or `None` to omit the attribute.
    fn field_value(&self) -> Option<Value>;
}

macro_rules! lossless {
    ($target:ty: $($source:ty)*) => {$(
        impl FieldValue for $source {
            const IS_OURS: bool = true;

            fn field_value(&self) -> Option<Value> {
                Some(Value::from(<$target>::from(*self)))
            }
        }
    )*};
}
lossless!(i64: i8 i16 i32 i64 u8 u16 u32);
lossless!(f64: f32 f64);
lossless!(bool: bool);

macro_rules! checked {
    ($($source:ty)*) => {$(
        impl FieldValue for $source {
            const IS_OURS: bool = true;

            fn field_value(&self) -> Option<Value> {
                Some(i64::try_from(*self).map_or_else(|_| Value::from(self.to_string()), Value::from))
            }
        }
    )*};
}
checked!(u64 usize isize i128 u128);

macro_rules! text {
    ($($source:ty)*) => {$(
        impl FieldValue for $source {
            const IS_OURS: bool = true;

            fn field_value(&self) -> Option<Value> {
                let text: &str = self.as_ref();
                Some(Value::from(text.to_owned()))
            }
        }
    )*};
}
text!(str String Cow<'_, str>);

impl FieldValue for char {
    const IS_OURS: bool = true;

    fn field_value(&self) -> Option<Value> {
        Some(Value::from(self.to_string()))
    }
}

impl FieldValue for Value {
    const IS_OURS: bool = true;

    fn field_value(&self) -> Option<Value> {
        Some(self.clone())
    }
}

macro_rules! pointer {
    ($($pointer:ty)*) => {$(
        impl<T: FieldValue + ?Sized> FieldValue for $pointer {
            const IS_OURS: bool = T::IS_OURS;

            fn field_value(&self) -> Option<Value> {
                T::field_value(self)
            }
        }
    )*};
}
pointer!(&T &mut T Box<T> Arc<T> Rc<T>);

impl<T: FieldValue> FieldValue for Option<T> {
    const IS_OURS: bool = T::IS_OURS;

    fn field_value(&self) -> Option<Value> {
        self.as_ref().and_then(T::field_value)
    }
}

macro_rules! list {
    ($($text:ty)*) => {$(
        impl FieldValue for [$text] {
            const IS_OURS: bool = true;

            fn field_value(&self) -> Option<Value> {
                let strings = self.iter().map(|text| StringValue::from(text.to_string()));
                Some(Value::Array(Array::String(strings.collect())))
            }
        }
        impl FieldValue for Vec<$text> {
            const IS_OURS: bool = true;

            fn field_value(&self) -> Option<Value> {
                self.as_slice().field_value()
            }
        }
    )*};
}
list!(String & str);

/// Converts a value in `fields(k = value)`. Returns `None` if the conversion panics.
pub fn field_value<T: FieldValue + ?Sized>(value: &T) -> Option<Value> {
    // A constant: only implementations of others pay for catching a panic.
    if T::IS_OURS {
        value.field_value()
    } else {
        catch_user_panic(|| value.field_value()).flatten()
    }
}

/// Converts a count to OpenTelemetry's only integer type. Nothing that is counted reaches its bound.
pub(crate) fn saturating_i64(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Returns the text of an id, unless it is empty.
pub(crate) fn non_empty(id: &Value) -> Option<Arc<str>> {
    Some(id.as_str()).filter(|id| !id.is_empty()).map(Into::into)
}

/// Converts a scalar to JSON; a list becomes its text.
pub(crate) fn json_of(value: &Value) -> serde_json::Value {
    match value {
        Value::Bool(value) => (*value).into(),
        Value::I64(value) => (*value).into(),
        Value::F64(value) => (*value).into(),
        other => other.as_str().into(),
    }
}

/// Returns the value, or `"<redacted>"` if the name is that of a credential. Booleans and counts are kept.
pub(crate) fn redacted(name: &str, value: Value) -> Value {
    let Some(credential) = credential(name) else { return value };
    match &value {
        Value::Bool(_) => value,
        Value::I64(_) | Value::F64(_) if credential == Credential::Key => value,
        _ => REDACTED.into(),
    }
}

/// Returns the first value of a key.
pub(crate) fn find<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a Value> {
    let found = attributes.iter().find(|attribute| attribute.key.as_str() == key);
    found.map(|attribute| &attribute.value)
}

/// Returns the last value of a key, the effective one if the key is repeated.
pub(crate) fn find_last<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a Value> {
    let found = attributes.iter().rev().find(|attribute| attribute.key.as_str() == key);
    found.map(|attribute| &attribute.value)
}

/// Keeps the last of several values for one key, at the position of the first.
pub(crate) fn keep_last(attributes: &mut Vec<KeyValue>) {
    let mut place = 1;
    while let Some((earlier, [attribute, ..])) = attributes.split_at_mut_checked(place) {
        match earlier.iter_mut().find(|earlier| earlier.key == attribute.key) {
            Some(earlier) => {
                mem::swap(&mut earlier.value, &mut attribute.value);
                attributes.remove(place);
            }
            None => place += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_stay_integers_unless_they_do_not_fit() {
        assert_eq!(field_value(&7_u8), Some(Value::I64(7)));
        assert_eq!(field_value(&7_usize), Some(Value::I64(7)));
        assert_eq!(field_value(&u64::MAX), Some(Value::from(u64::MAX.to_string())));
    }

    #[test]
    fn credentials_are_redacted_and_counts_kept() {
        assert_eq!(redacted("api.token", "t".into()), REDACTED.into());
        assert_eq!(redacted("token", 7.into()), 7.into());
        assert_eq!(redacted("pin", 7.into()), REDACTED.into());
        assert_eq!(redacted("has_password", true.into()), true.into());
        assert_eq!(redacted("max_tokens", "t".into()), "t".into());
    }

    #[test]
    fn none_records_nothing_and_pointers_are_looked_through() {
        assert_eq!(field_value(&None::<i64>), None);
        assert_eq!(field_value(&Some(&Arc::new(true))), Some(Value::Bool(true)));
    }

    #[test]
    fn keep_last_uses_the_position_of_the_first() {
        let list = |list: &[(&'static str, i64)]| -> Vec<_> {
            list.iter().map(|(key, value)| KeyValue::new(*key, *value)).collect()
        };
        for (given, kept) in [
            (&[][..], &[][..]),
            (&[("a", 1), ("b", 2)], &[("a", 1), ("b", 2)]),
            (
                &[("a", 1), ("b", 2), ("a", 3), ("c", 4), ("a", 5), ("b", 6)],
                &[("a", 5), ("b", 6), ("c", 4)],
            ),
        ] {
            let mut attributes = list(given);
            keep_last(&mut attributes);
            assert_eq!(attributes, list(kept));
        }
    }

    #[test]
    fn lists_of_strings_become_arrays() {
        let expected = Value::Array(Array::String(vec!["a".into(), "b".into()]));
        assert_eq!(field_value(&vec!["a", "b"]), Some(expected));
    }
}
