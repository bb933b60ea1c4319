use std::ops::ControlFlow;

use serde_json::json;

use super::*;
use crate::store::{
    Faults, Store, StoreError,
    fixture::{TestFolder, TestSpan, line},
};

fn query(needle: &str, case: LetterCase) -> SearchQuery {
    SearchQuery {
        needle: Needle::new(needle, case),
        sessions: SessionFilter::default(),
        kind: None,
    }
}

/// Searches a folder, and calls `hit` with the hits alone.
fn search(
    folder: &TestFolder,
    query: &SearchQuery,
    hit: &mut dyn FnMut(Hit) -> ControlFlow<()>,
) -> Result<Faults, StoreError> {
    folder.store().search(query, &mut |step| match step {
        SearchStep::Hit(found) => hit(found),
        SearchStep::Part => ControlFlow::Continue(()),
    })
}

/// Returns the fields with the needle, as `span field: found`.
fn fields(folder: &TestFolder, query: &SearchQuery) -> Vec<String> {
    let mut fields = Vec::new();
    let searched = search(folder, query, &mut |hit| {
        fields.push(format!("{} {}: {}", hit.name, hit.field, hit.excerpt.found));
        ControlFlow::Continue(())
    });
    searched.unwrap();
    fields
}

fn exact(folder: &TestFolder, needle: &str) -> Vec<String> {
    fields(folder, &query(needle, LetterCase::Matters))
}

fn tool(id: u64, text: &str) -> TestSpan {
    TestSpan::new(1, id, 0, &format!("tool t{id}")).text("input.value", text)
}

#[test]
fn search_finds_every_script() {
    let folder = TestFolder::new();
    let texts = [
        "طلب المصباح الأزرق",
        "我要一盏蓝色的灯",
        "青いランプを注文する",
        "ship it 🚀🏳️‍🌈!",
        "naïve café",
    ];
    let spans: Vec<_> = texts.iter().zip(1..).map(|(text, id)| tool(id, text)).collect();
    folder.write(1, &[&spans]);
    for (needle, span) in [("المصباح", 1), ("蓝色", 2), ("ランプ", 3), ("🏳️‍🌈", 4), ("ïve caf", 5)]
    {
        assert_eq!(exact(&folder, needle), [format!("t{span} input.value: {needle}")]);
    }
    assert_eq!(exact(&folder, "灯 "), [""; 0]);
}

#[test]
fn search_leaves_kinds_of_spans_out() {
    let folder = TestFolder::new();
    let called = tool(1, "the right tool").text("openinference.span.kind", "TOOL tool");
    folder.write(1, &[&[called]]);
    assert_eq!(exact(&folder, "tool"), ["t1 input.value: tool"]);
}

#[test]
fn search_finds_text_that_is_escaped_in_file() {
    let folder = TestFolder::new();
    let text = line(&[tool(1, "AAAA ok"), tool(2, "BBBB")]);
    // A writer may escape any character.
    let text = text.replace("AAAA", r"\u65E5本\ud83d\uDE80").replace("BBBB", r"\u006camp\/x");
    folder.write_text(1, &text);
    for (needle, span) in [("日本", 1), ("本🚀", 1), ("🚀 ok", 1), ("lamp/", 2), ("/x", 2)] {
        assert_eq!(exact(&folder, needle), [format!("t{span} input.value: {needle}")]);
    }
}

#[test]
fn search_finds_json_within_text_at_any_depth() {
    let folder = TestFolder::new();
    let inner = json!({"say": "she said \"hi\"\nand left"}).to_string();
    let middle = json!({"arguments": inner}).to_string();
    folder.write(1, &[&[tool(1, &json!([middle]).to_string()), tool(2, r#"cut {"a":"b\\c\"d"#)]]);
    let found = |needle: &str| [format!("t1 input.value: {needle}")];
    assert_eq!(exact(&folder, "said \"hi\"\nand"), found("said \"hi\"\nand"));
    assert_eq!(exact(&folder, r#""say":"she"#), found(r#""say":"she"#));
    assert_eq!(exact(&folder, r#"{\"say\""#), found(r#"{\"say\""#));
    assert_eq!(exact(&folder, "said hi"), [""; 0]);
    assert_eq!(exact(&folder, r#"b\c"d"#), [r#"t2 input.value: b\c"d"#]);
}

#[test]
fn search_reads_every_field_and_each_text_once() {
    let folder = TestFolder::new();
    let list = json!({"arrayValue": {"values": [{"stringValue": "a lamp"}, {"intValue": "4711"}]}});
    let span = TestSpan::new(1, 1, 0, "tool lamp_search")
        .text("input.value", "lamp 1")
        .text("gen_ai.tool.call.arguments", "lamp 1")
        .text("operation.name", "lamp_search")
        .value("tags", &list)
        .count("age", 47112)
        .failed("no lamp")
        .event("lamp event", "exception.message", "no lamp")
        .event("retry", "reason", "lamp is busy");
    folder.write(1, &[&[span]]);
    let fields = ["name", "error", "input.value", "tags", "event", "reason"];
    let expected = fields.map(|field| format!("lamp_search {field}: lamp"));
    assert_eq!(exact(&folder, "lamp"), expected);
    assert_eq!(exact(&folder, "4711"), ["lamp_search tags: 4711", "lamp_search age: 4711"]);
    assert_eq!(exact(&folder, "stringValue"), [""; 0]);
}

#[test]
fn search_ignores_case_beyond_ascii() {
    let folder = TestFolder::new();
    let texts = ["Große LAMPE", "БОЛЬШАЯ лампа", "300 \u{212a}elvin", "İstanbul", "日本 Lamp"];
    let spans: Vec<_> = texts.iter().zip(1..).map(|(text, id)| tool(id, text)).collect();
    folder.write(1, &[&spans]);
    let any_case = |needle| fields(&folder, &query(needle, LetterCase::Ignored));
    assert_eq!(any_case("gROßE lampe"), ["t1 input.value: Große LAMPE"]);
    assert_eq!(any_case("Большая"), ["t2 input.value: БОЛЬШАЯ"]);
    assert_eq!(any_case("KELVIN"), ["t3 input.value: \u{212a}elvin"]);
    assert_eq!(any_case("i\u{307}stan"), ["t4 input.value: İstan"]);
    assert_eq!(any_case("日本 lAMP"), ["t5 input.value: 日本 Lamp"]);
    assert_eq!(any_case("lamp").len(), 2);
}

#[test]
fn search_passes_over_what_is_broken() {
    let folder = TestFolder::new();
    let (good, bad) = (line(&[tool(1, "lamp 1")]), line(&[tool(2, "lamp 2")]));
    let foreign = line(&[TestSpan::new(9, 3, 0, "tool t3").text("input.value", "lamp 3")]);
    let invalid = bad.replace("]}]}]}", ",7]}]}]}");
    folder.write_text(1, &format!("{invalid}lamp\n\n{foreign}{good}{}", &bad[..bad.len() - 9]));
    folder.write_text(2, "");
    let (mut found, query) = (Vec::new(), query("lamp", LetterCase::Matters));
    let faults = search(&folder, &query, &mut |hit| {
        found.push(hit.excerpt.after);
        ControlFlow::Continue(())
    });
    assert_eq!(found, [" 1"]);
    let reasons: Vec<_> =
        faults.unwrap().first().iter().map(|fault| fault.reason.clone()).collect();
    let column = invalid.len() - "]}]}]}\n".len();
    assert_eq!(
        reasons,
        [
            format!(
                "no OTLP trace: invalid type: integer `7`, expected struct RawSpan at line 1 column {column}"
            ),
            "no OTLP trace: expected value at line 1 column 1".to_owned(),
            "the last line is cut off".to_owned(),
        ]
    );
}

#[test]
fn search_stops_when_told() {
    let folder = TestFolder::new();
    for session in 1..=9 {
        folder.write(session, &[&[TestSpan::new(session, 1, 0, "tool lamp")]]);
    }
    let (mut count, query) = (0, query("lamp", LetterCase::Matters));
    let searched = search(&folder, &query, &mut |_| {
        count += 1;
        if count < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    assert!(searched.is_ok());
    assert_eq!(count, 3);
}

#[test]
fn search_selects_kind_and_session() {
    let folder = TestFolder::new();
    for (session, name) in [(1, "nightly"), (2, "support")] {
        let root = TestSpan::new(session, 1, 0, &format!("session {name}")).at(session as u64, 9);
        let call = TestSpan::new(session, 2, 1, "llm lamp").at(3, 4);
        let tool = TestSpan::new(session, 3, 1, "tool lamp").at(4, 5);
        folder.write(session, &[&[call, tool], &[root.ended()]]);
    }
    let spans = |sessions: SessionFilter, kind: Option<&str>| {
        let kind = kind.map(str::to_owned);
        let (mut found, mut query) = (Vec::new(), query("lamp", LetterCase::Matters));
        (query.sessions, query.kind) = (sessions, kind);
        let searched = search(&folder, &query, &mut |hit| {
            found.push((hit.session.to_string().ends_with('1'), hit.kind));
            ControlFlow::Continue(())
        });
        searched.unwrap();
        found
    };
    let named = SessionFilter { name: "night".to_owned(), ..Default::default() };
    let recent = SessionFilter { since: 2, ..Default::default() };
    let (llm, tool) = ("llm".to_owned(), "tool".to_owned());
    assert_eq!(spans(named, None), [(true, llm.clone()), (true, tool)]);
    assert_eq!(spans(recent, Some("llm")), [(false, llm)]);
}

#[test]
fn has_hit_reads_one_session() {
    let folder = TestFolder::new();
    let with = folder.write(1, &[&[tool(1, "lamp")]]);
    let without = folder.write(2, &[&[TestSpan::new(2, 1, 0, "tool bulb")]]);
    let needle = Needle::new("lamp", LetterCase::Matters);
    let has_hit = |session| folder.store().has_hit(session, &needle).unwrap();
    assert_eq!([with, without].map(has_hit), [true, false]);
}
