//! Random lists of options: such as fit a function, and such as do not.

use crate::{choice::Choice, function::Function};

/// Options that every macro takes.
const SHARED: [&str; 13] = [
    "name = \"named\"",
    "version = \"1.2\"",
    "tags(\"a\", \"b\")",
    "fields(k = 1, a.b = %2, \"quoted key\" = ?Some(3), none = None::<u8>)",
    "capture_output = false",
    "max_len = 64",
    "err = off",
    "level = \"info\"",
    "level = 3",
    "target = \"elsewhere\"",
    "crate = ::agentops",
    "capture_input = true",
    "stream = false",
];

/// Options of one macro.
fn own(kind: &str) -> &'static [&'static str] {
    match kind {
        "session" => &[
            "session_id = zero()",
            "user_id = Some(\"u\")",
            "metadata(plan = text(), n = 1)",
            "budget(tokens = 5, usd = 0.5, seconds = zero())",
        ],
        "agent" => &["role = \"r\"", "description = text()", "id = 7"],
        "tool" => &["description = \"d\"", "cost = 0.5"],
        "llm" => &["model = text()", "provider = \"p\"", "operation = \"chat\"", "response = told"],
        "guardrail" => &["spec = \"input\""],
        _ => &[],
    }
}

/// A list that fits.
pub(crate) fn valid(function: &Function, choice: &mut Choice) -> String {
    let mut options: Vec<String> =
        choice.some_of(&SHARED, 5).into_iter().map(|option| (*option).to_owned()).collect();
    // One level is enough.
    if options.iter().filter(|option| option.starts_with("level")).count() == 2 {
        options.retain(|option| option != "level = 3");
    }
    if function.place.is_block() {
        options.retain(|option| !option.starts_with("fields"));
    }
    if function.is_stream() && choice.once_in(3) {
        options.retain(|option| option != "stream = false");
        options.push("stream = true".to_owned());
    }
    options.extend(choice.some_of(own(function.kind), 2).into_iter().map(|it| (*it).to_owned()));
    if function.kind == "traced" {
        options.push("kind = \"reranker\"".to_owned());
    }
    options.extend(selection(function, choice));
    shuffled(options, choice).join(", ")
}

fn selection(function: &Function, choice: &mut Choice) -> Option<String> {
    let names = function.names();
    let name = (!names.is_empty()).then(|| *choice.one_of(&names));
    let name = name.map(|name| if name == "type" { "r#type" } else { name });
    let name = name.filter(|_| !function.place.is_block());
    match choice.below(8) {
        0 => Some("skip_all".to_owned()),
        3 => name.map(|name| format!("redact({name})")),
        4 => name.map(|name| format!("redact({name} = mask)")),
        1 => name.map(|name| format!("skip({name})")),
        2 => name.map(|name| format!("only({name})")),
        _ => None,
    }
}

/// Options that are wrong wherever they stand.
const WRONG: [&str; 28] = [
    "nmae = \"x\"",
    "whatever",
    "name",
    "name = 5",
    "name = \"\"",
    "name(\"x\")",
    "skip",
    "skip()",
    "skip(nothing_of_the_kind)",
    "skip(self)",
    "skip_all = true",
    "max_len = \"long\"",
    "max_len = 0",
    "capture_input = 1",
    "capture_output",
    "err = Loud",
    "level = \"chatty\"",
    "level = 9",
    "tags(1)",
    "tags()",
    "fields(1 + 1)",
    "fields(a = )",
    "crate = relative::path",
    "version = 2",
    "stream = 1",
    "redact",
    "redact(nothing_of_the_kind)",
    "redact(self = mask)",
];

/// Tokens from which nonsense is made.
const TOKENS: [&str; 14] = [
    "name", "skip", "=", ",", "(a)", "\"text\"", "5", "::", "fields", "%", "{ }", "[1]", "true",
    "#",
];

/// A list that cannot fit: one wrong option among good ones, two of a kind, or nonsense.
pub(crate) fn invalid(function: &Function, choice: &mut Choice) -> String {
    let good = valid(function, choice);
    let wrong = match choice.below(4) {
        0 => "target = \"one\", target = \"two\"".to_owned(),
        1 => nonsense(choice),
        _ => (*choice.one_of(&WRONG)).to_owned(),
    };
    if good.is_empty() || choice.once_in(2) { wrong } else { format!("{good}, {wrong}") }
}

/// Always begins with what no option begins with.
fn nonsense(choice: &mut Choice) -> String {
    let tokens = (0..choice.below(6)).map(|_| *choice.one_of(&TOKENS));
    let tokens: Vec<_> = std::iter::once("?").chain(tokens).collect();
    tokens.join(" ")
}

fn shuffled(mut options: Vec<String>, choice: &mut Choice) -> Vec<String> {
    for place in (1..options.len()).rev() {
        options.swap(place, choice.below(place + 1));
    }
    options
}
