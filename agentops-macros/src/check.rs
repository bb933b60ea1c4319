//! Checks that involve more than one option or the item, one function each.

mod block;
mod structure;

use std::collections::HashSet;

use proc_macro2::{Ident, Span};
use syn::{FnArg, Signature, Visibility, ext::IdentExt};

use crate::{
    args::{Field, Key, Redact, Redaction, Slot},
    errors::Errors,
    item::{Function, Item, Pattern},
    keyword::{self, Kind},
    model::Model,
};

/// Checks the model and reports every error.
pub(crate) fn check(model: &Model, errors: &mut Errors) {
    if let (Kind::Agent, Item::Structure(structure)) = (model.kind, &model.item) {
        return structure::check(model, structure, errors);
    }
    target(model, errors);
    body(model, errors);
    custom_kind(model, errors);
    one_selection(model, errors);
    selection_from_something(model, errors);
    redaction_of_something(model, errors);
    duplicate_tags(model, errors);
    duplicate_fields("field", &model.args.fields, errors);
    duplicate_fields("metadata", &model.args.metadata, errors);
    if let Item::Block(block) = &model.item {
        block::check(model, block, errors);
    }
    if let Some(function) = model.item.function() {
        block::stray_marks(model, function, errors);
        const_fn(model, function, errors);
        variadic(model, function, errors);
        tracked_arguments(function, errors);
        entry_point(model, function, errors);
        cancellable(model, function, errors);
        names(&Selection::skip(model), function, errors);
        names(&Selection::only(model), function, errors);
        names(&Selection::redact(model), function, errors);
    }
}

fn target(model: &Model, errors: &mut Errors) {
    let macro_name = model.macro_name();
    match &model.item {
        Item::Other(found, span) => {
            errors.at(*span, format!("`{macro_name}` works on {}; found {found}", targets(model)));
        }
        // `check` has passed on a struct of `#[agent]` and of the derive.
        Item::Structure(structure) => {
            let works_on = targets(model);
            let message =
                format!("`{macro_name}` works on {works_on}; on a struct, use `#[agent]`");
            errors.at(structure.keyword, message);
        }
        _ => {}
    }
}

fn targets(model: &Model) -> &'static str {
    match model.kind {
        Kind::Agent if model.is_derived => "structs",
        Kind::Agent => "functions, impl blocks and structs",
        _ => "functions and impl blocks",
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

/// Checks the arguments of a `#[track_caller]` function, which are passed on by name to its body.
fn tracked_arguments(function: &Function, errors: &mut Errors) {
    if function.track_caller().is_none() {
        return;
    }
    let typed = function.signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(typed),
        FnArg::Receiver(_) => None,
    });
    for (input, argument) in typed.zip(&function.arguments) {
        if argument.pattern == Pattern::Destructured {
            let message = "an annotated function with `#[track_caller]` takes arguments by name; \
                           name this one and destructure it in the body";
            errors.under(&input.pat, message);
        }
        if let Some(condition) = argument.conditions.first() {
            let message = "an annotated function with `#[track_caller]` always takes its arguments; \
                           write a function for each condition";
            errors.under(&condition.meta, message);
        }
    }
}

/// Rejects `main`: it starts before a subscriber can be set up, so neither a session nor anything below it would
/// be recorded. A `main` that is public or has arguments or generics is an ordinary function.
fn entry_point(model: &Model, function: &Function, errors: &mut Errors) {
    let Signature { ident, inputs, generics, .. } = &function.signature;
    let is_private = matches!(function.visibility, Visibility::Inherited);
    if !is_private || ident != "main" || !inputs.is_empty() || !generics.params.is_empty() {
        return;
    }
    let macro_name = model.kind.name();
    let message = match model.kind {
        Kind::Session => format!(
            "`#[{macro_name}]` on `main` begins before `init` can run; move the body into a function of its \
             own, annotate that and call it after `agentops::init()`"
        ),
        _ => format!(
            "`#[{macro_name}]` on `main` is never inside a session; annotate a function that is called below \
             a `#[session]` function"
        ),
    };
    errors.at(ident.span(), message);
}

/// Rejects `policy = Cancel` on functions that cannot be cancelled, since it needs a future. The compiler checks
/// for the `Result`.
fn cancellable(model: &Model, function: &Function, errors: &mut Errors) {
    let policy = model.args.budget.value().and_then(|budget| budget.policy.key());
    let Some(key) = policy.filter(|_| model.cancels()) else { return };
    if function.signature.asyncness.is_none() || model.returned(function).is_work() {
        let message = "`policy = Cancel` needs an `async fn` that returns a `Result`; \
                       ask `current_session()` for its `budget()` instead";
        errors.at(key.ident.span(), message);
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

/// Checks that at most one of `skip`, `skip_all` and `only` is given.
fn one_selection(model: &Model, errors: &mut Errors) {
    let given = selections(model);
    for (first, second) in given.iter().zip(given.iter().skip(1)) {
        let (earlier, later) = (first.word(), second.word());
        let message = format!("`{earlier}` and `{later}` cannot be used together; keep one");
        errors.at(second.ident.span(), message);
    }
}

/// Checks that no arguments are selected if none are captured.
fn selection_from_something(model: &Model, errors: &mut Errors) {
    let capture = &model.args.capture_input;
    let (Some(false), Some(capture)) = (capture.value(), capture.key()) else { return };
    for selection in selections(model).into_iter().chain(redacting(model)) {
        no_effect(selection, capture, "capture_input = false", errors);
    }
}

fn no_effect(option: &Key, because: &Key, written: &str, errors: &mut Errors) {
    let second = if because.place > option.place { because } else { option };
    let message = format!("`{}` has no effect with `{written}`; keep one", option.word());
    errors.at(second.ident.span(), message);
}

/// Checks that no argument is both left out and redacted.
fn redaction_of_something(model: &Model, errors: &mut Errors) {
    let args = &model.args;
    if let (Some(redact), Some(skip_all)) = (redacting(model), args.skip_all.key()) {
        no_effect(redact, skip_all, keyword::SKIP_ALL, errors);
    }
    for Redaction { name, .. } in redactions(model) {
        let word = name.unraw();
        let named = |names: &Vec<Ident>| names.iter().any(|other| other.unraw() == word);
        if args.skip.value().is_some_and(named) {
            errors.at(name.span(), format!("`{word}` is skipped and redacted; keep one"));
        }
        if !args.only.value().is_none_or(named) {
            let message = format!("`only` leaves `{word}` out; redact what it keeps");
            errors.at(name.span(), message);
        }
    }
}

/// Returns the key of `redact` if it lists arguments. An invalid value counts as a list.
fn redacting(model: &Model) -> Option<&Key> {
    model.args.redact.key().filter(|_| !model.redacts_nothing())
}

fn redactions(model: &Model) -> &[Redaction] {
    model.args.redact.value().map_or(&[], Redact::named)
}

/// Returns the keys of the options that select arguments, in the order given.
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

fn duplicate_fields(noun: &str, fields: &Slot<Vec<Field>>, errors: &mut Errors) {
    let mut seen = HashSet::new();
    for field in fields.value().into_iter().flatten() {
        if !seen.insert(&field.key) {
            errors.at(field.span, format!("duplicate {noun} `{}`; keep one", field.key));
        }
    }
}

/// List of argument names, with the wording for error messages.
struct Selection<'a> {
    option: &'static str,
    twice: &'static str,
    names: Vec<&'a Ident>,
}

impl<'a> Selection<'a> {
    fn skip(model: &'a Model) -> Self {
        let names = model.args.skip.value().into_iter().flatten().collect();
        Self { option: keyword::SKIP, twice: "is skipped twice", names }
    }

    fn only(model: &'a Model) -> Self {
        let names = model.args.only.value().into_iter().flatten().collect();
        Self { option: keyword::ONLY, twice: "is kept twice", names }
    }

    fn redact(model: &'a Model) -> Self {
        let names = redactions(model).iter().map(|redaction| &redaction.name).collect();
        Self { option: keyword::REDACT, twice: "is redacted twice", names }
    }
}

/// Checks that each name is that of an argument and occurs only once.
fn names(selection: &Selection<'_>, function: &Function, errors: &mut Errors) {
    let mut seen = HashSet::new();
    for &name in &selection.names {
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
