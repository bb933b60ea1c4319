//! Output in case of errors: the errors, and the item as the user wrote it.

use proc_macro2::TokenStream;
use syn::Error;

use crate::own_attributes;

/// Keeps the item, so that no further errors report it as missing, and editors still find it.
pub(crate) fn keep(item: TokenStream, error: &Error) -> TokenStream {
    let mut tokens = error.to_compile_error();
    tokens.extend(own_attributes::strip(item));
    tokens
}
