//! Tree of a session on the terminal: names to the left, durations and bars to the right.

use super::{NodeTexts, ShownSession, score_texts::score_line};
use crate::{
    commands::{
        Failure,
        cells::{counted, print_faults, token_cell},
        span_cells::{DURATION, SpanCells, detail, mark_of, print_texts},
        span_lines::{LineItem, SpanFilter, SpanLine, span_lines},
    },
    rows::{KindTime, RollUp, SessionTotals, critical_path},
    terminal::{Screen, Style, ago, dollars, duration, fit, plain, width},
};

/// Columns of a bar, by the fewest columns of the screen.
const BARS: [(usize, usize); 3] = [(100, 24), (72, 12), (0, 0)];

/// Prints the tree.
pub(super) fn print(
    screen: &mut Screen<'_>,
    session: &ShownSession,
    filter: &SpanFilter,
    texts: Option<&NodeTexts>,
) -> Result<(), Failure> {
    print_head(screen, session)?;
    let SessionTotals { start, end, .. } = session.totals();
    let view = TreeView { session, texts, start, end };
    for line in span_lines(session.table(), &session.tree, session.top, filter) {
        view.print_line(screen, &line)?;
    }
    if session.tree.replaced() > 0 {
        let replaced = session.tree.replaced();
        let (verb, left) = if replaced == 1 { ("has", "is") } else { ("have", "are") };
        let spans = counted(replaced as u64, "span");
        let line = format!("{spans} {verb} the id of another one and {left} left out");
        screen.line(&screen.styled(Style::Dim, &line))?;
    }
    print_faults(screen, &session.spans.faults)
}

fn print_head(screen: &mut Screen<'_>, session: &ShownSession) -> Result<(), Failure> {
    let SessionTotals { start, end, sums } = session.totals();
    let (_, name) = session.title(session.top.unwrap_or_default());
    let id = session.id.to_string();
    let id = session
        .top
        .map_or_else(|| id.clone(), |top| format!("{}/{}", &id[..8], session.tree.nodes()[top].id));
    let has_tokens = sums.input_tokens.or(sums.output_tokens).is_some();
    let facts = [
        Some(ago(start, screen.now)),
        Some(duration(end.saturating_sub(start))),
        Some(counted(sums.spans, "span")),
        has_tokens.then(|| format!("{} tokens", token_cell(sums.input_tokens, sums.output_tokens))),
        sums.cost.map(dollars),
    ];
    let facts: Vec<_> = facts.into_iter().flatten().collect();
    let errors = if sums.errors > 0 { format!(" · ✗{}", sums.errors) } else { String::new() };
    let name = fit(&plain(name), screen.columns / 3);
    let facts = fit(&facts.join(" · "), screen.columns.saturating_sub(width(&errors)));
    screen.line(&format!(
        "{}  {}",
        screen.styled(Style::Bold, &name),
        screen.styled(Style::Dim, &id)
    ))?;
    screen.line(&format!("{facts}{}", screen.styled(Style::Red, &errors)))?;
    if session.top.is_none() {
        let times = times(&critical_path(session.table(), &session.tree).kinds);
        screen.line(&screen.styled(Style::Dim, &fit(&times, screen.columns)))?;
        if let Some(scores) = score_line(session) {
            screen.line(&fit(&scores, screen.columns))?;
        }
    }
    Ok(screen.line("")?)
}

/// Returns the shares of the kinds in the time that the session took.
fn times(kinds: &[KindTime]) -> String {
    let all: u64 = kinds.iter().map(|of_kind| of_kind.time).sum();
    let share = |time: u64| u128::from(time) * 100 / u128::from(all.max(1));
    let shown = kinds.iter().filter(|of_kind| share(of_kind.time) > 0);
    let shares = shown.map(|KindTime { kind, time }| {
        let kind = if kind == "session" { "own code" } else { kind };
        format!("{} {} %", plain(kind), share(*time))
    });
    format!("time: {}", shares.collect::<Vec<_>>().join(", "))
}

struct TreeView<'s> {
    session: &'s ShownSession,
    /// Texts of the spans if they are wanted, each as one line.
    texts: Option<&'s NodeTexts>,
    /// Time that the bars span, in nanoseconds since 1970.
    start: u64,
    end: u64,
}

impl TreeView<'_> {
    fn print_line(&self, screen: &mut Screen<'_>, line: &SpanLine) -> Result<(), Failure> {
        let branches = &line.branches;
        match &line.item {
            LineItem::Span(node) => {
                self.print_span(screen, branches, *node)?;
                self.print_below(screen, &line.trunk, *node)
            }
            LineItem::Folded(run) => self.print_run(screen, branches, run),
            LineItem::More(spans) => {
                let text = format!("{branches}… {spans} more spans");
                Ok(screen.line(&screen.styled(Style::Dim, &text))?)
            }
        }
    }

    fn print_span(
        &self,
        screen: &mut Screen<'_>,
        branches: &str,
        node: usize,
    ) -> Result<(), Failure> {
        let place = self.session.tree.nodes()[node];
        let (kind, name) = self.session.title(node);
        let mark = match self.session.row(node) {
            Some(row) => mark_of(row),
            None => Some(("not ended", Style::Yellow)),
        };
        let model = self.session.row(node).and_then(|row| row.model);
        let model = model.map(|model| self.session.table().text(model));
        let detail = detail(model, &self.session.sums[node]);
        let time = duration(place.end.saturating_sub(place.start));
        let cells = SpanCells { kind, name, count: 1, mark, detail: &detail, time: &time };
        self.print_cells(screen, branches, &cells, (place.start, place.end))
    }

    fn print_run(
        &self,
        screen: &mut Screen<'_>,
        branches: &str,
        run: &[usize],
    ) -> Result<(), Failure> {
        let nodes = || run.iter().map(|node| self.session.tree.nodes()[*node]);
        let times = nodes().map(|node| node.end.saturating_sub(node.start));
        let (least, most) =
            times.fold((u64::MAX, 0), |(least, most), time| (least.min(time), most.max(time)));
        let mut sums = RollUp::default();
        run.iter().for_each(|node| sums.add(&self.session.sums[*node]));
        let (kind, name) = self.session.title(run[0]);
        let (detail, time) = (detail(None, &sums), range(least, most));
        let start = nodes().map(|node| node.start).min().unwrap_or_default();
        let end = nodes().map(|node| node.end).max().unwrap_or_default();
        let cells =
            SpanCells { kind, name, count: run.len(), mark: None, detail: &detail, time: &time };
        self.print_cells(screen, branches, &cells, (start, end))
    }

    fn print_cells(
        &self,
        screen: &mut Screen<'_>,
        branches: &str,
        cells: &SpanCells<'_>,
        span: (u64, u64),
    ) -> Result<(), Failure> {
        let bars = BARS.iter().find(|(columns, _)| screen.columns >= *columns);
        let bar = bars.map_or(0, |(_, bar)| *bar);
        let right = DURATION + if bar > 0 { bar + 2 } else { 0 };
        let room = screen.columns.saturating_sub(right + width(branches));
        let (left, used) = cells.fitted(screen, room);
        let space = " ".repeat(room.saturating_sub(used));
        let bar = if bar > 0 { format!("  {}", self.bar(span, bar)) } else { String::new() };
        let branches = screen.styled(Style::Dim, branches);
        let time = screen.styled(Style::Dim, &format!("{:>DURATION$}", cells.time));
        Ok(screen.line(&format!("{branches}{left}{space}{time}{bar}"))?)
    }

    /// Returns the bar of a time within the session, at least a tick wide.
    fn bar(&self, (start, end): (u64, u64), columns: usize) -> String {
        let all = u128::from(self.end.saturating_sub(self.start).max(1));
        let column = |moment: u64| {
            let since = u128::from(moment.clamp(self.start, self.end.max(self.start)) - self.start);
            usize::try_from(since * columns as u128 / all).unwrap_or(columns)
        };
        let (first, last) = (column(start).min(columns - 1), column(end));
        let full = last.saturating_sub(first);
        let bar = if full == 0 { "▏".to_owned() } else { "█".repeat(full) };
        format!("{}{bar}", " ".repeat(first))
    }

    /// Prints the error of a span, whole, and its input and output.
    fn print_below(
        &self,
        screen: &mut Screen<'_>,
        trunk: &str,
        node: usize,
    ) -> Result<(), Failure> {
        let texts = self.texts.and_then(|texts| texts.get(&node));
        let texts = texts.map_or([None; 2], |texts| texts.each_ref().map(Option::as_deref));
        print_texts(screen, trunk, self.session.error(node), texts)
    }
}

/// Formats the durations from the least to the most: `200–400 µs`.
fn range(least: u64, most: u64) -> String {
    let (from, to) = (duration(least), duration(most));
    let (number, unit) = from.split_once(' ').unwrap_or((&from, ""));
    let has_unit = to.split_once(' ').is_some_and(|(_, of_most)| of_most == unit);
    let both = format!("{number}–{to}");
    match (from == to, has_unit && width(&both) < DURATION) {
        (true, _) => to,
        (false, true) => both,
        (false, false) => format!("≤ {to}"),
    }
}
