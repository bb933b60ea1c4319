//! Commands, one a file.

mod cells;
#[cfg(test)]
mod command_run;
mod completions;
mod curl;
mod diff;
mod export;
mod failure;
mod filter_args;
mod gc;
mod ls;
mod out_file;
mod pin;
mod push;
mod search;
mod selection;
mod session_table;
mod show;
mod span_cells;
mod span_lines;
mod stats;
mod tail;
#[cfg(feature = "view")]
mod view;

#[cfg(feature = "view")]
pub(crate) use self::view::View;
pub(crate) use self::{
    completions::{Completions, Man},
    curl::Curl,
    diff::Diff,
    export::Export,
    failure::{Failure, Outcome},
    gc::Gc,
    ls::Ls,
    pin::Pin,
    push::Push,
    search::Search,
    selection::StoreArgs,
    show::Show,
    stats::Stats,
    tail::Tail,
};

#[cfg(test)]
mod tests;
