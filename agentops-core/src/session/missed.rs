//! The places of calls that no total of a session has: outside of any, or after their own had ended.

use std::{
    borrow::Cow,
    cmp::Reverse,
    collections::BTreeMap,
    fmt,
    sync::{Mutex, PoisonError},
};

/// A callsite, for the person who is to change it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) name: Cow<'static, str>,
    /// The file and the line, where they are known.
    pub(crate) line: Option<(&'static str, u32)>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.name)?;
        match self.line {
            Some((file, line)) => write!(f, " ({file}:{line})"),
            None => Ok(()),
        }
    }
}

/// More places than this are not told apart.
const MAX_PLACES: usize = 256;
/// So many are listed.
const MAX_LISTED: usize = 10;

/// How many calls each place has made.
#[derive(Debug, Default)]
pub(crate) struct Missed(Mutex<BTreeMap<Place, u64>>);

impl Missed {
    pub(crate) fn add(&self, place: &Place) {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_told_apart = places.len() < MAX_PLACES || places.contains_key(place);
        let place = if is_told_apart { place.clone() } else { others() };
        *places.entry(place).or_default() += 1;
    }

    pub(crate) fn all(&self) -> BTreeMap<Place, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn others() -> Place {
    Place { name: "others".into(), line: None }
}

/// The places with the most calls, as a text.
pub(crate) fn listed(places: &BTreeMap<Place, u64>) -> String {
    let mut places: Vec<_> = places.iter().filter(|(_, count)| **count > 0).collect();
    places.sort_by_key(|(_, count)| Reverse(**count));
    let more = places.len().saturating_sub(MAX_LISTED);
    let listed = places.iter().take(MAX_LISTED).map(|(place, count)| format!("{place} ×{count}"));
    let more = (more > 0).then(|| format!("and {more} more"));
    listed.chain(more).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: String) -> Place {
        Place { name: name.into(), line: Some(("src/main.rs", 7)) }
    }

    #[test]
    fn ten_places_are_listed_those_with_the_most_calls_first() {
        let missed = Missed::default();
        for n in 0..12 {
            (0..=n % 2).for_each(|_| missed.add(&place(format!("f{n:02}"))));
        }
        let text = listed(&missed.all());
        assert!(text.starts_with("`f01` (src/main.rs:7) ×2, `f03` (src/main.rs:7) ×2, "), "{text}");
        assert!(text.ends_with("`f06` (src/main.rs:7) ×1, and 2 more"), "{text}");
    }

    #[test]
    fn more_places_than_are_told_apart_count_together() {
        let missed = Missed::default();
        (0..300).for_each(|n| missed.add(&place(format!("f{n}"))));
        let all = missed.all();
        assert_eq!((all.len(), all[&others()]), (MAX_PLACES + 1, 44));
    }
}
