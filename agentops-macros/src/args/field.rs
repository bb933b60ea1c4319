//! Parses an entry of `fields(…)` or `metadata(…)`.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Error, Expr, Ident, LitStr, Result, Token, ext::IdentExt, parse::ParseStream};

/// Span attribute requested by the user.
pub(crate) struct Field {
    pub(crate) key: String,
    pub(crate) span: Span,
    pub(crate) form: Form,
    pub(crate) value: Expr,
}

/// Form in which a field's value is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `k = v`: recorded as a number, text or boolean.
    Value,
    /// `k = %v`: recorded by `Display`.
    Display,
    /// `k = ?v`: recorded by `Debug`.
    Debug,
}

impl Field {
    /// Parses `k = v`, `a.b = %v`, `"k" = ?v`, `v`, `%v` or `?v`.
    pub(super) fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.peek(LitStr) {
            return Self::quoted(input);
        }
        let sigil = Form::parse(input)?;
        let span = input.span();
        let name = dotted_name(input)?;
        let key = spelled(&name);
        if !(input.is_empty() || input.peek(Token![,]) || input.peek(Token![=])) {
            let message = "an expression needs a key; write `key = value`";
            return Err(Error::new(span, message));
        }
        match sigil {
            None if input.peek(Token![=]) => Self::assigned(key, span, input),
            sigil => Self::named_after_its_value(key, span, sigil.unwrap_or(Form::Value), name),
        }
    }

    fn quoted(input: ParseStream<'_>) -> Result<Self> {
        let key: LitStr = input.parse()?;
        let (text, span) = (key.value(), key.span());
        if text.trim().is_empty() {
            return Err(Error::new(span, "empty key; give it a text or remove the field"));
        }
        if !input.peek(Token![=]) {
            return Err(needs_a_value(&key.token().to_string(), span));
        }
        Self::assigned(text, span, input)
    }

    fn assigned(key: String, span: Span, input: ParseStream<'_>) -> Result<Self> {
        input.parse::<Token![=]>()?;
        let form = Form::parse(input)?.unwrap_or(Form::Value);
        if input.is_empty() || input.peek(Token![,]) {
            return Err(needs_a_value(&key, span));
        }
        Ok(Self { key, span, form, value: input.parse()? })
    }

    fn named_after_its_value(
        key: String,
        span: Span,
        form: Form,
        name: TokenStream,
    ) -> Result<Self> {
        match syn::parse2(name) {
            Ok(value) => Ok(Self { key, span, form, value }),
            Err(_) => Err(needs_a_value(&key, span)),
        }
    }
}

impl Form {
    fn parse(input: ParseStream<'_>) -> Result<Option<Self>> {
        Ok(if input.parse::<Option<Token![%]>>()?.is_some() {
            Some(Self::Display)
        } else if input.parse::<Option<Token![?]>>()?.is_some() {
            Some(Self::Debug)
        } else {
            None
        })
    }
}

fn dotted_name(input: ParseStream<'_>) -> Result<TokenStream> {
    let mut name = TokenStream::new();
    loop {
        let word = input.call(Ident::parse_any).map_err(|error| {
            Error::new(error.span(), "expected a field; write `key = value`, `%value` or `?value`")
        })?;
        word.to_tokens(&mut name);
        let Some(dot) = input.parse::<Option<Token![.]>>()? else { return Ok(name) };
        dot.to_tokens(&mut name);
    }
}

fn spelled(name: &TokenStream) -> String {
    let spell = |token| match token {
        TokenTree::Ident(word) => word.unraw().to_string(),
        other => other.to_string(),
    };
    name.clone().into_iter().map(spell).collect()
}

fn needs_a_value(key: &str, span: Span) -> Error {
    Error::new(span, format!("field `{key}` needs a value; write `{key} = …`"))
}
