//! Prepares spans for their endpoint on the delivery thread: prices, masks and translates them.

mod content;
mod dialect;
mod dropped;
mod mask;
mod missing_tokens;
mod prepare;

#[cfg(test)]
pub(crate) use self::dialect::{drop_unselected, translate};
pub(crate) use self::{
    dialect::{neutral, rename_for_agentops},
    dropped::describe_dropped,
    prepare::{Preparation, abort},
};
