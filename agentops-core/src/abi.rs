//! What expanded code calls; not an interface for people.

pub use tracing_core::{
    Kind as MetadataKind, Level, Metadata,
    callsite::{DefaultCallsite, Identifier},
    field::FieldSet,
};

pub use crate::{
    __agentops_admit as admit, __agentops_capture as capture, __agentops_outcome as outcome,
    attribute::{debug_value, display_value, field_value},
    capture::{
        Captured, ErrorProbe, Failure, Message, Outcome, Probe, Split, SplitAny, SplitResult,
        ViaDebug, ViaDebugError, ViaDisplayError, ViaOpaque, ViaOpaqueError, ViaSerialize,
    },
    kind::SpanKind,
    span::{Settings, Site, Start, run, run_async},
};

/// The field that marks a callsite as ours; it never gets a value.
pub const MARKER: &str = crate::semconv::SPAN_KIND;

/// The attribute keys of options that take a value.
pub mod key {
    use crate::semconv;

    /// `id`
    pub const ID: &str = semconv::AGENT_ID;
    /// `role`
    pub const ROLE: &str = semconv::AGENT_ROLE;
    /// `description`
    pub const DESCRIPTION: &str = semconv::DESCRIPTION;
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
            $crate::abi::FieldSet::new(&[$crate::abi::MARKER], $crate::abi::Identifier(&CALLSITE)),
            $crate::abi::MetadataKind::SPAN,
        );
        static SITE: $crate::abi::Site =
            $crate::abi::Site::new(&CALLSITE, &METADATA, $kind, $settings);
        SITE.admit()
    }};
}

/// A variable in the best way it can be recorded.
#[doc(hidden)]
#[macro_export]
macro_rules! __agentops_capture {
    ($value:expr) => {{
        #[allow(unused_imports)]
        use $crate::abi::{ViaDebug as _, ViaOpaque as _, ViaSerialize as _};
        (&&&$crate::abi::Probe(&$value)).captured()
    }};
}

/// A function from the returned value to what is recorded of it.
#[doc(hidden)]
#[macro_export]
macro_rules! __agentops_outcome {
    () => {
        $crate::__agentops_outcome!(@error |error| {
            #[allow(unused_imports)]
            use $crate::abi::{ViaDebugError as _, ViaDisplayError as _, ViaOpaqueError as _};
            $crate::abi::Outcome::Failed((&&&$crate::abi::ErrorProbe(error)).failure())
        })
    };
    (display) => {
        $crate::__agentops_outcome!(@error |error| {
            $crate::abi::Outcome::Failed($crate::abi::Failure::by_display(error))
        })
    };
    (debug) => {
        $crate::__agentops_outcome!(@error |error| {
            $crate::abi::Outcome::Failed($crate::abi::Failure::by_debug(error))
        })
    };
    (off) => {
        $crate::__agentops_outcome!(@error |_error| $crate::abi::Outcome::Ignored)
    };
    (@error |$error:ident| $failed:expr) => {
        |value| {
            #[allow(unused_imports)]
            use $crate::abi::{SplitAny as _, SplitResult as _, ViaDebug as _, ViaOpaque as _, ViaSerialize as _};
            match (&&$crate::abi::Split(value)).split() {
                ::core::result::Result::Ok(value) => {
                    $crate::abi::Outcome::Returned((&&&$crate::abi::Probe(value)).captured())
                }
                ::core::result::Result::Err($error) => $failed,
            }
        }
    };
}
