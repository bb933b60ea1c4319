//! Numbers as people read them: three significant digits and a unit.

/// Nanoseconds of the units of time.
const MICRO: u64 = 1_000;
const MILLI: u64 = 1_000 * MICRO;
const SECOND: u64 = 1_000 * MILLI;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// Formats a duration in nanoseconds: `45.9 ms`, `3.20 s`, `2 min 14 s`.
pub(crate) fn duration(nanos: u64) -> String {
    match nanos {
        HOUR.. => format!("{} h {} min", nanos / HOUR, nanos % HOUR / MINUTE),
        MINUTE.. => format!("{} min {} s", nanos / MINUTE, nanos % MINUTE / SECOND),
        SECOND.. => format!("{} s", three_digits(nanos, SECOND)),
        MILLI.. => format!("{} ms", three_digits(nanos, MILLI)),
        MICRO.. => format!("{} µs", three_digits(nanos, MICRO)),
        _ => format!("{nanos} ns"),
    }
}

/// Formats a duration in nanoseconds for a narrow column: `45.9 ms`, `3m 12s`.
pub(crate) fn short_duration(nanos: u64) -> String {
    match nanos {
        HOUR.. => format!("{}h {}m", nanos / HOUR, nanos % HOUR / MINUTE),
        MINUTE.. => format!("{}m {}s", nanos / MINUTE, nanos % MINUTE / SECOND),
        _ => duration(nanos),
    }
}

/// Formats the age of a moment: `12 s ago`, `2 min ago`, `3 d ago`; both in nanoseconds since 1970.
pub(crate) fn ago(moment: u64, now: u64) -> String {
    let age = now.saturating_sub(moment);
    match age {
        DAY.. => format!("{} d ago", age / DAY),
        HOUR.. => format!("{} h ago", age / HOUR),
        MINUTE.. => format!("{} min ago", age / MINUTE),
        _ => format!("{} s ago", age / SECOND),
    }
}

/// Formats a count of tokens: `61`, `3.79k`, `1.20M`.
pub(crate) fn tokens(count: u64) -> String {
    match count {
        1_000_000_000.. => format!("{}G", three_digits(count, 1_000_000_000)),
        1_000_000.. => format!("{}M", three_digits(count, 1_000_000)),
        1_000.. => format!("{}k", three_digits(count, 1_000)),
        _ => count.to_string(),
    }
}

/// Formats a size: `820 B`, `1.20 MiB`.
pub(crate) fn bytes(count: u64) -> String {
    const KIB: u64 = 1 << 10;
    match count {
        0x4000_0000.. => format!("{} GiB", three_digits(count, KIB * KIB * KIB)),
        0x10_0000.. => format!("{} MiB", three_digits(count, KIB * KIB)),
        0x400.. => format!("{} KiB", three_digits(count, KIB)),
        _ => format!("{count} B"),
    }
}

/// Formats an amount of US dollars with at least two significant digits, however small it is: `$1.84`, `$0.0031`.
pub(crate) fn dollars(usd: f64) -> String {
    let mut digits = 2;
    while digits < 12 && usd > 0.0 && usd * 10_f64.powi(digits) < 10.0 {
        digits += 1;
    }
    format!("${usd:.*}", usize::try_from(digits).unwrap_or(2))
}

/// Formats a number in a unit with three significant digits, rounded down, so that 999.96 never becomes 1000.
fn three_digits(number: u64, unit: u64) -> String {
    let (whole, rest) = (number / unit, u128::from(number % unit));
    let part = |scale: u128| rest * scale / u128::from(unit);
    match whole {
        100.. => whole.to_string(),
        10.. => format!("{whole}.{}", part(10)),
        _ => format!("{whole}.{:02}", part(100)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duration_has_three_digits_and_unit() {
        let all = [0, 999, 1_000, 45_912_345, 999_999_999, 3_204_000_000, 134_000_000_000, 3 * DAY];
        let shown = all.map(duration);
        assert_eq!(
            shown,
            [
                "0 ns",
                "999 ns",
                "1.00 µs",
                "45.9 ms",
                "999 ms",
                "3.20 s",
                "2 min 14 s",
                "72 h 0 min"
            ]
        );
    }

    #[test]
    fn ago_counts_whole_units_and_no_future() {
        let ages = [0, 12 * SECOND, 119 * SECOND, 5 * HOUR, 49 * HOUR];
        assert_eq!(
            ages.map(|age| ago(50 * DAY - age, 50 * DAY)),
            ["0 s ago", "12 s ago", "1 min ago", "5 h ago", "2 d ago"]
        );
        assert_eq!(ago(2, 1), "0 s ago");
    }

    #[test]
    fn tokens_have_three_digits_and_unit() {
        assert_eq!(
            [61, 999, 3_790, 88_100, 1_200_000, 5_000_000_000].map(tokens),
            ["61", "999", "3.79k", "88.1k", "1.20M", "5.00G"]
        );
    }

    #[test]
    fn bytes_have_three_digits_and_unit() {
        assert_eq!(
            [820, 1 << 10, 1_300_000, 3 << 30].map(bytes),
            ["820 B", "1.00 KiB", "1.23 MiB", "3.00 GiB"]
        );
    }

    #[test]
    fn dollars_keep_two_significant_digits() {
        let all = [0.0, 1.84, 12_345.0, 0.0031, 0.000_000_1];
        assert_eq!(all.map(dollars), ["$0.00", "$1.84", "$12345.00", "$0.0031", "$0.00000010"]);
    }
}
