//! The names that an argument's pattern brings into the body.

use proc_macro2::Ident;
use syn::{Attribute, Pat, Token, ext::IdentExt};

/// One name of a pattern.
pub(crate) struct Binding {
    pub(crate) ident: Ident,
    /// The `mut` of `mut name`; that of `ref mut name` says something else.
    pub(crate) mutability: Option<Token![mut]>,
    /// The `#[cfg]`s that it depends on.
    pub(crate) conditions: Vec<Attribute>,
}

impl Binding {
    /// Whether a list of arguments means this one.
    pub(crate) fn is_called(&self, name: &Ident) -> bool {
        self.ident.unraw() == name.unraw()
    }

    /// Whether the name says that it is not used.
    pub(crate) fn is_underscored(&self) -> bool {
        self.ident.to_string().starts_with('_')
    }

    /// Whether a macro made it up; it is nothing the user wrote.
    pub(crate) fn is_generated(&self) -> bool {
        let name = self.ident.to_string();
        // `async_trait` calls an argument so that has a pattern, or `_`, instead of a name.
        let place = name.strip_prefix("__arg").filter(|place| !place.is_empty());
        let is_place = |place: &str| place.bytes().all(|byte| byte.is_ascii_digit());
        name.starts_with(GENERATED) || place.is_some_and(is_place)
    }
}

/// What every name starts with that the macros make up.
pub(crate) const GENERATED: &str = "__agentops_";

/// Lists the names of a pattern, in order.
pub(super) fn all(pattern: &Pat, conditions: &[Attribute]) -> Vec<Binding> {
    let mut bindings = Vec::new();
    collect(pattern, conditions, &mut bindings);
    bindings
}

fn collect(pattern: &Pat, conditions: &[Attribute], into: &mut Vec<Binding>) {
    let mut each = |pattern: &Pat| collect(pattern, conditions, into);
    match pattern {
        Pat::Ident(name) => {
            let mutability = if name.by_ref.is_none() { name.mutability } else { None };
            into.push(Binding {
                ident: name.ident.clone(),
                mutability,
                conditions: conditions.to_vec(),
            });
            if let Some((_, inner)) = &name.subpat {
                collect(inner, conditions, into);
            }
        }
        // All cases bind the same names.
        Pat::Or(or) => or.cases.iter().take(1).for_each(each),
        Pat::Paren(paren) => each(&paren.pat),
        Pat::Reference(reference) => each(&reference.pat),
        Pat::Slice(slice) => slice.elems.iter().for_each(each),
        Pat::Struct(fields) => {
            for field in &fields.fields {
                let conditions = [conditions, &super::function::conditions(&field.attrs)].concat();
                collect(&field.pat, &conditions, into);
            }
        }
        Pat::Tuple(tuple) => tuple.elems.iter().for_each(each),
        Pat::TupleStruct(tuple) => tuple.elems.iter().for_each(each),
        Pat::Type(typed) => each(&typed.pat),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use syn::{Pat, parse::Parser, parse_quote};

    use super::all;

    fn names(pattern: &str) -> Vec<String> {
        let pattern: Pat = Pat::parse_multi.parse_str(pattern).unwrap();
        all(&pattern, &[]).iter().map(|binding| binding.ident.to_string()).collect()
    }

    #[test]
    fn every_shape_of_pattern_gives_its_names_in_order() {
        assert_eq!(names("a"), ["a"]);
        assert_eq!(names("(a, mut b, _)"), ["a", "b"]);
        assert_eq!(names("Point { x, y: (z, ..), .. }"), ["x", "z"]);
        assert_eq!(names("[first, rest @ ..]"), ["first", "rest"]);
        assert_eq!(names("&(ref a, ref mut b)"), ["a", "b"]);
        assert_eq!(names("whole @ Wrapper(part)"), ["whole", "part"]);
        assert_eq!(names("(Ok(x) | Err(x))"), ["x"]);
        assert!(names("_").is_empty());
    }

    #[test]
    fn the_mut_of_ref_mut_is_not_that_of_the_name() {
        let pattern: Pat = parse_quote!((mut a, ref mut b));
        let mutable: Vec<_> = all(&pattern, &[]).iter().map(|b| b.mutability.is_some()).collect();
        assert_eq!(mutable, [true, false]);
    }
}
