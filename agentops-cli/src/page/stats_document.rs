//! Documents of totals by model, agent, tool or day.

use serde::Serialize;

use super::{session_list::FaultsDocument, shared_texts::SharedTexts};
use crate::store::{Grouping, SpanTable, Totals, TotalsList};

/// Totals of sessions.
#[derive(Serialize)]
pub(super) struct StatsDocument {
    rows: Vec<TotalsDocument>,
    /// Totals of all rows.
    all: TotalsDocument,
    faults: Option<FaultsDocument>,
}

/// Totals of one session.
#[derive(Serialize)]
pub(super) struct SessionTotalsDocument {
    model: StatsDocument,
    agent: StatsDocument,
    tool: StatsDocument,
}

/// Totals of a group.
#[derive(Serialize)]
struct TotalsDocument {
    name: String,
    calls: u64,
    errors: u64,
    input: Option<u64>,
    output: Option<u64>,
    cost: Option<f64>,
    p50: Option<u64>,
    p95: Option<u64>,
}

impl StatsDocument {
    /// Creates the document.
    pub(super) fn new(totals: &TotalsList, by: Grouping, texts: &SharedTexts) -> Self {
        let name = |group: &Totals| {
            let name = group.name.as_deref().unwrap_or(by.no_name());
            texts.name("name", name).into_owned()
        };
        Self {
            rows: totals.groups.iter().map(|group| document(name(group), group)).collect(),
            all: document("all".to_owned(), &totals.all),
            faults: FaultsDocument::new(&totals.faults),
        }
    }
}

impl SessionTotalsDocument {
    /// Adds up the spans of a session.
    pub(super) fn new(spans: &SpanTable, texts: &SharedTexts) -> Self {
        let of = |by| StatsDocument::new(&TotalsList::of_spans(spans, by), by, texts);
        Self { model: of(Grouping::Model), agent: of(Grouping::Agent), tool: of(Grouping::Tool) }
    }
}

fn document(name: String, totals: &Totals) -> TotalsDocument {
    TotalsDocument {
        name,
        calls: totals.calls,
        errors: totals.errors,
        input: totals.input_tokens,
        output: totals.output_tokens,
        cost: totals.cost,
        p50: totals.percentile(50),
        p95: totals.percentile(95),
    }
}
