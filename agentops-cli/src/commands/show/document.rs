//! Session as a document: JSON for programs, Markdown for issues and coding agents.

use std::io;

use serde_json::{Value, json};

use super::{NodeTexts, ShownSession, score_texts::scores_json};
use crate::{
    commands::{
        Failure,
        cells::{counted, sums_json, token_cell},
        span_lines::{LineItem, SpanFilter, span_lines},
    },
    rows::{RollUp, SessionTotals},
    terminal::{Screen, dollars, duration, plain},
};

/// Prints the session as one JSON object.
pub(super) fn print_json(
    screen: &mut Screen<'_>,
    session: &ShownSession,
    texts: Option<&NodeTexts>,
) -> Result<(), Failure> {
    let (first, last) = match session.top {
        Some(top) => (top, top + session.tree.nodes()[top].size),
        None => (0, session.tree.nodes().len()),
    };
    let spans: Vec<_> = (first..last).map(|node| span_json(session, node, texts)).collect();
    let faults = session.spans.faults.count();
    let nodes = &session.tree.nodes()[first..last];
    let scores = scores_json(session, &nodes.iter().map(|node| node.id).collect::<Vec<_>>());
    let document = json!({
        "session": session.id.to_string(),
        "spans": spans,
        "scores": scores,
        "unreadable": faults,
    });
    Ok(screen.line(&serde_json::to_string_pretty(&document).map_err(io::Error::from)?)?)
}

fn span_json(session: &ShownSession, node: usize, texts: Option<&NodeTexts>) -> Value {
    let (place, sums) = (session.tree.nodes()[node], session.sums[node]);
    let (kind, name) = session.title(node);
    let text = |id| session.table().text(id);
    let row = session.row(node);
    let mut span = json!({
        "id": place.id.to_string(),
        "parent": place.parent.map(|parent| session.tree.nodes()[parent].id.to_string()),
        "depth": place.depth,
        "kind": kind,
        "name": name,
        "start_unix_nano": place.start,
        "end_unix_nano": place.end,
        "has_ended": row.is_some(),
        "agent": row.and_then(|row| row.agent).map(text),
        "model": row.and_then(|row| row.model).map(text),
        "error": session.error(node),
        "is_cancelled": row.is_some_and(|row| row.marks.is_cancelled),
        "sums": sums_json(&sums),
    });
    if let Some([input, output]) = texts.and_then(|texts| texts.get(&node)) {
        span["input"] = json!(input);
        span["output"] = json!(output);
    }
    span
}

/// Prints the session as Markdown: a line of facts, then the tree as a list.
pub(super) fn print_markdown(
    screen: &mut Screen<'_>,
    session: &ShownSession,
    filter: &SpanFilter,
    texts: Option<&NodeTexts>,
) -> Result<(), Failure> {
    let top = session.top.unwrap_or_default();
    let (SessionTotals { start, end, sums }, (kind, name)) = (session.totals(), session.title(top));
    screen.line(&format!("## {} {}", plain(kind), code(name)))?;
    let time = duration(end.saturating_sub(start));
    let (facts, spans) = (facts(&sums), counted(sums.spans, "span"));
    screen.line(&format!("\n`{}`, {time}, {spans}{facts}\n", session.id))?;
    for line in span_lines(session.table(), &session.tree, session.top, filter) {
        let indent = "  ".repeat(line.depth);
        match &line.item {
            LineItem::Span(node) => print_span(screen, session, &indent, *node, texts)?,
            LineItem::Folded(run) => {
                let (kind, name) = session.title(run[0]);
                let text = format!("{indent}- {} {} ×{}", plain(kind), code(name), run.len());
                screen.line(&text)?;
            }
            LineItem::More(spans) => screen.line(&format!("{indent}- … {spans} more spans"))?,
        }
    }
    Ok(())
}

fn print_span(
    screen: &mut Screen<'_>,
    session: &ShownSession,
    indent: &str,
    node: usize,
    texts: Option<&NodeTexts>,
) -> Result<(), Failure> {
    let place = session.tree.nodes()[node];
    let (kind, name) = session.title(node);
    let time = duration(place.end.saturating_sub(place.start));
    let error = session.error(node).map(|error| format!(" **failed**: {}", code(error)));
    let facts = facts(&session.sums[node]);
    let error = error.unwrap_or_default();
    screen.line(&format!("{indent}- {} {} {time}{facts}{error}", plain(kind), code(name)))?;
    let Some([input, output]) = texts.and_then(|texts| texts.get(&node)) else { return Ok(()) };
    for (label, text) in [("in", input), ("out", output)] {
        if let Some(text) = text {
            screen.line(&format!("{indent}  - {label}: {}", code(text)))?;
        }
    }
    Ok(())
}

fn facts(sums: &RollUp) -> String {
    let has_tokens = sums.input_tokens.is_some() || sums.output_tokens.is_some();
    let tokens = has_tokens
        .then(|| format!(", {} tokens", token_cell(sums.input_tokens, sums.output_tokens)));
    let cost = sums.cost.map(|usd| format!(", {}", dollars(usd)));
    [tokens, cost].into_iter().flatten().collect()
}

/// Returns a text as code on one line, with a fence that is longer than any in it.
fn code(text: &str) -> String {
    let text = plain(text);
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    if longest == 0 { format!("`{text}`") } else { format!("{fence} {text} {fence}") }
}
