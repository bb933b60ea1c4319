//! Document of totals by model, agent, tool or day.

use serde::Serialize;

use super::session_list::FaultsDocument;
use crate::store::{Grouping, Totals, TotalsList};

/// Totals of the sessions.
#[derive(Debug, Serialize)]
pub(super) struct StatsDocument<'t> {
    rows: Vec<TotalsDocument<'t>>,
    faults: Option<FaultsDocument>,
}

/// Totals of a group.
#[derive(Debug, Serialize)]
struct TotalsDocument<'t> {
    name: &'t str,
    calls: u64,
    errors: u64,
    input: Option<u64>,
    output: Option<u64>,
    cost: Option<f64>,
    p50: Option<u64>,
    p95: Option<u64>,
}

impl<'t> StatsDocument<'t> {
    /// Creates the document.
    pub(super) fn new(totals: &'t TotalsList, by: Grouping) -> Self {
        Self {
            rows: totals.groups.iter().map(|group| row(group, by)).collect(),
            faults: FaultsDocument::new(&totals.faults),
        }
    }
}

fn row(group: &Totals, by: Grouping) -> TotalsDocument<'_> {
    TotalsDocument {
        name: group.name.as_deref().unwrap_or(by.no_name()),
        calls: group.calls,
        errors: group.errors,
        input: group.input_tokens,
        output: group.output_tokens,
        cost: group.cost,
        p50: group.percentile(50),
        p95: group.percentile(95),
    }
}
