//! Parses JSON only if every number in it is preserved exactly.

use serde_json::Value;

use crate::text::JsonStrings;

/// Parses a text as JSON. Returns `None` if it is not JSON, or if a number in it would change its value.
pub(crate) fn json(text: &str) -> Option<Value> {
    let value = serde_json::from_str(text).ok()?;
    numbers(text).all(survives).then_some(value)
}

/// Returns the numbers in a valid JSON text, outside its strings.
fn numbers(text: &str) -> impl Iterator<Item = &str> {
    let mut strings = JsonStrings::default();
    let outside =
        move |c: char| strings.advance(c) || !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E');
    // `true`, `false` and `null` contribute only lone `e`s, which have no digit and are filtered out.
    text.split(outside).filter(|number| number.contains(|c: char| c.is_ascii_digit()))
}

fn survives(number: &str) -> bool {
    if number.parse::<i64>().is_ok() || number.parse::<u64>().is_ok() {
        return number != "-0";
    }
    let digits = |text: &str| {
        let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
        let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
        digits.trim_matches('0').to_owned()
    };
    // Any fifteen digits fit into a float; more do only if the float prints the same digits.
    let Ok(float) = number.parse::<f64>() else { return false };
    let is_in_range = float.is_finite() && (float != 0.0 || digits(number).is_empty());
    is_in_range
        && (digits(number).len() <= 15
            || serde_json::Number::from_f64(float)
                .is_some_and(|float| digits(&float.to_string()) == digits(number)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn lossy_numbers_are_not_parsed() {
        for exact in
            ["1", "-1", "18446744073709551615", "0.1", "1e3", "-0.0", "2.5e-8", "\"1e999\""]
        {
            assert!(json(exact).is_some(), "{exact}");
        }
        for lossy in
            ["123456789012345678901234567890", "0.12345678901234567890123", "1e999", "1e-999"]
        {
            assert_eq!(json(lossy), None);
            assert_eq!(json(&format!("{{\"a\":[{lossy}]}}")), None);
        }
        assert_eq!(json("{\"a\\\"1e999\":[true,1]}"), Some(json!({"a\"1e999": [true, 1]})));
        assert_eq!(json("no json"), None);
    }

    proptest! {
        #[test]
        fn parsed_numbers_equal_the_written_ones(
            number in prop_oneof![
                any::<i64>().prop_map(|number| number.to_string()),
                any::<u64>().prop_map(|number| number.to_string()),
                any::<f64>().prop_filter_map("finite", serde_json::Number::from_f64)
                    .prop_map(|number| number.to_string()),
            ],
        ) {
            let read = json(&number);
            prop_assert_eq!(read.map(|json| json.to_string()), Some(number));
        }
    }
}
