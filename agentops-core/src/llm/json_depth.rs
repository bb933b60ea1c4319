//! Limits the nesting depth of JSON values: code that walks through a value recurses on the program's stack.
//!
//! A JSON parser stops at 128 levels, but a value built by the program can nest deeper.

use std::borrow::Cow;

use serde_json::Value;

use crate::inspect::TRUNCATED;

/// Maximum number of nested arrays and objects, the same as for other captured values.
const MAX_DEPTH: usize = 64;

/// Returns the value with everything below the maximum depth replaced by a truncation mark.
pub(super) fn shallow(value: &Value) -> Cow<'_, Value> {
    if is_deep(value, MAX_DEPTH) { Cow::Owned(cut(value, MAX_DEPTH)) } else { Cow::Borrowed(value) }
}

fn is_deep(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(_) | Value::Object(_) if levels == 0 => true,
        Value::Array(items) => items.iter().any(|item| is_deep(item, levels - 1)),
        Value::Object(members) => members.values().any(|member| is_deep(member, levels - 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn cut(value: &Value, levels: usize) -> Value {
    match value {
        Value::Array(_) | Value::Object(_) if levels == 0 => TRUNCATED.into(),
        Value::Array(items) => items.iter().map(|item| cut(item, levels - 1)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, member)| (name.clone(), cut(member, levels - 1))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn nested(levels: usize) -> Value {
        (0..levels).fold(json!("s"), |inner, level| {
            if level % 2 == 0 { json!([inner]) } else { json!({"in": inner}) }
        })
    }

    #[test]
    fn nesting_beyond_the_depth_is_marked() {
        let value = nested(MAX_DEPTH);
        assert!(matches!(shallow(&value), Cow::Borrowed(_)));
        let value = json!(["beside", nested(MAX_DEPTH)]);
        let Cow::Owned(mut kept) = shallow(&value) else { panic!("it is deeper") };
        assert_eq!(kept[0], "beside");
        let mut levels = 0;
        while !kept.is_string() {
            kept = match kept {
                Value::Array(mut items) => items.pop().unwrap(),
                Value::Object(mut members) => members.remove("in").unwrap(),
                other => panic!("{other}"),
            };
            levels += 1;
        }
        assert_eq!((kept, levels), (json!(TRUNCATED), MAX_DEPTH));
    }
}
