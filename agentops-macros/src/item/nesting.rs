//! The number of `Result`s that may stand in one another in a type, as far as its spelling tells.
//!
//! Each one costs the compiler something, so what is known to hold none is not asked.

use syn::{
    AngleBracketedGenericArguments, GenericArgument, PathArguments, PathSegment, Type,
    TypeParamBound, ext::IdentExt,
};

use super::data::is_data;

/// Types that are looked through.
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

/// The most `Result`s in one another; a name that is not known may hide one.
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
        // The rest of its arguments are no successes.
        return 1 + arguments(name).next().map_or(0, of_argument);
    }
    // Several outcomes are none.
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
    all.filter(|it| matches!(it, GenericArgument::Type(_) | GenericArgument::AssocType(_)))
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
    fn results_in_one_another_are_counted_as_far_as_they_may_be_hidden() {
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
