//! Totals of spans of many sessions: by model, by agent, by tool, or of the sessions by day.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

use super::{
    Faults, SessionFilter, SessionList, SessionState, SessionSummary, Store, StoreError,
    ids::SpanId,
    span_table::{SpanRow, SpanTable},
    utc_day::utc_day,
};

/// Name of what the spans have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Grouping {
    /// Model calls by their model.
    Model,
    /// Runs of agents with the calls in them.
    Agent,
    /// Tool calls by their tool.
    Tool,
    /// Sessions by the day of their start, in UTC.
    Day,
}

impl Grouping {
    /// Returns the name of the group of spans without one.
    pub(crate) fn no_name(self) -> &'static str {
        match self {
            Self::Agent => "(no agent)",
            Self::Model => "(no model)",
            Self::Tool | Self::Day => "(no name)",
        }
    }
}

/// Totals of a store.
#[derive(Debug, Default)]
pub(crate) struct TotalsList {
    /// Groups, the most expensive first, then the one with the most calls.
    pub(crate) groups: Vec<Totals>,
    /// Totals of all groups.
    pub(crate) all: Totals,
    pub(crate) faults: Faults,
}

/// Totals of a group.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Totals {
    /// Name of the group; `None` for spans without one.
    pub(crate) name: Option<String>,
    pub(crate) calls: u64,
    /// Calls that failed.
    pub(crate) errors: u64,
    pub(crate) input_tokens: Option<u64>,
    pub(crate) output_tokens: Option<u64>,
    /// Cost in US dollars; `None` if no call has a known cost.
    pub(crate) cost: Option<f64>,
    /// Durations of the calls, in nanoseconds, the shortest first.
    durations: Vec<u64>,
}

/// Groups by name.
type Groups = BTreeMap<Option<String>, Totals>;

impl TotalsList {
    /// Adds up the spans of one session.
    #[cfg(feature = "view")]
    pub(crate) fn of_spans(spans: &SpanTable, by: Grouping) -> Self {
        let mut groups = Groups::new();
        add_spans(spans, by, &mut groups);
        Self::new(groups, Faults::default())
    }

    /// Adds up listed sessions, whose files may have changed since.
    pub(super) fn of_list(
        store: &(impl Store + ?Sized),
        list: SessionList,
        by: Grouping,
        filter: &SessionFilter,
    ) -> Result<Self, StoreError> {
        let (mut groups, mut faults) = (Groups::new(), list.faults);
        for session in list.sessions.iter().filter(|session| filter.selects(session)) {
            if by == Grouping::Day {
                let day = Some(utc_day(session.start));
                groups.entry(day).or_default().add_session(session);
                continue;
            }
            match store.spans(session.id) {
                Ok(spans) => {
                    faults.append(spans.faults);
                    add_spans(&spans.table, by, &mut groups);
                }
                // It was removed meanwhile.
                Err(StoreError::NoSession(_)) => {}
                Err(StoreError::Unreadable(path, error)) => faults.add_file(&path, &error),
                Err(error) => return Err(error),
            }
        }
        Ok(Self::new(groups, faults))
    }

    fn new(groups: Groups, faults: Faults) -> Self {
        let with_name = |(name, totals)| Totals { name, ..totals };
        let mut groups: Vec<_> = groups.into_iter().map(with_name).collect();
        let mut all = Totals::default();
        for group in &mut groups {
            group.durations.sort_unstable();
            all.add(group);
        }
        all.durations.sort_unstable();
        groups.sort_by(|one, other| {
            let cost = |group: &Totals| group.cost.unwrap_or(-1.0);
            let order = cost(other).total_cmp(&cost(one));
            order.then_with(|| Reverse(one.calls).cmp(&Reverse(other.calls)))
        });
        Self { groups, all, faults }
    }
}

impl Totals {
    /// Returns the duration that this percentage of the calls does not exceed; `None` if there are no calls.
    pub(crate) fn percentile(&self, percent: usize) -> Option<u64> {
        let rank = (self.durations.len() * percent).div_ceil(100);
        self.durations.get(rank.max(1) - 1).copied()
    }

    fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.errors += other.errors;
        self.durations.extend(&other.durations);
        self.add_usage(other.input_tokens, other.output_tokens, other.cost);
    }

    fn add_call(&mut self, row: &SpanRow) {
        self.calls += 1;
        self.errors += u64::from(row.error.is_some());
        self.durations.push(row.end.saturating_sub(row.start));
    }

    fn add_session(&mut self, session: &SessionSummary) {
        self.calls += 1;
        self.errors += session.errors;
        // One that runs has not taken its time yet.
        if session.state != SessionState::Running {
            self.durations.push(session.end.saturating_sub(session.start));
        }
        self.add_usage(session.input_tokens, session.output_tokens, session.cost);
    }

    fn add_usage(&mut self, input: Option<u64>, output: Option<u64>, cost: Option<f64>) {
        let sum =
            |one: Option<u64>, other| one.into_iter().chain(other).reduce(u64::saturating_add);
        self.input_tokens = sum(self.input_tokens, input);
        self.output_tokens = sum(self.output_tokens, output);
        let cost = cost.filter(|usd| usd.is_finite() && *usd >= 0.0);
        self.cost = self.cost.into_iter().chain(cost).reduce(|sum, usd| sum + usd);
    }
}

/// Adds the spans of a session to the groups. Tokens are those of model calls, and cost is that of model calls and
/// tools, as in the totals of a session.
fn add_spans(table: &SpanTable, by: Grouping, groups: &mut Groups) {
    let mut agents = Agents::new(table);
    for (index, row) in table.rows().iter().enumerate() {
        if !agents.is_last(index) {
            continue;
        }
        let kind = table.text(row.kind);
        let (group, is_call) = match (by, kind) {
            (Grouping::Model, "llm") => (row.model.map(|model| table.text(model)), true),
            (Grouping::Tool, "tool") => (Some(table.text(row.name)), true),
            (Grouping::Agent, "agent" | "llm" | "tool") => (agents.name(index), kind == "agent"),
            _ => continue,
        };
        let totals = groups.entry(group.map(str::to_owned)).or_default();
        if is_call {
            totals.add_call(row);
        }
        match kind {
            "llm" => totals.add_usage(row.tokens.input, row.tokens.output, row.cost),
            "tool" => totals.add_usage(None, None, row.cost),
            _ => {}
        }
    }
}

/// Innermost agents around the spans of a session.
struct Agents<'t> {
    table: &'t SpanTable,
    /// Row of each span; of several rows with one id the last counts.
    rows: HashMap<SpanId, usize>,
    /// Nearest agent above the rows that were asked for.
    known: Vec<Option<Option<&'t str>>>,
}

impl<'t> Agents<'t> {
    fn new(table: &'t SpanTable) -> Self {
        let rows = table.rows().iter().enumerate().map(|(index, row)| (row.id, index)).collect();
        Self { table, rows, known: vec![None; table.rows().len()] }
    }

    fn is_last(&self, index: usize) -> bool {
        self.rows[&self.table.rows()[index].id] == index
    }

    /// Finds the innermost agent around a span, itself included: by its parents, or else by what the span records.
    fn name(&mut self, index: usize) -> Option<&'t str> {
        let (table, mut path, mut at) = (self.table, Vec::new(), Some(index));
        let mut name = None;
        // Parents may form a circle, in which a row on the path is met again as known.
        while let Some(index) = at {
            let row = &table.rows()[index];
            if let Some(known) = self.known[index] {
                name = known;
                break;
            }
            path.push(index);
            self.known[index] = Some(None);
            if table.text(row.kind) == "agent" {
                name = Some(table.text(row.agent.unwrap_or(row.name)));
                break;
            }
            at = row.caller().and_then(|caller| self.rows.get(&caller).copied());
        }
        path.iter().for_each(|index| self.known[*index] = Some(name));
        name.or_else(|| table.rows()[index].agent.map(|agent| table.text(agent)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::{TestFolder, TestSpan};

    /// Returns names, calls and input tokens of the agents of a session.
    fn agents(spans: &[TestSpan]) -> Vec<(Option<String>, u64, Option<u64>)> {
        let folder = TestFolder::new();
        folder.write(1, &[spans]);
        let totals = folder.store().totals(Grouping::Agent, &SessionFilter::default()).unwrap();
        let groups = totals.groups.into_iter();
        groups.map(|group| (group.name, group.calls, group.input_tokens)).collect()
    }

    fn llm(id: u64, parent: u64) -> TestSpan {
        let call = TestSpan::new(1, id, parent, "llm answer");
        call.count("gen_ai.usage.input_tokens", 10 + id)
    }

    #[test]
    fn agent_that_runs_is_named_by_its_calls() {
        let call = llm(3, 2).text("gen_ai.agent.name", "planner");
        let name = Some("planner".to_owned());
        assert_eq!(agents(&[call]), [(name, 0, Some(13))]);
    }

    #[test]
    fn session_that_runs_has_no_duration_yet() {
        let folder = TestFolder::new();
        let process = folder.process();
        process.start(&TestSpan::new(1, 1, 0, "session ask").at(1_000, 0));
        let ended = TestSpan::new(2, 1, 0, "session ask").at(2_000, 2_030).ended();
        folder.write(2, &[&[ended]]);
        let totals = folder.store().totals(Grouping::Day, &SessionFilter::default()).unwrap();
        let shown = [50, 95].map(|percent| totals.all.percentile(percent));
        assert_eq!((totals.all.calls, shown), (2, [Some(30); 2]));
        process.die();
    }

    #[test]
    fn span_that_is_written_twice_counts_once() {
        let agent = TestSpan::new(1, 2, 0, "agent planner");
        let name = Some("planner".to_owned());
        assert_eq!(agents(&[llm(3, 2), agent.clone(), llm(3, 2), agent]), [(name, 1, Some(13))]);
    }

    #[test]
    fn parents_in_a_circle_have_no_agent() {
        assert_eq!(agents(&[llm(3, 4), llm(4, 3), llm(5, 5)]), [(None, 0, Some(42))]);
    }

    #[test]
    fn percentile_is_a_duration_that_was_measured() {
        let of = |durations: &[u64]| {
            let totals = Totals { durations: durations.to_vec(), ..Default::default() };
            [50, 95].map(|percent| totals.percentile(percent))
        };
        assert_eq!(of(&[]), [None, None]);
        assert_eq!(of(&[7]), [Some(7), Some(7)]);
        assert_eq!(of(&(1..=20).collect::<Vec<_>>()), [Some(10), Some(19)]);
    }
}
