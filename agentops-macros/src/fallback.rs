//! What comes out when something is wrong: the errors, beside the item as the user wrote it.

use proc_macro2::TokenStream;
use syn::Error;

use crate::mark;

/// Keeps the item, so that no second error says that it cannot be found, and editors still know it.
pub(crate) fn keep(item: TokenStream, error: &Error) -> TokenStream {
    let mut tokens = error.to_compile_error();
    tokens.extend(mark::strip(item));
    tokens
}
