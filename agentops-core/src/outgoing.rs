//! Prepares spans for their endpoint on the delivery thread: prices, masks and translates them.

mod content;
mod dialect;
mod left_out;
mod mask;
mod prepare;
mod streamed;

#[cfg(test)]
pub(crate) use self::dialect::{leave_out, translate};
pub(crate) use self::{
    dialect::{neutral, spell_for_agentops},
    left_out::left_out,
    prepare::{Preparation, abort},
};
