//! Line of a test that calls the program.

use std::fmt;

use agentops_core::store::is_altered;
use serde::{Deserialize, Deserializer, de};
use serde_json::{Number, Value, value::RawValue};

use super::{pinned_run::PinnedRun, rust_literal::literal};
use crate::commands::Failure;

/// Expression that calls the program.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ProgramCall {
    pub(super) code: String,
    pub(super) origin: CallOrigin,
    pub(super) is_async: bool,
}

/// Origin of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CallOrigin {
    Written,
    Recorded,
}

impl ProgramCall {
    /// Takes the expression that a person has written.
    pub(super) fn written(code: &str) -> Self {
        let is_async = code.contains(".await");
        Self { code: code.to_owned(), origin: CallOrigin::Written, is_async }
    }

    /// Builds the call of the function that started a session, with the arguments that were recorded.
    pub(super) fn recorded(run: &PinnedRun) -> Result<Self, Failure> {
        let function = run.function.as_deref().filter(|name| !name.contains("{{"));
        let Some(function) = function else {
            return Err(Failure::Usage(format!(
                "session `{}` was started by no function that a test can name; write the call with `--call CODE`",
                run.name
            )));
        };
        let arguments = run.input.as_deref().map(serde_json::from_str::<Arguments<'_>>);
        let arguments = arguments.and_then(Result::ok).unwrap_or_default();
        let arguments: Vec<_> = arguments.0.into_iter().map(argument).collect();
        let code = format!("{function}({})", arguments.join(", "));
        Ok(Self { code, origin: CallOrigin::Recorded, is_async: false })
    }

    /// Makes the call one that is awaited.
    pub(super) fn awaited(self) -> Self {
        let awaits = if self.is_async { "" } else { ".await" };
        Self { code: self.code + awaits, is_async: true, ..self }
    }
}

/// Values of an object in their order, which is that of the parameters.
#[derive(Default)]
struct Arguments<'j>(Vec<&'j RawValue>);

impl<'de> Deserialize<'de> for Arguments<'de> {
    fn deserialize<D: Deserializer<'de>>(object: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> de::Visitor<'de> for InOrder {
            type Value = Arguments<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut values = Vec::new();
                while let Some((_, value)) = map.next_entry::<de::IgnoredAny, &RawValue>()? {
                    values.push(value);
                }
                Ok(Arguments(values))
            }
        }
        object.deserialize_map(InOrder)
    }
}

/// Returns a recorded value as Rust code, as far as its type can be guessed.
fn argument(json: &RawValue) -> String {
    let json = json.get();
    if is_altered(json) || is_placeholder(json) {
        return "Default::default()".to_owned();
    }
    let value = serde_json::from_str(json).ok();
    let code = value.as_ref().and_then(code_of);
    // Numbers beyond 64 bits and objects: their type knows how to read them.
    code.unwrap_or_else(|| format!("serde_json::from_str({}).unwrap()", literal(json)))
}

/// Returns `true` for the record of a value that has none.
fn is_placeholder(json: &str) -> bool {
    ["\"<opaque>\"", "\"<panicked>\"", "\"<lock>\""].contains(&json)
}

fn code_of(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => "None".to_owned(),
        Value::Bool(is_true) => is_true.to_string(),
        Value::Number(number) if is_rounded(number) => return None,
        Value::Number(number) => number.to_string(),
        Value::String(text) => literal(text),
        Value::Array(items) => {
            let items: Option<Vec<_>> = items.iter().map(code_of).collect();
            format!("&[{}]", items?.join(", "))
        }
        Value::Object(_) => return None,
    })
}

/// Returns `true` for what may have been an integer beyond 64 bits.
fn is_rounded(number: &Number) -> bool {
    number.is_f64() && number.as_f64().is_some_and(|number| number.abs() >= 1e15)
}
