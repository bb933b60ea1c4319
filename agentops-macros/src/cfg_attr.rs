//! Parses `#[cfg_attr(…)]`. Whether its condition holds is not known when the macro expands.

use syn::{Meta, Token, parse::Parser, punctuated::Punctuated};

/// Returns the condition and the attributes under it.
pub(crate) fn conditional(meta: &Meta) -> Option<(Meta, Vec<Meta>)> {
    let list = meta.require_list().ok().filter(|list| list.path.is_ident("cfg_attr"))?;
    let parser = Punctuated::<Meta, Token![,]>::parse_terminated;
    let mut metas = parser.parse2(list.tokens.clone()).ok()?.into_iter();
    Some((metas.next()?, metas.collect()))
}
