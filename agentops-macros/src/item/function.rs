//! Parses a function: its signature; the body is kept as tokens.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree, extra::DelimSpan};
use quote::ToTokens;
use syn::{
    Attribute, FnArg, Pat, PatType, Result, ReturnType, Signature, Token, Type, Visibility,
    ext::IdentExt, parse::ParseStream,
};

use super::{
    Item, doc_comment,
    pattern_bindings::{self, Binding},
    result_nesting,
    returned::{Returned, WorkOptions, writable},
};

/// Function with a body.
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    /// Modifiers before those that `Signature` knows, such as `default`.
    pub(crate) modifiers: TokenStream,
    pub(crate) signature: Signature,
    /// All arguments except `self`.
    pub(crate) arguments: Vec<Argument>,
    pub(crate) body: Body,
}

/// Argument of a function.
pub(crate) struct Argument {
    pub(crate) bindings: Vec<Binding>,
    pub(crate) pattern: Pattern,
    /// `#[cfg]`s that the argument depends on.
    pub(crate) conditions: Vec<Attribute>,
    /// `#[allow]` and other lint attributes, which also apply to the names in the body.
    pub(crate) lints: Vec<Attribute>,
}

/// Form of an argument's pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// `name` or `mut name`.
    Name,
    /// `_`.
    Wildcard,
    /// Any other pattern.
    Destructured,
}

/// Body of a function. It is never parsed, so that even incomplete code is passed through unchanged.
pub(crate) struct Body {
    pub(crate) braces: DelimSpan,
    /// Inner attributes of the body, `#![…]`.
    pub(crate) attributes: TokenStream,
    pub(crate) statements: TokenStream,
}

/// Return type of a function, as far as it can be written inside the body.
pub(crate) enum Output {
    /// No return type: `()`.
    Unit,
    /// `!`.
    Never,
    /// Type that contains `impl Trait`, which can only be written in a signature.
    Opaque,
    Written(TokenStream),
}

impl Function {
    /// Returns the name, without `r#`.
    pub(crate) fn name(&self) -> String {
        self.signature.ident.unraw().to_string()
    }

    /// Returns the first paragraph of the doc comment.
    pub(crate) fn description(&self) -> Option<String> {
        doc_comment::first_paragraph(&self.attributes)
    }

    pub(crate) fn bindings(&self) -> impl Iterator<Item = &Binding> {
        self.arguments.iter().flat_map(|argument| &argument.bindings)
    }

    /// Returns the meaning of the return type: a plain value, or work that continues after the call.
    pub(crate) fn returned(&self, options: WorkOptions) -> Returned {
        match &self.signature.output {
            ReturnType::Default => Returned::Value,
            ReturnType::Type(_, output) if matches!(**output, Type::Never(_)) => Returned::Value,
            ReturnType::Type(_, output) => Returned::of(output, options),
        }
    }

    /// Returns the return type of a call whose work continues. `impl Trait` becomes `_`, since the body returns a
    /// wrapper.
    pub(crate) fn output_that_goes_on(&self) -> Output {
        match (self.output(), &self.signature.output) {
            (Output::Opaque, ReturnType::Type(_, output)) => {
                Output::Written(writable(output).to_token_stream())
            }
            (output, _) => output,
        }
    }

    /// Returns the maximum number of nested `Result`s in the return type.
    pub(crate) fn results(&self) -> usize {
        match &self.signature.output {
            ReturnType::Default => 0,
            ReturnType::Type(_, output) => result_nesting::results(output),
        }
    }

    pub(crate) fn output(&self) -> Output {
        match &self.signature.output {
            ReturnType::Default => Output::Unit,
            ReturnType::Type(_, output) if matches!(**output, Type::Never(_)) => Output::Never,
            ReturnType::Type(_, output) if has_word(output.to_token_stream(), "impl") => {
                Output::Opaque
            }
            ReturnType::Type(_, output) => Output::Written(output.to_token_stream()),
        }
    }
}

/// Attributes that set lint levels.
pub(super) const LINTS: [&str; 5] = ["allow", "expect", "warn", "deny", "forbid"];

/// Returns `true` if a word can stand before `fn` as a modifier.
pub(super) fn is_modifier(word: &str) -> bool {
    matches!(word, "default" | "final" | "const" | "async" | "gen" | "safe" | "unsafe" | "extern")
}

/// Parses a function from its modifiers on.
pub(super) fn parse(
    attributes: Vec<Attribute>,
    visibility: Visibility,
    input: ParseStream<'_>,
) -> Result<Item> {
    let modifiers = unknown_modifiers(input)?;
    let signature: Signature = input.parse()?;
    if let Some(semicolon) = input.parse::<Option<Token![;]>>()? {
        return Ok(Item::Declaration(semicolon.span));
    }
    let arguments = signature.inputs.iter().filter_map(argument).collect();
    let body = body(input)?;
    let function = Function { attributes, visibility, modifiers, signature, arguments, body };
    Ok(Item::Function(Box::new(function)))
}

/// Takes the modifiers before those that `Signature` knows.
pub(super) fn unknown_modifiers(input: ParseStream<'_>) -> Result<TokenStream> {
    let mut modifiers = TokenStream::new();
    while !(input.peek(Token![const])
        || input.peek(Token![async])
        || input.peek(Token![unsafe])
        || input.peek(Token![extern])
        || input.peek(Token![fn]))
    {
        input.call(Ident::parse_any)?.to_tokens(&mut modifiers);
    }
    Ok(modifiers)
}

fn argument(input: &FnArg) -> Option<Argument> {
    let FnArg::Typed(PatType { attrs, pat, .. }) = input else { return None };
    let pattern = match &**pat {
        Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => Pattern::Name,
        Pat::Wild(_) => Pattern::Wildcard,
        _ => Pattern::Destructured,
    };
    let bindings = pattern_bindings::all(pat, &conditions(attrs));
    Some(Argument { bindings, pattern, conditions: conditions(attrs), lints: lints(attrs) })
}

/// Returns the attributes that include an item conditionally.
pub(super) fn conditions(attributes: &[Attribute]) -> Vec<Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect()
}

fn lints(attributes: &[Attribute]) -> Vec<Attribute> {
    let levels = LINTS.iter().chain(&["cfg_attr"]);
    let sets_one =
        |attribute: &&Attribute| levels.clone().any(|level| attribute.path().is_ident(level));
    attributes.iter().filter(sets_one).cloned().collect()
}

fn body(input: ParseStream<'_>) -> Result<Body> {
    let (braces, tokens) = input.step(|cursor| match cursor.group(Delimiter::Brace) {
        Some((inside, braces, after)) => Ok(((braces, inside.token_stream()), after)),
        None => Err(cursor.error("expected a function body")),
    })?;
    let (attributes, statements) = split_inner_attributes(tokens);
    Ok(Body { braces, attributes, statements })
}

/// Splits off the leading inner attributes, `#![…]`.
pub(super) fn split_inner_attributes(tokens: TokenStream) -> (TokenStream, TokenStream) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let heads = tokens.chunks(3).take_while(|chunk| is_inner_attribute(chunk)).count();
    let (attributes, statements) = tokens.split_at(heads * 3);
    (attributes.iter().cloned().collect(), statements.iter().cloned().collect())
}

fn is_inner_attribute(tokens: &[TokenTree]) -> bool {
    match tokens {
        [TokenTree::Punct(pound), TokenTree::Punct(bang), TokenTree::Group(group)] => {
            pound.as_char() == '#'
                && bang.as_char() == '!'
                && group.delimiter() == Delimiter::Bracket
        }
        _ => false,
    }
}

/// Returns `true` if the tokens contain a word, at any depth.
pub(crate) fn has_word(tokens: TokenStream, word: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Group(group) => has_word(group.stream(), word),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}
