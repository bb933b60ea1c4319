//! Commands, one a file.

mod completions;
mod failure;
mod ls;
mod selection;
mod show;
mod span_lines;

pub(crate) use self::{
    completions::{Completions, Man},
    failure::{Failure, Outcome},
    ls::Ls,
    selection::StoreArgs,
    show::Show,
};

#[cfg(test)]
mod tests;
