//! Commands, one a file.

mod diff;
mod failure;
mod ls;
mod selection;
mod show;
mod span_lines;

pub(crate) use self::{
    diff::Diff,
    failure::{Failure, Outcome},
    ls::Ls,
    selection::StoreArgs,
    show::Show,
};
