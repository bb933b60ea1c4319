//! Parses an impl block: its head and its members; bodies are kept as tokens.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{
    Attribute, Error, Ident, ItemImpl, Result, Signature, Token, Type, TypeParamBound, Visibility,
    ext::IdentExt,
    parse::{ParseStream, Parser},
};

use super::{
    Item,
    function::{split_inner_attributes, unknown_modifiers},
    is_function,
    polled_methods::is_polled,
};

/// Annotated impl block.
pub(crate) struct Block {
    pub(crate) attributes: Vec<Attribute>,
    /// Tokens between the attributes and the braces.
    pub(crate) head: TokenStream,
    /// Span of the keyword `impl`.
    pub(crate) keyword: Span,
    pub(crate) implements_trait: bool,
    /// Name of the implementing type, if it has one.
    pub(crate) type_name: Option<String>,
    pub(crate) braces: Span,
    /// Inner attributes of the block, `#![…]`.
    pub(crate) inner_attributes: TokenStream,
    pub(crate) members: Vec<Member>,
}

/// Member of an impl block.
pub(crate) enum Member {
    Function(Box<Method>),
    /// Constant, type or macro call.
    Other(TokenStream),
}

/// Function of an impl block.
pub(crate) struct Method {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    /// Tokens after the attributes.
    pub(crate) rest: TokenStream,
}

impl Block {
    /// Returns the functions of the block.
    pub(crate) fn methods(&self) -> impl Iterator<Item = &Method> {
        self.members.iter().filter_map(|member| match member {
            Member::Function(method) => Some(&**method),
            Member::Other(_) => None,
        })
    }

    /// Returns `true` if an attribute on the block applies to this method.
    pub(crate) fn reaches(&self, method: &Method) -> bool {
        self.could_reach(method) && !is_polled(&method.signature)
    }

    /// Returns `true` if an attribute on the block would apply, even if the method is polled by an executor.
    pub(crate) fn could_reach(&self, method: &Method) -> bool {
        let visible = self.implements_trait || matches!(method.visibility, Visibility::Public(_));
        let Signature { constness, variadic, .. } = &method.signature;
        let can_be_annotated = constness.is_none() && variadic.is_none();
        visible && can_be_annotated && method.signature.receiver().is_some()
    }
}

/// Parses an impl block after its attributes.
pub(super) fn parse(
    attributes: &[Attribute],
    keyword: Span,
    input: ParseStream<'_>,
) -> Result<Item> {
    let mut tokens: Vec<TokenTree> = input.parse::<TokenStream>()?.into_iter().collect();
    let Some(TokenTree::Group(body)) = tokens.pop() else {
        return Err(Error::new(keyword, "expected an impl block with braces"));
    };
    let head: TokenStream = tokens.into_iter().collect();
    let ItemImpl { trait_, self_ty, .. } = syn::parse2(quote! { #head {} })?;
    let (inner_attributes, members) = split_inner_attributes(body.stream());
    let block = Block {
        attributes: attributes.to_vec(),
        head,
        keyword,
        implements_trait: trait_.is_some(),
        type_name: type_name(&self_ty),
        braces: braces(&body)?,
        inner_attributes,
        members: all_members.parse2(members)?,
    };
    Ok(Item::Block(Box::new(block)))
}

fn braces(body: &Group) -> Result<Span> {
    match body.delimiter() {
        Delimiter::Brace => Ok(body.span()),
        _ => Err(Error::new(body.span(), "expected an impl block with braces")),
    }
}

/// Returns the name of a type, without its path, generics and references.
fn type_name(of: &Type) -> Option<String> {
    match of {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.unraw().to_string()),
        Type::Reference(reference) => type_name(&reference.elem),
        Type::Paren(paren) => type_name(&paren.elem),
        Type::Group(group) => type_name(&group.elem),
        Type::TraitObject(object) => object.bounds.iter().find_map(|bound| match bound {
            TypeParamBound::Trait(bound) => {
                bound.path.segments.last().map(|last| last.ident.unraw().to_string())
            }
            _ => None,
        }),
        _ => None,
    }
}

fn all_members(input: ParseStream<'_>) -> Result<Vec<Member>> {
    let mut members = Vec::new();
    while !input.is_empty() {
        members.push(member(input)?);
    }
    Ok(members)
}

fn member(input: ParseStream<'_>) -> Result<Member> {
    let attributes = input.call(Attribute::parse_outer)?;
    let ahead = input.fork();
    let visibility: Visibility = ahead.parse()?;
    if !is_function(&ahead) {
        let rest = up_to_its_end(input);
        return Ok(Member::Other(quote! { #(#attributes)* #rest }));
    }
    unknown_modifiers(&ahead)?;
    let signature: Signature = ahead.parse()?;
    let mut rest = TokenStream::new();
    while !input.is_empty() && input.cursor() < ahead.cursor() {
        input.parse::<TokenTree>()?.to_tokens(&mut rest);
    }
    // The body, or the `;` in place of one.
    input.parse::<TokenTree>()?.to_tokens(&mut rest);
    Ok(Member::Function(Box::new(Method { attributes, visibility, signature, rest })))
}

/// Takes a constant or a type up to its `;`, or a macro call up to its braces.
fn up_to_its_end(input: ParseStream<'_>) -> TokenStream {
    let mut taken = TokenStream::new();
    let mut called = false;
    while !input.is_empty() {
        let is_call = input.peek(Ident::peek_any) && input.peek2(Token![!]);
        let Ok(token) = input.parse::<TokenTree>() else { break };
        token.to_tokens(&mut taken);
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ';' => break,
            TokenTree::Group(group) if called && group.delimiter() == Delimiter::Brace => break,
            TokenTree::Punct(_) => {}
            _ => called = is_call,
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use syn::{Type, parse_str};

    use super::type_name;

    #[test]
    fn type_name_is_the_last_segment() {
        let name = |text: &str| type_name(&parse_str::<Type>(text).unwrap());
        assert_eq!(name("Web").as_deref(), Some("Web"));
        assert_eq!(name("crate::web::Web<'a, T>").as_deref(), Some("Web"));
        assert_eq!(name("&'a mut (r#type)").as_deref(), Some("type"));
        assert_eq!(name("dyn Search + Send + 'a").as_deref(), Some("Search"));
        assert_eq!(name("[u8]"), None);
    }
}
