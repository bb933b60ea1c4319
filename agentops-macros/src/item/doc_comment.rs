//! Extracts a description from the doc comment.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// Returns the first paragraph of a doc comment as one line.
pub(crate) fn first_paragraph(attributes: &[Attribute]) -> Option<String> {
    let text: Vec<String> = attributes.iter().filter_map(doc).collect();
    let paragraph: Vec<&str> = text
        .iter()
        .flat_map(|part| part.lines())
        .map(undecorated)
        .skip_while(|line| line.is_empty())
        .take_while(|line| !line.is_empty())
        .collect();
    (!paragraph.is_empty()).then(|| paragraph.join(" "))
}

fn doc(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(meta) = &attribute.meta else { return None };
    match &meta.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if meta.path.is_ident("doc") => {
            // An empty `///` has no lines, but it ends a paragraph.
            Some(if text.value().is_empty() { "\n".to_owned() } else { text.value() })
        }
        _ => None,
    }
}

/// Removes the indentation of a line, and the `*` that starts the lines of a block comment.
fn undecorated(line: &str) -> &str {
    let line = line.trim();
    match line.strip_prefix('*') {
        Some(rest) if rest.is_empty() || rest.starts_with(' ') => rest.trim(),
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;
    use syn::{Attribute, parse::Parser};

    use super::first_paragraph;

    fn paragraph(tokens: proc_macro2::TokenStream) -> Option<String> {
        first_paragraph(&Attribute::parse_outer.parse2(tokens).unwrap())
    }

    #[test]
    fn first_paragraph_is_joined_to_one_line() {
        let docs = quote! {
            #[doc = " Looks up"]
            #[doc = " a page."]
            #[doc = ""]
            #[doc = " Details."]
        };
        assert_eq!(paragraph(docs).as_deref(), Some("Looks up a page."));
    }

    #[test]
    fn block_comment_loses_its_stars() {
        let docs =
            quote! { #[doc = "\n     * Looks up\n     * a page.\n     *\n     * Details.\n     "] };
        assert_eq!(paragraph(docs).as_deref(), Some("Looks up a page."));
    }

    #[test]
    fn other_attributes_are_no_description() {
        assert_eq!(paragraph(quote! { #[inline] #[doc(hidden)] #[doc = include_str!("x")] }), None);
    }
}
