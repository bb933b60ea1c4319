//! Lines of `agentops tail`: one for a session that starts or ends, one for a span that ends.

use crate::{
    commands::{
        Failure,
        cells::{ID_DIGITS, counted, pad, token_cell},
        session_table::{name_of, state_name, state_style, step_text},
        span_cells::{DURATION, SpanCells, detail, mark_of, print_texts},
    },
    rows::RollUp,
    store::{SessionSummary, SpanContent, SpanRow, SpanTable},
    terminal::{Screen, Style, dollars, duration, fit, short_duration, width},
};

/// Most columns of a session's name in front of each line, by the fewest columns of the screen.
const NAMES: [(usize, usize); 2] = [(100, 20), (0, 12)];

/// Start of each line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prefix {
    /// Id and name of the session, since there may be several.
    Session,
    None,
}

/// Printer of the lines.
pub(super) struct TailLines {
    prefix: Prefix,
    /// Print input and output of each span.
    pub(super) io: bool,
    /// Columns of the longest name so far.
    names: usize,
}

/// Span that has ended.
pub(super) struct EndedSpan<'s> {
    pub(super) row: &'s SpanRow,
    pub(super) table: &'s SpanTable,
    pub(super) depth: usize,
    /// Sums of the span and everything below it.
    pub(super) sums: RollUp,
}

impl TailLines {
    pub(super) fn new(prefix: Prefix, io: bool) -> Self {
        Self { prefix, io, names: 0 }
    }

    /// Prints a session that runs, of which this number of spans have ended before.
    pub(super) fn print_running(
        &mut self,
        screen: &mut Screen<'_>,
        session: &SessionSummary,
        ended: u64,
    ) -> Result<(), Failure> {
        let time = short_duration(screen.now.saturating_sub(session.start));
        let mut parts = vec![time, format!("{} ended", counted(ended, "span"))];
        parts.extend((!session.step.is_empty()).then(|| step_text(&session.step)));
        let state = (state_name(session.state), state_style(session.state));
        self.print_session(screen, session, state, &parts, "")
    }

    /// Prints that a session has started.
    pub(super) fn print_started(
        &mut self,
        screen: &mut Screen<'_>,
        session: &SessionSummary,
    ) -> Result<(), Failure> {
        self.print_session(screen, session, ("started", Style::Yellow), &[], "")
    }

    /// Prints how a session has ended, with its totals.
    pub(super) fn print_ended(
        &mut self,
        screen: &mut Screen<'_>,
        session: &SessionSummary,
    ) -> Result<(), Failure> {
        let (input, output) = (session.input_tokens, session.output_tokens);
        let parts = [
            Some(duration(session.end.saturating_sub(session.start))),
            Some(counted(session.spans, "span")),
            input.or(output).is_some().then(|| token_cell(input, output)),
            session.cost.map(dollars),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        let errors = session.errors;
        let errors = if errors > 0 { format!(" · ✗{errors}") } else { String::new() };
        let state = (state_name(session.state), state_style(session.state));
        self.print_session(screen, session, state, &parts, &errors)
    }

    /// Prints that a session was removed.
    pub(super) fn print_removed(
        &mut self,
        screen: &mut Screen<'_>,
        session: &SessionSummary,
    ) -> Result<(), Failure> {
        self.print_session(screen, session, ("removed", Style::Dim), &[], "")
    }

    fn print_session(
        &mut self,
        screen: &mut Screen<'_>,
        session: &SessionSummary,
        (state, style): (&str, Style),
        parts: &[String],
        errors: &str,
    ) -> Result<(), Failure> {
        let (mut prefix, mut used) = self.prefix(screen, session);
        if self.prefix == Prefix::None {
            let name = fit(&name_of(session), screen.columns / 3);
            used = width(&name) + 2;
            prefix = screen.styled(Style::Bold, &name) + "  ";
        }
        let parts: String = parts.iter().map(|part| format!(" · {part}")).collect();
        let room = screen.columns.saturating_sub(used + width(state) + width(errors));
        let state = screen.styled(style, state);
        let errors = screen.styled(Style::Red, errors);
        Ok(screen.line(&format!("{prefix}{state}{}{errors}", fit(&parts, room)))?)
    }

    /// Prints a span that has ended, with its error whole, and its content if there is one.
    pub(super) fn print_span(
        &mut self,
        screen: &mut Screen<'_>,
        session: &SessionSummary,
        span: &EndedSpan<'_>,
        content: Option<&SpanContent>,
    ) -> Result<(), Failure> {
        let EndedSpan { row, table, depth, sums } = span;
        let (prefix, used) = self.prefix(screen, session);
        let indent = "  ".repeat(*depth);
        let room = screen.columns.saturating_sub(used + width(&indent) + DURATION);
        let time = duration(row.end.saturating_sub(row.start));
        let detail = detail(row.model.map(|model| table.text(model)), sums);
        let (kind, name) = (table.text(row.kind), table.text(row.name));
        let mark = mark_of(row);
        let cells = SpanCells { kind, name, count: 1, mark, detail: &detail, time: &time };
        let (left, filled) = cells.fitted(screen, room);
        let space = " ".repeat(room.saturating_sub(filled));
        let time = screen.styled(Style::Dim, &format!("{:>DURATION$}", cells.time));
        screen.line(&format!("{prefix}{indent}{left}{space}{time}"))?;
        let trunk = " ".repeat(used) + &indent;
        let texts = content.map(|content| [content.input(), content.output()]).unwrap_or_default();
        let texts = texts.each_ref().map(Option::as_deref);
        print_texts(screen, &trunk, row.error.map(|error| table.text(error)), texts)
    }

    /// Returns the start of a line of a session, and the columns that it takes.
    fn prefix(&mut self, screen: &Screen<'_>, session: &SessionSummary) -> (String, usize) {
        if self.prefix == Prefix::None {
            return (String::new(), 0);
        }
        let most = NAMES.iter().find(|(columns, _)| screen.columns >= *columns);
        let name = fit(&name_of(session), most.map_or(0, |(_, most)| *most));
        self.names = self.names.max(width(&name));
        let id = &session.id.to_string()[..ID_DIGITS];
        let used = ID_DIGITS + self.names + 4;
        let space = pad(self.names, &name);
        let (id, name) = (screen.styled(Style::Cyan, id), screen.styled(Style::Bold, &name));
        (format!("{id}  {name}{space}  "), used)
    }
}
