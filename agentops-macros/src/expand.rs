//! Expands the model to the tokens that the compiler sees.

mod block;
mod body;
mod continuation;
mod function;
mod outcome;
mod span_start;
mod structure;
mod track_caller;

use proc_macro2::TokenStream;

use crate::{item::Item, model::Model};

/// Expands an item that passed every check.
pub(crate) fn expand(model: &Model) -> TokenStream {
    match &model.item {
        Item::Function(function) => match function.track_caller() {
            Some(attribute) => track_caller::expand(model, function, attribute),
            None => function::expand(model, function),
        },
        Item::Block(block) => block::expand(model, block),
        Item::Structure(structure) if model.is_derived => structure::identity(model, structure),
        Item::Structure(structure) => structure::expand(model, structure),
        Item::Declaration(_) | Item::Other(..) | Item::Malformed => TokenStream::new(),
    }
}
