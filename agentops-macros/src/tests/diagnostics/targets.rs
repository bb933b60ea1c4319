//! Messages about the annotated item.

use crate::{keyword::Kind, tests::messages};

#[test]
fn targets_are_functions_with_a_body() {
    let cases = [
        (
            "pub struct A;",
            "`#[tool]` works on functions and impl blocks; on a struct, use `#[agent]`",
        ),
        ("enum A {}", "`#[tool]` works on functions and impl blocks; found an enum"),
        ("union A { b: u8 }", "`#[tool]` works on functions and impl blocks; found a union"),
        ("mod a {}", "`#[tool]` works on functions and impl blocks; found a module"),
        ("static A: u8 = 1;", "`#[tool]` works on functions and impl blocks; found a static"),
        (
            "pub(crate) const A: u8 = 1;",
            "`#[tool]` works on functions and impl blocks; found a constant",
        ),
        ("unsafe auto trait A {}", "`#[tool]` works on functions and impl blocks; found a trait"),
        ("pub use a::b;", "`#[tool]` works on functions and impl blocks; found an import"),
        ("type A = B;", "`#[tool]` works on functions and impl blocks; found a type alias"),
        (
            "unsafe extern \"C\" { fn a(); }",
            "`#[tool]` works on functions and impl blocks; found an extern block",
        ),
        (
            "extern crate a;",
            "`#[tool]` works on functions and impl blocks; found an `extern crate`",
        ),
        (
            "macro_rules! a { () => {} }",
            "`#[tool]` works on functions and impl blocks; found a macro",
        ),
        ("a::b! {}", "`#[tool]` works on functions and impl blocks; found a macro"),
        ("", "`#[tool]` works on functions and impl blocks; found something else"),
        (
            "#[inline] fn a(&self);",
            "`#[tool]` needs a function body; annotate the function that implements this declaration",
        ),
        ("pub const unsafe fn a() {}", "`#[tool]` cannot be used on a `const fn`; remove `const`"),
        (
            "unsafe extern \"C\" fn a(b: u8, ...) {}",
            "`#[tool]` cannot be used on a variadic function; remove `...`",
        ),
    ];
    for (item, answer) in cases {
        assert_eq!(messages(Kind::Tool, "", item), [answer], "`{item}`");
    }
}

#[test]
fn impl_block_needs_methods_and_names_no_arguments() {
    let cases = [
        (
            "",
            "impl A { fn a(&self) {} pub fn b() {} pub(crate) fn c(&self) {} pub const fn d(&self) {} }",
            "`#[tool]` finds no `pub` method with `self` in this impl block; annotate the functions that are meant",
        ),
        (
            "",
            "unsafe impl<T> A for T {}",
            "`#[tool]` finds no method with `self` in this impl block; annotate the functions that are meant",
        ),
        (
            "",
            "impl Future for A { type Output = u8; fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u8> {} }",
            "`#[tool]` finds only methods that are polled, which get no span of their own; annotate the one that is meant",
        ),
        (
            "",
            "impl A { #[agentops(skip)] pub fn a(&self) {} #[agentops::skip] pub fn b(&self) {} }",
            "`#[tool]` has nothing to annotate, every method is skipped; remove it",
        ),
        (
            "",
            "impl A { #[agentops(skip)] #[task] pub fn a(&self) {} }",
            "`#[task]` and `skip` cannot be used together; keep one",
        ),
        (
            "",
            "impl A { #[agentops(skp)] pub fn a(&self) {} }",
            "`#[agentops(…)]` takes `skip` here; write `#[agentops(skip)]`",
        ),
        (
            "skip(a)",
            "impl A { pub fn a(&self, a: u8) {} }",
            "`skip` speaks of a function's arguments; put it on the method it is for",
        ),
        (
            "nmae = 1",
            "impl A { pub fn a(&self) {} pub fn b(&self) {} }",
            "unknown argument `nmae`; did you mean `name`?",
        ),
        (
            "",
            "#[agentops(skip)] fn a() {}",
            "`skip` leaves a method out of an annotated impl block; remove it or `#[tool]`",
        ),
        (
            "",
            "#[cfg_attr(x, agentops::skip)] fn a() {}",
            "`skip` leaves a method out of an annotated impl block; remove it or `#[tool]`",
        ),
        (
            "",
            "impl A { #[cfg_attr(x, inline, agentops::skip)] #[task] pub fn a(&self) {} }",
            "`#[task]` and `skip` cannot be used together; keep one",
        ),
        (
            "",
            "impl A { #[cfg_attr(x, agentops(skp))] pub fn a(&self) {} }",
            "`#[agentops(…)]` takes `skip` here; write `#[agentops(skip)]`",
        ),
        (
            "",
            "fn a(#[cfg_attr(x, agentops::skip)] b: u8) {}",
            "arguments are left out by the attribute of their function; write `#[tool(skip(…))]`",
        ),
        (
            "",
            "fn a(#[agentops(skip)] b: u8) {}",
            "arguments are left out by the attribute of their function; write `#[tool(skip(…))]`",
        ),
        (
            "",
            "impl A for B { #[track_caller] fn a(&self) {} #[agentops(skip)] #[track_caller] fn b(&self) {} }",
            "`#[track_caller]` cannot be kept on an annotated method of a trait; annotate an inherent method that \
             this one calls, and leave this one out with `#[agentops(skip)]`",
        ),
        (
            "",
            "#[track_caller] fn a((b, c): (u8, u8), d: u8) {}",
            "an annotated function with `#[track_caller]` takes arguments by name; name this one and destructure it \
             in the body",
        ),
        (
            "",
            "#[cfg_attr(x, track_caller)] fn a(#[cfg(x)] b: u8) {}",
            "an annotated function with `#[track_caller]` always takes its arguments; write a function for each condition",
        ),
        ("", "impl A;", "expected an impl block with braces"),
    ];
    for (args, item, answer) in cases {
        assert_eq!(messages(Kind::Tool, args, item), [answer], "`{item}`");
    }
    assert!(messages(Kind::Tool, "", "impl A { #[task] fn a() {} }").is_empty());
    assert!(messages(Kind::Tool, "", "impl A { #[track_caller] pub fn a(&self) {} }").is_empty());
    assert!(
        messages(Kind::Tool, "", "impl A for B { #[track_caller] async fn a(&self) {} }")
            .is_empty()
    );
}

#[test]
fn main_is_no_function_to_annotate() {
    let session = "`#[session]` on `main` begins before `init` can run; move the body into a function of its \
                   own, annotate that and call it after `agentops::init()`";
    let agent = "`#[agent]` on `main` is never inside a session; annotate a function that is called below a \
                 `#[session]` function";
    for item in
        ["fn main() {}", "#[tokio::main] async fn main() -> Result<(), E> { half. written }"]
    {
        assert_eq!(messages(Kind::Session, "", item), [session], "{item}");
        assert_eq!(messages(Kind::Agent, "", item), [agent], "{item}");
    }
    for another in [
        "fn main(&self) {}",
        "fn main(args: &[String]) {}",
        "fn main<T: Run>() {}",
        "pub async fn main() {}",
        "fn main_loop() {}",
        "impl A { pub fn main(&self) {} }",
    ] {
        assert!(messages(Kind::Session, "", another).is_empty(), "{another}");
    }
}

#[test]
fn agent_identity_is_given_once_on_a_struct() {
    let agent = |args: &str, item: &str| messages(Kind::Agent, args, item);
    let marked = |mark: &str| agent("", &format!("struct A {{ #[agentops{mark}] a: u8 }}"));
    assert_eq!(marked("(nam)"), ["unknown mark `nam`; did you mean `name`?"]);
    assert_eq!(marked("(version)"), ["unknown mark `version`; expected `name`, `id` or `role`"]);
    assert_eq!(marked(""), ["`#[agentops]` needs a word on a field; write `#[agentops(name)]`"]);
    assert_eq!(
        agent("", "struct A(#[agentops(id)] u8, #[agentops(id)] u8);"),
        ["another field gives the id, too; keep one"]
    );
    assert_eq!(
        agent("name = \"a\"", "struct A(#[agentops(name)] u8);"),
        ["the name is given by the option `name`, too; keep one"]
    );
    assert_eq!(
        agent("role = 1", "#[agentops(role = 2)] struct A;"),
        ["duplicate argument `role`; keep one"]
    );
    assert_eq!(
        agent("skip_all, tags(\"a\")", "struct A;"),
        [
            "`skip_all` speaks of calls; put it on an impl block or a method of the struct",
            "`tags` speaks of calls; put it on an impl block or a method of the struct"
        ]
    );
    assert_eq!(
        messages(Kind::Tool, "", "struct A;"),
        ["`#[tool]` works on functions and impl blocks; on a struct, use `#[agent]`"]
    );
    assert_eq!(
        agent("", "enum A {}"),
        ["`#[agent]` works on functions, impl blocks and structs; found an enum"]
    );
}
