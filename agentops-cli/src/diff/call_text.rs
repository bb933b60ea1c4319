//! Call with its arguments as a short text, such as `search(words=["lamp"])`.

use serde_json::{Map, Value};

/// Most characters of the arguments of a call, and of one of them.
const ARGUMENTS: usize = 72;
const ARGUMENT: usize = 40;

/// Returns two calls as texts, shortened so that their difference is seen.
pub(super) fn call_texts(names: [&str; 2], inputs: [Option<&str>; 2]) -> [String; 2] {
    let [older, newer] = arguments(inputs);
    [format!("{}({older})", names[0]), format!("{}({newer})", names[1])]
}

/// Returns a call as a text.
pub(crate) fn call_text(name: &str, input: Option<&str>) -> String {
    let [_, text] = call_texts([name; 2], [None, input]);
    text
}

fn arguments(inputs: [Option<&str>; 2]) -> [String; 2] {
    let objects = inputs.map(|input| match input.map(serde_json::from_str) {
        Some(Ok(Value::Object(entries))) => Some(entries),
        None => Some(Map::new()),
        _ => None,
    });
    match &objects {
        [Some(older), Some(newer)] => [entries(older, newer), entries(newer, older)],
        _ => excerpts(inputs.map(Option::unwrap_or_default), ARGUMENTS),
    }
}

/// Returns the entries of an object. If they are long, those that the other one has as well are left out.
fn entries(object: &Map<String, Value>, other: &Map<String, Value>) -> String {
    let whole: Vec<_> = object.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let whole = whole.join(", ");
    if whole.chars().count() <= ARGUMENTS {
        return whole;
    }
    let mut shown: Vec<String> = Vec::new();
    for (key, value) in object {
        let beside = other.get(key);
        if beside == Some(value) {
            if shown.last().is_none_or(|last| last != "…") {
                shown.push("…".to_owned());
            }
            continue;
        }
        let beside = beside.map(Value::to_string).unwrap_or_default();
        let [value, _] = excerpts([&value.to_string(), &beside], ARGUMENT);
        shown.push(format!("{key}={value}"));
    }
    cut(&shown.join(", "), 0, 2 * ARGUMENTS)
}

/// Returns two texts of at most this many characters, cut so that their first difference is seen.
pub(super) fn excerpts(texts: [&str; 2], most: usize) -> [String; 2] {
    let [older, newer] = texts;
    let same = older.chars().zip(newer.chars()).take_while(|(one, other)| one == other).count();
    // A quarter of the room is for what stands before the difference.
    let start = if same < most / 2 { 0 } else { same - most / 4 };
    texts.map(
        |text| if text.chars().nth(most).is_none() { text.into() } else { cut(text, start, most) },
    )
}

/// Returns the first characters of a text.
pub(super) fn shortened(text: &str, most: usize) -> String {
    cut(text, 0, most)
}

/// Returns the part of a text from a character on; `…` stands for what is left out.
fn cut(text: &str, start: usize, most: usize) -> String {
    let mut rest = text.chars().skip(start);
    let part: String = rest.by_ref().take(most).collect();
    let (before, after) = (if start > 0 { "…" } else { "" }, rest.next().map_or("", |_| "…"));
    format!("{before}{part}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn call_texts_show_arguments_whole_if_short() {
        let inputs = [r#"{"words":["lamp"],"most":3}"#, r#"{"most":3,"words":["bulb"]}"#];
        let texts = call_texts(["search"; 2], inputs.map(Some));
        let expected = [r#"search(most=3, words=["lamp"])"#, r#"search(most=3, words=["bulb"])"#];
        assert_eq!(texts, expected);
        assert_eq!(call_texts(["now", "then"], [None, Some(r#""x""#)]), ["now()", r#"then("x")"#]);
    }

    #[test]
    fn call_texts_leave_out_what_is_equal_if_long() {
        let text = |end: &str| {
            let page = format!("{}{end}", "word ".repeat(50));
            serde_json::json!({ "a": "x".repeat(90), "b": 1, "page": page, "z": 2 }).to_string()
        };
        let [one, other] = [text("lamp"), text("bulb")];
        assert_eq!(
            call_texts(["read"; 2], [Some(&one), Some(&other)]),
            [
                r#"read(…, page=…word word lamp", …)"#.to_owned(),
                r#"read(…, page=…word word bulb", …)"#.to_owned(),
            ]
        );
    }

    #[test]
    fn excerpts_are_cut_around_difference() {
        let [one, other] = ["one", "two"].map(|end| format!("{}{end}", "ä".repeat(100)));
        assert_eq!(excerpts([&one, &other], 12), ["…äääone".to_owned(), "…ääätwo".to_owned()]);
        assert_eq!(excerpts(["short", &other], 8), ["short".to_owned(), "ääääääää…".to_owned()]);
    }
}
