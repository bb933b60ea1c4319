//! Items that expanded code uses; not a public interface.

use std::pin::Pin;

use futures_core::Stream;

pub use tracing_core::{
    Kind as MetadataKind, Level, Metadata,
    callsite::{DefaultCallsite, Identifier},
    field::FieldSet,
};

pub use crate::{
    __agentops_admit as admit, __agentops_agent as agent, __agentops_asked as asked,
    __agentops_capture as capture, __agentops_failed as failed, __agentops_failure as failure,
    __agentops_hand_on as hand_on, __agentops_masked as masked, __agentops_outcome as outcome,
    __agentops_record_by_type as record_by_type, __agentops_run_by_type as run_by_type,
    attribute::{FieldValue, field_value},
    capture::{
        AnswerProbe, Asked, Captured, CauseProbe, Causes, ErrorProbe, Failure, Half, Message,
        Outcome, Probe, RequestProbe, Split, SplitAny, SplitBreak, SplitResult, ToolProbe,
        ViaAnswer, ViaAsRef, ViaBoth, ViaDebug, ViaDebugError, ViaDeref, ViaDisplayError, ViaError,
        ViaNoCauses, ViaNoRequest, ViaOpaque, ViaOpaqueError, ViaOtherDeref, ViaPointer,
        ViaPointerToDeref, ViaRequest, ViaSerialize, ViaSilence, ViaSuccess, ViaToolOutcome,
    },
    llm::LlmResponse,
    process::catch_user_panic as guarded,
    record::SpanKind,
    span::{
        AgentIdentity, Deferred, Deferring, Identified, IdentityPart, Inside, RecordedFuture,
        RecordedIterator, RecordedStream, ReturnedCall, Running, SelfProbe, Settings, Shape, Site,
        Start, TypedWork, Unstarted, ViaBoxedFuture, ViaBoxedIterator, ViaBoxedStream, ViaData,
        ViaFuture, ViaHiddenFuture, ViaHiddenStream, ViaIdentity, ViaIterator, ViaNobody,
        ViaStream, ViaValue, begun, defer, fields_of, hand_on_future, hand_on_stream, hand_over,
        identity_part, open, open_async, run, run_async, within,
    },
};

/// Traits by which the compiler chooses how a value is recorded. They are imported without names, so that none
/// clashes with a name of the program's.
pub mod probes {
    pub use crate::capture::{
        SplitAny as _, SplitBreak as _, SplitResult as _, ViaAnswer as _, ViaAsRef as _,
        ViaBoth as _, ViaDebug as _, ViaDebugError as _, ViaDeref as _, ViaDisplayError as _,
        ViaError as _, ViaNoCauses as _, ViaOpaque as _, ViaOpaqueError as _, ViaOtherDeref as _,
        ViaPointer as _, ViaPointerToDeref as _, ViaSerialize as _, ViaSilence as _,
        ViaSuccess as _, ViaToolOutcome as _,
    };
}

/// Attribute keys of the options that take a value.
pub mod key {
    use crate::record::semconv;

    /// Key of `id`.
    pub const ID: &str = semconv::AGENT_ID;
    /// Key of `role`.
    pub const ROLE: &str = semconv::AGENT_ROLE;
    /// Key of `description`.
    pub const DESCRIPTION: &str = semconv::DESCRIPTION;
    /// Key of an agent's `description`.
    pub const AGENT_DESCRIPTION: &str = semconv::AGENT_DESCRIPTION;
    /// Key of `cost`.
    pub const COST: &str = semconv::COST_USD;
    /// Key of `model`.
    pub const MODEL: &str = semconv::REQUEST_MODEL;
    /// Key of `provider`.
    pub const PROVIDER: &str = semconv::PROVIDER_NAME;
    /// Key of `operation`.
    pub const OPERATION: &str = semconv::GEN_AI_OPERATION;
}

/// Asks for the span of an annotated function: declares its static callsite and admits the call.
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
        // Its type name contains the path of the annotated function: a macro does not know the type and trait of a
        // method.
        fn __agentops_here() -> &'static ::core::primitive::str {
            ::core::any::type_name_of_val(&__agentops_here)
        }
        static SITE: $crate::abi::Site =
            $crate::abi::Site::new(&CALLSITE, &METADATA, $kind, $settings).inside(__agentops_here);
        $crate::__agentops_admit!(@ SITE $($later)?)
    }};
    (@ $site:ident) => { $site.admit() };
    (@ $site:ident later) => { $site.admit_later() };
}

/// Captures a variable in the best way that its type allows.
#[doc(hidden)]
#[macro_export]
macro_rules! __agentops_capture {
    ($value:expr) => {{
        #[allow(unused_imports)]
        use $crate::abi::{ViaBoth as _, ViaDebug as _, ViaOpaque as _, ViaSerialize as _};
        (&&&&$crate::abi::Probe(&$value)).captured()
    }};
}

/// Captures an argument of a model call, together with the request's settings if the argument is a request.
#[doc(hidden)]
#[macro_export]
macro_rules! __agentops_asked {
    ($value:expr) => {{
        #[allow(unused_imports)]
        use $crate::abi::{ViaNoRequest as _, ViaRequest as _};
        (&&$crate::abi::RequestProbe(&$value)).asked($crate::__agentops_capture!($value))
    }};
}

/// Returns the identity of `self`, if its type is an agent.
#[doc(hidden)]
#[macro_export]
macro_rules! __agentops_agent {
    ($this:expr) => {{
        #[allow(unused_imports)]
        use $crate::abi::{ViaIdentity as _, ViaNobody as _};
        (&&$crate::abi::SelfProbe(&$this)).agent()
    }};
}

/// Captures the masked value of an argument. Where the mask panicked, the argument is recorded as redacted.
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

/// Returns the outcome of a call that returned an error.
#[doc(hidden)]
#[macro_export]
macro_rules! __agentops_failed {
    (off $error:expr) => {{
        let _ = $error;
        $crate::abi::Outcome::Ignored
    }};
    ($($mode:ident)? & $error:expr) => {{
        #[allow(unused_imports)]
        use $crate::abi::probes::*;
        $crate::__agentops_failure!(& $error, $($mode)?)
    }};
}

/// Returns the outcome of a call that returned an error, where the probes are already imported.
#[doc(hidden)]
#[macro_export]
macro_rules! __agentops_failure {
    ($error:expr, off) => {{
        let _ = $error;
        $crate::abi::Outcome::Ignored
    }};
    ($error:expr, display) => { $crate::__agentops_failure!(@ $error, $crate::abi::Failure::by_display($error)) };
    ($error:expr, debug) => { $crate::__agentops_failure!(@ $error, $crate::abi::Failure::by_debug($error)) };
    ($error:expr,) => { $crate::__agentops_failure!(@ $error, (&&&$crate::abi::ErrorProbe($error)).failure()) };
    (@ $error:expr, $failure:expr) => {
        $crate::abi::failed_by($failure, (&&&&&&&$crate::abi::CauseProbe($error)).causes())
    };
}

/// Creates a closure from the returned value to its outcome. Each further `result` also inspects a `Result` in the
/// `Ok` of the outer one, as a timeout around a fallible task returns it.
#[doc(hidden)]
#[macro_export]
macro_rules! __agentops_outcome {
    (@ $value:ident) => { $crate::abi::returned($crate::__agentops_outcome!(# $value), ::core::option::Option::None) };
    (@ $value:ident, tool) => {
        (&&$crate::abi::ToolProbe($value)).outcome($crate::__agentops_outcome!(# $value))
    };
    (@ $value:ident, auto) => {
        $crate::abi::returned(
            $crate::__agentops_outcome!(# $value),
            (&&$crate::abi::AnswerProbe($value)).response(),
        )
    };
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
    (% $value:ident [] [$($mode:ident)?] [$($told:tt)*]) => { $crate::__agentops_outcome!(@ $value $($told)*) };
    (% $value:ident [result $($deeper:ident)*] [$($mode:ident)?] [$($told:tt)*]) => {
        match (&&&$crate::abi::Split($value)).split() {
            $crate::abi::Half::Ok(value) => {
                $crate::__agentops_outcome!(% value [$($deeper)*] [$($mode)?] [$($told)*])
            }
            $crate::abi::Half::Err(error) => $crate::__agentops_failure!(error, $($mode)?),
            $crate::abi::Half::Neither(value) => {
                $crate::abi::returned(value, ::core::option::Option::None)
            }
        }
    };
    ($($mode:ident)? $(, $($deeper:ident)+)? $(; $($told:tt)+)?) => {
        |value| {
            #[allow(unused_imports)]
            use $crate::abi::probes::*;
            $crate::__agentops_outcome!(% value [result $($($deeper)+)?] [$($mode)?] [$(, $($told)+)?])
        }
    };
}

/// Returns the shape of a type.
#[doc(hidden)]
#[macro_export]
macro_rules! __agentops_shape {
    ($shape:expr) => {{
        #[allow(unused_imports)]
        use $crate::abi::{
            ViaBoxedFuture as _, ViaBoxedIterator as _, ViaBoxedStream as _, ViaData as _,
            ViaFuture as _, ViaHiddenFuture as _, ViaHiddenStream as _, ViaIterator as _,
            ViaStream as _, ViaValue as _,
        };
        (&&&&&&&&&&$shape).shape()
    }};
}

/// Continues the call in the value if its type is a boxed stream, future or iterator; ends the call with the value
/// otherwise.
#[doc(hidden)]
#[macro_export]
macro_rules! __agentops_hand_on {
    ($value:ident, $call:ident, $outcome:expr) => {
        $crate::__agentops_shape!($crate::abi::Shape::of(&$value)).hand_on($value, $call, $outcome)
    };
}

/// Runs a body in its span, which continues in the returned value or ends with it, depending on the value's type.
#[doc(hidden)]
#[macro_export]
macro_rules! __agentops_run_by_type {
    ($start:expr, $body:expr, [$($within:ident)*], $go_on:expr) => {{
        let body = $body;
        let shape = $crate::__agentops_shape!($crate::abi::Shape::of_body(&body)$(.$within())*);
        shape.run($start, body, $go_on)
    }};
}

/// Runs a future in its span: the body of an async function, or a future that a function returned. The span continues
/// in the output or ends with it, depending on the output's type.
#[doc(hidden)]
#[macro_export]
macro_rules! __agentops_record_by_type {
    ($call:expr, $future:expr, [$($within:ident)*], $go_on:expr) => {{
        // Clippy accepts an `async fn` that returns an awaitable value, so it must accept its expansion, too.
        #[allow(clippy::async_yields_async)]
        let future = $future;
        let shape = $crate::__agentops_shape!($crate::abi::Shape::of_future(&future)$(.$within())*);
        shape.record($call, future, $go_on)
    }};
}

/// Returns the outcome of a call that returned a value, with the response if it is a model call.
#[must_use]
pub fn returned(value: Captured<'_>, response: Option<LlmResponse>) -> Outcome<'_> {
    Outcome::Returned(value, response.map(Box::new))
}

/// Returns the outcome of a call that returned an error.
#[must_use]
pub fn failed_by<'a>(failure: Failure<'a>, causes: Causes<'a>) -> Outcome<'a> {
    Outcome::Failed(failure.caused_by(causes))
}

/// Returns the outcome of a call that returned `None` instead of its usual value.
#[must_use]
pub fn nothing() -> Outcome<'static> {
    returned(Captured::Serialize(&()), None)
}

/// Infers the output of a future, where the function's signature does not spell it out.
pub fn comes_to<T, F: Future<Output = T>>(future: F) -> F {
    future
}

/// Infers the items of a stream.
pub fn yields<T, S: Stream<Item = T>>(stream: S) -> S {
    stream
}

/// Infers the items of an iterator.
pub fn iterates<T, I: Iterator<Item = T>>(iterator: I) -> I {
    iterator
}

/// Pins the continuation of a call in a box, if the function's return type demands it.
pub fn pinned<T>(value: T) -> Pin<Box<T>> {
    Box::pin(value)
}

/// Boxes the continuation of a call, if the function's return type is a box that may be moved.
pub fn boxed<T>(value: T) -> Box<T> {
    Box::new(value)
}

/// Returns the continuation of a call as it is, if the function's return type needs no box.
pub fn bare<T>(value: T) -> T {
    value
}
