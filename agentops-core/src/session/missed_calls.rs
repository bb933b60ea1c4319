//! Locations of calls that are in no session's totals: outside of any session, or ended after their session.

use std::{borrow::Cow, cmp::Reverse, collections::BTreeMap, fmt};

use crate::process::{
    Lock,
    presentable::{self, name},
};

/// Name and source location of a call, as they are shown to the developer who should fix it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CallLocation {
    pub(crate) name: Cow<'static, str>,
    /// File and line, if known.
    pub(crate) line: Option<(&'static str, u32)>,
}

impl CallLocation {
    /// Returns a copy with a name that is cut and escaped for display, if the name needs it.
    fn cut(&self) -> Option<Self> {
        match name(&self.name) {
            Cow::Borrowed(_) => None,
            Cow::Owned(cut) => Some(Self { name: cut.into(), line: self.line }),
        }
    }
}

impl fmt::Display for CallLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", name(&self.name))?;
        match self.line {
            Some((file, line)) => write!(f, " ({file}:{line})"),
            None => Ok(()),
        }
    }
}

/// Most locations that are counted separately.
const MAX_LOCATIONS: usize = 256;

/// Number of calls by location.
#[derive(Debug, Default)]
pub(crate) struct MissedCalls(Lock<BTreeMap<CallLocation, u64>>);

impl MissedCalls {
    pub(crate) fn add(&self, location: &CallLocation) {
        let cut = location.cut();
        let location = cut.as_ref().unwrap_or(location);
        let mut locations = self.0.lock();
        if let Some(count) = locations.get_mut(location) {
            *count += 1;
        } else if locations.len() < MAX_LOCATIONS {
            locations.insert(location.clone(), 1);
        } else {
            *locations.entry(others()).or_default() += 1;
        }
    }

    pub(crate) fn by_location(&self) -> BTreeMap<CallLocation, u64> {
        self.0.lock().clone()
    }
}

fn others() -> CallLocation {
    CallLocation { name: "others".into(), line: None }
}

/// Returns the locations with the most calls as text.
pub(crate) fn list_calls(locations: &BTreeMap<CallLocation, u64>) -> String {
    let mut locations: Vec<_> = locations.iter().filter(|(_, count)| **count > 0).collect();
    locations.sort_by_key(|(_, count)| Reverse(**count));
    presentable::listed(locations.iter().map(|(location, count)| format!("{location} ×{count}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(name: String) -> CallLocation {
        CallLocation { name: name.into(), line: Some(("src/main.rs", 7)) }
    }

    #[test]
    fn list_names_ten_locations_with_the_most_calls_first() {
        let missed = MissedCalls::default();
        for n in 0..12 {
            (0..=n % 2).for_each(|_| missed.add(&location(format!("f{n:02}"))));
        }
        let text = list_calls(&missed.by_location());
        assert!(text.starts_with("`f01` (src/main.rs:7) ×2, `f03` (src/main.rs:7) ×2, "), "{text}");
        assert!(text.ends_with("`f06` (src/main.rs:7) ×1, and 2 more"), "{text}");
    }

    #[test]
    fn missed_calls_truncate_long_location_names() {
        let missed = MissedCalls::default();
        (0..2).for_each(|_| missed.add(&location("x\u{1b}".repeat(10_000))));
        let name: String = "x\\u{1b}".repeat(14) + "x…";
        assert_eq!(missed.by_location(), BTreeMap::from([(location(name), 2)]));
    }

    #[test]
    fn locations_beyond_the_limit_count_together() {
        let missed = MissedCalls::default();
        (0..300).for_each(|n| missed.add(&location(format!("f{n}"))));
        let all = missed.by_location();
        assert_eq!((all.len(), all[&others()]), (MAX_LOCATIONS + 1, 44));
    }
}
