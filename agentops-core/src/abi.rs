//! What expanded code calls; not an interface for people.

use std::pin::Pin;

use futures_core::Stream;

pub use tracing_core::{
    Kind as MetadataKind, Level, Metadata,
    callsite::{DefaultCallsite, Identifier},
    field::FieldSet,
};

pub use crate::{
    __agentops_admit as admit, __agentops_agent as agent, __agentops_asked as asked,
    __agentops_capture as capture, __agentops_failed as failed, __agentops_hand_on as hand_on,
    __agentops_masked as masked, __agentops_outcome as outcome,
    attribute::{FieldValue, field_value},
    capture::{
        AnswerProbe, Asked, Captured, ErrorProbe, Failure, Message, Outcome, Probe, RequestProbe,
        Split, SplitAny, SplitResult, ToolProbe, ViaAnswer, ViaBoth, ViaDebug, ViaDebugError,
        ViaDisplayError, ViaNoRequest, ViaOpaque, ViaOpaqueError, ViaRequest, ViaSerialize,
        ViaSilence, ViaSuccess, ViaToolOutcome,
    },
    guarded::guarded,
    kind::SpanKind,
    llm::LlmResponse,
    span::{
        AgentIdentity, Deferred, Flow, Identified, Observed, Recorded, SelfProbe, Settings, Shape,
        Site, Start, ViaBoxedFuture, ViaBoxedStream, ViaHiddenStream, ViaIdentity, ViaNobody,
        ViaStream, ViaValue, defer, fields_of, open, open_async, run, run_async, run_async_within,
    },
};

/// The attribute keys of options that take a value.
pub mod key {
    use crate::semconv;

    /// `id`
    pub const ID: &str = semconv::AGENT_ID;
    /// `role`
    pub const ROLE: &str = semconv::AGENT_ROLE;
    /// `description`
    pub const DESCRIPTION: &str = semconv::DESCRIPTION;
    /// `description`, of an agent
    pub const AGENT_DESCRIPTION: &str = semconv::AGENT_DESCRIPTION;
    /// `cost`
    pub const COST: &str = semconv::COST_USD;
    /// `model`
    pub const MODEL: &str = semconv::REQUEST_MODEL;
    /// `provider`
    pub const PROVIDER: &str = semconv::PROVIDER_NAME;
    /// `operation`
    pub const OPERATION: &str = semconv::GEN_AI_OPERATION;
}

/// Asks for the span of an annotated function: its static callsite, and the call.
#[doc(hidden)]
#[macro_export]
macro_rules! __agentops_admit {
    (
        kind: $kind:expr,
        name: $name:expr,
        target: $target:expr,
        level: $level:expr,
        settings: $settings:expr $(,)?
        $(; $later:ident)?
    ) => {{
        static CALLSITE: $crate::abi::DefaultCallsite =
            $crate::abi::DefaultCallsite::new(&METADATA);
        static METADATA: $crate::abi::Metadata<'static> = $crate::abi::Metadata::new(
            $name,
            $target,
            $level,
            ::core::option::Option::Some(::core::file!()),
            ::core::option::Option::Some(::core::line!()),
            ::core::option::Option::Some(::core::module_path!()),
            $crate::abi::FieldSet::new($crate::abi::fields_of($kind), $crate::abi::Identifier(&CALLSITE)),
            $crate::abi::MetadataKind::SPAN,
        );
        static SITE: $crate::abi::Site =
            $crate::abi::Site::new(&CALLSITE, &METADATA, $kind, $settings);
        $crate::__agentops_admit!(@ SITE $($later)?)
    }};
    (@ $site:ident) => { $site.admit() };
    (@ $site:ident later) => { $site.admit_later() };
}

/// A variable in the best way it can be recorded.
#[doc(hidden)]
#[macro_export]
macro_rules! __agentops_capture {
    ($value:expr) => {{
        #[allow(unused_imports)]
        use $crate::abi::{ViaBoth as _, ViaDebug as _, ViaOpaque as _, ViaSerialize as _};
        (&&&&$crate::abi::Probe(&$value)).captured()
    }};
}

/// An argument of a model call: the same, with what it is asked for if it is a request.
#[doc(hidden)]
#[macro_export]
macro_rules! __agentops_asked {
    ($value:expr) => {{
        #[allow(unused_imports)]
        use $crate::abi::{ViaNoRequest as _, ViaRequest as _};
        (&&$crate::abi::RequestProbe(&$value)).asked($crate::__agentops_capture!($value))
    }};
}

/// Who `self` is, if its type is an agent.
#[doc(hidden)]
#[macro_export]
macro_rules! __agentops_agent {
    ($this:expr) => {{
        #[allow(unused_imports)]
        use $crate::abi::{ViaIdentity as _, ViaNobody as _};
        (&&$crate::abi::SelfProbe(&$this)).agent()
    }};
}

/// What a mask has made of an argument; nothing else of it is known if it panicked.
#[doc(hidden)]
#[macro_export]
macro_rules! __agentops_masked {
    ($masked:expr) => {
        match &$masked {
            ::core::option::Option::Some(value) => $crate::__agentops_capture!(*value),
            ::core::option::Option::None => $crate::abi::Captured::Redacted,
        }
    };
}

/// The outcome of a call that returned an error.
#[doc(hidden)]
#[macro_export]
macro_rules! __agentops_failed {
    (display $error:expr) => {
        $crate::abi::Outcome::Failed($crate::abi::Failure::by_display($error))
    };
    (debug $error:expr) => {
        $crate::abi::Outcome::Failed($crate::abi::Failure::by_debug($error))
    };
    (off $error:expr) => {{
        let _ = $error;
        $crate::abi::Outcome::Ignored
    }};
    // Last: `debug &error` would be an expression, too.
    ($error:expr) => {{
        #[allow(unused_imports)]
        use $crate::abi::{ViaDebugError as _, ViaDisplayError as _, ViaOpaqueError as _};
        $crate::abi::Outcome::Failed((&&&$crate::abi::ErrorProbe($error)).failure())
    }};
}

/// A function from the returned value to what is recorded of it.
#[doc(hidden)]
#[macro_export]
macro_rules! __agentops_outcome {
    (@ $value:ident) => { $crate::abi::returned($crate::__agentops_outcome!(# $value), ::core::option::Option::None) };
    (@ $value:ident, tool) => {{
        #[allow(unused_imports)]
        use $crate::abi::{ViaSuccess as _, ViaToolOutcome as _};
        (&&$crate::abi::ToolProbe($value)).outcome($crate::__agentops_outcome!(# $value))
    }};
    (@ $value:ident, auto) => {{
        #[allow(unused_imports)]
        use $crate::abi::{ViaAnswer as _, ViaSilence as _};
        $crate::abi::returned(
            $crate::__agentops_outcome!(# $value),
            (&&$crate::abi::AnswerProbe($value)).response(),
        )
    }};
    (@ $value:ident, $returned:ident => $response:expr) => {
        $crate::abi::returned(
            $crate::__agentops_outcome!(# $value),
            $crate::abi::guarded(|| -> $crate::abi::LlmResponse {
                let $returned = $value;
                $response
            }),
        )
    };
    (# $value:ident) => { (&&&&$crate::abi::Probe($value)).captured() };
    ($($mode:ident)? $(; $($told:tt)+)?) => {
        |value| {
            #[allow(unused_imports)]
            use $crate::abi::{SplitAny as _, SplitResult as _, ViaBoth as _, ViaDebug as _, ViaOpaque as _, ViaSerialize as _};
            match (&&$crate::abi::Split(value)).split() {
                ::core::result::Result::Ok(value) => $crate::__agentops_outcome!(@ value $(, $($told)+)?),
                ::core::result::Result::Err(error) => $crate::__agentops_failed!($($mode)? error),
            }
        }
    };
}

/// The value with the call in it, if its type is a boxed stream or future; else the call ends with it.
#[doc(hidden)]
#[macro_export]
macro_rules! __agentops_hand_on {
    ($value:ident, $call:ident, $outcome:expr) => {{
        #[allow(unused_imports)]
        use $crate::abi::{
            ViaBoxedFuture as _, ViaBoxedStream as _, ViaHiddenStream as _, ViaStream as _,
            ViaValue as _,
        };
        (&&&&&$crate::abi::Shape(&$value)).shape().hand_on($value, $call, $outcome)
    }};
}

/// The outcome of a call that returned a value, with what it tells of a model call.
#[must_use]
pub fn returned(value: Captured<'_>, response: Option<LlmResponse>) -> Outcome<'_> {
    Outcome::Returned(value, response.map(Box::new))
}

/// The outcome of a call that returned `None` instead of what it is made for.
#[must_use]
pub fn nothing() -> Outcome<'static> {
    returned(Captured::Serialize(&()), None)
}

/// Says of a future what it comes to: nothing else may tell the compiler.
pub fn comes_to<T, F: Future<Output = T>>(future: F) -> F {
    future
}

/// Says of a stream what it yields.
pub fn yields<T, S: Stream<Item = T>>(stream: S) -> S {
    stream
}

/// Puts what goes on after the call where the function's return type wants it.
pub fn pinned<T>(value: T) -> Pin<Box<T>> {
    Box::pin(value)
}

/// The same, for a type that may be moved.
pub fn boxed<T>(value: T) -> Box<T> {
    Box::new(value)
}

/// The same, for a type that needs no box.
pub fn bare<T>(value: T) -> T {
    value
}
