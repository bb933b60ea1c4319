//! Value of `redact`: a list of arguments, or `off`.

use proc_macro2::Ident;
use syn::{Error, ExprPath, Result, Token, ext::IdentExt, parse::ParseStream};

/// Value of `redact = off` or `redact(a, b = path)`.
pub(crate) enum Redact {
    /// Values named like credentials are not redacted.
    Off,
    /// The listed arguments are redacted as well.
    List(Vec<Redaction>),
}

impl Redact {
    /// Returns the listed arguments.
    pub(crate) fn named(&self) -> &[Redaction] {
        match self {
            Self::Off => &[],
            Self::List(named) => named,
        }
    }
}

/// Argument that is recorded redacted or masked.
pub(crate) struct Redaction {
    pub(crate) name: Ident,
    /// Function that returns the value to record; without one, a placeholder is recorded.
    pub(crate) mask: Option<ExprPath>,
}

impl Redaction {
    /// Parses `a` or `a = path`.
    pub(super) fn parse(input: ParseStream<'_>) -> Result<Self> {
        let message = "`redact` takes names of arguments; write `redact(a, b = path)`";
        let name =
            input.call(Ident::parse_any).map_err(|error| Error::new(error.span(), message))?;
        let mask = match input.parse::<Option<Token![=]>>()? {
            Some(_) => Some(mask(&name, input)?),
            None => None,
        };
        Ok(Self { name, mask })
    }
}

fn mask(name: &Ident, input: ParseStream<'_>) -> Result<ExprPath> {
    let takes = "takes the path of a function";
    let message = format!("`redact` {takes}; write `{name} = path` or `{name}` alone");
    if input.is_empty() || input.peek(Token![,]) {
        return Err(Error::new(name.span(), message));
    }
    let span = input.span();
    let mask: ExprPath = input.parse().map_err(|_| Error::new(span, &message))?;
    if input.is_empty() || input.peek(Token![,]) {
        Ok(mask)
    } else {
        Err(Error::new(span, message))
    }
}
