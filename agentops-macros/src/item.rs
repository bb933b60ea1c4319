//! Parses the annotated item; bodies are kept as tokens.

mod block;
mod doc_comment;
mod function;
mod pattern_bindings;
mod plain_types;
mod polled_methods;
mod result_nesting;
mod returned;
mod structure;
mod track_caller;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::{
    Attribute, Result, Token, Visibility,
    ext::IdentExt,
    parse::{ParseStream, Parser},
};

pub(crate) use self::{
    block::{Block, Member, Method},
    function::{Argument, Function, Output, Pattern, has_word},
    pattern_bindings::{Binding, GENERATED},
    returned::{Place, Returned, Work, WorkOptions},
    structure::{FieldMark, IdentityPart, Structure},
    track_caller::{Home, track_caller},
};
use crate::errors::Errors;

/// Annotated item, parsed as far as an attribute needs it.
pub(crate) enum Item {
    Function(Box<Function>),
    Block(Box<Block>),
    Structure(Box<Structure>),
    /// Function without a body; the span is that of its `;`.
    Declaration(Span),
    /// Any other item, with its name for error messages.
    Other(&'static str, Span),
    /// Item that does not parse; the error is already recorded.
    Malformed,
}

impl Item {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let parsed = parse_item.parse2(tokens);
        errors.unless(parsed).unwrap_or(Self::Malformed)
    }

    /// Returns the options on the item itself, `#[agentops(…)]`.
    pub(crate) fn options(&self) -> TokenStream {
        match self {
            Self::Structure(structure) => structure.options.clone(),
            _ => TokenStream::new(),
        }
    }

    pub(crate) fn function(&self) -> Option<&Function> {
        match self {
            Self::Function(function) => Some(function),
            _ => None,
        }
    }
}

fn parse_item(input: ParseStream<'_>) -> Result<Item> {
    let attributes = input.call(Attribute::parse_outer)?;
    let visibility: Visibility = input.parse()?;
    if is_function(input) {
        return function::parse(attributes, visibility, input);
    }
    let (found, span) = noun(input);
    if found == IMPL_BLOCK {
        return block::parse(&attributes, span, input);
    }
    if found == STRUCT {
        return structure::parse(attributes, visibility, input);
    }
    let _: Result<TokenStream> = input.parse();
    Ok(Item::Other(found, span))
}

/// Returns `true` if only modifiers of a function stand before the next `fn`.
fn is_function(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    while !ahead.peek(Token![fn]) {
        match ahead.parse() {
            Ok(TokenTree::Ident(word)) if function::is_modifier(&word.to_string()) => {}
            Ok(TokenTree::Literal(_)) => {}
            _ => return false,
        }
    }
    true
}

const IMPL_BLOCK: &str = "an impl block";
const STRUCT: &str = "a struct";

/// Returns the name of the item's kind for error messages, found by its first keyword.
fn noun(input: ParseStream<'_>) -> (&'static str, Span) {
    let ahead = input.fork();
    while let Ok(word) = ahead.call(Ident::parse_any) {
        let noun = match word.to_string().as_str() {
            "struct" => STRUCT,
            "enum" => "an enum",
            "union" => "a union",
            "mod" => "a module",
            "static" => "a static",
            "const" => "a constant",
            "impl" => IMPL_BLOCK,
            "trait" => "a trait",
            "use" => "an import",
            "type" => "a type alias",
            "extern" if ahead.peek(Token![crate]) => "an `extern crate`",
            "extern" => "an extern block",
            _ if ahead.peek(Token![!]) => "a macro",
            _ => {
                let _: Result<Option<Token![::]>> = ahead.parse();
                continue;
            }
        };
        return (noun, word.span());
    }
    ("something else", ahead.span())
}
