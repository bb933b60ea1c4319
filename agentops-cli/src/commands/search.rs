//! Command `agentops search`: a text in the names and the content of all sessions.

use std::{collections::BTreeSet, ops::ControlFlow};

use clap::{Args, builder::NonEmptyStringValueParser};
use serde_json::json;

use super::{
    Failure, Outcome, StoreArgs,
    arguments::parse_time,
    cells::{ID_DIGITS, counted, print_faults},
};
use crate::{
    store::{Excerpt, Hit, LetterCase, Needle, SearchQuery, SessionFilter, SessionId, Store},
    terminal::{Screen, Style, fit, fit_end, plain, width},
};

/// Search names, inputs, outputs and errors of all sessions for a text.
///
/// The text is no pattern, and it is found in every language, also in JSON within a text. Of a field the first place is
/// shown; the sessions that were written last come first. The exit status is 1 if the text is nowhere.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  agentops search 'card was declined'      with the span to show: agentops show ID/SPAN
  agentops search -i timeout --since 2d    in any case, in the last two days
  agentops search lamp --kind tool -n 0    all of what tools read and wrote
  agentops search '\"role\": \"user\"' --json  one JSON object a hit, for scripts")]
pub(crate) struct Search {
    /// Text to search for.
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    text: String,

    #[command(flatten)]
    store: StoreArgs,

    /// Ignore upper and lower case.
    #[arg(short, long)]
    ignore_case: bool,

    /// Search only sessions that started in this time, such as `30m`, `12h`, `2d`.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    since: Option<u64>,

    /// Search only sessions whose name contains this text.
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,

    /// Search only spans of this kind, such as `llm`.
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,

    /// Number of hits to print; 0 for all.
    #[arg(short, long, value_name = "N", default_value_t = 100)]
    number: usize,

    /// Print one JSON object a hit.
    #[arg(long)]
    json: bool,
}

/// Hits that were printed.
#[derive(Debug, Default)]
struct PrintedHits {
    count: u64,
    sessions: BTreeSet<SessionId>,
    has_more: bool,
}

impl Search {
    pub(crate) fn run(&self, screen: &mut Screen<'_>) -> Result<Outcome, Failure> {
        let (store, query) = (self.store.open()?, self.query(screen.now));
        let (mut printed, mut written) = (PrintedHits::default(), Ok(()));
        let most = if self.number == 0 { u64::MAX } else { self.number as u64 };
        let faults = store.search(&query, &mut |hit| {
            printed.has_more = printed.count == most;
            if printed.has_more {
                return ControlFlow::Break(());
            }
            written = self.print(screen, &hit);
            printed.count += 1;
            printed.sessions.insert(hit.session);
            if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        written?;
        if !self.json {
            screen.line(&screen.styled(Style::Dim, &printed.to_string()))?;
            print_faults(screen, &faults)?;
        }
        Ok(if printed.count == 0 { Outcome::No } else { Outcome::Fine })
    }

    fn query(&self, now: u64) -> SearchQuery {
        let case = if self.ignore_case { LetterCase::Ignored } else { LetterCase::Matters };
        SearchQuery {
            needle: Needle::new(&self.text, case),
            sessions: SessionFilter {
                since: self.since.map_or(0, |since| now.saturating_sub(since)),
                name: self.name.clone().unwrap_or_default(),
            },
            kind: self.kind.clone(),
        }
    }

    fn print(&self, screen: &mut Screen<'_>, hit: &Hit) -> Result<(), Failure> {
        if self.json {
            screen.line(&as_json(hit).to_string())?;
            return Ok(());
        }
        print_hit(screen, hit)
    }
}

impl std::fmt::Display for PrintedHits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.count == 0 {
            return f.write_str("no hit");
        }
        let hits = counted(self.count, "hit");
        let sessions = counted(self.sessions.len() as u64, "session");
        let more = if self.has_more { "; there are more, `-n 0` prints all" } else { "" };
        write!(f, "{hits} in {sessions}{more}")
    }
}

/// Fewest columns of an excerpt beside its place; a narrower one goes to a line of its own.
const NARROW: usize = 40;
/// Most columns of the text around what was found.
const AROUND: usize = 80;

fn print_hit(screen: &mut Screen<'_>, hit: &Hit) -> Result<(), Failure> {
    let (session, span) = (hit.session.to_string(), hit.span.to_string());
    let id = format!("{}/{}", &session[..ID_DIGITS], &span[..ID_DIGITS]);
    let title = format!("  {} {}  {}:", plain(&hit.kind), plain(&hit.name), plain(&hit.field));
    let title = fit(&title, screen.columns.saturating_sub(width(&id)));
    let place = screen.styled(Style::Cyan, &id) + &title;
    let used = width(&id) + width(&title) + 1;
    if used + NARROW <= screen.columns {
        let excerpt = excerpt(screen, &hit.excerpt, screen.columns - used);
        screen.line(&format!("{place} {excerpt}"))?;
    } else {
        screen.line(&place)?;
        let excerpt = excerpt(screen, &hit.excerpt, screen.columns.saturating_sub(4));
        screen.line(&format!("    {excerpt}"))?;
    }
    Ok(())
}

/// Returns the found text, with as much around it as there are columns.
fn excerpt(screen: &Screen<'_>, excerpt: &Excerpt, columns: usize) -> String {
    let [before, after] = [&excerpt.before, &excerpt.after].map(|text| plain(text));
    let found = fit(&plain(&excerpt.found), columns);
    let room = columns.saturating_sub(width(&found)).min(AROUND);
    let before = fit_end(&before, (room / 2).max(room.saturating_sub(width(&after))));
    let after = fit(&after, room.saturating_sub(width(&before)));
    before + &screen.styled(Style::Yellow, &found) + &after
}

fn as_json(hit: &Hit) -> serde_json::Value {
    let Excerpt { before, found, after } = &hit.excerpt;
    json!({
        "session": hit.session.to_string(),
        "span": hit.span.to_string(),
        "kind": hit.kind,
        "name": hit.name,
        "field": hit.field,
        "before": before,
        "found": found,
        "after": after,
    })
}
