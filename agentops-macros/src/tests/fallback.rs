use super::{annotate, messages, spaced};
use crate::keyword::Kind;

fn kept(args: &str, item: &str) -> bool {
    let expanded = annotate(Kind::Tool, &args.parse().unwrap(), item.parse().unwrap());
    let expanded = spaced(&expanded);
    expanded.contains("compile_error") && expanded.ends_with(&spaced(&item.parse().unwrap()))
}

#[test]
fn item_with_a_wrong_attribute_is_unchanged() {
    assert!(kept(
        "nmae = 1",
        "/// Docs.\n pub(crate) async unsafe fn f<'a>(&self, (a, mut b): T) -> R where T: U { a.b! }"
    ));
}

#[test]
fn wrong_item_is_unchanged() {
    assert!(kept("", "struct Web { field: u8 }"));
    assert!(kept("", "fn declared(&self);"));
    assert!(kept("", "impl<T> Web<T> { fn f() {} }"));
}

#[test]
fn wrong_block_loses_only_our_marks() {
    let block = "impl A { #[inline] #[agentops(skip)] fn f(&self) { a.; } }";
    let expanded = annotate(Kind::Tool, &quote::quote!(a = 1), block.parse().unwrap());
    let kept = "impl A { #[inline] fn f(&self) { a.; } }";
    assert!(spaced(&expanded).ends_with(&spaced(&kept.parse().unwrap())));
}

#[test]
fn unparsable_item_is_unchanged() {
    assert!(kept("", "fn f(a: ) {}"));
    assert!(kept("", "fn f"));
    assert!(kept("", "pub"));
}

#[test]
fn body_is_not_parsed() {
    let half_written = "fn f(query: &str) { query. let x = ; if { }";
    let expanded =
        annotate(Kind::Tool, &quote::quote!(), format!("{half_written} }}").parse().unwrap());
    assert!(spaced(&expanded).contains("query . let x = ; if { }"));
}

#[test]
fn modifiers_that_nobody_knows_yet_are_kept() {
    let expanded =
        annotate(Kind::Tool, &quote::quote!(), "pub default unsafe fn f() {}".parse().unwrap());
    assert!(spaced(&expanded).starts_with("pub default unsafe fn f () {"));
}

#[test]
fn macro_never_panics() {
    let args = [
        "",
        ",",
        "=",
        "name =",
        "name = ,",
        "skip(",
        "fields(%)",
        "fields(=)",
        "crate = ::",
        "a b c",
        "::<>",
        "'a",
    ];
    let items = [
        "",
        ";",
        "fn",
        "fn f",
        "fn f()",
        "fn f() {}",
        "fn f(self, self) {}",
        "#[a",
        "pub",
        "extern \"C\"",
        "!",
        "()",
    ];
    for args in args {
        for item in items {
            if let (Ok(args), Ok(item)) = (args.parse(), item.parse()) {
                annotate(Kind::Llm, &args, item);
            }
        }
    }
}

#[test]
fn argument_and_item_errors_are_reported_together() {
    assert_eq!(
        messages(Kind::Session, "nmae = \"a\", skip(), name = 1", "enum Stage {}"),
        [
            "unknown argument `nmae`; did you mean `name`?",
            "`skip` is empty; write `skip(a, b)` or remove it",
            "`name` takes a string literal or an expression; write `name = \"…\"`",
            "`#[session]` works on functions and impl blocks; found an enum",
        ]
    );
}
