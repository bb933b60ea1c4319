//! Tests of diffs of small sessions.

use std::{
    collections::{BTreeSet, HashMap},
    ops::ControlFlow,
};

use proptest::{collection::vec, prelude::*};
use serde_json::json;

use super::{diff_row::Change, *};
use crate::{
    rows::{SpanTree, roll_up},
    store::{
        FileStore, SessionId, SpanPlace, SpanTable, Store,
        session_fixture::{SpanFixture, write_session},
    },
};

/// Session of a test, read from a file.
struct TestSession {
    table: SpanTable,
    tree: SpanTree,
    digests: Vec<ContentDigest>,
    texts: HashMap<(u64, u32), NodeTexts>,
}

impl TestSession {
    fn new(spans: &[SpanFixture], first_id: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("session.jsonl");
        let session: SessionId = "000000000000000000000000000000ab".parse().unwrap();
        write_session(&path, session, spans, first_id, first_id);
        let store = FileStore::open(path).unwrap();
        let table = store.spans(session).unwrap().table;
        let (mut digests, mut texts) = (Vec::new(), HashMap::new());
        let mut add = |place: SpanPlace, found: crate::store::SpanTexts<'_>| {
            digests.push(ContentDigest::of(&found));
            let [input, output] =
                [found.prompt(), found.output.clone()].map(|text| text.map(Into::into));
            texts.insert((place.offset, place.index), NodeTexts { input, output });
            ControlFlow::Continue(())
        };
        store.visit_texts(session, &mut add).unwrap();
        let tree = SpanTree::new(&table);
        Self { table, tree, digests, texts }
    }

    fn texts(&self) -> impl Fn(SpanPlace) -> Result<NodeTexts, StoreError> {
        |place| Ok(self.texts[&(place.offset, place.index)].clone())
    }

    fn side<'s>(
        &'s self,
        texts: &'s dyn Fn(SpanPlace) -> Result<NodeTexts, StoreError>,
    ) -> DiffSide<'s> {
        let sums = roll_up(&self.table, &self.tree);
        DiffSide { table: &self.table, tree: &self.tree, sums, digests: &self.digests, texts }
    }
}

/// Returns the sentence and the rows of a diff, each as mark, depth, kind, name, changes.
fn diff_of(older: &[SpanFixture], newer: &[SpanFixture]) -> (String, Vec<String>) {
    let (older, newer) = (TestSession::new(older, 1), TestSession::new(newer, 500));
    let texts = (older.texts(), newer.texts());
    let (a, b) = (older.side(&texts.0), newer.side(&texts.1));
    let diff = SessionDiff::new([&a, &b]);
    let rows = diff.rows.iter().map(|row| row_text([&a, &b], row)).collect();
    assert_eq!(diff.is_empty(), diff.rows.iter().all(|row| matches!(row, DiffRow::Same { .. })));
    (diff.sentence([&a, &b]).unwrap(), rows)
}

fn row_text(sides: [&DiffSide<'_>; 2], row: &DiffRow) -> String {
    let (side, node) = row.newest();
    let mark = match row {
        DiffRow::Same { .. } => '=',
        DiffRow::Changed { .. } => '~',
        DiffRow::Removed { .. } => '-',
        DiffRow::Added { .. } => '+',
    };
    let (kind, name) = sides[side].title(node);
    let texts = sides[side].texts(node).unwrap();
    let name = call_text(name, texts.input.as_deref());
    let changes: String = row.changes().iter().map(|change| format!(" {change:?}")).collect();
    format!("{mark} {} {kind} {name}{changes}", row.depth(sides))
}

fn root() -> SpanFixture {
    SpanFixture::new(0, "session", "ask")
}

fn search(words: &str) -> SpanFixture {
    SpanFixture::new(1, "tool", "search").input(&json!({ "words": words }).to_string())
}

fn answer() -> SpanFixture {
    SpanFixture::new(1, "llm", "answer").messages(&[("system", "be short"), ("user", "a lamp")])
}

#[test]
fn siblings_with_equal_arguments_are_paired() {
    let older = [root(), search("a"), search("b"), search("c")];
    let newer = [root(), search("b"), search("c"), search("d")];
    let rows = [
        "= 0 session ask()",
        r#"- 1 tool search(words="a")"#,
        r#"= 1 tool search(words="b")"#,
        r#"= 1 tool search(words="c")"#,
        r#"+ 1 tool search(words="d")"#,
    ];
    let sentence = r#"Call 1: `search(words="a")` is gone."#;
    assert_eq!(diff_of(&older, &newer), (sentence.to_owned(), rows.map(str::to_owned).to_vec()));
}

#[test]
fn siblings_that_are_similar_are_paired_without_equal_ones() {
    let older = [root(), search("all the red lamps of the town"), answer()];
    let newer = [root(), search("a file"), search("all the red lamps of this town"), answer()];
    let rows = [
        "= 0 session ask()",
        r#"+ 1 tool search(words="a file")"#,
        r#"~ 1 tool search(words="all the red lamps of this town") Input"#,
    ];
    assert_eq!(diff_of(&older, &newer).1[..3], rows);
}

#[test]
fn pair_outweighs_equal_argument() {
    let tool = |name, input: &str| SpanFixture::new(1, "tool", name).input(input);
    let older = [root(), tool("a", "1"), tool("b", "1"), tool("c", "1")];
    let newer = [root(), tool("c", "1"), tool("a", "2"), tool("b", "2")];
    let rows = [
        "= 0 session ask()",
        "+ 1 tool c(1)",
        "~ 1 tool a(2) Input",
        "~ 1 tool b(2) Input",
        "- 1 tool c(1)",
    ];
    assert_eq!(diff_of(&older, &newer).1, rows);
}

#[test]
fn only_roots_are_paired_whatever_their_names() {
    let newer = [SpanFixture::new(0, "session", "tell"), search("a")];
    let (sentence, rows) = diff_of(&[root(), search("a")], &newer);
    assert_eq!(rows, ["~ 0 session tell() Name", r#"= 1 tool search(words="a")"#]);
    assert_eq!(sentence, "The only call is the same. Session `ask` became session `tell`.");
}

#[test]
fn removed_span_takes_all_below_it_along() {
    let deep = |depth, name| SpanFixture::new(depth, "tool", name);
    let older = [root(), deep(1, "a"), deep(2, "b"), deep(3, "c"), deep(1, "d")];
    let rows =
        ["= 0 session ask()", "- 1 tool a()", "- 2 tool b()", "- 3 tool c()", "= 1 tool d()"];
    assert_eq!(diff_of(&older, &[root(), deep(1, "d")]).1, rows);
}

#[test]
fn order_of_keys_times_tokens_and_cost_are_no_difference() {
    let llm = |tokens: u64, cost: f64| {
        let llm = answer().with("gen_ai.usage.input_tokens", tokens.into());
        llm.with("agentops.usage.cost_usd", cost.into())
    };
    let tool = |input| SpanFixture::new(1, "tool", "search").input(input);
    let (sentence, rows) = diff_of(
        &[root(), tool(r#"{"a":1,"b":[2]}"#), llm(10, 0.5)],
        &[root(), tool(r#"{ "b": [2], "a": 1 }"#), llm(20, 1.5)],
    );
    assert_eq!(
        (&*sentence, rows.iter().all(|row| row.starts_with('='))),
        ("All 2 calls are the same.", true)
    );
}

#[test]
fn sentence_names_call_that_became_another() {
    let older = [root(), search("x"), answer(), search("lamp")];
    let asked = answer().messages(&[("system", "be short"), ("user", "a lamp of brass, please")]);
    let newer = [root(), search("x"), asked, search("bulb")];
    assert_eq!(
        diff_of(&older, &newer).0,
        r#"Same for 2 calls. Call 3: `search(words="lamp")` became `search(words="bulb")`. The prompt of call 2 differs in message 2 (+3 words)."#
    );
    let (other, read) = (answer().output("read"), SpanFixture::new(1, "tool", "read_file"));
    assert_eq!(
        diff_of(&older, &[root(), search("x"), other, read]).0,
        r#"Same for 2 calls. Call 3: `search(words="lamp")` became `read_file()`. Call 2 answered otherwise to the same prompt."#
    );
}

#[test]
fn sentence_names_each_kind_of_difference() {
    let case =
        |older: SpanFixture, newer: SpanFixture| diff_of(&[root(), older], &[root(), newer]).0;
    let tool = || search("a").output("1");
    let llm = |model: &str| answer().with("gen_ai.request.model", model.into());
    assert_eq!(
        case(tool(), search("a").output("2")),
        r#"Call 1: `search(words="a")` returned `2` instead of `1`."#
    );
    assert_eq!(
        case(tool(), search("a")),
        r#"Call 1: `search(words="a")` returned nothing instead of `1`."#
    );
    assert_eq!(
        case(tool(), tool().failed("no net")),
        r#"Call 1: `search(words="a")` failed: `no net`."#
    );
    assert_eq!(case(tool().failed(""), tool()), r#"Call 1: `search(words="a")` fails no more."#);
    assert_eq!(
        case(tool().failed("x"), tool().failed("y")),
        r#"Call 1: `search(words="a")` failed with `y` instead of `x`."#
    );
    assert_eq!(
        case(tool(), tool().with("agentops.cancelled", true.into())),
        r#"Call 1: `search(words="a")` is cancelled instead of ended."#
    );
    assert_eq!(case(llm("m1"), llm("m2")), "Call 1: llm `answer` went to `m2` instead of `m1`.");
}

#[test]
fn instructions_are_the_first_message_of_a_prompt() {
    let told = |text: &str, input: &[(&str, &str)]| {
        let parts = json!([{ "type": "text", "content": text }]).to_string();
        let call = SpanFixture::new(1, "llm", "answer").messages(input);
        call.with("gen_ai.system_instructions", parts.into())
    };
    let asked = [("user", "a lamp")];
    let older = [root(), told("be short", &asked), search("lamp")];
    let newer = [root(), told("be short and kind", &asked), search("bulb")];
    assert_eq!(
        diff_of(&older, &newer).0,
        r#"Same for 1 call. Call 2: `search(words="lamp")` became `search(words="bulb")`. The prompt of call 1 differs in message 1 (+2 words)."#
    );
    let newer = [root(), told("be short", &[]), search("bulb")];
    let sentence = diff_of(&older, &newer).0;
    let reason = "The prompt of call 1 has no message 2 any more (−3 words).";
    assert!(sentence.ends_with(reason), "{sentence}");
}

#[test]
fn texts_of_models_are_no_step() {
    let older = [root(), answer().output("a lamp"), search("a")];
    let newer = [root(), answer().output("one lamp"), search("a")];
    assert_eq!(
        diff_of(&older, &newer).0,
        "All 2 calls are the same but for texts of models. The answer of call 1 differs (+1 −1 word)."
    );
    let (older, newer) = (
        [&older[..], &[answer(), search("b")]].concat(),
        [&newer[..], &[answer(), search("c")]].concat(),
    );
    assert_eq!(
        diff_of(&older, &newer).0,
        r#"Same for 3 calls. Call 4: `search(words="b")` became `search(words="c")`. Texts of models differ from call 1 on."#
    );
}

#[test]
fn error_inside_an_agent_comes_before_that_of_the_agent() {
    let agent = SpanFixture::new(1, "agent", "research");
    let inner = |call: SpanFixture| SpanFixture { depth: 2, ..call };
    let older = [root(), agent.clone(), inner(search("a"))];
    let newer = [root(), agent.failed("no net"), inner(search("a").failed("no net"))];
    assert_eq!(
        diff_of(&older, &newer).0,
        r#"Same for 1 call. Call 2: `search(words="a")` failed: `no net`."#
    );
}

#[test]
fn long_lists_and_deep_trees_are_compared() {
    let list = |numbers: std::ops::Range<usize>| -> Vec<_> {
        std::iter::once(root()).chain(numbers.map(|number| search(&number.to_string()))).collect()
    };
    let rows = diff_of(&list(0..1_500), &list(1..1_501)).1;
    let different: Vec<_> = rows.into_iter().filter(|row| !row.starts_with('=')).collect();
    assert_eq!(different, [r#"- 1 tool search(words="0")"#, r#"+ 1 tool search(words="1500")"#]);

    let chain: Vec<_> = (0..10_000).map(|depth| SpanFixture::new(depth, "tool", "a")).collect();
    let mut other = chain.clone();
    other[9_999].name = "b".to_owned();
    let (sentence, rows) = diff_of(&chain, &other);
    assert_eq!(sentence, "Same for 9999 calls. Call 10000: `a()` became `b()`.");
    assert_eq!(rows[9_998..], ["= 9998 tool a()", "- 9999 tool a()", "+ 9999 tool b()"]);
}

/// Returns random spans below one root or several.
fn spans() -> impl Strategy<Value = Vec<SpanFixture>> {
    let span = (0..4_usize, 0..3_usize, 0..3_usize, 0..4_u8, 0..3_u8, 0..8_u8);
    let span = span.prop_map(|(depth, kind, name, input, output, error)| {
        let (kind, name) = (["tool", "llm", "workflow"][kind], ["a", "b", "c"][name]);
        let span = SpanFixture::new(depth, kind, name);
        let span = if input > 0 { span.input(&json!([input]).to_string()) } else { span };
        let span = span.output(&output.to_string());
        if error == 0 { span.failed("no") } else { span }
    });
    vec(span, 1..30)
}

type Pairs = BTreeSet<(Option<usize>, Option<usize>, Vec<Change>)>;

/// Returns the rows of a diff by their nodes.
fn pairs(older: &TestSession, newer: &TestSession) -> Pairs {
    let texts = (older.texts(), newer.texts());
    let (a, b) = (older.side(&texts.0), newer.side(&texts.1));
    let diff = SessionDiff::new([&a, &b]);
    assert_eq!(diff.is_empty(), diff.rows.iter().all(|row| matches!(row, DiffRow::Same { .. })));
    let pair = |row: &DiffRow| {
        let [a, b] = row.nodes();
        (a, b, row.changes().to_vec())
    };
    diff.rows.iter().map(pair).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn diff_of_session_with_itself_is_empty(spans in spans()) {
        let (one, same) = (TestSession::new(&spans, 1), TestSession::new(&spans, 900));
        let expected = (0..spans.len()).map(|node| (Some(node), Some(node), Vec::new())).collect();
        prop_assert_eq!(pairs(&one, &same), expected);
    }

    #[test]
    fn diff_the_other_way_round_is_its_mirror(older in spans(), newer in spans()) {
        let (older, newer) = (TestSession::new(&older, 1), TestSession::new(&newer, 1));
        let mirror: Pairs =
            pairs(&newer, &older).into_iter().map(|(b, a, changes)| (a, b, changes)).collect();
        prop_assert_eq!(pairs(&older, &newer), mirror);
    }

    #[test]
    fn diff_has_each_span_once_and_in_order(older in spans(), newer in spans()) {
        let (older, newer) = (TestSession::new(&older, 1), TestSession::new(&newer, 1));
        let texts = (older.texts(), newer.texts());
        let (a, b) = (older.side(&texts.0), newer.side(&texts.1));
        let rows = SessionDiff::new([&a, &b]).rows;
        for (side, session) in [&older, &newer].into_iter().enumerate() {
            let nodes: Vec<_> = rows.iter().filter_map(|row| row.nodes()[side]).collect();
            prop_assert_eq!(nodes, (0..session.tree.nodes().len()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn diff_is_stable_under_renamed_ids(older in spans(), newer in spans()) {
        let (a, renamed) = (TestSession::new(&older, 1), TestSession::new(&older, 77_000));
        let newer = TestSession::new(&newer, 5);
        prop_assert_eq!(pairs(&a, &newer), pairs(&renamed, &newer));
    }
}
