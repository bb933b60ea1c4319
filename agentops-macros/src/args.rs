//! Parses the attribute's arguments from tokens to typed options.

mod budget;
mod field;
mod list;
mod option_slot;
mod option_value;
mod redaction;

use std::fmt::Display;

use proc_macro2::{Ident, TokenStream};
use syn::{Error, Expr, ExprPath, LitStr, Path, Result, ext::IdentExt, parse::ParseStream};

pub(crate) use self::{
    budget::Budget,
    field::{Field, Form},
    option_slot::{Key, Slot},
    option_value::{Cancelled, ErrMode, Level, Name, Policy},
    redaction::{Redact, Redaction},
};
use crate::{
    errors::Errors,
    keyword::{self, Kind},
};

/// Options of an attribute. An option that is absent or invalid is an empty slot.
#[derive(Default)]
pub(crate) struct Args {
    count: usize,
    /// Arguments as written.
    pub(crate) tokens: TokenStream,
    /// Keys given, with valid values or not.
    pub(crate) keys: Vec<Key>,

    pub(crate) name: Slot<Name>,
    pub(crate) type_name: Slot<LitStr>,
    pub(crate) version: Slot<LitStr>,
    pub(crate) tags: Slot<Vec<LitStr>>,
    pub(crate) fields: Slot<Vec<Field>>,
    pub(crate) skip: Slot<Vec<Ident>>,
    pub(crate) skip_all: Slot<()>,
    pub(crate) only: Slot<Vec<Ident>>,
    pub(crate) redact: Slot<Redact>,
    pub(crate) capture_input: Slot<bool>,
    pub(crate) capture_output: Slot<bool>,
    pub(crate) max_len: Slot<usize>,
    pub(crate) err: Slot<ErrMode>,
    pub(crate) cancelled: Slot<Cancelled>,
    pub(crate) future: Slot<bool>,
    pub(crate) stream: Slot<bool>,
    pub(crate) level: Slot<Level>,
    pub(crate) target: Slot<LitStr>,
    pub(crate) root: Slot<Path>,

    pub(crate) session_id: Slot<Expr>,
    pub(crate) user_id: Slot<Expr>,
    pub(crate) metadata: Slot<Vec<Field>>,
    pub(crate) budget: Slot<Budget>,
    pub(crate) role: Slot<Expr>,
    pub(crate) description: Slot<Expr>,
    pub(crate) id: Slot<Expr>,
    pub(crate) cost: Slot<Expr>,
    pub(crate) model: Slot<Expr>,
    pub(crate) provider: Slot<Expr>,
    pub(crate) operation: Slot<Expr>,
    pub(crate) response: Slot<ExprPath>,
    pub(crate) spec: Slot<LitStr>,
    pub(crate) kind: Slot<LitStr>,
}

impl Args {
    /// Parses all options of an attribute.
    pub(crate) fn parse(kind: Kind, tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut args = Self { tokens: tokens.clone(), ..Self::default() };
        args.add(kind, tokens, errors);
        args
    }

    /// Adds options given elsewhere, such as in `#[agentops(…)]` on a struct.
    pub(crate) fn add(&mut self, kind: Kind, tokens: TokenStream, errors: &mut Errors) {
        list::separated(tokens, errors, |input| self.option(kind, input));
    }

    fn option(&mut self, kind: Kind, input: ParseStream<'_>) -> Result<()> {
        let key = self.key(input)?;
        let word = key.word();
        known(kind, &key, &word)?;
        self.keys.push(key.clone());
        match word.as_str() {
            keyword::TYPE_NAME => self.type_name.fill(key, input, option_value::text),
            keyword::NAME => self.name.fill(key, input, option_value::name),
            keyword::VERSION => self.version.fill(key, input, option_value::text),
            keyword::TAGS => self.tags.fill(key, input, list::tags),
            keyword::FIELDS => self.fields.fill(key, input, list::fields),
            keyword::SKIP => self.skip.fill(key, input, list::names),
            keyword::SKIP_ALL => self.skip_all.fill(key, input, option_value::flag),
            keyword::ONLY => self.only.fill(key, input, list::names),
            keyword::REDACT => self.redact.fill(key, input, option_value::redact),
            keyword::CAPTURE_INPUT => self.capture_input.fill(key, input, option_value::boolean),
            keyword::CAPTURE_OUTPUT => self.capture_output.fill(key, input, option_value::boolean),
            keyword::MAX_LEN => self.max_len.fill(key, input, option_value::length),
            keyword::ERR => self.err.fill(key, input, option_value::err_mode),
            keyword::CANCELLED => self.cancelled.fill(key, input, option_value::cancelled),
            keyword::FUTURE => self.future.fill(key, input, option_value::boolean),
            keyword::STREAM => self.stream.fill(key, input, option_value::boolean),
            keyword::LEVEL => self.level.fill(key, input, option_value::level),
            keyword::TARGET => self.target.fill(key, input, option_value::text),
            keyword::CRATE => self.root.fill(key, input, option_value::root),
            keyword::SESSION_ID => self.session_id.fill(key, input, option_value::expression),
            keyword::USER_ID => self.user_id.fill(key, input, option_value::expression),
            keyword::METADATA => self.metadata.fill(key, input, list::metadata),
            keyword::BUDGET => self.budget.fill(key, input, budget::budget),
            keyword::ROLE => self.role.fill(key, input, option_value::expression),
            keyword::DESCRIPTION => self.description.fill(key, input, option_value::expression),
            keyword::ID => self.id.fill(key, input, option_value::expression),
            keyword::COST => self.cost.fill(key, input, option_value::number),
            keyword::MODEL => self.model.fill(key, input, option_value::expression),
            keyword::PROVIDER => self.provider.fill(key, input, option_value::expression),
            keyword::OPERATION => self.operation.fill(key, input, option_value::expression),
            keyword::RESPONSE => self.response.fill(key, input, option_value::function),
            keyword::SPEC => self.spec.fill(key, input, option_value::spec),
            keyword::KIND => self.kind.fill(key, input, option_value::kind),
            _ => Err(unparsed(&key, &word)),
        }
    }

    fn key(&mut self, input: ParseStream<'_>) -> Result<Key> {
        self.count += 1;
        if let Ok(ident) = input.call(Ident::parse_any) {
            return Ok(Key { ident, place: self.count });
        }
        let span = input.span();
        Err(match input.parse::<LitStr>() {
            Ok(text) => {
                let text = text.token();
                Error::new(span, format!("`{text}` needs a key; write `name = {text}`"))
            }
            Err(_) => Error::new(span, "expected an argument; write `name = \"…\"`"),
        })
    }
}

/// Rejects an option that this macro does not accept.
fn known(kind: Kind, key: &Key, word: &str) -> Result<()> {
    if kind.accepts(word) || word == keyword::TYPE_NAME {
        return Ok(());
    }
    let owners = quoted(Kind::owners(word).into_iter().map(|owner| format!("#[{}]", owner.name())));
    let message = if let Some(meant) = keyword::nearest(word, kind.options()) {
        format!("unknown argument `{word}`; did you mean `{meant}`?")
    } else if owners.is_empty() {
        let options = quoted(kind.options());
        format!("unknown argument `{word}`; expected one of {}", options.join(", "))
    } else {
        format!("`{word}` belongs to {}; remove it from `#[{}]`", owners.join(" and "), kind.name())
    };
    Err(Error::new(key.ident.span(), message))
}

/// Returns the error for a keyword that some macro accepts and [`Args::option`] forgets.
fn unparsed(key: &Key, word: &str) -> Error {
    let message = format!("internal error: nothing parses `{word}`; please report it");
    Error::new(key.ident.span(), message)
}

fn quoted(words: impl Iterator<Item = impl Display>) -> Vec<String> {
    words.map(|word| format!("`{word}`")).collect()
}

#[cfg(test)]
mod tests {
    use super::{Args, Errors, Kind};

    #[test]
    fn options_all_have_a_parser() {
        for kind in Kind::ALL {
            for option in kind.options() {
                let tokens = option.parse().unwrap();
                let parsed = Errors::gather(|errors| Args::parse(kind, tokens, errors));
                let message = parsed.err().map(|error| error.to_string()).unwrap_or_default();
                assert!(!message.starts_with("internal error"), "{message}");
            }
        }
    }
}
