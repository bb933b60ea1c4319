//! Callsites of calls that are in no session's totals: outside of any session, or ended after their session.

use std::{
    borrow::Cow,
    cmp::Reverse,
    collections::BTreeMap,
    fmt,
    sync::{Mutex, PoisonError},
};

use crate::process::presentable::{self, name};

/// Callsite as it is shown to the developer who should fix it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) name: Cow<'static, str>,
    /// File and line, if known.
    pub(crate) line: Option<(&'static str, u32)>,
}

impl Place {
    /// Returns a copy with a name that is cut and escaped for display, if the name needs it.
    fn cut(&self) -> Option<Self> {
        match name(&self.name) {
            Cow::Borrowed(_) => None,
            Cow::Owned(cut) => Some(Self { name: cut.into(), line: self.line }),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", name(&self.name))?;
        match self.line {
            Some((file, line)) => write!(f, " ({file}:{line})"),
            None => Ok(()),
        }
    }
}

/// Most places that are counted separately.
const MAX_PLACES: usize = 256;

/// Number of calls by place.
#[derive(Debug, Default)]
pub(crate) struct Missed(Mutex<BTreeMap<Place, u64>>);

impl Missed {
    pub(crate) fn add(&self, place: &Place) {
        let cut = place.cut();
        let place = cut.as_ref().unwrap_or(place);
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = places.get_mut(place) {
            *count += 1;
        } else if places.len() < MAX_PLACES {
            places.insert(place.clone(), 1);
        } else {
            *places.entry(others()).or_default() += 1;
        }
    }

    pub(crate) fn all(&self) -> BTreeMap<Place, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn others() -> Place {
    Place { name: "others".into(), line: None }
}

/// Returns the places with the most calls as text.
pub(crate) fn listed(places: &BTreeMap<Place, u64>) -> String {
    let mut places: Vec<_> = places.iter().filter(|(_, count)| **count > 0).collect();
    places.sort_by_key(|(_, count)| Reverse(**count));
    presentable::listed(places.iter().map(|(place, count)| format!("{place} ×{count}")))
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
    fn a_place_with_an_endless_name_is_kept_and_listed_by_its_start() {
        let missed = Missed::default();
        (0..2).for_each(|_| missed.add(&place("x\u{1b}".repeat(10_000))));
        let name: String = "x\\u{1b}".repeat(14) + "x…";
        assert_eq!(missed.all(), BTreeMap::from([(place(name), 2)]));
    }

    #[test]
    fn more_places_than_are_told_apart_count_together() {
        let missed = Missed::default();
        (0..300).for_each(|n| missed.add(&place(format!("f{n}"))));
        let all = missed.all();
        assert_eq!((all.len(), all[&others()]), (MAX_PLACES + 1, 44));
    }
}
