//! Sentences about where two sessions part, for the terminal and the page alike.

use super::{
    call_text::{call_text, call_texts, excerpts, shortened},
    departure::{Departure, Difference, ModelCall, Weight},
    diff_row::{Change, DiffRow},
    diff_side::{DiffSide, NodeTexts},
    prompt_change::{PromptChange, WordChange},
};
use crate::store::StoreError;

/// Most characters of an output.
const OUTPUT: usize = 60;
/// Most characters of an error.
const ERROR: usize = 160;

/// Describes where two sessions part.
pub(super) fn describe(
    sides: [&DiffSide<'_>; 2],
    rows: &[DiffRow],
    departure: Option<&Departure>,
) -> Result<String, StoreError> {
    let account = Account { sides, rows };
    let Some(departure) = departure else {
        return Ok(all_calls(account.calls(), "."));
    };
    let sentences = match departure.weight {
        Weight::Step => vec![
            same_for(departure.same_calls),
            account.difference(departure)?,
            account.reason(departure)?,
        ],
        Weight::Text => vec![
            all_calls(departure.same_calls, " but for texts of models."),
            account.difference(departure)?,
        ],
        Weight::Other => vec![all_calls(departure.same_calls, "."), account.difference(departure)?],
    };
    Ok(sentences.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" "))
}

fn same_for(calls: usize) -> String {
    match calls {
        0 => String::new(),
        1 => "Same for 1 call.".to_owned(),
        _ => format!("Same for {calls} calls."),
    }
}

fn all_calls(calls: usize, end: &str) -> String {
    match calls {
        0 => "Neither session has calls.".to_owned(),
        1 => format!("The only call is the same{end}"),
        _ => format!("All {calls} calls are the same{end}"),
    }
}

struct Account<'d> {
    sides: [&'d DiffSide<'d>; 2],
    rows: &'d [DiffRow],
}

impl Account<'_> {
    fn calls(&self) -> usize {
        let is_call = |row: &&DiffRow| {
            let (side, node) = row.newest();
            self.sides[side].is_call(node)
        };
        self.rows.iter().filter(is_call).count()
    }

    fn difference(&self, departure: &Departure) -> Result<String, StoreError> {
        let Departure { row, call, difference, .. } = departure;
        let text = match difference {
            Difference::Removed => format!("{} is gone.", self.subject(*row)?),
            Difference::Added => format!("{} is new.", self.subject(*row)?),
            Difference::Replaced(by) => {
                format!("{} became {}.", self.subject(*row)?, self.subject(*by)?)
            }
            Difference::Changed(change) => self.change(*row, *call, *change)?,
        };
        // Sentences about a prompt or an answer name their call themselves.
        let has_number = text.starts_with("The ");
        Ok(match call {
            Some(call) if !has_number => format!("Call {call}: {text}"),
            _ => capitalised(&text),
        })
    }

    fn change(
        &self,
        row: usize,
        call: Option<usize>,
        change: Change,
    ) -> Result<String, StoreError> {
        let [Some(a), Some(b)] = self.rows[row].nodes() else { return Ok(String::new()) };
        let [older, newer] = self.sides;
        let (kind, _) = newer.title(b);
        let subject = || self.subject(row);
        Ok(match change {
            Change::Name => format!("{} became {}.", titled(older, a), titled(newer, b)),
            Change::Model => {
                let model = |name: Option<&str>| name.map_or("no model".to_owned(), quoted);
                let (before, now) = (model(older.model(a)), model(newer.model(b)));
                format!("{} went to {now} instead of {before}.", subject()?)
            }
            Change::Input if kind == "llm" => {
                self.prompt(ModelCall { row, call: call.unwrap_or(0) })?
            }
            Change::Input => {
                let texts = [older.texts(a)?.input, newer.texts(b)?.input];
                let names = [older.title(a).1, newer.title(b).1];
                let [before, now] = call_texts(names, texts.each_ref().map(Option::as_deref))
                    .map(|text| quoted(&text));
                format!("{before} became {now}.")
            }
            Change::Error => failure(&subject()?, older.error(a), newer.error(b)),
            Change::End => {
                format!("{} is {} instead of {}.", subject()?, newer.end(b), older.end(a))
            }
            Change::Output => self.output(row, call, [a, b])?,
        })
    }

    fn output(
        &self,
        row: usize,
        call: Option<usize>,
        [a, b]: [usize; 2],
    ) -> Result<String, StoreError> {
        let [older, newer] = self.sides;
        let texts = [older.texts(a)?.output, newer.texts(b)?.output];
        if let (Some(call), "llm") = (call, newer.title(b).0) {
            let words = WordChange::new(texts.each_ref().map(|text| text.as_deref().unwrap_or("")));
            return Ok(format!("The answer of call {call} differs ({words})."));
        }
        let subject = self.subject(row)?;
        let [before, now] =
            excerpts(texts.each_ref().map(|text| text.as_deref().unwrap_or("")), OUTPUT);
        let shown = |text: &str, whole: &Option<String>| {
            if whole.is_some() { quoted(text) } else { "nothing".to_owned() }
        };
        let (before, now) = (shown(&before, &texts[0]), shown(&now, &texts[1]));
        Ok(format!("{subject} returned {now} instead of {before}."))
    }

    /// Returns what the last model call before a difference had seen.
    fn reason(&self, departure: &Departure) -> Result<String, StoreError> {
        let Some(asked) = departure.asked else { return Ok(String::new()) };
        let changes = self.rows[asked.row].changes();
        let mut text = if changes.contains(&Change::Input) {
            self.prompt(asked)?
        } else if changes.contains(&Change::Output) {
            format!("Call {} answered otherwise to the same prompt.", asked.call)
        } else {
            String::new()
        };
        if let Some(first) = departure.first_text {
            let space = if text.is_empty() { "" } else { " " };
            text = format!("{text}{space}Texts of models differ from call {first} on.");
        }
        Ok(text)
    }

    fn prompt(&self, ModelCall { row, call }: ModelCall) -> Result<String, StoreError> {
        let [Some(a), Some(b)] = self.rows[row].nodes() else { return Ok(String::new()) };
        let texts = [self.sides[0].texts(a)?.input, self.sides[1].texts(b)?.input];
        let change = PromptChange::new(texts.each_ref().map(|text| text.as_deref().unwrap_or("")));
        Ok(format!("The prompt of call {call} {change}."))
    }

    /// Returns the span of a row as it is named in a sentence.
    fn subject(&self, row: usize) -> Result<String, StoreError> {
        let (side, node) = self.rows[row].newest();
        let side = self.sides[side];
        let (kind, name) = side.title(node);
        if !matches!(kind, "tool" | "agent") {
            return Ok(titled(side, node));
        }
        let NodeTexts { input, .. } = side.texts(node)?;
        Ok(quoted(&call_text(name, input.as_deref())))
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    first + letters.as_str()
}

fn titled(side: &DiffSide<'_>, node: usize) -> String {
    let (kind, name) = side.title(node);
    format!("{kind} {}", quoted(name))
}

fn quoted(text: &str) -> String {
    format!("`{text}`")
}

fn failure(subject: &str, before: Option<&str>, now: Option<&str>) -> String {
    let [before, now] = match (before, now) {
        (Some(before), Some(now)) => excerpts([before, now], ERROR).map(Some),
        (before, now) => [before, now].map(|error| error.map(|error| shortened(error, ERROR))),
    };
    match (before, now) {
        (None, Some(now)) if now.is_empty() => format!("{subject} failed."),
        (None, Some(now)) => format!("{subject} failed: {}.", quoted(&now)),
        (Some(before), Some(now)) => {
            format!("{subject} failed with {} instead of {}.", quoted(&now), quoted(&before))
        }
        (_, None) => format!("{subject} fails no more."),
    }
}
