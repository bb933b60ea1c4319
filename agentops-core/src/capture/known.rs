//! The types of errors that can be named where they are hidden: nothing else tells the type of a `dyn Error`.

use std::{
    any::type_name, array, cell, char, env, error::Error, ffi, fmt, io, net, num, path, str,
    string, sync::mpsc, thread, time,
};

use crate::error::{ConfigError, InitError, NoActiveSession};

macro_rules! known {
    ($($(#[$condition:meta])* $type:ty)*) => {
        /// The name of an error's type, if it is one of these.
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

/// The name of an error's type, if it is known; what an `io::Error` was made of comes first.
pub(super) fn known(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    inner.and_then(|inner| known(inner)).or_else(|| of_type(error))
}
