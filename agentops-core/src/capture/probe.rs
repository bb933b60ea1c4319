//! How the compiler chooses the best trait a value has, without a compile error when it has none.
//!
//! Method lookup peels one reference off the receiver at a time, so in `(&&&&Probe(&x)).captured()` an
//! implementation for `&&&Probe<T: Serialize + Debug>` is tried before one for `&&Probe<T: Serialize>`, that
//! before one for `&Probe<T: Debug>`, and that before one for `Probe<T>`. It must be spelled where the type is known: in the expanded code, through the
//! macros of the `abi` module.

use std::{any::type_name, fmt};

use serde::Serialize;

use super::{Captured, Failure, Message, Outcome, ToolOutcome, outcome::TOOL_ERROR};
use crate::{
    llm::{LlmRequest, LlmResponse, ToLlmRequest, ToLlmResponse},
    look::{SerializeStop, ToJson, Writer, has_lock},
    process::guarded,
};

/// A value to be captured.
#[derive(Debug)]
pub struct Probe<'a, T>(pub &'a T);

/// A value with both traits that tell of it, behind a `dyn`.
pub trait ToBoth {
    /// By its `Serialize`, unless that would wait for a lock for which its `Debug` does not.
    #[doc(hidden)]
    fn to_json(&self, writer: &mut Writer<'_>) -> Result<(), SerializeStop>;
    /// By its `Debug`, with the name of its type.
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

/// First choice.
pub trait ViaBoth<'a> {
    /// The value by its `Serialize`, or else by its `Debug`.
    fn captured(&self) -> Captured<'a>;
}

impl<'a, T: Serialize + fmt::Debug> ViaBoth<'a> for &&&Probe<'a, T> {
    fn captured(&self) -> Captured<'a> {
        let value: &'a T = self.0;
        Captured::Both(value as &'a dyn ToBoth)
    }
}

/// Second choice.
pub trait ViaSerialize<'a> {
    /// The value by its `Serialize`.
    fn captured(&self) -> Captured<'a>;
}

impl<'a, T: Serialize> ViaSerialize<'a> for &&Probe<'a, T> {
    fn captured(&self) -> Captured<'a> {
        let value: &'a T = self.0;
        Captured::Serialize(value as &'a dyn ToJson)
    }
}

/// Third choice.
pub trait ViaDebug<'a> {
    /// The value by its `Debug`.
    fn captured(&self) -> Captured<'a>;
}

impl<'a, T: fmt::Debug> ViaDebug<'a> for &Probe<'a, T> {
    fn captured(&self) -> Captured<'a> {
        let value: &'a T = self.0;
        Captured::Debug(value as &'a dyn fmt::Debug, type_name::<T>())
    }
}

/// What is left.
pub trait ViaOpaque<'a> {
    /// The value as `"<opaque>"`.
    fn captured(&self) -> Captured<'a>;
}

impl<'a, T> ViaOpaque<'a> for Probe<'a, T> {
    fn captured(&self) -> Captured<'a> {
        Captured::Opaque(type_name::<T>())
    }
}

/// An error to be described.
#[derive(Debug)]
pub struct ErrorProbe<'a, E>(pub &'a E);

/// First choice.
pub trait ViaDisplayError<'a> {
    /// The error by its `Display`.
    fn failure(&self) -> Failure<'a>;
}

impl<'a, E: fmt::Display> ViaDisplayError<'a> for &&ErrorProbe<'a, E> {
    fn failure(&self) -> Failure<'a> {
        Failure::by_display(self.0)
    }
}

/// Second choice.
pub trait ViaDebugError<'a> {
    /// The error by its `Debug`.
    fn failure(&self) -> Failure<'a>;
}

impl<'a, E: fmt::Debug> ViaDebugError<'a> for &ErrorProbe<'a, E> {
    fn failure(&self) -> Failure<'a> {
        Failure::by_debug(self.0)
    }
}

/// What is left: an error is an error even if nothing can be said about it.
pub trait ViaOpaqueError<'a> {
    /// The error by its type.
    fn failure(&self) -> Failure<'a>;
}

impl<'a, E> ViaOpaqueError<'a> for ErrorProbe<'a, E> {
    fn failure(&self) -> Failure<'a> {
        Failure::new(type_name::<E>(), Message::Opaque)
    }
}

/// What a model call returned, to be asked for what it tells.
#[derive(Debug)]
pub struct AnswerProbe<'a, T>(pub &'a T);

/// First choice.
pub trait ViaAnswer {
    /// What the answer tells.
    fn response(&self) -> Option<LlmResponse>;
}

impl<T: ToLlmResponse> ViaAnswer for &AnswerProbe<'_, T> {
    fn response(&self) -> Option<LlmResponse> {
        guarded(|| self.0.to_llm_response())
    }
}

/// What is left.
pub trait ViaSilence {
    /// Nothing.
    fn response(&self) -> Option<LlmResponse>;
}

impl<T> ViaSilence for AnswerProbe<'_, T> {
    fn response(&self) -> Option<LlmResponse> {
        None
    }
}

/// An argument of a model call, with what it is asked for if it is a request.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    pub(crate) captured: Captured<'a>,
    request: Option<&'a dyn ToLlmRequest>,
}

impl<'a> Asked<'a> {
    /// An argument that is not looked at for a request.
    #[must_use]
    pub fn only(captured: Captured<'a>) -> Self {
        Self { captured, request: None }
    }

    /// What it tells of a request.
    pub(crate) fn request(&self) -> Option<LlmRequest> {
        guarded(|| Some(self.request?.to_llm_request())).flatten()
    }
}

impl fmt::Debug for Asked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked").field("captured", &self.captured).finish_non_exhaustive()
    }
}

/// An argument of a model call, to be asked whether it is a request.
#[derive(Debug)]
pub struct RequestProbe<'a, T>(pub &'a T);

/// First choice.
pub trait ViaRequest<'a> {
    /// The argument as a request.
    fn asked(&self, captured: Captured<'a>) -> Asked<'a>;
}

impl<'a, T: ToLlmRequest> ViaRequest<'a> for &RequestProbe<'a, T> {
    fn asked(&self, captured: Captured<'a>) -> Asked<'a> {
        Asked { captured, request: Some(self.0) }
    }
}

/// What is left.
pub trait ViaNoRequest<'a> {
    /// The argument alone.
    fn asked(&self, captured: Captured<'a>) -> Asked<'a>;
}

impl<'a, T> ViaNoRequest<'a> for RequestProbe<'a, T> {
    fn asked(&self, captured: Captured<'a>) -> Asked<'a> {
        Asked::only(captured)
    }
}

/// What a tool returned, to be asked whether it failed all the same.
#[derive(Debug)]
pub struct ToolProbe<'a, T>(pub &'a T);

/// First choice.
pub trait ViaToolOutcome {
    /// A failure if it says so, and the value otherwise.
    fn outcome<'v>(&self, value: Captured<'v>) -> Outcome<'v>;
}

impl<T: ToolOutcome> ViaToolOutcome for &ToolProbe<'_, T> {
    fn outcome<'v>(&self, value: Captured<'v>) -> Outcome<'v> {
        match guarded(|| self.0.failure()).flatten() {
            Some(said) => Outcome::Failed(Failure::new(TOOL_ERROR, Message::Said(said))),
            None => Outcome::Returned(value, None),
        }
    }
}

/// What is left.
pub trait ViaSuccess {
    /// What was returned is a success.
    fn outcome<'v>(&self, value: Captured<'v>) -> Outcome<'v>;
}

impl<T> ViaSuccess for ToolProbe<'_, T> {
    fn outcome<'v>(&self, value: Captured<'v>) -> Outcome<'v> {
        Outcome::Returned(value, None)
    }
}
