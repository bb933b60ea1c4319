//! What a function returns, as far as it goes on after the call: a future or a stream.

use proc_macro2::Span;
use syn::{
    AssocType, GenericArgument, PathArguments, PathSegment, Type, TypeParamBound, parse_quote,
    punctuated::Punctuated, spanned::Spanned,
};

/// What a returned type means to the span of its function.
pub(crate) enum Returned {
    /// It is there when the function returns.
    Value,
    /// Its name says nothing: the compiler decides by the type behind it.
    Unknown,
    /// A `Result` of something that goes on.
    Result(Box<Self>),
    /// An `Option` of something that goes on.
    Option(Box<Self>),
    /// A future, with its output: what it means, and its type as far as it can be written in a body.
    Future { place: Place, meaning: Box<Self>, output: Box<Type>, span: Span },
    /// A stream, with the type of its items as far as it can be written in a body.
    Stream { place: Place, item: Box<Type>, span: Span },
}

/// Where a future or a stream stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// `impl Trait`
    Bare,
    /// `Box<dyn Trait + Unpin>`
    Boxed,
    /// `Pin<Box<dyn Trait>>`
    Pinned,
}

/// How streams are found: by the option `stream`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Streams {
    ByType,
    /// The same, and behind names that say nothing.
    ByTypeBehindNames,
    Never,
    Always,
}

impl Returned {
    /// Reads the type that a function returns; the future of an `async fn` is not in it.
    pub(crate) fn of(output: &Type, is_async: bool, streams: Streams) -> Self {
        let within = |inner: &Type| Self::of(inner, is_async, streams);
        if let Some((word, inner)) = fallible(output) {
            return match (word, within(inner)) {
                (_, Self::Value) => Self::Value,
                ("Result", goes_on) => Self::Result(Box::new(goes_on)),
                (_, goes_on) => Self::Option(Box::new(goes_on)),
            };
        }
        let span = output.span();
        let found = Found::of(output);
        let says_nothing = found.is_none() && says_nothing(output);
        match found {
            Some(Found { is_stream: false, place, item }) if !is_async => {
                // What it comes to is to the future what a returned value is to an `async fn`.
                let meaning = Box::new(Self::of(&item, true, streams));
                Self::Future { place, meaning, output: Box::new(writable(&item)), span }
            }
            Some(Found { is_stream: true, place, item }) if streams != Streams::Never => {
                Self::Stream { place, item: Box::new(writable(&item)), span }
            }
            _ if streams == Streams::Always => {
                let is_bare = matches!(output, Type::ImplTrait(_));
                let place = if is_bare { Place::Bare } else { Place::Pinned };
                Self::Stream { place, item: Box::new(unknown()), span }
            }
            _ if streams == Streams::ByTypeBehindNames && says_nothing => Self::Unknown,
            _ => Self::Value,
        }
    }

    /// Whether nothing goes on after the call.
    pub(crate) fn is_value(&self) -> bool {
        matches!(self, Self::Value)
    }

    /// Whether a future is in it.
    pub(crate) fn is_deferred(&self) -> bool {
        match self {
            Self::Result(inner) | Self::Option(inner) => inner.is_deferred(),
            Self::Future { .. } => true,
            Self::Value | Self::Unknown | Self::Stream { .. } => false,
        }
    }
}

/// Types whose name says that they are neither a stream nor a future; whoever gives them to something else
/// has the compiler decide, and loses nothing.
const VALUES: [&str; 34] = [
    "String",
    "Cow",
    "Vec",
    "VecDeque",
    "HashMap",
    "HashSet",
    "BTreeMap",
    "BTreeSet",
    "Box",
    "Rc",
    "Arc",
    "Value",
    "LlmResponse",
    "Message",
    "Duration",
    "PathBuf",
    "bool",
    "char",
    "str",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "f32",
    "f64",
    "NonZero",
];

/// Whether a type is a name that may stand for anything.
fn says_nothing(output: &Type) -> bool {
    match output {
        Type::Group(group) => says_nothing(&group.elem),
        Type::Paren(paren) => says_nothing(&paren.elem),
        Type::Path(path) => {
            let last = path.path.segments.last();
            last.is_some_and(|last| !VALUES.iter().any(|value| last.ident == value))
        }
        _ => false,
    }
}

/// The same type with `_` where an `impl Trait` stands, which may be written in a signature only.
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

/// A future or a stream, as its type tells.
struct Found {
    is_stream: bool,
    place: Place,
    /// What the future comes to, or the stream yields.
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

    /// A path: a box of a trait object, pinned or not, or one of the usual names for it.
    fn named(last: &PathSegment) -> Option<Self> {
        let item = first_type(last);
        match last.ident.to_string().as_str() {
            "BoxFuture" | "LocalBoxFuture" => Some(Self {
                is_stream: false,
                place: Place::Pinned,
                item: item.cloned().unwrap_or_else(unknown),
            }),
            "BoxStream" | "LocalBoxStream" => Some(Self {
                is_stream: true,
                place: Place::Pinned,
                item: item.cloned().unwrap_or_else(unknown),
            }),
            "Pin" => {
                let Type::Path(inner) = item? else { return None };
                let inner = inner.path.segments.last().filter(|inner| inner.ident == "Box")?;
                Self::among(bounds(first_type(inner)?)?, Place::Pinned)
            }
            "Box" => {
                let bounds = bounds(item?)?;
                let can_move =
                    bounds.iter().any(|bound| trait_name(bound).as_deref() == Some("Unpin"));
                if can_move { Self::among(bounds, Place::Boxed) } else { None }
            }
            _ => None,
        }
    }

    /// The bounds of a type: what is wrapped still has to keep each of them.
    fn among(bounds: &Punctuated<TypeParamBound, syn::Token![+]>, place: Place) -> Option<Self> {
        let mut found = None;
        for bound in bounds {
            let TypeParamBound::Trait(of) = bound else { continue };
            let last = of.path.segments.last()?;
            match last.ident.to_string().as_str() {
                "Future" => found = Some((false, associated(last, "Output"))),
                "Stream" => found = Some((true, associated(last, "Item"))),
                "Send" | "Sync" | "Unpin" | "Sized" => {}
                _ => return None,
            }
        }
        let (is_stream, item) = found?;
        Some(Self { is_stream, place, item: item.unwrap_or_else(unknown) })
    }
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

/// The word and the first type of `Result<T, …>` and `Option<T>`.
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

    use super::{Returned, Streams, writable};

    fn meaning(text: &str, is_async: bool, streams: Streams) -> String {
        let returned = Returned::of(&parse_str::<Type>(text).unwrap(), is_async, streams);
        spelled(&returned)
    }

    fn spelled(returned: &Returned) -> String {
        match returned {
            Returned::Value => "value".to_owned(),
            Returned::Unknown => "unknown".to_owned(),
            Returned::Result(inner) => format!("result of {}", spelled(inner)),
            Returned::Option(inner) => format!("option of {}", spelled(inner)),
            Returned::Future { place, meaning, .. } => {
                format!("{place:?} future of {}", spelled(meaning))
            }
            Returned::Stream { place, .. } => format!("{place:?} stream"),
        }
    }

    #[test]
    fn futures_and_streams_are_found_in_every_place() {
        let cases = [
            ("u8", "value"),
            ("Result<Vec<BoxStream<u8>>, E>", "value"),
            ("impl Future<Output = u8> + Send + 'a + use<'a>", "Bare future of value"),
            ("impl Future<Output = u8> + Clone", "value"),
            ("impl std::future::Future", "Bare future of value"),
            ("Pin<Box<dyn Future<Output = Result<u8, E>> + Send + 'a>>", "Pinned future of value"),
            ("Box<dyn Future<Output = u8> + Unpin>", "Boxed future of value"),
            ("Box<dyn Future<Output = u8>>", "value"),
            ("futures::future::BoxFuture<'a, u8>", "Pinned future of value"),
            ("LocalBoxFuture<'static, BoxFuture<'a, u8>>", "Pinned future of value"),
            ("Result<impl Future<Output = u8>, E>", "result of Bare future of value"),
            (
                "Pin<Box<dyn Future<Output = Result<BoxStream<'a, u8>>>>>",
                "Pinned future of result of Pinned stream",
            ),
            ("impl futures::Stream<Item = u8> + Send", "Bare stream"),
            ("Pin<Box<dyn Stream<Item = u8>>>", "Pinned stream"),
            ("anyhow::Result<Option<LocalBoxStream<'_, u8>>>", "result of option of Pinned stream"),
        ];
        for (text, expected) in cases {
            assert_eq!(meaning(text, false, Streams::ByType), expected, "`{text}`");
        }
    }

    #[test]
    fn the_future_of_an_async_function_is_not_what_it_returns() {
        assert_eq!(meaning("BoxFuture<'a, u8>", true, Streams::ByType), "value");
        assert_eq!(
            meaning("io::Result<BoxStream<u8>>", true, Streams::ByType),
            "result of Pinned stream"
        );
    }

    #[test]
    fn a_name_that_says_nothing_is_left_to_the_compiler_where_that_is_asked_for() {
        let cases = [
            ("Result<ChatCompletionResponseStream, OpenAIError>", "result of unknown"),
            ("client::Answer<'_>", "unknown"),
            ("Option<Answer>", "option of unknown"),
            ("BoxFuture<'a, Result<Answer, E>>", "Pinned future of result of unknown"),
            ("Result<BoxStream<u8>, E>", "result of Pinned stream"),
            ("Result<Vec<Answer>, E>", "value"),
            ("std::string::String", "value"),
            ("(Answer, u8)", "value"),
            ("&Answer", "value"),
            ("impl Answer", "value"),
        ];
        for (text, expected) in cases {
            assert_eq!(meaning(text, false, Streams::ByTypeBehindNames), expected, "`{text}`");
        }
        assert_eq!(meaning("BoxFuture<'a, u8>", true, Streams::ByTypeBehindNames), "value");
    }

    #[test]
    fn streams_are_found_or_not_as_the_option_says() {
        assert_eq!(meaning("BoxStream<u8>", false, Streams::Never), "value");
        assert_eq!(meaning("Result<Tokens, E>", false, Streams::Always), "result of Pinned stream");
        assert_eq!(meaning("impl Tokens", false, Streams::Always), "Bare stream");
        assert_eq!(
            meaning("BoxFuture<'a, Tokens>", false, Streams::Always),
            "Pinned future of Pinned stream"
        );
    }

    #[test]
    fn a_type_is_written_without_its_impl() {
        let written = |text: &str| {
            writable(&parse_str::<Type>(text).unwrap())
                .to_token_stream()
                .to_string()
                .replace(' ', "")
        };
        assert_eq!(written("Result<Pin<Box<impl A>>, E>"), "Result<Pin<Box<_>>,E>");
        assert_eq!(written("impl A<B>"), "_");
    }
}
