//! The rules that no single option can know, one function each.

mod block;

use std::collections::HashSet;

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;

use crate::{
    args::Key,
    errors::Errors,
    item::{Function, Item},
    keyword::Kind,
    model::Model,
};

/// Tells everything that is wrong with the whole.
pub(crate) fn check(model: &Model, errors: &mut Errors) {
    target(model, errors);
    body(model, errors);
    custom_kind(model, errors);
    one_selection(model, errors);
    selection_from_something(model, errors);
    duplicate_tags(model, errors);
    duplicate_fields(model, errors);
    if let Item::Block(block) = &model.item {
        block::check(model, block, errors);
    }
    if let Some(function) = model.item.function() {
        block::stray_marks(model, function, errors);
        const_fn(model, function, errors);
        variadic(model, function, errors);
        names(&Selection::skip(model), function, errors);
        names(&Selection::only(model), function, errors);
    }
}

fn target(model: &Model, errors: &mut Errors) {
    if let Item::Other(found, span) = model.item {
        let macro_name = model.kind.name();
        errors.at(
            span,
            format!("`#[{macro_name}]` works on functions and impl blocks; found {found}"),
        );
    }
}

fn body(model: &Model, errors: &mut Errors) {
    if let Item::Declaration(semicolon) = model.item {
        let macro_name = model.kind.name();
        let remedy = "annotate the function that implements this declaration";
        errors.at(semicolon, format!("`#[{macro_name}]` needs a function body; {remedy}"));
    }
}

fn const_fn(model: &Model, function: &Function, errors: &mut Errors) {
    if let Some(constness) = function.signature.constness {
        let macro_name = model.kind.name();
        let message = format!("`#[{macro_name}]` cannot be used on a `const fn`; remove `const`");
        errors.at(constness.span, message);
    }
}

fn variadic(model: &Model, function: &Function, errors: &mut Errors) {
    if let Some(variadic) = &function.signature.variadic {
        let macro_name = model.kind.name();
        let message =
            format!("`#[{macro_name}]` cannot be used on a variadic function; remove `...`");
        errors.under(variadic.dots, message);
    }
}

fn custom_kind(model: &Model, errors: &mut Errors) {
    let slot = &model.args.kind;
    if model.kind == Kind::Traced && slot.key().is_none() {
        let message = "`#[traced]` needs a kind; write `#[traced(kind = \"…\")]`";
        errors.at(Span::call_site(), message);
    }
    let Some(kind) = slot.value() else { return };
    if let Some(built_in) = Kind::built_in(&kind.value()) {
        let name = built_in.name();
        let message =
            format!("`{name}` is a kind of its own; use `#[{name}]` instead of `#[traced]`");
        errors.at(kind.span(), message);
    }
}

/// `skip`, `skip_all` and `only` exclude each other.
fn one_selection(model: &Model, errors: &mut Errors) {
    let given = selections(model);
    for (first, second) in given.iter().zip(given.iter().skip(1)) {
        let (earlier, later) = (first.word(), second.word());
        let message = format!("`{earlier}` and `{later}` cannot be used together; keep one");
        errors.at(second.ident.span(), message);
    }
}

/// Where nothing is captured, there is nothing to select from.
fn selection_from_something(model: &Model, errors: &mut Errors) {
    let capture = &model.args.capture_input;
    let (Some(false), Some(capture)) = (capture.value(), capture.key()) else { return };
    for selection in selections(model) {
        let second = if capture.place > selection.place { capture } else { selection };
        let word = selection.word();
        let message = format!("`{word}` has no effect with `capture_input = false`; keep one");
        errors.at(second.ident.span(), message);
    }
}

/// The options that select arguments, in the order in which they were given.
fn selections(model: &Model) -> Vec<&Key> {
    let args = &model.args;
    let selections = [args.skip.key(), args.skip_all.key(), args.only.key()];
    let mut given: Vec<&Key> = selections.into_iter().flatten().collect();
    given.sort_by_key(|key| key.place);
    given
}

fn duplicate_tags(model: &Model, errors: &mut Errors) {
    let mut seen = HashSet::new();
    for tag in model.args.tags.value().into_iter().flatten() {
        if !seen.insert(tag.value()) {
            errors.at(tag.span(), format!("duplicate tag `{}`; keep one", tag.value()));
        }
    }
}

fn duplicate_fields(model: &Model, errors: &mut Errors) {
    let mut seen = HashSet::new();
    for field in model.args.fields.value().into_iter().flatten() {
        if !seen.insert(&field.key) {
            errors.at(field.span, format!("duplicate field `{}`; keep one", field.key));
        }
    }
}

/// A list of arguments, with the words that speak of it.
struct Selection<'a> {
    option: &'static str,
    twice: &'static str,
    names: &'a [Ident],
}

impl<'a> Selection<'a> {
    fn skip(model: &'a Model) -> Self {
        let names = model.args.skip.value().map_or(&[][..], Vec::as_slice);
        Self { option: "skip", twice: "is skipped twice", names }
    }

    fn only(model: &'a Model) -> Self {
        let names = model.args.only.value().map_or(&[][..], Vec::as_slice);
        Self { option: "only", twice: "is kept twice", names }
    }
}

/// Each name is that of an argument, and stands once.
fn names(selection: &Selection<'_>, function: &Function, errors: &mut Errors) {
    let mut seen = HashSet::new();
    for name in selection.names {
        let word = name.unraw();
        if name == "self" {
            errors.at(name.span(), "`self` is never captured; remove it");
        } else if !function.bindings().any(|binding| binding.is_called(name)) {
            errors.at(name.span(), not_an_argument(selection.option, &word, function));
        } else if !seen.insert(name) {
            errors.at(name.span(), format!("`{word}` {}; remove one", selection.twice));
        }
    }
}

fn not_an_argument(option: &str, word: &Ident, function: &Function) -> String {
    let visible = function.bindings().filter(|binding| !binding.is_generated());
    let arguments: Vec<_> = visible.map(|binding| format!("`{}`", binding.ident.unraw())).collect();
    let remedy = match arguments.as_slice() {
        [] => "the function has none".to_owned(),
        [one] => format!("the only one is {one}"),
        several => format!("arguments are {}", several.join(", ")),
    };
    format!("`{option}` names `{word}`, which is not an argument; {remedy}")
}
