//! Content of one span on the terminal: attributes and events, then input and output whole.

use super::{ShownSession, score_texts::score_pair};
use crate::{
    commands::Failure,
    store::{SpanContent, SpanEvent},
    terminal::{Screen, Style, duration, fit, plain, width, wrap},
};

/// Keys that are shown elsewhere: the texts below, and what the tree says.
const SHOWN_ELSEWHERE: [&str; 9] = [
    "agentops.entity.input",
    "agentops.entity.output",
    "agentops.span.kind",
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.tool.call.arguments",
    "gen_ai.tool.call.result",
    "input.value",
    "output.value",
];

/// Prints the content of a span.
pub(super) fn print(
    screen: &mut Screen<'_>,
    session: &ShownSession,
    node: usize,
) -> Result<(), Failure> {
    let scores: Vec<_> = session.scores_of_top().map(score_pair).collect();
    let scores: Vec<_> = scores.iter().map(|(name, content)| (name.clone(), content)).collect();
    print_pairs(screen, "scores", &scores)?;
    let Some(content) = session.content(node)? else { return Ok(()) };
    let attributes = content.attributes();
    let attributes = attributes.iter().filter(|(key, _)| !SHOWN_ELSEWHERE.contains(key));
    let pairs: Vec<_> = attributes.map(|(key, value)| (plain(key), value)).collect();
    print_pairs(screen, "attributes", &pairs)?;
    print_events(screen, &content, session.tree.nodes()[node].start)?;
    for (title, text) in [("input", content.input()), ("output", content.output())] {
        let Some(text) = text else { continue };
        print_title(screen, title)?;
        for line in wrap(&indented(&text), screen.columns - 2) {
            screen.line(&format!("  {line}"))?;
        }
    }
    Ok(())
}

fn print_events(screen: &mut Screen<'_>, content: &SpanContent, start: u64) -> Result<(), Failure> {
    for SpanEvent { name, time, attributes } in content.events() {
        let after = duration(time.saturating_sub(start));
        let pairs: Vec<_> = attributes.iter().map(|(key, value)| (plain(key), value)).collect();
        print_pairs(screen, &format!("event {} after {after}", plain(name)), &pairs)?;
    }
    Ok(())
}

fn print_pairs(
    screen: &mut Screen<'_>,
    title: &str,
    pairs: &[(String, &serde_json::Value)],
) -> Result<(), Failure> {
    if !pairs.is_empty() {
        print_title(screen, title)?;
    }
    let longest = pairs.iter().map(|(key, _)| width(key)).max().unwrap_or_default();
    let columns = longest.min(screen.columns / 2);
    for (key, value) in pairs {
        let key = fit(key, columns);
        let space = " ".repeat(columns - width(&key));
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let value = fit(&plain(&value), screen.columns.saturating_sub(columns + 4));
        screen.line(&format!("  {}{space}  {value}", screen.styled(Style::Dim, &key)))?;
    }
    Ok(())
}

fn print_title(screen: &mut Screen<'_>, title: &str) -> Result<(), Failure> {
    screen.line("")?;
    Ok(screen.line(&screen.styled(Style::Bold, title))?)
}

/// Returns JSON with line breaks, and any other text as it is.
fn indented(text: &str) -> String {
    let parsed = serde_json::from_str::<serde_json::Value>(text);
    let is_nested = |value: &serde_json::Value| value.is_object() || value.is_array();
    let pretty = parsed.ok().filter(is_nested).map(|value| serde_json::to_string_pretty(&value));
    pretty.and_then(Result::ok).unwrap_or_else(|| text.to_owned())
}
