//! Tests of every error message. The UI tests show the spans.

use super::said;
use crate::keyword::Kind;

const SEARCH: &str = "fn search(&self, query: &str, limit: usize) {}";

/// Asserts that each list of arguments, on its own, gets exactly one message.
fn assert_answers(kind: Kind, cases: &[(&str, &str)]) {
    for (args, answer) in cases {
        assert_eq!(said(kind, args, SEARCH), [*answer], "`{args}`");
    }
}

#[test]
fn an_argument_that_is_not_known_gets_the_nearest_or_all_that_are() {
    assert_answers(
        Kind::Task,
        &[
            ("nmae = \"a\"", "unknown argument `nmae`; did you mean `name`?"),
            ("skipall", "unknown argument `skipall`; did you mean `skip_all`?"),
            (
                "parent = f::<A, B>(c, d)",
                "unknown argument `parent`; expected one of `name`, `version`, `tags`, `fields`, `skip`, \
                 `skip_all`, `only`, `redact`, `capture_input`, `capture_output`, `max_len`, `err`, `cancelled`, `future`, `stream`, \
                 `level`, `target`, `crate`",
            ),
            ("model = \"m\"", "`model` belongs to `#[llm]`; remove it from `#[task]`"),
            (
                "description = \"d\"",
                "`description` belongs to `#[agent]` and `#[tool]`; remove it from `#[task]`",
            ),
            ("\"search\"", "`\"search\"` needs a key; write `name = \"search\"`"),
            ("= 1", "expected an argument; write `name = \"…\"`"),
            ("name = \"a\" version = \"1\"", "expected `,`; found `version`"),
            ("skip(query) (b)", "expected `,`"),
        ],
    );
}

#[test]
fn an_argument_is_given_once() {
    assert_answers(
        Kind::Tool,
        &[
            ("name = \"a\", name = \"b\"", "duplicate argument `name`; keep one"),
            ("skip_all, skip_all", "duplicate argument `skip_all`; keep one"),
            ("target = \"a\", err = off, target = \"b\"", "duplicate argument `target`; keep one"),
        ],
    );
}

#[test]
fn a_value_has_the_form_that_its_key_takes() {
    assert_answers(
        Kind::Tool,
        &[
            ("name = 5", "`name` takes a string literal or an expression; write `name = \"…\"`"),
            ("name(\"a\")", "`name` takes a string literal or an expression; write `name = \"…\"`"),
            (
                "name = b\"a\"",
                "`name` takes a string literal or an expression; write `name = \"…\"`",
            ),
            ("version", "`version` needs a value; write `version = \"…\"`"),
            ("target =", "`target` needs a value; write `target = \"…\"`"),
            ("name = \"\"", "`name` is empty; give a name or remove the argument"),
            ("version = \" \"", "`version` is empty; give a version or remove the argument"),
            (
                "capture_input = 1",
                "`capture_input` takes `true` or `false`; write `capture_input = false`",
            ),
            ("capture_output", "`capture_output` needs a value; write `capture_output = false`"),
            ("skip_all = true", "`skip_all` takes no value; write `skip_all`"),
            ("skip_all(query)", "`skip_all` takes no value; write `skip_all`"),
            ("max_len = \"1\"", "`max_len` takes an integer literal; write `max_len = 32_768`"),
            ("max_len = -1", "`max_len` takes an integer literal; write `max_len = 32_768`"),
            ("max_len = 1u8", "`max_len` takes an integer literal; write `max_len = 32_768`"),
            ("max_len = 99999999999999999999999", "`max_len` is too large; give a number of bytes"),
            (
                "max_len = 0",
                "`max_len` is zero; give a number of bytes, or leave values out with `skip_all` and \
                 `capture_output = false`",
            ),
            ("cost", "`cost` needs a value; write `cost = 0.5`"),
            ("cost = \"1\"", "`cost` takes a number; write `cost = 0.5`"),
            ("cost = -1", "`cost` is negative; give zero or more"),
            ("description(\"a\")", "`description` takes an expression; write `description = …`"),
        ],
    );
}

#[test]
fn a_value_is_one_of_those_that_are_known() {
    let levels = "`\"trace\"`, `\"debug\"`, `\"info\"`, `\"warn\"` or `\"error\"`";
    for (value, shown) in [
        ("\"loud\"", "\"loud\""),
        ("0", "0"),
        ("6", "6"),
        ("info", "info"),
        ("Level::Loud", "Level::Loud"),
    ] {
        let answer = format!("unknown `level` value `{shown}`; expected {levels}");
        assert_answers(Kind::Tool, &[(&format!("level = {value}"), &answer)]);
    }
    assert_answers(
        Kind::Guardrail,
        &[
            ("level = f()", &format!("`level` takes a fixed value; expected {levels}")),
            ("err = Pretty", "unknown `err` value `Pretty`; expected `Display`, `Debug` or `off`"),
            (
                "err = \"off\"",
                "unknown `err` value `\"off\"`; expected `Display`, `Debug` or `off`",
            ),
            ("spec = \"both\"", "unknown `spec` value `both`; expected `input` or `output`"),
            ("spec = input", "`spec` takes `\"input\"` or `\"output\"`; write `spec = \"input\"`"),
            ("crate = my::agentops", "`crate` must be an absolute path; write `::my::agentops`"),
            (
                "crate = super::agentops",
                "`crate` must be an absolute path; start it with `crate::`",
            ),
            ("crate = \"agentops\"", "`crate` takes a path; write `crate = ::my_agentops`"),
        ],
    );
}

#[test]
fn a_list_has_the_form_that_its_key_takes() {
    assert_answers(
        Kind::Tool,
        &[
            ("skip", "`skip` needs a list; write `skip(a, b)`"),
            ("only = query", "`only` takes a list; write `only(a, b)`"),
            ("skip()", "`skip` is empty; write `skip(a, b)` or remove it"),
            ("skip(\"query\")", "`skip` takes names of arguments; write `skip(a, b)`"),
            ("skip(query.len)", "expected `,`; found `.`"),
            ("tags = [\"a\"]", "`tags` takes a list; write `tags(\"a\", \"b\")`"),
            ("tags()", "`tags` is empty; write `tags(\"a\", \"b\")` or remove it"),
            ("tags(a)", "`tags` takes string literals; write `tags(\"a\", \"b\")`"),
            ("tags(\"\")", "empty tag; give it a text or remove it"),
            ("tags(\"a\", \"b\", \"a\")", "duplicate tag `a`; keep one"),
            ("fields()", "`fields` is empty; write `fields(key = value)` or remove it"),
            ("fields(a =)", "field `a` needs a value; write `a = …`"),
            ("fields(a = %)", "field `a` needs a value; write `a = …`"),
            ("fields(\"a\")", "field `\"a\"` needs a value; write `\"a\" = …`"),
            ("fields(\"\" = 1)", "empty key; give it a text or remove the field"),
            ("fields(type)", "field `type` needs a value; write `type = …`"),
            ("fields(query.len())", "an expression needs a key; write `key = value`"),
            ("fields(5)", "expected a field; write `key = value`, `%value` or `?value`"),
            ("fields(a = 1, a.b = 2, \"a.b\" = 3)", "duplicate field `a.b`; keep one"),
        ],
    );
}

#[test]
fn a_selection_names_arguments_and_each_one_once() {
    assert_answers(
        Kind::Tool,
        &[
            (
                "skip(quer)",
                "`skip` names `quer`, which is not an argument; arguments are `query`, `limit`",
            ),
            (
                "only(quer)",
                "`only` names `quer`, which is not an argument; arguments are `query`, `limit`",
            ),
            ("skip(self)", "`self` is never captured; remove it"),
            ("skip(limit, limit)", "`limit` is skipped twice; remove one"),
            ("only(limit, limit)", "`limit` is kept twice; remove one"),
            ("skip(limit), skip_all", "`skip` and `skip_all` cannot be used together; keep one"),
            ("only(limit), skip(limit)", "`only` and `skip` cannot be used together; keep one"),
            ("skip_all, only(limit)", "`skip_all` and `only` cannot be used together; keep one"),
            (
                "skip(limit), capture_input = false",
                "`skip` has no effect with `capture_input = false`; keep one",
            ),
            (
                "capture_input = false, only(limit)",
                "`only` has no effect with `capture_input = false`; keep one",
            ),
        ],
    );
    assert_eq!(
        said(Kind::Tool, "skip(a)", "fn f() {}"),
        ["`skip` names `a`, which is not an argument; the function has none"]
    );
    assert_eq!(
        said(Kind::Tool, "skip(a)", "fn f((b, _): C, _: D) {}"),
        ["`skip` names `a`, which is not an argument; the only one is `b`"]
    );
}

#[test]
fn a_custom_kind_has_a_name_of_its_own() {
    assert_answers(
        Kind::Traced,
        &[
            ("name = \"a\"", "`#[traced]` needs a kind; write `#[traced(kind = \"…\")]`"),
            ("kind = \"\"", "`kind` is empty; give a kind"),
            ("kind = 5", "`kind` takes a string literal; write `kind = \"…\"`"),
            ("kind = \"llm\"", "`llm` is a kind of its own; use `#[llm]` instead of `#[traced]`"),
        ],
    );
    assert!(said(Kind::Traced, "kind = \"traced\"", SEARCH).is_empty());
}

#[test]
fn only_functions_with_a_body_are_annotated() {
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
        assert_eq!(said(Kind::Tool, "", item), [answer], "`{item}`");
    }
}

#[test]
fn an_impl_block_needs_methods_and_says_nothing_of_arguments() {
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
        assert_eq!(said(Kind::Tool, args, item), [answer], "`{item}`");
    }
    assert!(said(Kind::Tool, "", "impl A { #[task] fn a() {} }").is_empty());
    assert!(said(Kind::Tool, "", "impl A { #[track_caller] pub fn a(&self) {} }").is_empty());
    assert!(
        said(Kind::Tool, "", "impl A for B { #[track_caller] async fn a(&self) {} }").is_empty()
    );
}

#[test]
fn a_redaction_is_of_an_argument_that_is_captured() {
    let takes = "`redact` takes the path of a function; write `query = path` or `query` alone";
    assert_answers(
        Kind::Tool,
        &[
            ("redact", "`redact` needs a list; write `redact(a, b = path)`"),
            (
                "redact = on",
                "unknown `redact` value `on`; expected `off`; write `redact = off` or `redact(a, b = path)`",
            ),
            (
                "redact = \"off\"",
                "unknown `redact` value `\"off\"`; expected `off`; write `redact = off` or \
                 `redact(a, b = path)`",
            ),
            (
                "cancelled = off",
                "unknown `cancelled` value `off`; expected `error`; leave the argument out if it is none",
            ),
            ("cancelled", "`cancelled` needs a value; write `cancelled = error`"),
            ("redact =", "`redact` needs a value; write `redact = off`"),
            ("redact = off, redact(query)", "duplicate argument `redact`; keep one"),
            ("redact()", "`redact` is empty; write `redact(a, b = path)` or remove it"),
            ("redact(\"query\")", "`redact` takes names of arguments; write `redact(a, b = path)`"),
            ("redact(query =)", takes),
            ("redact(query = \"***\")", takes),
            ("redact(query = |q| q.len())", takes),
            ("redact(query = mask(1))", takes),
            ("redact(query, query)", "`query` is redacted twice; remove one"),
            (
                "redact(quer)",
                "`redact` names `quer`, which is not an argument; arguments are `query`, `limit`",
            ),
            ("redact(self)", "`self` is never captured; remove it"),
            ("redact(query), skip(query)", "`query` is skipped and redacted; keep one"),
            (
                "only(limit), redact(query = a::b)",
                "`only` leaves `query` out; redact what it keeps",
            ),
            ("redact(query), skip_all", "`redact` has no effect with `skip_all`; keep one"),
            (
                "capture_input = false, redact(query)",
                "`redact` has no effect with `capture_input = false`; keep one",
            ),
        ],
    );
}

#[test]
fn redaction_is_switched_off_for_a_function_and_for_a_block() {
    for args in ["redact = off", "redact = off, skip_all", "redact = off, capture_input = false"] {
        assert!(said(Kind::Tool, args, SEARCH).is_empty(), "{args}");
    }
    assert!(
        said(Kind::Tool, "redact = off", "impl A { pub fn f(&self, token: &str) {} }").is_empty()
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
        assert_eq!(said(Kind::Session, "", item), [session], "{item}");
        assert_eq!(said(Kind::Agent, "", item), [agent], "{item}");
    }
    for another in [
        "fn main(&self) {}",
        "fn main(args: &[String]) {}",
        "fn main<T: Run>() {}",
        "pub async fn main() {}",
        "fn main_loop() {}",
        "impl A { pub fn main(&self) {} }",
    ] {
        assert!(said(Kind::Session, "", another).is_empty(), "{another}");
    }
}

#[test]
fn a_budget_has_limits_that_are_numbers() {
    assert_answers(
        Kind::Session,
        &[
            ("budget = 5", "`budget` takes a list; write `budget(tokens = 50_000)`"),
            ("budget()", "`budget` is empty; write `budget(tokens = 50_000)` or remove it"),
            ("budget(5)", "`budget` takes limits; write `budget(tokens = 50_000)`"),
            ("budget(token = 5)", "unknown limit `token`; did you mean `tokens`?"),
            (
                "budget(minutes = 5)",
                "unknown limit `minutes`; expected `tokens`, `usd`, `seconds` or `policy`",
            ),
            ("budget(usd = 5, usd = 6)", "duplicate argument `usd`; keep one"),
            ("budget(tokens)", "`tokens` needs a value; write `tokens = 50_000`"),
            ("budget(tokens = 1.5)", "`tokens` takes a whole number; write `tokens = 50_000`"),
            ("budget(usd = \"1\")", "`usd` takes a number; write `usd = 0.5`"),
            ("budget(seconds = -1)", "`seconds` is negative; give zero or more"),
        ],
    );
}

#[test]
fn metadata_and_the_response_have_the_form_that_they_take() {
    assert_answers(
        Kind::Session,
        &[
            ("metadata", "`metadata` needs a list; write `metadata(key = value)`"),
            ("metadata(a = 1, a = 2)", "duplicate metadata `a`; keep one"),
            ("response = told", "`response` belongs to `#[llm]`; remove it from `#[session]`"),
        ],
    );
    let takes = "`response` takes the path of a function; write `response = path::to::function`";
    assert_answers(
        Kind::Llm,
        &[
            ("response = |it| it", takes),
            ("response = \"told\"", takes),
            ("response = told()", takes),
            ("budget(usd = 1)", "`budget` belongs to `#[session]`; remove it from `#[llm]`"),
            ("metadata(a = 1)", "`metadata` belongs to `#[session]`; remove it from `#[llm]`"),
        ],
    );
}

#[test]
fn an_agents_identity_is_said_once_and_on_a_struct() {
    let agent = |args: &str, item: &str| said(Kind::Agent, args, item);
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
        said(Kind::Tool, "", "struct A;"),
        ["`#[tool]` works on functions and impl blocks; on a struct, use `#[agent]`"]
    );
    assert_eq!(
        agent("", "enum A {}"),
        ["`#[agent]` works on functions, impl blocks and structs; found an enum"]
    );
}

#[test]
fn a_mistake_hides_no_other() {
    assert_eq!(
        said(
            Kind::Tool,
            "name = f(a b), skip(1, 2, quer), fields(a =, b = , c = 1, c = 2), tags(x, y), ;, level = 9, model = 1",
            SEARCH,
        ),
        [
            "expected `,`",
            "`skip` takes names of arguments; write `skip(a, b)`",
            "`skip` takes names of arguments; write `skip(a, b)`",
            "field `a` needs a value; write `a = …`",
            "field `b` needs a value; write `b = …`",
            "`tags` takes string literals; write `tags(\"a\", \"b\")`",
            "`tags` takes string literals; write `tags(\"a\", \"b\")`",
            "expected an argument; write `name = \"…\"`",
            "unknown `level` value `9`; expected `\"trace\"`, `\"debug\"`, `\"info\"`, `\"warn\"` or `\"error\"`",
            "`model` belongs to `#[llm]`; remove it from `#[tool]`",
        ]
    );
}

#[test]
fn what_is_right_is_not_refused() {
    let all = "name = \"a\", version = \"1\", tags(\"a\", \"b\"), \
               fields(k = query.len(), a.b = %query, \"c d\" = ?limit, %query, ?self.x, limit, type = f::<A, B>(1, 2),), \
               skip(query), capture_input = true, capture_output = false, max_len = 32_768usize, err = Debug, \
               level = \"Info\", target = \"t\", crate = ::a::b, description = \"d\", cost = a - 1.0, \
               redact(limit = masks::even::<u8>),";
    assert!(said(Kind::Tool, all, SEARCH).is_empty());
    for level in ["1", "5", "INFO", "tracing::Level::WARN", "\"error\""] {
        assert!(said(Kind::Session, &format!("level = {level}, only(limit)"), SEARCH).is_empty());
    }
    for root in ["crate", "crate::a", "::a"] {
        assert!(said(Kind::Agent, &format!("crate = {root}, skip_all"), SEARCH).is_empty());
    }
}
