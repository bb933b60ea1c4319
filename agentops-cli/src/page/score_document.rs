//! Document of scores.

use std::borrow::Cow;

use serde::Serialize;

use super::{session_list::FaultsDocument, shared_texts::SharedTexts};
use crate::store::{Score, ScoreList};

/// Scores of a session and its spans.
#[derive(Serialize)]
pub(super) struct ScoresDocument<'s> {
    scores: Vec<ScoreDocument<'s>>,
    faults: Option<FaultsDocument>,
}

/// Score.
#[derive(Serialize)]
pub(super) struct ScoreDocument<'s> {
    /// Span; `None` for the session.
    span: Option<String>,
    name: Cow<'s, str>,
    value: Option<f64>,
    label: Option<Cow<'s, str>>,
    explanation: Option<Cow<'s, str>>,
    author: Option<Cow<'s, str>>,
    time: String,
}

impl<'s> ScoresDocument<'s> {
    /// Creates the document.
    pub(super) fn new(list: &'s ScoreList, texts: &SharedTexts) -> Self {
        let scores = list.scores.iter().map(|score| ScoreDocument::new(score, texts));
        Self { scores: scores.collect(), faults: FaultsDocument::new(&list.faults) }
    }
}

impl<'s> ScoreDocument<'s> {
    /// Creates the document. Of a score without its content, name and value are left.
    pub(super) fn new(score: &'s Score, texts: &SharedTexts) -> Self {
        let content = |name, text: &'s Option<String>| texts.content(name, text.as_deref()?);
        Self {
            span: score.span.map(|span| span.to_string()),
            name: texts.name("gen_ai.evaluation.name", &score.name),
            value: score.value,
            label: content("gen_ai.evaluation.score.label", &score.label),
            explanation: content("gen_ai.evaluation.explanation", &score.explanation),
            author: content("user.id", &score.author),
            time: score.time.to_string(),
        }
    }
}
