//! Converts spans that frameworks emit into spans of the session.
//!
//! ```text
//! callsite ─▶ emitter: is the span wanted, and of what kind? ─▶ builder: the span starts with its kind
//!    it ends ─▶ normalise: names, numbers, status ─▶ merge: the same call as a span of ours? then one span
//!     worker ─▶ content: messages, arguments and results in the neutral form
//! ```

mod builder;
mod emitter;
mod merge;
mod normalise;

pub(crate) use self::{
    builder::adopted_builder,
    emitter::{birth_kind, is_wanted},
    merge::{add_missing, collect_attributes, is_same_call, merge},
    normalise::{clean_up, normalise},
};

use crate::record::semconv as key;

/// Usage attributes of a model call. They are added up where a function calls a model several times.
const USAGE: [&str; 7] = [
    key::INPUT_TOKENS,
    key::OUTPUT_TOKENS,
    key::CACHE_READ_TOKENS,
    key::CACHE_CREATION_TOKENS,
    key::REASONING_TOKENS,
    key::TOOL_USE_TOKENS,
    "gen_ai.usage.total_tokens",
];
