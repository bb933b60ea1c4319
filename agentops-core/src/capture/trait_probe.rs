//! Selects the best trait that a value implements at compile time, without an error if it implements none.
//!
//! Method lookup removes one reference from the receiver at a time. In `(&&&&Probe(&x)).captured()`, the
//! implementations are tried in this order: `&&&Probe<T: Serialize + Debug>`, `&&Probe<T: Serialize>`,
//! `&Probe<T: Debug>`, `Probe<T>`. The call must be written where the type is known, that is, in the expanded
//! code, through the macros of the `abi` module.

use std::{any::type_name, fmt};

use serde::Serialize;

use super::{Captured, Failure, Message, Outcome, ToolOutcome, outcome::TOOL_ERROR};
use crate::{
    inspect::{SerializeStop, ToJson, Writer, has_lock},
    llm::{LlmRequest, LlmResponse, ToLlmRequest, ToLlmResponse},
    process::catch_user_panic,
};

/// Value to be captured.
#[derive(Debug)]
pub struct Probe<'a, T>(pub &'a T);

/// Object-safe access to a value's `Serialize` and `Debug`.
pub trait ToBoth {
    /// Serialises the value. Fails if that would wait for a lock and `Debug` would not.
    #[doc(hidden)]
    fn to_json(&self, writer: &mut Writer<'_>) -> Result<(), SerializeStop>;
    /// Returns the value as `Debug`, with the name of its type.
    #[doc(hidden)]
    fn debug(&self) -> (&dyn fmt::Debug, &'static str);
}

impl<T: Serialize + fmt::Debug> ToBoth for T {
    fn to_json(&self, writer: &mut Writer<'_>) -> Result<(), SerializeStop> {
        let written = writer.value(self);
        if writer.has_met_lock() && has_lock(type_name::<T>()) {
            Err(SerializeStop::Locked)
        } else {
            written
        }
    }

    fn debug(&self) -> (&dyn fmt::Debug, &'static str) {
        (self, type_name::<T>())
    }
}

/// First choice: `Serialize` and `Debug`.
pub trait ViaBoth<'a> {
    /// Captures the value by `Serialize`, with `Debug` as the fallback.
    fn captured(&self) -> Captured<'a>;
}

impl<'a, T: Serialize + fmt::Debug> ViaBoth<'a> for &&&Probe<'a, T> {
    fn captured(&self) -> Captured<'a> {
        let value: &'a T = self.0;
        Captured::Both(value as &'a dyn ToBoth)
    }
}

/// Second choice: `Serialize`.
pub trait ViaSerialize<'a> {
    /// Captures the value by `Serialize`.
    fn captured(&self) -> Captured<'a>;
}

impl<'a, T: Serialize> ViaSerialize<'a> for &&Probe<'a, T> {
    fn captured(&self) -> Captured<'a> {
        let value: &'a T = self.0;
        Captured::Serialize(value as &'a dyn ToJson)
    }
}

/// Third choice: `Debug`.
pub trait ViaDebug<'a> {
    /// Captures the value by `Debug`.
    fn captured(&self) -> Captured<'a>;
}

impl<'a, T: fmt::Debug> ViaDebug<'a> for &Probe<'a, T> {
    fn captured(&self) -> Captured<'a> {
        let value: &'a T = self.0;
        Captured::Debug(value as &'a dyn fmt::Debug, type_name::<T>())
    }
}

/// Fallback for values with neither trait.
pub trait ViaOpaque<'a> {
    /// Captures the value as `"<opaque>"`.
    fn captured(&self) -> Captured<'a>;
}

impl<'a, T> ViaOpaque<'a> for Probe<'a, T> {
    fn captured(&self) -> Captured<'a> {
        Captured::Opaque(type_name::<T>())
    }
}

/// Error to be described.
#[derive(Debug)]
pub struct ErrorProbe<'a, E>(pub &'a E);

/// First choice: `Display`.
pub trait ViaDisplayError<'a> {
    /// Describes the error by its `Display`.
    fn failure(&self) -> Failure<'a>;
}

impl<'a, E: fmt::Display> ViaDisplayError<'a> for &&ErrorProbe<'a, E> {
    fn failure(&self) -> Failure<'a> {
        Failure::by_display(self.0)
    }
}

/// Second choice: `Debug`.
pub trait ViaDebugError<'a> {
    /// Describes the error by its `Debug`.
    fn failure(&self) -> Failure<'a>;
}

impl<'a, E: fmt::Debug> ViaDebugError<'a> for &ErrorProbe<'a, E> {
    fn failure(&self) -> Failure<'a> {
        Failure::by_debug(self.0)
    }
}

/// Fallback: an `Err` counts as a failure even if it has no text.
pub trait ViaOpaqueError<'a> {
    /// Describes the error by its type alone.
    fn failure(&self) -> Failure<'a>;
}

impl<'a, E> ViaOpaqueError<'a> for ErrorProbe<'a, E> {
    fn failure(&self) -> Failure<'a> {
        Failure::new(type_name::<E>(), Message::Opaque)
    }
}

/// Returned value of a model call, to be converted to a response if possible.
#[derive(Debug)]
pub struct AnswerProbe<'a, T>(pub &'a T);

/// First choice: [`ToLlmResponse`].
pub trait ViaAnswer {
    /// Returns the response.
    fn response(&self) -> Option<LlmResponse>;
}

impl<T: ToLlmResponse> ViaAnswer for &AnswerProbe<'_, T> {
    fn response(&self) -> Option<LlmResponse> {
        catch_user_panic(|| self.0.to_llm_response())
    }
}

/// Fallback for values that do not describe a response.
pub trait ViaSilence {
    /// Returns `None`.
    fn response(&self) -> Option<LlmResponse>;
}

impl<T> ViaSilence for AnswerProbe<'_, T> {
    fn response(&self) -> Option<LlmResponse> {
        None
    }
}

/// Argument of a model call, with its [`ToLlmRequest`] if it implements that trait.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    pub(crate) captured: Captured<'a>,
    request: Option<&'a dyn ToLlmRequest>,
}

impl<'a> Asked<'a> {
    /// Creates an argument that is captured but not read as a request.
    #[must_use]
    pub fn only(captured: Captured<'a>) -> Self {
        Self { captured, request: None }
    }

    /// Returns the request that the argument describes, if any. A panic is caught.
    pub(crate) fn request(&self) -> Option<LlmRequest> {
        catch_user_panic(|| Some(self.request?.to_llm_request())).flatten()
    }
}

impl fmt::Debug for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked").field("captured", &self.captured).finish_non_exhaustive()
    }
}

/// Argument of a model call, to be read as a request if possible.
#[derive(Debug)]
pub struct RequestProbe<'a, T>(pub &'a T);

/// First choice: [`ToLlmRequest`].
pub trait ViaRequest<'a> {
    /// Returns the argument together with its request.
    fn asked(&self, captured: Captured<'a>) -> Asked<'a>;
}

impl<'a, T: ToLlmRequest> ViaRequest<'a> for &RequestProbe<'a, T> {
    fn asked(&self, captured: Captured<'a>) -> Asked<'a> {
        Asked { captured, request: Some(self.0) }
    }
}

/// Fallback for arguments that do not describe a request.
pub trait ViaNoRequest<'a> {
    /// Returns the argument alone.
    fn asked(&self, captured: Captured<'a>) -> Asked<'a>;
}

impl<'a, T> ViaNoRequest<'a> for RequestProbe<'a, T> {
    fn asked(&self, captured: Captured<'a>) -> Asked<'a> {
        Asked::only(captured)
    }
}

/// Returned value of a tool, to be checked for a failure.
#[derive(Debug)]
pub struct ToolProbe<'a, T>(pub &'a T);

/// First choice: [`ToolOutcome`].
pub trait ViaToolOutcome {
    /// Returns a failure if the value reports one, otherwise the captured value.
    fn outcome<'v>(&self, value: Captured<'v>) -> Outcome<'v>;
}

impl<T: ToolOutcome> ViaToolOutcome for &ToolProbe<'_, T> {
    fn outcome<'v>(&self, value: Captured<'v>) -> Outcome<'v> {
        match catch_user_panic(|| self.0.failure()).flatten() {
            Some(text) => Outcome::Failed(Failure::new(TOOL_ERROR, Message::Text(text))),
            None => Outcome::Returned(value, None),
        }
    }
}

/// Fallback: every returned value is a success.
pub trait ViaSuccess {
    /// Returns the captured value as a success.
    fn outcome<'v>(&self, value: Captured<'v>) -> Outcome<'v>;
}

impl<T> ViaSuccess for ToolProbe<'_, T> {
    fn outcome<'v>(&self, value: Captured<'v>) -> Outcome<'v> {
        Outcome::Returned(value, None)
    }
}
