//! Attributes under a condition, `#[cfg_attr(…)]`: whether it holds, nobody knows here.

use syn::{Meta, Token, parse::Parser, punctuated::Punctuated};

/// The condition, and the attributes under it.
pub(crate) fn conditional(meta: &Meta) -> Option<(Meta, Vec<Meta>)> {
    let list = meta.require_list().ok().filter(|list| list.path.is_ident("cfg_attr"))?;
    let parser = Punctuated::<Meta, Token![,]>::parse_terminated;
    let mut metas = parser.parse2(list.tokens.clone()).ok()?.into_iter();
    Some((metas.next()?, metas.collect()))
}
