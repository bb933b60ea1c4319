//! Times and sizes as a person writes them on the command line.

/// Parses a time such as `2d` to nanoseconds.
pub(crate) fn parse_time(text: &str) -> Result<u64, String> {
    let split = text.len() - text.chars().last().map_or(0, char::len_utf8);
    let (number, unit) = text.split_at(split);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        "w" => 7 * 24 * 60 * 60,
        _ => 0,
    };
    let time = number.parse::<u64>().ok().filter(|_| seconds > 0);
    let nanos = time.and_then(|time| time.checked_mul(seconds * 1_000_000_000));
    nanos.ok_or_else(|| {
        "a number and `s`, `m`, `h`, `d` or `w` is expected, such as `2d`".to_owned()
    })
}

/// Units of a size, the longest spelling first.
const SIZES: [(&str, u64); 9] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("B", 1),
];

/// Parses a size such as `1GiB` to bytes.
pub(crate) fn parse_size(text: &str) -> Result<u64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit = SIZES.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit.trim()));
    let size = number.parse::<u64>().ok().zip(unit);
    let bytes = size.and_then(|(number, (_, bytes))| number.checked_mul(*bytes));
    bytes.ok_or_else(|| {
        "a whole number and a unit is expected, such as `500MB` or `1GiB`".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_a_number_and_a_unit() {
        let second = 1_000_000_000;
        let parsed = ["90s", "2m", "3h", "2d", "1w"].map(|text| parse_time(text).unwrap() / second);
        assert_eq!(parsed, [90, 120, 10_800, 172_800, 604_800]);
        for wrong in ["", "d", "2", "2y", "-2d", "1.5d", "99999999999w", "2日"] {
            assert!(parse_time(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn size_is_a_number_and_a_unit() {
        let parsed =
            ["820B", "1kb", "2 KiB", "500MB", "1GiB"].map(|text| parse_size(text).unwrap());
        assert_eq!(parsed, [820, 1_000, 2_048, 500_000_000, 1 << 30]);
        for wrong in ["", "GiB", "1", "1.5GB", "-1MB", "1XB", "99999999999TB"] {
            assert!(parse_size(wrong).is_err(), "{wrong}");
        }
    }
}
