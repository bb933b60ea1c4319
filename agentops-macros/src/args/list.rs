//! Lists in parentheses. Parsing continues after an invalid item, so that all errors are reported.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use syn::{
    Error, Expr, LitStr, Result, Token,
    ext::IdentExt,
    parse::{ParseStream, Parser, discouraged::Speculative},
};

use super::{Field, Key, Redaction};
use crate::errors::Errors;

/// Parses `skip(a, b)`.
pub(super) fn names(key: &Key, input: ParseStream<'_>) -> Result<Vec<Ident>> {
    let word = key.word();
    let example = format!("{word}(a, b)");
    list(key, input, &example, |input| {
        let message = format!("`{word}` takes names of arguments; write `{example}`");
        input.call(Ident::parse_any).map_err(|error| Error::new(error.span(), message))
    })
}

/// Parses `tags("a", "b")`.
pub(super) fn tags(key: &Key, input: ParseStream<'_>) -> Result<Vec<LitStr>> {
    let example = "tags(\"a\", \"b\")";
    list(key, input, example, |input| {
        let message = format!("`tags` takes string literals; write `{example}`");
        let tag: LitStr = input.parse().map_err(|error| Error::new(error.span(), message))?;
        if tag.value().trim().is_empty() {
            return Err(Error::new(tag.span(), "empty tag; give it a text or remove it"));
        }
        Ok(tag)
    })
}

/// Parses `fields(key = value, %value, ?value)`.
pub(super) fn fields(key: &Key, input: ParseStream<'_>) -> Result<Vec<Field>> {
    list(key, input, "fields(key = value)", Field::parse)
}

/// Parses `metadata(key = value, %value, ?value)`.
pub(super) fn metadata(key: &Key, input: ParseStream<'_>) -> Result<Vec<Field>> {
    list(key, input, "metadata(key = value)", Field::parse)
}

/// Parses `redact(a, b = path)`.
pub(super) fn redactions(key: &Key, input: ParseStream<'_>) -> Result<Vec<Redaction>> {
    list(key, input, "redact(a, b = path)", Redaction::parse)
}

fn list<T>(
    key: &Key,
    input: ParseStream<'_>,
    example: &str,
    parse: impl Fn(ParseStream<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut items = Vec::new();
    each(key, input, example, |input| parse(input).map(|item| items.push(item)))?;
    Ok(items)
}

/// Parses `(…)` after the key, item by item.
pub(super) fn each(
    key: &Key,
    input: ParseStream<'_>,
    example: &str,
    parse: impl FnMut(ParseStream<'_>) -> Result<()>,
) -> Result<()> {
    let content = parenthesized(key, input, example)?;
    if content.is_empty() {
        let message = format!("`{0}` is empty; write `{example}` or remove it", key.word());
        return Err(Error::new(key.ident.span(), message));
    }
    Errors::gather(|errors| separated(content, errors, parse))
}

fn parenthesized(key: &Key, input: ParseStream<'_>, example: &str) -> Result<TokenStream> {
    let word = key.word();
    if input.is_empty() || input.peek(Token![,]) {
        let message = format!("`{word}` needs a list; write `{example}`");
        return Err(Error::new(key.ident.span(), message));
    }
    input.step(|cursor| match cursor.group(Delimiter::Parenthesis) {
        Some((inside, _, after)) => Ok((inside.token_stream(), after)),
        None => Err(cursor.error(format!("`{word}` takes a list; write `{example}`"))),
    })
}

/// Parses comma-separated items. An invalid item does not hide errors in the others.
pub(super) fn separated(
    tokens: TokenStream,
    errors: &mut Errors,
    mut parse: impl FnMut(ParseStream<'_>) -> Result<()>,
) {
    let parser = |input: ParseStream<'_>| {
        while !input.is_empty() {
            // Parse a fork: a parser that fails inside a group leaves its mark on the stream it read.
            let ahead = input.fork();
            match errors.unless(parse(&ahead)) {
                Some(()) => input.advance_to(&ahead),
                None => skip_item(input),
            }
            errors.unless(comma(input));
        }
        Ok(())
    };
    let parsed = parser.parse2(tokens);
    errors.unless(parsed);
}

/// Skips to the end of an item that could not be parsed.
fn skip_item(input: ParseStream<'_>) {
    skip_value(input);
    while !input.is_empty() && !input.peek(Token![,]) {
        let _: Result<TokenTree> = input.parse();
    }
}

/// Skips `key = value` as a whole, since the value may contain commas, as in `f::<A, B>()`.
fn skip_value(input: ParseStream<'_>) {
    let ahead = input.fork();
    let key = ahead.call(Ident::parse_any);
    if key.and_then(|_| ahead.parse::<Token![=]>()).and_then(|_| ahead.parse::<Expr>()).is_ok() {
        input.advance_to(&ahead);
    }
}

/// Parses the comma after an item. If it is missing before a word, that word starts the next item.
fn comma(input: ParseStream<'_>) -> Result<()> {
    if input.is_empty() || input.parse::<Token![,]>().is_ok() {
        return Ok(());
    }
    let next = input.fork().parse::<TokenTree>()?;
    let error = match &next {
        TokenTree::Group(group) => Error::new(group.span_open(), "expected `,`"),
        next => Error::new(next.span(), format!("expected `,`; found `{next}`")),
    };
    if !matches!(next, TokenTree::Ident(_)) {
        skip_item(input);
        let _: Result<Token![,]> = input.parse();
    }
    Err(error)
}
