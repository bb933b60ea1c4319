//! Names of known error types behind a `dyn Error`: the type of a `dyn Error` can be found only by downcasting.

use std::{
    any::type_name, array, cell, char, env, error::Error, ffi, fmt, io, net, num, path, str,
    string, sync::mpsc, thread, time,
};

use crate::error::{ConfigError, InitError, NoActiveSession};

macro_rules! known {
    ($($(#[$condition:meta])* $type:ty)*) => {
        /// Returns the name of the error's type if it is in this list.
        fn of_type(error: &(dyn Error + 'static)) -> Option<&'static str> {
            $($(#[$condition])* if error.is::<$type>() {
                return Some(type_name::<$type>());
            })*
            None
        }
    };
}

known! {
    io::Error
    num::ParseIntError
    num::ParseFloatError
    num::TryFromIntError
    str::ParseBoolError
    str::Utf8Error
    string::FromUtf8Error
    string::FromUtf16Error
    char::ParseCharError
    char::CharTryFromError
    char::TryFromCharError
    char::DecodeUtf16Error
    array::TryFromSliceError
    net::AddrParseError
    env::VarError
    env::JoinPathsError
    path::StripPrefixError
    time::SystemTimeError
    time::TryFromFloatSecsError
    mpsc::RecvError
    mpsc::TryRecvError
    mpsc::RecvTimeoutError
    cell::BorrowError
    cell::BorrowMutError
    thread::AccessError
    ffi::NulError
    ffi::FromBytesWithNulError
    ffi::FromBytesUntilNulError
    ffi::IntoStringError
    fmt::Error
    serde_json::Error
    http::Error
    ureq::Error
    NoActiveSession
    ConfigError
    InitError
    #[cfg(feature = "tokio")] tokio::task::JoinError
    #[cfg(feature = "async-openai")] async_openai::error::OpenAIError
    #[cfg(feature = "genai")] genai::Error
    #[cfg(feature = "rig")] rig_core::error::ProviderError
    #[cfg(feature = "rig")] rig_core::error::ErrorReport
    #[cfg(feature = "rig")] rig_core::tool::ToolExecutionError
    #[cfg(feature = "rig")] rig_agent::run::PromptError
    #[cfg(feature = "rig")] rig_agent::completion::StructuredOutputError
    #[cfg(feature = "rmcp")] rmcp::ErrorData
    #[cfg(feature = "rmcp")] rmcp::ServiceError
}

/// Returns the name of the error's type if it is known. The error inside an `io::Error` is preferred.
pub(super) fn known(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    inner.and_then(|inner| known(inner)).or_else(|| of_type(error))
}
