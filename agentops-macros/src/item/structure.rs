//! Parses a struct, whose fields can provide the identity of the agent it stands for.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{
    Attribute, Field, Fields, Generics, Index, ItemStruct, Meta, Result, Type, Visibility,
    ext::IdentExt, parse::ParseStream, spanned::Spanned,
};

use super::{Item, doc_comment, function};
use crate::{keyword, own_attributes::is_helper, tokens::mentions};

/// Annotated struct.
pub(crate) struct Structure {
    /// Declaration without the `#[agentops(…)]` helper attributes.
    pub(crate) declaration: ItemStruct,
    /// Span of the keyword `struct`.
    pub(crate) keyword: Span,
    /// Content of the `#[agentops(…)]`s on the struct.
    pub(crate) options: TokenStream,
    /// `#[agentops(…)]`s on the fields, in order.
    pub(crate) marks: Vec<FieldMark>,
}

/// Helper attribute on a field, and the part of the agent's identity it provides, if valid.
pub(crate) struct FieldMark {
    pub(crate) part: Option<IdentityPart>,
    /// Content of the parentheses.
    pub(crate) written: String,
    pub(crate) span: Span,
    /// Name or index of the field.
    pub(crate) member: TokenStream,
    pub(crate) of_type: Type,
    /// `#[cfg]`s that the field depends on.
    pub(crate) conditions: Vec<Attribute>,
}

/// Part of an agent's identity that a field can provide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdentityPart {
    Name,
    Id,
    Role,
}

impl IdentityPart {
    pub(crate) const ALL: [Self; 3] = [Self::Name, Self::Id, Self::Role];

    /// Returns the keyword of this part.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Name => keyword::NAME,
            Self::Id => keyword::ID,
            Self::Role => keyword::ROLE,
        }
    }
}

impl Structure {
    pub(crate) fn name(&self) -> String {
        self.declaration.ident.unraw().to_string()
    }

    pub(crate) fn generics(&self) -> &Generics {
        &self.declaration.generics
    }

    /// Returns the first paragraph of the doc comment.
    pub(crate) fn description(&self) -> Option<String> {
        doc_comment::first_paragraph(&self.declaration.attrs)
    }

    /// Returns the first field that provides this part of the identity.
    pub(crate) fn field(&self, part: IdentityPart) -> Option<&FieldMark> {
        self.marks.iter().find(|mark| mark.part == Some(part))
    }

    /// Returns `true` if a type depends on the type parameters of the struct.
    pub(crate) fn is_generic(&self, of: &Type) -> bool {
        let mut parameters = self.generics().type_params();
        parameters.any(|parameter| mentions(of.to_token_stream(), &parameter.ident))
    }
}

/// Parses a struct after its attributes and visibility.
pub(super) fn parse(
    attributes: Vec<Attribute>,
    visibility: Visibility,
    input: ParseStream<'_>,
) -> Result<Item> {
    let mut declaration: ItemStruct = input.parse()?;
    declaration.vis = visibility;
    let (ours, others) = attributes.into_iter().partition(is_ours);
    declaration.attrs = others;
    let marks = match &mut declaration.fields {
        Fields::Unit => Vec::new(),
        Fields::Named(fields) => take_marks(fields.named.iter_mut()),
        Fields::Unnamed(fields) => take_marks(fields.unnamed.iter_mut()),
    };
    let keyword = declaration.struct_token.span;
    let options = options(ours);
    Ok(Item::Structure(Box::new(Structure { declaration, keyword, options, marks })))
}

fn is_ours(attribute: &Attribute) -> bool {
    is_helper(attribute.path())
}

/// Joins the options of several `#[agentops(…)]`s.
fn options(attributes: Vec<Attribute>) -> TokenStream {
    let lists = attributes.into_iter().map(|attribute| match attribute.meta {
        Meta::List(list) => list.tokens,
        other => other.to_token_stream(),
    });
    lists.map(|tokens| quote! { #tokens, }).collect()
}

fn take_marks<'a>(fields: impl Iterator<Item = &'a mut Field>) -> Vec<FieldMark> {
    fields.enumerate().flat_map(|(place, field)| marks_of(place, field)).collect()
}

fn marks_of(place: usize, field: &mut Field) -> Vec<FieldMark> {
    let (ours, others) = std::mem::take(&mut field.attrs).into_iter().partition(is_ours);
    field.attrs = others;
    let ours: Vec<Attribute> = ours;
    ours.into_iter().map(|attribute| mark(place, field, &attribute)).collect()
}

fn mark(place: usize, field: &Field, attribute: &Attribute) -> FieldMark {
    let (written, span) = match &attribute.meta {
        Meta::List(list) => (list.tokens.to_string(), first_span(&list.tokens)),
        _ => (String::new(), None),
    };
    let part = IdentityPart::ALL.into_iter().find(|part| part.word() == written);
    let span = span.unwrap_or_else(|| attribute.path().span());
    let member = match &field.ident {
        Some(name) => name.to_token_stream(),
        None => Index::from(place).to_token_stream(),
    };
    let conditions = function::conditions(&field.attrs);
    FieldMark { part, written, span, member, of_type: field.ty.clone(), conditions }
}

fn first_span(tokens: &TokenStream) -> Option<Span> {
    tokens.clone().into_iter().next().map(|token| token.span())
}
