//! Messages about `redact`.

use super::{SEARCH, assert_answers};
use crate::{keyword::Kind, tests::messages};

#[test]
fn redaction_needs_a_captured_argument() {
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
fn redaction_is_disabled_for_functions_and_blocks() {
    for args in ["redact = off", "redact = off, skip_all", "redact = off, capture_input = false"] {
        assert!(messages(Kind::Tool, args, SEARCH).is_empty(), "{args}");
    }
    assert!(
        messages(Kind::Tool, "redact = off", "impl A { pub fn f(&self, token: &str) {} }")
            .is_empty()
    );
}
