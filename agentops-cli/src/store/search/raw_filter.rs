//! Filter of raw JSON by a needle: bytes that do not pass cannot hold it, at any depth of escapes.
//!
//! JSON has a short escape for quotes, backslashes, slashes and control characters, and `\uXXXX` for any character. So
//! the longest run of the needle without the former stands in the bytes as it is, or one of its characters stands
//! there as `\uXXXX`; a string of JSON within JSON only adds backslashes in front of that.

use memchr::{memchr2_iter, memmem::Finder};

use super::{
    needle::{LetterCase, Needle},
    quoted_texts::unit,
};

/// Length of `\uXXXX`.
const ESCAPE: usize = 6;
/// Letters of other scripts that are ASCII in lower case, with that: the sign of Kelvin, and I with a dot.
const LOWERED_TO_ASCII: [(char, char); 2] = [('\u{212a}', 'k'), ('\u{130}', 'i')];
/// Combining dot, the second half of the lower case of I with a dot.
const COMBINING_DOT: char = '\u{307}';
/// Letters from the most frequent one in texts and JSON; what is not here is rarer.
const FREQUENT: &[u8] = b"etaoinsrlduc mpgyfhv.bwk:,-_0123456789";

/// Filter of raw JSON by a needle.
#[derive(Debug)]
pub(crate) struct RawFilter {
    run: RunFinder,
    /// Bytes of the run.
    length: usize,
    /// Other spellings of characters of the run.
    others: Vec<Finder<'static>>,
    /// UTF-16 units of all these characters.
    units: Vec<u16>,
    escapes: Finder<'static>,
}

/// Finder of the run.
#[derive(Debug)]
enum RunFinder {
    /// The needle has no run: everything passes.
    None,
    Exact(Box<Finder<'static>>),
    AnyCase(AnyCase),
}

/// Finder of a run of which the case of ASCII letters is ignored.
#[derive(Debug)]
struct AnyCase {
    run: Vec<u8>,
    /// Place of the rarest byte of the run.
    rarest: usize,
}

impl RawFilter {
    /// Creates the filter of a needle.
    pub(crate) fn new(needle: &Needle) -> Self {
        let run = longest_run(needle);
        let is_exact = needle.case() == LetterCase::Matters;
        let others =
            LOWERED_TO_ASCII.into_iter().filter(|(_, lower)| !is_exact && run.contains(*lower));
        let others: Vec<_> = others.map(|(other, _)| other.to_string()).collect();
        let upper = if is_exact { String::new() } else { run.to_ascii_uppercase() };
        let spellings = [run, &upper].into_iter().chain(others.iter().map(String::as_str));
        let mut units: Vec<_> = spellings.flat_map(str::encode_utf16).collect();
        units.sort_unstable();
        units.dedup();
        Self {
            run: RunFinder::new(run, needle.case()),
            length: run.len(),
            others: others.iter().map(|other| Finder::new(other).into_owned()).collect(),
            units,
            escapes: Finder::new("\\u").into_owned(),
        }
    }

    /// Returns the most bytes that are looked at together.
    pub(super) fn longest(&self) -> usize {
        self.length.max(ESCAPE)
    }

    /// Returns `true` if everything passes.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.run, RunFinder::None)
    }

    /// Returns `true` if these bytes may hold the needle.
    pub(super) fn passes(&self, raw: &[u8]) -> bool {
        self.run.is_in(raw)
            || self.others.iter().any(|other| other.find(raw).is_some())
            || self.is_escaped_in(raw)
    }

    fn is_escaped_in(&self, raw: &[u8]) -> bool {
        let mut escapes = self.escapes.find_iter(raw);
        escapes
            .any(|at| unit(&raw[at..]).is_some_and(|unit| self.units.binary_search(&unit).is_ok()))
    }
}

/// Returns the longest part of a needle that JSON has no short escapes for.
fn longest_run(needle: &Needle) -> &str {
    let case = needle.case();
    let runs = needle.text().split(|letter| !is_of_run(letter, case));
    runs.max_by_key(|run| run.len()).unwrap_or_default()
}

fn is_of_run(letter: char, case: LetterCase) -> bool {
    let is_escaped = letter.is_control() || matches!(letter, '"' | '\\' | '/');
    let has_one_case = || {
        !letter.is_lowercase()
            && !letter.is_uppercase()
            && letter.to_uppercase().eq([letter])
            && letter != COMBINING_DOT
    };
    !is_escaped && (case == LetterCase::Matters || letter.is_ascii() || has_one_case())
}

impl RunFinder {
    fn new(run: &str, case: LetterCase) -> Self {
        let rarity =
            |byte: &u8| FREQUENT.iter().position(|frequent| frequent == byte).unwrap_or(usize::MAX);
        let rarest = run.bytes().enumerate().max_by_key(|(_, byte)| rarity(byte));
        match (rarest, case) {
            (None, _) => Self::None,
            (Some(_), LetterCase::Matters) => Self::Exact(Box::new(Finder::new(run).into_owned())),
            (Some((rarest, _)), LetterCase::Ignored) => {
                Self::AnyCase(AnyCase { run: run.as_bytes().to_vec(), rarest })
            }
        }
    }

    fn is_in(&self, raw: &[u8]) -> bool {
        match self {
            Self::None => true,
            Self::Exact(finder) => finder.find(raw).is_some(),
            Self::AnyCase(run) => run.is_in(raw),
        }
    }
}

impl AnyCase {
    fn is_in(&self, raw: &[u8]) -> bool {
        let byte = self.run[self.rarest];
        memchr2_iter(byte, byte.to_ascii_uppercase(), raw).any(|at| {
            let start = at.checked_sub(self.rarest);
            let part = start.and_then(|start| raw.get(start..start + self.run.len()));
            part.is_some_and(|part| part.eq_ignore_ascii_case(&self.run))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(needle: &str, case: LetterCase) -> RawFilter {
        RawFilter::new(&Needle::new(needle, case))
    }

    #[test]
    fn filter_passes_every_spelling_of_json() {
        let exact = filter("say \"日本語\"", LetterCase::Matters);
        let escaped = ["日本語", r"\u65e5本語", r"日\\u672C語", r"日本\\\\u8a9e"];
        assert_eq!(escaped.map(|raw| exact.passes(raw.as_bytes())), [true; 4]);
        let other = ["say 日本", r"\u65e6", "u65e5", r"\u65", "日 本 語"];
        assert_eq!(other.map(|raw| exact.passes(raw.as_bytes())), [false; 5]);
        assert!(filter("\"\n\\/", LetterCase::Matters).is_open());
    }

    #[test]
    fn filter_without_case_passes_letters_of_any_case() {
        let kelvin = filter("KIND", LetterCase::Ignored);
        let passed = ["kInD", "\u{212a}ind", r"\u212Aind", "k\u{130}nd", r"\u004bind"];
        assert_eq!(passed.map(|raw| kelvin.passes(raw.as_bytes())), [true; 5]);
        assert_eq!(["kin", "ind", "ki nd"].map(|raw| kelvin.passes(raw.as_bytes())), [false; 3]);
    }

    /// Spells a text as JSON, with every character that leaves this rest escaped.
    fn spelled(text: &str, rest: usize) -> String {
        let spelled = |(index, letter): (usize, char)| {
            if index % 3 == rest {
                let units = letter.encode_utf16(&mut [0; 2]).to_vec();
                return units.iter().map(|unit| format!("\\u{unit:04x}")).collect::<String>();
            }
            let quoted = serde_json::to_string(&letter).unwrap();
            quoted[1..quoted.len() - 1].to_owned()
        };
        text.chars().enumerate().map(spelled).collect()
    }

    #[test]
    fn filter_passes_every_part_of_every_spelling() {
        let text = "Say \"日本\"\n\\n🚀 İKé/k\t\u{212a}ind";
        let bounds: Vec<_> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let parts = bounds
            .iter()
            .enumerate()
            .flat_map(|(nth, start)| bounds[nth + 1..].iter().map(|end| &text[*start..*end]));
        let spellings = [0, 1, 2, 3].map(|rest| spelled(text, rest));
        let deeper = spellings.clone().map(|inner| serde_json::to_string(&inner).unwrap());
        let mut dropped = Vec::new();
        for (part, case) in
            parts.flat_map(|part| [(part, LetterCase::Matters), (part, LetterCase::Ignored)])
        {
            let filter = filter(part, case);
            let mut all = spellings.iter().chain(&deeper);
            dropped.extend(
                all.find(|raw| !filter.passes(raw.as_bytes())).map(|raw| (part, case, raw)),
            );
        }
        assert_eq!(dropped, []);
    }

    /// A letter of a run that another letter becomes in lower case would make the filter drop a text that matches.
    #[test]
    fn run_has_only_letters_with_known_spellings() {
        let mut missed = Vec::new();
        for letter in (0..=0x0010_ffff).filter_map(char::from_u32) {
            for lower in letter.to_lowercase().filter(|lower| *lower != letter) {
                let is_known = letter.is_ascii() || LOWERED_TO_ASCII.contains(&(letter, lower));
                if is_of_run(lower, LetterCase::Ignored) && !is_known {
                    missed.push((letter, lower));
                }
            }
        }
        assert_eq!(missed, []);
    }
}
