//! Scores on the terminal and in JSON.

use serde_json::{Value, json};

use super::ShownSession;
use crate::{
    commands::cells::counted,
    store::{Score, SpanId},
    terminal::plain,
};

/// Returns the scores of the session in few words, and the number of those of its spans; `None` if there are none.
pub(super) fn score_line(session: &ShownSession) -> Option<String> {
    let of_session: Vec<_> = session.scores_of_top().map(score_words).collect();
    let others = (session.scores.scores.len() - of_session.len()) as u64;
    let others = (others > 0).then(|| counted(others, "score") + " of spans");
    let words = (!of_session.is_empty()).then(|| format!("scores: {}", of_session.join(", ")));
    let parts: Vec<_> = [words, others].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// Returns name, value and label.
fn score_words(score: &Score) -> String {
    let value = score.value.map(|value| value.to_string());
    let label = score.label.as_deref().map(plain);
    let parts = [Some(plain(&score.name)), value, label];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Returns name and content of a score, for a list of pairs.
pub(super) fn score_pair(score: &Score) -> (String, Value) {
    let value = score.value.map(|value| value.to_string());
    let parts = [value, score.label.clone(), score.explanation.clone(), score.author.clone()];
    let content: Vec<_> = parts.into_iter().flatten().collect();
    (plain(&score.name), content.join(" · ").into())
}

/// Returns the scores of the session, or of the span at the top and what is below it.
pub(super) fn scores_json(session: &ShownSession, shown: &[SpanId]) -> Vec<Value> {
    let is_shown = |score: &&Score| match score.span {
        Some(span) => session.top.is_none() || shown.contains(&span),
        None => session.is_at_root(),
    };
    session.scores.scores.iter().filter(is_shown).map(score_json).collect()
}

fn score_json(score: &Score) -> Value {
    json!({
        "span": score.span.map(|span| span.to_string()),
        "name": score.name,
        "value": score.value,
        "label": score.label,
        "explanation": score.explanation,
        "author": score.author,
        "time_unix_nano": score.time,
    })
}
