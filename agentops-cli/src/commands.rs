//! Commands, one a file.

mod arguments;
mod cells;
#[cfg(test)]
mod command_run;
mod completions;
mod curl;
mod diff;
mod failure;
mod gc;
mod ls;
mod pin;
mod search;
mod selection;
mod session_table;
mod show;
mod span_lines;
mod stats;

pub(crate) use self::{
    completions::{Completions, Man},
    curl::Curl,
    diff::Diff,
    failure::{Failure, Outcome},
    gc::Gc,
    ls::Ls,
    pin::Pin,
    search::Search,
    selection::StoreArgs,
    show::Show,
    stats::Stats,
};

#[cfg(test)]
mod tests;
