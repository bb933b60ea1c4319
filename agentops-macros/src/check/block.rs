//! Checks for an impl block and for the helper attributes on its methods.

use syn::{Attribute, FnArg, spanned::Spanned};

use super::redacting;
use crate::{
    errors::Errors,
    item::{Block, Function, Method, track_caller},
    model::Model,
    own_attributes::Mark,
};

pub(super) fn check(model: &Model, block: &Block, errors: &mut Errors) {
    no_arguments(model, errors);
    for method in block.methods() {
        known_marks(model, &method.attributes, errors);
        one_mark(model, method, errors);
        tracked_in_trait(model, block, method, errors);
    }
    something_to_annotate(model, block, errors);
}

/// Checks that a function outside an annotated impl block has no helper attributes.
pub(super) fn stray_marks(model: &Model, function: &Function, errors: &mut Errors) {
    known_marks(model, &function.attributes, errors);
    let macro_name = model.kind.name();
    for attribute in function.attributes.iter().filter(|attribute| says_skip(model, attribute)) {
        let message = format!(
            "`skip` leaves a method out of an annotated impl block; remove it or `#[{macro_name}]`"
        );
        errors.under(&attribute.meta, message);
    }
    for attribute in function.signature.inputs.iter().flat_map(marks_of) {
        if says_skip(model, attribute) || model.mark(attribute) == Some(Mark::Unknown) {
            let message = format!(
                "arguments are left out by the attribute of their function; write `#[{macro_name}(skip(…))]`"
            );
            errors.under(&attribute.meta, message);
        }
    }
}

fn marks_of(input: &FnArg) -> &[Attribute] {
    match input {
        FnArg::Receiver(receiver) => &receiver.attrs,
        FnArg::Typed(typed) => &typed.attrs,
    }
}

fn says_skip(model: &Model, attribute: &Attribute) -> bool {
    matches!(model.mark(attribute), Some(Mark::Skip | Mark::SkipIf))
}

/// Checks that no option names arguments, since a block has none.
fn no_arguments(model: &Model, errors: &mut Errors) {
    let args = &model.args;
    let naming = [args.skip.key(), args.only.key(), redacting(model), args.fields.key()];
    for key in naming.into_iter().flatten() {
        let word = key.word();
        let message =
            format!("`{word}` speaks of a function's arguments; put it on the method it is for");
        errors.at(key.ident.span(), message);
    }
}

fn known_marks(model: &Model, attributes: &[Attribute], errors: &mut Errors) {
    for attribute in attributes {
        if model.mark(attribute) == Some(Mark::Unknown) {
            let message = "`#[agentops(…)]` takes `skip` here; write `#[agentops(skip)]`";
            errors.under(&attribute.meta, message);
        }
    }
}

fn one_mark(model: &Model, method: &Method, errors: &mut Errors) {
    let own = method.attributes.iter().find_map(|attribute| model.own_kind(attribute));
    let skip = method.attributes.iter().find(|own| says_skip(model, own));
    if let (Some(own), Some(skip)) = (own, skip) {
        let message = format!("`#[{}]` and `skip` cannot be used together; keep one", own.name());
        errors.at(skip.meta.span(), message);
    }
}

/// Rejects `#[track_caller]` on a trait method: a trait impl has no room for the separate function with its body.
fn tracked_in_trait(model: &Model, block: &Block, method: &Method, errors: &mut Errors) {
    let is_tracked = block.implements_trait && method.signature.asyncness.is_none();
    let Some(attribute) = track_caller(&method.attributes).filter(|_| is_tracked) else { return };
    if is_annotated(model, block, method) {
        let message = "`#[track_caller]` cannot be kept on an annotated method of a trait; annotate an inherent \
                       method that this one calls, and leave this one out with `#[agentops(skip)]`";
        errors.under(&attribute.meta, message);
    }
}

fn is_annotated(model: &Model, block: &Block, method: &Method) -> bool {
    model.distributes_to(block, method)
        || method.attributes.iter().any(|attribute| model.own_kind(attribute).is_some())
}

fn something_to_annotate(model: &Model, block: &Block, errors: &mut Errors) {
    if block.methods().any(|method| is_annotated(model, block, method)) {
        return;
    }
    let macro_name = model.kind.name();
    let message = if block.methods().any(|method| block.reaches(method)) {
        format!("`#[{macro_name}]` has nothing to annotate, every method is skipped; remove it")
    } else if block.methods().any(|method| block.could_reach(method)) {
        format!(
            "`#[{macro_name}]` finds only methods that are polled, which get no span of their own; \
             annotate the one that is meant"
        )
    } else {
        let method = if block.implements_trait { "method" } else { "`pub` method" };
        format!(
            "`#[{macro_name}]` finds no {method} with `self` in this impl block; \
             annotate the functions that are meant"
        )
    };
    errors.at(block.keyword, message);
}
