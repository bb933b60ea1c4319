//! Messages about the arguments of an attribute.

use super::{SEARCH, assert_answers};
use crate::{keyword::Kind, tests::messages};

#[test]
fn unknown_argument_suggests_the_nearest() {
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
fn duplicate_argument_is_rejected() {
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
fn value_of_the_wrong_form_is_rejected() {
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
fn value_outside_of_the_known_ones_is_rejected() {
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
fn list_of_the_wrong_form_is_rejected() {
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
fn selection_names_arguments_once() {
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
        messages(Kind::Tool, "skip(a)", "fn f() {}"),
        ["`skip` names `a`, which is not an argument; the function has none"]
    );
    assert_eq!(
        messages(Kind::Tool, "skip(a)", "fn f((b, _): C, _: D) {}"),
        ["`skip` names `a`, which is not an argument; the only one is `b`"]
    );
}

#[test]
fn custom_kind_has_its_own_name() {
    assert_answers(
        Kind::Traced,
        &[
            ("name = \"a\"", "`#[traced]` needs a kind; write `#[traced(kind = \"…\")]`"),
            ("kind = \"\"", "`kind` is empty; give a kind"),
            ("kind = 5", "`kind` takes a string literal; write `kind = \"…\"`"),
            ("kind = \"llm\"", "`llm` is a kind of its own; use `#[llm]` instead of `#[traced]`"),
        ],
    );
    assert!(messages(Kind::Traced, "kind = \"traced\"", SEARCH).is_empty());
}

#[test]
fn budget_limits_are_numbers() {
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
fn metadata_and_response_of_the_wrong_form_are_rejected() {
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
fn mistakes_are_all_reported() {
    assert_eq!(
        messages(
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
fn valid_arguments_are_accepted() {
    let all = "name = \"a\", version = \"1\", tags(\"a\", \"b\"), \
               fields(k = query.len(), a.b = %query, \"c d\" = ?limit, %query, ?self.x, limit, type = f::<A, B>(1, 2),), \
               skip(query), capture_input = true, capture_output = false, max_len = 32_768usize, err = Debug, \
               level = \"Info\", target = \"t\", crate = ::a::b, description = \"d\", cost = a - 1.0, \
               redact(limit = masks::even::<u8>),";
    assert!(messages(Kind::Tool, all, SEARCH).is_empty());
    for level in ["1", "5", "INFO", "tracing::Level::WARN", "\"error\""] {
        assert!(
            messages(Kind::Session, &format!("level = {level}, only(limit)"), SEARCH).is_empty()
        );
    }
    for root in ["crate", "crate::a", "::a"] {
        assert!(messages(Kind::Agent, &format!("crate = {root}, skip_all"), SEARCH).is_empty());
    }
}
