//! Parsers for the values after `=`, one for each form.

use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::{
    Error, Expr, ExprLit, ExprPath, Lit, LitStr, Path, Result, Token, UnOp, ext::IdentExt,
    parse::ParseStream, token,
};

use super::{Key, Redact, list};

/// Action when a limit is exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    Report,
    Cancel,
}

/// Value of `err = …`: the way to describe an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrMode {
    Display,
    Debug,
    Off,
}

/// Marker for `cancelled = error`: a call that is dropped before completion is recorded as failed.
pub(crate) struct Cancelled;

/// Value of `name = …`.
pub(crate) enum Name {
    /// Name known at compile time.
    Text(LitStr),
    /// Expression evaluated in the call.
    Value(Expr),
}

/// Value of `level = …`.
pub(crate) enum Level {
    /// One of the five levels, by its name in capitals.
    Named(&'static str),
    /// Path to one of the five levels, such as `tracing::Level::INFO`.
    Path(Path),
}

const LEVELS: [&str; 5] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"];

/// Expected value of a key, and an example, for error messages.
struct Form {
    takes: &'static str,
    example: &'static str,
}

const TEXT: Form = Form { takes: "a string literal", example: "\"…\"" };
const NAME: Form = Form { takes: "a string literal or an expression", example: "\"…\"" };
const BOOLEAN: Form = Form { takes: "`true` or `false`", example: "false" };
const LENGTH: Form = Form { takes: "an integer literal", example: "32_768" };
const EXPRESSION: Form = Form { takes: "an expression", example: "…" };
const NUMBER: Form = Form { takes: "a number", example: "0.5" };
const COUNT: Form = Form { takes: "a whole number", example: "50_000" };
const FUNCTION: Form = Form { takes: "the path of a function", example: "path::to::function" };
const ERR: Form = Form { takes: "`Display`, `Debug` or `off`", example: "Debug" };
const CANCELLED: Form = Form { takes: "`error`", example: "error" };
const REDACT: Form = Form { takes: "`off` or a list", example: "off" };
const POLICY: Form = Form { takes: "`Report` or `Cancel`", example: "Cancel" };
const LEVEL: Form = Form { takes: "a level", example: "\"debug\"" };
const ROOT: Form = Form { takes: "a path", example: "::my_agentops" };
const SPEC: Form = Form { takes: "`\"input\"` or `\"output\"`", example: "\"input\"" };

/// Parses `key = "text"`; the text must not be empty.
pub(super) fn text(key: &Key, input: ParseStream<'_>) -> Result<LitStr> {
    filled(key, input, OR_REMOVE)
}

/// Parses `name = "text"`, not empty, or `name = expression`.
pub(super) fn name(key: &Key, input: ParseStream<'_>) -> Result<Name> {
    match assigned(key, input, &NAME)? {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
            not_empty(key, text, OR_REMOVE).map(Name::Text)
        }
        literal @ Expr::Lit(_) => Err(mistyped(key, &literal, &NAME)),
        value => Ok(Name::Value(value)),
    }
}

/// Parses `kind = "text"`, not empty. The error offers no removal, since the option is required.
pub(super) fn kind(key: &Key, input: ParseStream<'_>) -> Result<LitStr> {
    filled(key, input, "")
}

const OR_REMOVE: &str = " or remove the argument";

fn filled(key: &Key, input: ParseStream<'_>, or: &str) -> Result<LitStr> {
    not_empty(key, string(key, input, &TEXT)?, or)
}

fn not_empty(key: &Key, text: LitStr, or: &str) -> Result<LitStr> {
    if text.value().trim().is_empty() {
        let word = key.word();
        return Err(Error::new(text.span(), format!("`{word}` is empty; give a {word}{or}")));
    }
    Ok(text)
}

/// Parses `key = true | false`.
pub(super) fn boolean(key: &Key, input: ParseStream<'_>) -> Result<bool> {
    match assigned(key, input, &BOOLEAN)? {
        Expr::Lit(ExprLit { lit: Lit::Bool(value), .. }) => Ok(value.value),
        other => Err(mistyped(key, &other, &BOOLEAN)),
    }
}

/// Parses `key = 32_768`; zero is rejected.
pub(super) fn length(key: &Key, input: ParseStream<'_>) -> Result<usize> {
    let value = assigned(key, input, &LENGTH)?;
    let Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) = &value else {
        return Err(mistyped(key, &value, &LENGTH));
    };
    if !matches!(number.suffix(), "" | "usize") {
        return Err(mistyped(key, &value, &LENGTH));
    }
    let word = key.word();
    match number.base10_parse::<usize>() {
        Ok(0) => {
            let remedy = "give a number of bytes, or leave values out with `skip_all` and \
                          `capture_output = false`";
            Err(Error::new(number.span(), format!("`{word}` is zero; {remedy}")))
        }
        Ok(length) => Ok(length),
        Err(_) => {
            let message = format!("`{word}` is too large; give a number of bytes");
            Err(Error::new(number.span(), message))
        }
    }
}

/// Parses `key = expression`.
pub(super) fn expression(key: &Key, input: ParseStream<'_>) -> Result<Expr> {
    assigned(key, input, &EXPRESSION)
}

/// Parses `key = expression` for a number of zero or more. Negative literals and those of other types are
/// rejected.
pub(super) fn number(key: &Key, input: ParseStream<'_>) -> Result<Expr> {
    sensible(key, input, &NUMBER, |literal| matches!(literal, Lit::Int(_) | Lit::Float(_)))
}

/// Parses `key = expression` for an integer of zero or more. Negative literals and those of other types are
/// rejected.
pub(super) fn count(key: &Key, input: ParseStream<'_>) -> Result<Expr> {
    sensible(key, input, &COUNT, |literal| matches!(literal, Lit::Int(_)))
}

fn sensible(
    key: &Key,
    input: ParseStream<'_>,
    form: &Form,
    fits: impl FnOnce(&Lit) -> bool,
) -> Result<Expr> {
    let value = assigned(key, input, form)?;
    match &value {
        Expr::Lit(literal) if fits(&literal.lit) => Ok(value),
        Expr::Lit(_) => Err(mistyped(key, &value, form)),
        Expr::Unary(negated)
            if matches!(negated.op, UnOp::Neg(_)) && matches!(*negated.expr, Expr::Lit(_)) =>
        {
            let message = format!("`{}` is negative; give zero or more", key.word());
            Err(Error::new_spanned(value, message))
        }
        _ => Ok(value),
    }
}

/// Parses `key = path::to::function`.
pub(super) fn function(key: &Key, input: ParseStream<'_>) -> Result<ExprPath> {
    match assigned(key, input, &FUNCTION)? {
        Expr::Path(path) => Ok(path),
        other => Err(mistyped(key, &other, &FUNCTION)),
    }
}

/// Parses `err = Display | Debug | off`.
pub(super) fn err_mode(key: &Key, input: ParseStream<'_>) -> Result<ErrMode> {
    let value = assigned(key, input, &ERR)?;
    match bare_word(&value).as_deref() {
        Some("Display") => Ok(ErrMode::Display),
        Some("Debug") => Ok(ErrMode::Debug),
        Some("off") => Ok(ErrMode::Off),
        _ => Err(unknown(key, &value, ERR.takes)),
    }
}

/// Parses `cancelled = error`.
pub(super) fn cancelled(key: &Key, input: ParseStream<'_>) -> Result<Cancelled> {
    let value = assigned(key, input, &CANCELLED)?;
    match bare_word(&value).as_deref() {
        Some("error") => Ok(Cancelled),
        _ => Err(unknown(key, &value, "`error`; leave the argument out if it is none")),
    }
}

/// Parses `redact = off` or `redact(a, b = path)`.
pub(super) fn redact(key: &Key, input: ParseStream<'_>) -> Result<Redact> {
    if !input.peek(Token![=]) {
        return list::redactions(key, input).map(Redact::List);
    }
    let value = assigned(key, input, &REDACT)?;
    match bare_word(&value).as_deref() {
        Some("off") => Ok(Redact::Off),
        _ => Err(unknown(key, &value, "`off`; write `redact = off` or `redact(a, b = path)`")),
    }
}

/// Parses `policy = Report | Cancel`.
pub(super) fn policy(key: &Key, input: ParseStream<'_>) -> Result<Policy> {
    let value = assigned(key, input, &POLICY)?;
    match bare_word(&value).as_deref() {
        Some("Report") => Ok(Policy::Report),
        Some("Cancel") => Ok(Policy::Cancel),
        _ => Err(unknown(key, &value, POLICY.takes)),
    }
}

/// Parses `level = "info" | INFO | path::to::INFO | 1..=5`.
pub(super) fn level(key: &Key, input: ParseStream<'_>) -> Result<Level> {
    let value = assigned(key, input, &LEVEL)?;
    let named = |name: &str| LEVELS.into_iter().find(|level| *level == name);
    let level = match &value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
            named(&text.value().to_ascii_uppercase()).map(Level::Named)
        }
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => {
            let place = number.base10_parse::<usize>().ok().and_then(|n| n.checked_sub(1));
            place.and_then(|place| LEVELS.get(place)).copied().map(Level::Named)
        }
        Expr::Path(ExprPath { path, .. }) => {
            let last = path.segments.last().and_then(|segment| named(&segment.ident.to_string()));
            last.map(|last| {
                if path.segments.len() == 1 {
                    Level::Named(last)
                } else {
                    Level::Path(path.clone())
                }
            })
        }
        _ => None,
    };
    level.ok_or_else(|| {
        unknown(key, &value, "`\"trace\"`, `\"debug\"`, `\"info\"`, `\"warn\"` or `\"error\"`")
    })
}

/// Parses `spec = "input" | "output"`.
pub(super) fn spec(key: &Key, input: ParseStream<'_>) -> Result<LitStr> {
    let text = string(key, input, &SPEC)?;
    match text.value().as_str() {
        "input" | "output" => Ok(text),
        other => {
            let message =
                format!("unknown `{}` value `{other}`; expected `input` or `output`", key.word());
            Err(Error::new(text.span(), message))
        }
    }
}

/// Parses `crate = ::absolute::path`.
pub(super) fn root(key: &Key, input: ParseStream<'_>) -> Result<Path> {
    equals(key, input, &ROOT)?;
    let span = input.span();
    let path = input.call(Path::parse_mod_style).map_err(|_| takes(key, span, &ROOT))?;
    let first = path.segments.first().map(|segment| segment.ident.to_string());
    match first.as_deref() {
        // `$crate` is the `crate` of a `macro_rules!` macro.
        Some("crate" | "$crate") => Ok(path),
        _ if path.leading_colon.is_some() => Ok(path),
        Some("self" | "super") => {
            let message =
                format!("`{}` must be an absolute path; start it with `crate::`", key.word());
            Err(Error::new_spanned(path, message))
        }
        _ => {
            let written = path.to_token_stream().to_string().replace(' ', "");
            let message = format!("`{}` must be an absolute path; write `::{written}`", key.word());
            Err(Error::new_spanned(path, message))
        }
    }
}

/// Parses an option without a value.
pub(super) fn flag(key: &Key, input: ParseStream<'_>) -> Result<()> {
    if input.peek(Token![=]) || input.peek(token::Paren) {
        let word = key.word();
        return Err(input.error(format!("`{word}` takes no value; write `{word}`")));
    }
    Ok(())
}

fn string(key: &Key, input: ParseStream<'_>, form: &Form) -> Result<LitStr> {
    match assigned(key, input, form)? {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Ok(text),
        other => Err(mistyped(key, &other, form)),
    }
}

/// Parses `=` and an expression, and removes the invisible group that a `macro_rules!` macro puts around it.
fn assigned(key: &Key, input: ParseStream<'_>, form: &Form) -> Result<Expr> {
    equals(key, input, form)?;
    if input.is_empty() || input.peek(Token![,]) {
        return Err(missing(key, form));
    }
    let mut value = input.parse::<Expr>()?;
    while let Expr::Group(group) = value {
        value = *group.expr;
    }
    Ok(value)
}

fn equals(key: &Key, input: ParseStream<'_>, form: &Form) -> Result<()> {
    if input.is_empty() || input.peek(Token![,]) {
        return Err(missing(key, form));
    }
    let span = input.span();
    input.parse::<Token![=]>().map(drop).map_err(|_| takes(key, span, form))
}

fn missing(key: &Key, form: &Form) -> Error {
    let word = key.word();
    let message = format!("`{word}` needs a value; write `{word} = {}`", form.example);
    Error::new(key.ident.span(), message)
}

fn takes(key: &Key, span: Span, form: &Form) -> Error {
    Error::new(span, takes_message(key, form))
}

fn mistyped(key: &Key, value: &Expr, form: &Form) -> Error {
    Error::new_spanned(value, takes_message(key, form))
}

fn takes_message(key: &Key, form: &Form) -> String {
    let word = key.word();
    format!("`{word}` takes {}; write `{word} = {}`", form.takes, form.example)
}

fn unknown(key: &Key, value: &Expr, expected: &str) -> Error {
    let word = key.word();
    let message = match value {
        Expr::Lit(_) | Expr::Path(_) => {
            let written = value.to_token_stream().to_string().replace(' ', "");
            format!("unknown `{word}` value `{written}`; expected {expected}")
        }
        _ => format!("`{word}` takes a fixed value; expected {expected}"),
    };
    Error::new_spanned(value, message)
}

fn bare_word(value: &Expr) -> Option<String> {
    let Expr::Path(ExprPath { path, .. }) = value else { return None };
    path.get_ident().map(|ident: &Ident| ident.unraw().to_string())
}
