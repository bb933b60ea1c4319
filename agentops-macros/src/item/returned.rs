//! Classifies return types: a plain value, or a future or stream whose work continues after the call.

use proc_macro2::Span;
use syn::{
    AssocType, GenericArgument, PathArguments, PathSegment, Type, TypeParamBound, parse_quote,
    punctuated::Punctuated, spanned::Spanned,
};

use super::plain_types::is_data;

/// Meaning of a return type for the span of the function.
pub(crate) enum Returned {
    /// Value that is complete when the function returns.
    Value,
    /// Type whose name shows nothing; the compiler decides by the actual type.
    Unknown,
    /// Type whose name shows nothing, but an option requires deferred work.
    Required { work: Work, span: Span },
    /// `Result` whose success is deferred work.
    Result(Box<Self>),
    /// `Option` of deferred work.
    Option(Box<Self>),
    /// Future, with the meaning of its output and the output type as far as it can be written in a body.
    Future { place: Place, meaning: Box<Self>, output: Box<Type>, span: Span },
    /// Stream or iterator, with the type of its items as far as it can be written in a body.
    Items { place: Place, work: Work, item: Box<Type>, span: Span },
}

/// Kind of work that continues after a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    Future,
    Stream,
    Iterator,
}

/// Form in which a future, a stream or an iterator is returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// `impl Trait`.
    Bare,
    /// `Box<dyn Trait>`.
    Boxed,
    /// `Pin<Box<dyn Trait>>`.
    Pinned,
}

/// Options that state whether the returned value is a future, or a stream or an iterator.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct WorkOptions {
    pub(crate) future: Option<bool>,
    pub(crate) stream: Option<bool>,
}

impl WorkOptions {
    fn allows(self, work: Work) -> bool {
        let allowed = if work == Work::Future { self.future } else { self.stream };
        allowed != Some(false)
    }

    /// Returns the kind of work that the options require, if any.
    fn required(self) -> Option<Work> {
        let future = (self.future == Some(true)).then_some(Work::Future);
        future.or((self.stream == Some(true)).then_some(Work::Stream))
    }
}

impl Returned {
    /// Classifies the return type of a function. For an `async fn` this is the output of its future.
    pub(crate) fn of(output: &Type, options: WorkOptions) -> Self {
        if let Some((word, inner)) = fallible(output) {
            return match (word, Self::of(inner, options)) {
                (_, Self::Value) => Self::Value,
                ("Result", goes_on) => Self::Result(Box::new(goes_on)),
                (_, goes_on) => Self::Option(Box::new(goes_on)),
            };
        }
        let span = output.span();
        match Found::of(output).filter(|found| options.allows(found.work)) {
            Some(Found { work: Work::Future, place, item }) => {
                // The output of the future is to it what a returned value is to an `async fn`.
                let meaning = Box::new(Self::of(&item, WorkOptions { future: None, ..options }));
                Self::Future { place, meaning, output: Box::new(writable(&item)), span }
            }
            Some(Found { work, place, item }) => {
                Self::Items { place, work, item: Box::new(writable(&item)), span }
            }
            None => Self::unspelled(output, options),
        }
    }

    /// Classifies a type whose spelling shows no deferred work.
    fn unspelled(output: &Type, options: WorkOptions) -> Self {
        match options.required() {
            Some(work) if matches!(output, Type::ImplTrait(_)) => Self::of_trait(output, work),
            Some(work) => Self::Required { work, span: output.span() },
            None if options.future == Some(false) || options.stream == Some(false) => Self::Value,
            None if says_nothing(output) && Found::of(output).is_none() => Self::Unknown,
            None => Self::Value,
        }
    }

    /// Classifies `impl Trait` with a trait of the program, whose kind of work an option states.
    fn of_trait(output: &Type, work: Work) -> Self {
        let (place, span, unknown) = (Place::Bare, output.span(), Box::new(unknown()));
        match work {
            Work::Future => {
                Self::Future { place, meaning: Box::new(Self::Value), output: unknown, span }
            }
            work => Self::Items { place, work, item: unknown, span },
        }
    }

    /// Returns `true` if no work continues after the call.
    pub(crate) fn is_value(&self) -> bool {
        matches!(self, Self::Value)
    }

    /// Returns `true` if the value is itself deferred work, which cannot be an error instead.
    pub(crate) fn is_work(&self) -> bool {
        match self {
            Self::Option(_) | Self::Future { .. } | Self::Items { .. } | Self::Required { .. } => {
                true
            }
            Self::Value | Self::Unknown | Self::Result(_) => false,
        }
    }

    /// Returns `true` if it contains a future, so that the call starts when the future is first polled.
    pub(crate) fn is_deferred(&self) -> bool {
        match self {
            Self::Result(inner) | Self::Option(inner) => inner.is_deferred(),
            Self::Future { .. } => true,
            Self::Value | Self::Unknown | Self::Required { .. } | Self::Items { .. } => false,
        }
    }

    /// Returns the path to a type that the compiler classifies: `ok` for a `Result`, `some` for an `Option`.
    pub(crate) fn way_to_unknown(&self) -> Option<Vec<&'static str>> {
        let (step, inner) = match self {
            Self::Unknown => return Some(Vec::new()),
            Self::Result(inner) => ("ok", inner),
            Self::Option(inner) => ("some", inner),
            _ => return None,
        };
        let mut way = inner.way_to_unknown()?;
        way.insert(0, step);
        Some(way)
    }
}

/// Names of further types that count as plain values; a stream type with such a name is treated as a value, too.
const VALUES: [&str; 6] = ["Arc", "Cow", "LlmResponse", "Message", "Rc", "Value"];

fn is_value(name: &str) -> bool {
    is_data(name) || VALUES.contains(&name)
}

/// Returns `true` if a type is a name that may stand for any type.
fn says_nothing(output: &Type) -> bool {
    match output {
        Type::Group(group) => says_nothing(&group.elem),
        Type::Paren(paren) => says_nothing(&paren.elem),
        Type::ImplTrait(_) => true,
        Type::Path(path) => {
            let last = path.path.segments.last();
            last.is_some_and(|last| !is_value(&last.ident.to_string()))
        }
        _ => false,
    }
}

/// Replaces each `impl Trait` in a type by `_`, since it can only be written in a signature.
pub(crate) fn writable(of: &Type) -> Type {
    let mut written = of.clone();
    match &mut written {
        Type::ImplTrait(_) => return parse_quote!(_),
        Type::Path(path) => {
            let segments = path.path.segments.iter_mut();
            for argument in segments.filter_map(|segment| arguments_mut(&mut segment.arguments)) {
                for inner in argument.iter_mut() {
                    if let GenericArgument::Type(inner) = inner {
                        *inner = writable(inner);
                    }
                }
            }
        }
        _ => {}
    }
    written
}

fn arguments_mut(
    of: &mut PathArguments,
) -> Option<&mut Punctuated<GenericArgument, syn::Token![,]>> {
    match of {
        PathArguments::AngleBracketed(arguments) => Some(&mut arguments.args),
        PathArguments::None | PathArguments::Parenthesized(_) => None,
    }
}

/// Future, stream or iterator recognised by its type.
struct Found {
    work: Work,
    place: Place,
    /// Output of the future, or item of the stream or iterator.
    item: Type,
}

impl Found {
    fn of(output: &Type) -> Option<Self> {
        match output {
            Type::Group(group) => Self::of(&group.elem),
            Type::Paren(paren) => Self::of(&paren.elem),
            Type::ImplTrait(_) => Self::among(bounds(output)?, Place::Bare),
            Type::Path(path) => Self::named(path.path.segments.last()?),
            _ => None,
        }
    }

    /// Recognises a path: a box of a trait object, pinned or not, or one of the usual aliases.
    fn named(last: &PathSegment) -> Option<Self> {
        let item = first_type(last);
        let pinned =
            |work| Self { work, place: Place::Pinned, item: item.cloned().unwrap_or_else(unknown) };
        match last.ident.to_string().as_str() {
            "BoxFuture" | "LocalBoxFuture" => Some(pinned(Work::Future)),
            "BoxStream" | "LocalBoxStream" => Some(pinned(Work::Stream)),
            "Pin" => {
                let Type::Path(inner) = item? else { return None };
                let inner = inner.path.segments.last().filter(|inner| inner.ident == "Box")?;
                Self::among(bounds(first_type(inner)?)?, Place::Pinned)
            }
            "Box" => {
                let bounds = bounds(item?)?;
                let can_move =
                    bounds.iter().any(|bound| trait_name(bound).as_deref() == Some("Unpin"));
                Self::among(bounds, Place::Boxed)
                    .filter(|found| can_move || found.work == Work::Iterator)
            }
            _ => None,
        }
    }

    /// Recognises bounds. Returns `None` for a bound that the wrapper type could not satisfy.
    fn among(bounds: &Punctuated<TypeParamBound, syn::Token![+]>, place: Place) -> Option<Self> {
        let mut found: Option<(Work, Option<Type>)> = None;
        for bound in bounds {
            let TypeParamBound::Trait(of) = bound else { continue };
            let last = of.path.segments.last()?;
            let (work, item) = match last.ident.to_string().as_str() {
                "Future" | "FusedFuture" => (Work::Future, associated(last, "Output")),
                "TryFuture" => (Work::Future, fallible_item(last)),
                "Stream" | "FusedStream" => (Work::Stream, associated(last, "Item")),
                "TryStream" => (Work::Stream, fallible_item(last)),
                "Iterator" | "DoubleEndedIterator" | "ExactSizeIterator" | "FusedIterator" => {
                    (Work::Iterator, associated(last, "Item"))
                }
                "Send" | "Sync" | "Unpin" | "Sized" | "Debug" => continue,
                _ => return None,
            };
            let earlier = found.take().and_then(|(_, item)| item);
            found = Some((work, item.or(earlier)));
        }
        let (work, item) = found?;
        Some(Self { work, place, item: item.unwrap_or_else(unknown) })
    }
}

/// Returns the item of a `TryStream` or the output of a `TryFuture`, if both associated types are given.
fn fallible_item(of: &PathSegment) -> Option<Type> {
    let (ok, error) = (associated(of, "Ok")?, associated(of, "Error")?);
    Some(parse_quote!(::core::result::Result<#ok, #error>))
}

fn unknown() -> Type {
    parse_quote!(_)
}

fn bounds(of: &Type) -> Option<&Punctuated<TypeParamBound, syn::Token![+]>> {
    match of {
        Type::ImplTrait(of) => Some(&of.bounds),
        Type::TraitObject(of) => Some(&of.bounds),
        Type::Group(group) => bounds(&group.elem),
        Type::Paren(paren) => bounds(&paren.elem),
        _ => None,
    }
}

fn trait_name(bound: &TypeParamBound) -> Option<String> {
    let TypeParamBound::Trait(bound) = bound else { return None };
    bound.path.segments.last().map(|last| last.ident.to_string())
}

/// Returns the word and the first type argument of `Result<T, …>` or `Option<T>`.
fn fallible(output: &Type) -> Option<(&'static str, &Type)> {
    match output {
        Type::Group(group) => fallible(&group.elem),
        Type::Paren(paren) => fallible(&paren.elem),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            let word = ["Result", "Option"].into_iter().find(|word| last.ident == word)?;
            Some((word, first_type(last)?))
        }
        _ => None,
    }
}

fn arguments(of: &PathSegment) -> impl Iterator<Item = &GenericArgument> {
    let arguments = match &of.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        PathArguments::None | PathArguments::Parenthesized(_) => None,
    };
    arguments.into_iter().flatten()
}

fn first_type(of: &PathSegment) -> Option<&Type> {
    arguments(of).find_map(|argument| match argument {
        GenericArgument::Type(first) => Some(first),
        _ => None,
    })
}

fn associated(of: &PathSegment, name: &str) -> Option<Type> {
    arguments(of).find_map(|argument| match argument {
        GenericArgument::AssocType(AssocType { ident, ty, .. }) if ident == name => {
            Some(ty.clone())
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use quote::ToTokens;
    use syn::{Type, parse_str};

    use super::{Returned, WorkOptions, writable};

    const BY_TYPE: WorkOptions = WorkOptions { future: None, stream: None };

    fn meaning(text: &str, options: WorkOptions) -> String {
        spelled(&Returned::of(&parse_str::<Type>(text).unwrap(), options))
    }

    fn spelled(returned: &Returned) -> String {
        match returned {
            Returned::Value => "value".to_owned(),
            Returned::Unknown => "unknown".to_owned(),
            Returned::Required { work, .. } => format!("required {work:?}"),
            Returned::Result(inner) => format!("result of {}", spelled(inner)),
            Returned::Option(inner) => format!("option of {}", spelled(inner)),
            Returned::Future { place, meaning, output, .. } => {
                format!("{place:?} Future of {}: {}", written(output), spelled(meaning))
            }
            Returned::Items { place, work, item, .. } => {
                format!("{place:?} {work:?} of {}", written(item))
            }
        }
    }

    fn written(of: &Type) -> String {
        of.to_token_stream().to_string().replace(' ', "")
    }

    fn assert_all(options: WorkOptions, cases: &[(&str, &str)]) {
        for (text, expected) in cases {
            assert_eq!(meaning(text, options), *expected, "`{text}`");
        }
    }

    #[test]
    fn work_is_found_in_every_place() {
        assert_all(
            BY_TYPE,
            &[
                ("u8", "value"),
                ("Result<Vec<BoxStream<u8>>, E>", "value"),
                ("impl Future<Output = u8> + Send + 'a + use<'a>", "Bare Future of u8: value"),
                ("impl std::future::Future", "Bare Future of _: value"),
                (
                    "Pin<Box<dyn Future<Output = Result<u8, E>> + Send + 'a>>",
                    "Pinned Future of Result<u8,E>: value",
                ),
                ("Box<dyn Future<Output = u8> + Unpin>", "Boxed Future of u8: value"),
                ("futures::future::BoxFuture<'a, u8>", "Pinned Future of u8: value"),
                (
                    "LocalBoxFuture<'static, BoxFuture<'a, u8>>",
                    "Pinned Future of BoxFuture<'a,u8>: Pinned Future of u8: value",
                ),
                ("Result<impl Future<Output = u8>, E>", "result of Bare Future of u8: value"),
                (
                    "Pin<Box<dyn Future<Output = Result<BoxStream<'a, u8>>>>>",
                    "Pinned Future of Result<BoxStream<'a,u8>>: result of Pinned Stream of u8",
                ),
                ("impl futures::Stream<Item = u8> + Send", "Bare Stream of u8"),
                ("Pin<Box<dyn Stream<Item = u8>>>", "Pinned Stream of u8"),
                (
                    "anyhow::Result<Option<LocalBoxStream<'_, u8>>>",
                    "result of option of Pinned Stream of u8",
                ),
                ("impl Iterator<Item = u8> + '_", "Bare Iterator of u8"),
                ("Box<dyn Iterator<Item = u8> + Send>", "Boxed Iterator of u8"),
            ],
        );
    }

    #[test]
    fn bounds_are_kept_if_our_wrapper_keeps_them() {
        assert_all(
            BY_TYPE,
            &[
                ("impl Future<Output = u8> + FusedFuture", "Bare Future of u8: value"),
                ("impl FusedFuture<Output = u8>", "Bare Future of u8: value"),
                (
                    "impl TryFuture<Ok = u8, Error = E>",
                    "Bare Future of ::core::result::Result<u8,E>: value",
                ),
                ("impl Stream<Item = u8> + FusedStream + Debug", "Bare Stream of u8"),
                ("impl TryStream", "Bare Stream of _"),
                ("impl DoubleEndedIterator<Item = u8> + ExactSizeIterator", "Bare Iterator of u8"),
                ("impl Future<Output = u8> + Clone", "unknown"),
                ("impl IntoFuture<Output = u8>", "unknown"),
                ("impl Iterator<Item = u8> + Clone", "unknown"),
                ("impl Fn() -> u8", "unknown"),
            ],
        );
    }

    #[test]
    fn opaque_name_is_left_to_the_compiler() {
        assert_all(
            BY_TYPE,
            &[
                ("Result<ChatCompletionResponseStream, OpenAIError>", "result of unknown"),
                ("client::Answer<'_>", "unknown"),
                ("Self::Future", "unknown"),
                ("Box<dyn Future<Output = u8>>", "unknown"),
                ("Pin<Box<F>>", "unknown"),
                ("Option<Answer>", "option of unknown"),
                (
                    "BoxFuture<'a, Result<Answer, E>>",
                    "Pinned Future of Result<Answer,E>: result of unknown",
                ),
                ("Result<Vec<Answer>, E>", "value"),
                ("std::string::String", "value"),
                ("(Answer, u8)", "value"),
                ("&Answer", "value"),
            ],
        );
    }

    #[test]
    fn options_say_what_it_is_or_is_not() {
        let stream = |is| WorkOptions { stream: Some(is), ..BY_TYPE };
        let future = |is| WorkOptions { future: Some(is), ..BY_TYPE };
        assert_all(
            stream(false),
            &[
                ("BoxStream<u8>", "value"),
                ("impl Iterator<Item = u8>", "value"),
                ("Named", "value"),
            ],
        );
        assert_all(
            stream(true),
            &[
                ("Result<Tokens, E>", "result of required Stream"),
                ("impl Tokens", "Bare Stream of _"),
                ("BoxStream<u8>", "Pinned Stream of u8"),
                ("BoxFuture<'a, Tokens>", "Pinned Future of Tokens: required Stream"),
            ],
        );
        assert_all(
            future(true),
            &[
                ("Named", "required Future"),
                ("impl Named", "Bare Future of _: value"),
                ("BoxFuture<'a, u8>", "Pinned Future of u8: value"),
            ],
        );
        assert_all(
            future(false),
            &[("BoxFuture<'a, u8>", "value"), ("impl Future<Output = u8>", "value")],
        );
    }

    #[test]
    fn type_is_written_without_impl() {
        let without = |text: &str| written(&writable(&parse_str::<Type>(text).unwrap()));
        assert_eq!(without("Result<Pin<Box<impl A>>, E>"), "Result<Pin<Box<_>>,E>");
        assert_eq!(without("impl A<B>"), "_");
    }
}
