//! Command `agentops search`: a text in the names and the content of all sessions.

use std::{collections::BTreeSet, ops::ControlFlow};

use clap::{Args, builder::NonEmptyStringValueParser};
use serde_json::json;

use super::{
    Failure, Outcome, StoreArgs,
    cells::{ID_DIGITS, counted, print_faults},
};
use crate::{
    store::{
        Excerpt, Hit, LetterCase, Needle, SearchQuery, SearchStep, SessionFilter, SessionId, Store,
    },
    terminal::{Screen, Style, fit, fit_end, parse_time, plain, width},
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
        let faults = store.search(&query, &mut |step| {
            let SearchStep::Hit(hit) = step else { return ControlFlow::Continue(()) };
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
                session: None,
                ..Default::default()
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

/// Fewest columns for a cut excerpt beside its place; where there are fewer, it goes to a line of its own.
const NARROW: usize = 40;
/// Most columns of the text around what was found.
const AROUND: usize = 80;

fn print_hit(screen: &mut Screen<'_>, hit: &Hit) -> Result<(), Failure> {
    let (session, span) = (hit.session.to_string(), hit.span.to_string());
    let id = format!("{}/{}", &session[..ID_DIGITS], &span[..ID_DIGITS]);
    let title = format!("  {} {}  {}:", plain(&hit.kind), plain(&hit.name), plain(&hit.field));
    let title = fit(&title, screen.columns.saturating_sub(width(&id)));
    let place = screen.styled(Style::Cyan, &id) + &title;
    let room = screen.columns.saturating_sub(width(&id) + width(&title) + 1);
    let beside = excerpt(screen, &hit.excerpt, room);
    if room >= NARROW || excerpt_width(&hit.excerpt) <= room {
        screen.line(&format!("{place} {beside}"))?;
    } else {
        let below = excerpt(screen, &hit.excerpt, screen.columns.saturating_sub(4));
        screen.line(&place)?;
        screen.line(&format!("    {below}"))?;
    }
    Ok(())
}

fn excerpt_width(excerpt: &Excerpt) -> usize {
    [&excerpt.before, &excerpt.found, &excerpt.after].map(|text| width(&plain(text))).iter().sum()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        commands::command_run::{NOW, parsed, printed},
        store::fixture::{TestFolder, TestSpan},
    };

    fn run(folder: &TestFolder, columns: usize, args: &[&str]) -> (Outcome, String) {
        let dir = folder.arg();
        let search: Search = parsed(&[args, &[&dir]].concat());
        let (outcome, out) = printed(columns, |screen| search.run(screen));
        (outcome.unwrap(), out)
    }

    /// Returns two sessions, which were written at the same time.
    fn folder() -> TestFolder {
        let folder = TestFolder::new();
        let long = format!("{} a lamp, {}", "before ".repeat(20), "after ".repeat(20));
        for session in [0x1a00 << 112, 0x2b00 << 112] {
            let root = TestSpan::new(session, 1, 0, "session ask").at(NOW, NOW);
            let tool = TestSpan::new(session, 0x9c24 << 48, 1, "tool find_lamp")
                .text("input.value", &long)
                .text("gen_ai.tool.call.result", "one\nblue \u{1b}[2Jlamp");
            folder.write(session, &[&[tool.at(NOW, NOW)], &[root.ended()]]);
            folder.set_last_write(session, NOW);
        }
        folder
    }

    #[test]
    fn search_prints_hits_within_80_columns() {
        let (outcome, out) = run(&folder(), 80, &["lamp", "-n", "4"]);
        assert_eq!(outcome, Outcome::Fine);
        assert_eq!(
            out,
            "\
1a000000/9c240000  tool find_lamp  name: find_lamp
1a000000/9c240000  tool find_lamp  input.value:
    …ore before before before before  a lamp, after after after after after aft…
1a000000/9c240000  tool find_lamp  gen_ai.tool.call.result:
    one blue \\u{1b}[2Jlamp
2b000000/9c240000  tool find_lamp  name: find_lamp
4 hits in 2 sessions; there are more, `-n 0` prints all
"
        );
    }

    #[test]
    fn search_puts_text_beside_place_on_wide_screen() {
        let (_, out) = run(&folder(), 120, &["LAMP,", "-i", "-n1"]);
        assert_eq!(
            out,
            "\
1a000000/9c240000  tool find_lamp  input.value: … before before before before  a lamp, after after after after after af…
1 hit in 1 session; there are more, `-n 0` prints all
"
        );
        assert!(out.lines().all(|line| width(line) <= 120));
    }

    #[test]
    fn search_without_hit_answers_no() {
        let folder = folder();
        folder.write_text(7, "garbage with bulb\n");
        let (outcome, out) = run(&folder, 80, &["bulb"]);
        assert_eq!(outcome, Outcome::No);
        let (lines, fault) = out.split_once('\n').unwrap();
        assert_eq!(lines, "no hit");
        assert!(fault.starts_with("1 part could not be read, first `"), "{fault}");
    }

    #[test]
    fn search_prints_json_for_scripts() {
        let (_, out) = run(&folder(), 80, &["blue", "--json", "--kind", "tool", "-n", "1"]);
        let session = "1a00".to_owned() + &"0".repeat(28);
        let expected = json!({
            "session": session, "span": "9c24000000000000", "kind": "tool", "name": "find_lamp",
            "field": "gen_ai.tool.call.result", "before": "one\n", "found": "blue", "after": " \u{1b}[2Jlamp",
        });
        assert_eq!(out, format!("{expected}\n"));
    }
}
