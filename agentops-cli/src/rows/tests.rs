use std::{collections::BTreeMap, fs};

use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::store::{FileStore, SpanTable, Store};

/// Span of a test: parent, kind, tokens, start and end.
type Draft = (Option<u64>, &'static str, u64, [u64; 2]);

/// Returns the table of spans whose ids are their positions, from 1.
fn table(drafts: &[Draft]) -> SpanTable {
    table_of(&drafts.iter().zip(1_u64..).map(|(draft, id)| span(id, draft)).collect::<Vec<_>>())
}

fn table_of(spans: &[Value]) -> SpanTable {
    let line = json!({ "resourceSpans": [{ "scopeSpans": [{ "spans": spans }] }] });
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("spans.jsonl");
    fs::write(&path, line.to_string()).unwrap();
    FileStore::open(path).unwrap().spans(format!("{:032x}", 1).parse().unwrap()).unwrap().table
}

fn span(id: u64, (parent, kind, tokens, [start, end]): &Draft) -> Value {
    let mut attributes = vec![json!({
        "key": "agentops.span.kind", "value": { "stringValue": kind },
    })];
    if *kind == "llm" {
        attributes.push(json!({
            "key": "gen_ai.usage.input_tokens", "value": { "intValue": tokens.to_string() },
        }));
    }
    json!({
        "traceId": format!("{:032x}", 1), "spanId": format!("{id:016x}"),
        "parentSpanId": parent.map_or_else(String::new, |parent| format!("{parent:016x}")),
        "startTimeUnixNano": start.to_string(), "endTimeUnixNano": end.to_string(),
        "attributes": attributes,
    })
}

fn drafts() -> impl Strategy<Value = Vec<Draft>> {
    let kind = prop_oneof![Just("llm"), Just("tool"), Just("agent"), Just("session")];
    let parent = prop::option::of(1..30_u64);
    let one = (parent, kind, 0..1_000_u64, prop::array::uniform2(0..100_u64));
    prop::collection::vec(one, 1..25)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn tree_holds_each_span_once_below_its_parent(drafts in drafts()) {
        let table = table(&drafts);
        let tree = SpanTree::new(&table);
        let mut rows: Vec<_> = tree.nodes().iter().filter_map(|node| node.row).collect();
        rows.sort_unstable();
        prop_assert_eq!(rows, (0..drafts.len()).collect::<Vec<_>>());
        for (index, node) in tree.nodes().iter().enumerate() {
            let below: usize =
                tree.children(Some(index)).map(|child| tree.nodes()[child].size).sum();
            prop_assert_eq!(node.size, 1 + below);
            let parent = node.parent.map(|parent| tree.nodes()[parent]);
            prop_assert_eq!(node.depth, parent.map_or(0, |parent| parent.depth + 1));
        }
        prop_assert_eq!(tree.replaced(), 0);
    }

    #[test]
    fn roll_up_of_roots_is_sum_of_leaves(drafts in drafts()) {
        let table = table(&drafts);
        let tree = SpanTree::new(&table);
        let sums = roll_up(&table, &tree);
        let mut whole = RollUp::default();
        tree.children(None).for_each(|root| whole.add(&sums[root]));
        let calls = drafts.iter().filter(|(_, kind, ..)| *kind == "llm");
        let tokens = calls.clone().map(|(_, _, tokens, _)| *tokens).reduce(|sum, one| sum + one);
        prop_assert_eq!(whole.input_tokens, tokens);
        prop_assert_eq!(whole.llm_calls, calls.count() as u64);
        prop_assert_eq!(whole.spans, drafts.len() as u64);
    }

    #[test]
    fn tracks_hold_each_span_once_within_its_ancestors(drafts in drafts()) {
        let table = table(&drafts);
        let tree = SpanTree::new(&table);
        let (nodes, places) = (tree.nodes(), tracks(&tree));
        prop_assert_eq!(places.len(), nodes.len());
        let end = |node: &TreeNode| {
            if node.row.is_some() { node.end.max(node.start) } else { u64::MAX }
        };
        let is_below = |inner: usize, outer: usize| {
            inner > outer && inner < outer + nodes[outer].size
                && nodes[inner].start >= nodes[outer].start
                && end(&nodes[inner]) <= end(&nodes[outer])
        };
        for one in 0..nodes.len() {
            let is_beside = |other: &usize| places[*other].track == places[one].track;
            for other in (one + 1..nodes.len()).filter(is_beside) {
                let is_apart = end(&nodes[one]) <= nodes[other].start
                    || end(&nodes[other]) <= nodes[one].start;
                prop_assert!(is_apart || is_below(other, one) || is_below(one, other));
            }
        }
    }

    #[test]
    fn critical_path_takes_the_time_of_the_root(drafts in drafts()) {
        let table = table(&drafts);
        let tree = SpanTree::new(&table);
        let root = tree.nodes()[0];
        let time: u64 = critical_path(&table, &tree).kinds.iter().map(|of_kind| of_kind.time).sum();
        prop_assert_eq!(time, root.end.saturating_sub(root.start));
    }
}

#[test]
fn span_of_another_process_stands_below_its_caller_if_that_is_here() {
    const PARENT_IS_REMOTE: u64 = 0x300;
    let here = span(1, &(None, "session", 0, [0, 100]));
    let call = span(2, &(Some(1), "tool", 0, [10, 90]));
    let answered = |id, caller| {
        let mut span = span(id, &(Some(caller), "tool", 0, [20, 80]));
        span["flags"] = json!(PARENT_IS_REMOTE);
        span
    };
    let tree = SpanTree::new(&table_of(&[answered(3, 2), here, call, answered(4, 99)]));
    let nodes = tree.nodes().iter();
    let places: Vec<_> = nodes.map(|node| (node.id.to_string(), node.depth)).collect();
    let expected = [(1_u64, 0), (2, 1), (3, 2), (4, 0)];
    assert_eq!(places, expected.map(|(id, depth)| (format!("{id:016x}"), depth)));
    // A caller that still runs is known by its other children, whichever of them ended first.
    let inner = span(5, &(Some(99), "tool", 0, [30, 40]));
    let depths = |spans: &[Value]| {
        let tree = SpanTree::new(&table_of(spans));
        let nodes = tree.nodes().iter();
        nodes.map(|node| (node.id.to_string(), node.depth)).collect::<BTreeMap<_, _>>()
    };
    assert_eq!(depths(&[answered(4, 99), inner.clone()]), depths(&[inner, answered(4, 99)]));
}

#[test]
fn critical_path_follows_what_ended_last() {
    let spans = [
        (None, "session", 0, [0, 100]),
        (Some(1), "agent", 0, [10, 90]),
        (Some(2), "tool", 0, [10, 50]),
        (Some(2), "llm", 5, [20, 80]),
        (Some(1), "tool", 0, [0, 30]),
    ];
    let table = table(&spans);
    let path = critical_path(&table, &SpanTree::new(&table)).kinds;
    let times: Vec<_> = path.iter().map(|of_kind| (&*of_kind.kind, of_kind.time)).collect();
    assert_eq!(times, [("llm", 60), ("agent", 20), ("session", 20)]);
}

#[test]
fn tracks_put_spans_side_by_side_only_if_they_overlap() {
    let spans = [
        (None, "session", 0, [0, 100]),
        (Some(1), "tool", 0, [10, 40]),
        (Some(1), "tool", 0, [20, 50]),
        (Some(3), "llm", 0, [30, 45]),
        (Some(1), "tool", 0, [50, 60]),
        (Some(1), "tool", 0, [70, 120]),
    ];
    let places = tracks(&SpanTree::new(&table(&spans)));
    let places: Vec<_> = places.iter().map(|place| (place.track, place.around)).collect();
    let expected = [(0, None), (0, Some(0)), (1, None), (1, Some(2)), (0, Some(0)), (1, None)];
    assert_eq!(places, expected);
}
