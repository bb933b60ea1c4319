//! Measurements as a table.

use std::fmt::{self, Display, Formatter};

use crate::{case::Case, pair::Round};

/// Rows in the order in which they were measured.
#[derive(Default)]
pub struct Table(Vec<Row>);

/// Medians: what disturbs a block now and then does not count.
struct Row {
    case: &'static Case,
    nanoseconds: f64,
    beside: f64,
    ratio: f64,
    /// About half of the ratios are as near to it as this.
    spread: f64,
}

impl Table {
    pub fn add(&mut self, case: &'static Case, rounds: Vec<Round>) {
        // Nothing is measured where criterion only lists what there is.
        if rounds.is_empty() {
            return;
        }
        let quartiles = |of: fn(&Round) -> f64| quartiles(rounds.iter().map(of).collect());
        let [_, nanoseconds, _] = quartiles(|[case, _]| *case);
        let [_, beside, _] = quartiles(|[_, beside]| *beside);
        let [low, ratio, high] = quartiles(|[case, beside]| case / beside);
        self.0.push(Row { case, nanoseconds, beside, ratio, spread: (high - low) / 2.0 });
    }
}

fn quartiles(mut all: Vec<f64>) -> [f64; 3] {
    all.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| all[(all.len() - 1) * quarter / 4])
}

impl Row {
    /// The budget, with a mark where it is missed.
    fn budget(&self) -> String {
        let most = self.case.most.map(|most| (format!("{most} ns"), self.nanoseconds > most));
        let ratio = self.case.ratio.map(|most| (format!("{most} ×"), self.ratio > most));
        let marked = |(text, missed)| if missed { format!("✗ {text}") } else { text };
        most.or(ratio).map(marked).unwrap_or_default()
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let [name, beside] = ["nanoseconds of a call", "beside"];
        writeln!(
            f,
            "\n{name:44} {:>8}  {beside:39} {:>8} {:>7} {:>7} {:>8}",
            "", "", "ratio", "±", "budget"
        )?;
        for row in &self.0 {
            let Row { case, nanoseconds, beside, ratio, spread } = row;
            write!(f, "{:44} {nanoseconds:>8.1}  {:39} {beside:>8.1}", case.name, case.beside)?;
            writeln!(f, " {ratio:>7.3} {spread:>7.3} {:>8}", row.budget())?;
        }
        Ok(())
    }
}
