//! Day of a moment, in UTC.

/// Returns the day of a moment in nanoseconds since 1970, as `2026-11-28`.
pub(super) fn utc_day(moment: u64) -> String {
    // Howard Hinnant's `civil_from_days`: years begin in March, so that a leap day is the last day.
    let days = moment / (24 * 60 * 60 * 1_000_000_000) + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utc_day_knows_leap_years() {
        let days = [0, 58, 59, 789, 790, 11_016, 11_017, 20_785];
        assert_eq!(
            days.map(|day| utc_day((day + 1) * 86_400_000_000_000 - 1)),
            [
                "1970-01-01",
                "1970-02-28",
                "1970-03-01",
                "1972-02-29",
                "1972-03-01",
                "2000-02-29",
                "2000-03-01",
                "2026-11-28"
            ]
        );
    }
}
