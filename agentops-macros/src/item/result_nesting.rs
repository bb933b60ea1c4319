//! Counts the `Result`s that may be nested in a type, as far as its spelling shows.
//!
//! Each one costs compile time, so types known to contain none are not checked.

use syn::{
    AngleBracketedGenericArguments, GenericArgument, PathArguments, PathSegment, Type,
    TypeParamBound, ext::IdentExt,
};

use super::plain_types::is_data;

/// Wrapper types whose content is searched.
const OPEN: [&str; 11] = [
    "Option",
    "Box",
    "Arc",
    "Rc",
    "Pin",
    "Poll",
    "ControlFlow",
    "BoxFuture",
    "LocalBoxFuture",
    "BoxStream",
    "LocalBoxStream",
];

/// Returns the maximum number of nested `Result`s. An unknown name counts as one, since it may be an alias.
pub(super) fn results(of: &Type) -> usize {
    match of {
        Type::Path(path) => path.path.segments.last().map_or(0, of_name),
        Type::Reference(reference) => results(&reference.elem),
        Type::Paren(paren) => results(&paren.elem),
        Type::Group(group) => results(&group.elem),
        Type::ImplTrait(hidden) => hidden.bounds.iter().map(of_bound).max().unwrap_or(0),
        Type::TraitObject(object) => object.bounds.iter().map(of_bound).max().unwrap_or(0),
        Type::Macro(_) => 1,
        _ => 0,
    }
}

fn of_name(name: &PathSegment) -> usize {
    let word = name.ident.unraw().to_string();
    if word == "Result" {
        // Only the first argument is the success type.
        return 1 + arguments(name).next().map_or(0, of_argument);
    }
    // A collection has several outcomes, so it has none of its own.
    if is_data(&word) {
        return 0;
    }
    let inside = arguments(name).map(of_argument).max().unwrap_or(0);
    inside + usize::from(!OPEN.contains(&word.as_str()))
}

fn of_bound(bound: &TypeParamBound) -> usize {
    let TypeParamBound::Trait(bound) = bound else { return 0 };
    let last = bound.path.segments.last();
    last.and_then(|name| arguments(name).map(of_argument).max()).unwrap_or(0)
}

fn arguments(name: &PathSegment) -> impl Iterator<Item = &GenericArgument> {
    let arguments = match &name.arguments {
        PathArguments::AngleBracketed(AngleBracketedGenericArguments { args, .. }) => Some(args),
        _ => None,
    };
    let all = arguments.into_iter().flatten();
    all.filter(|argument| {
        matches!(argument, GenericArgument::Type(_) | GenericArgument::AssocType(_))
    })
}

fn of_argument(argument: &GenericArgument) -> usize {
    match argument {
        GenericArgument::Type(of) => results(of),
        GenericArgument::AssocType(of) => results(&of.ty),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use syn::{Type, parse_str};

    use super::results;

    #[test]
    fn nested_results_are_counted() {
        let count = |text: &str| results(&parse_str::<Type>(text).unwrap());
        for (text, expected) in [
            ("()", 0),
            ("u64", 0),
            ("&'static str", 0),
            ("Vec<Result<u8, E>>", 0),
            ("(Result<u8, E>, u8)", 0),
            ("Answer", 1),
            ("Self::Output", 1),
            ("io::Result<String>", 1),
            ("fmt::Result", 1),
            ("Result<Vec<Answer>, my::Error>", 1),
            ("Option<Result<(), E>>", 1),
            ("Result<Answer, E>", 2),
            ("Reply<Answer>", 2),
            ("Result<Option<Arc<Result<u8, E>>>, Elapsed>", 2),
            ("Result<Result<Answer, Elapsed>, JoinError>", 3),
            ("BoxFuture<'a, Result<Result<u8, E>, F>>", 2),
            ("Pin<Box<dyn Future<Output = Result<u8, E>> + Send + 'a>>", 1),
            ("impl Stream<Item = Result<Chunk, E>> + Send", 2),
        ] {
            assert_eq!(count(text), expected, "{text}");
        }
    }
}
