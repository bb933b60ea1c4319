//! An agent with its tests: which tools did it call, in which order, with which arguments?
//!
//! ```text
//! cargo test -p agentops-examples --example tested_agent
//! ```
#![expect(clippy::print_stdout, reason = "the answer goes to stdout")]

use agentops::{Usage, agent, current, llm, session, tool};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let _guard = agentops::init()?;
    println!("{}", convert("100 EUR in yen?")?);
    Ok(())
}

#[session]
fn convert(question: &str) -> Result<String, String> {
    accountant(question)
}

#[agent]
fn accountant(question: &str) -> Result<String, String> {
    let (amount, to) = understand(question)?;
    let rate = exchange_rate("EUR", &to)?;
    Ok(format!("{} {to}", amount * rate))
}

/// Stands in for a model: the first number, and the currency that is named.
#[llm(model = "pattern-matcher", provider = "local")]
fn understand(question: &str) -> Result<(u32, String), String> {
    current().set_usage(Usage::new().input(question.split_whitespace().count() as u64).output(2));
    let amount = question.split(' ').find_map(|word| word.parse().ok()).ok_or("no amount")?;
    let to = if question.contains("yen") { "JPY" } else { "USD" };
    Ok((amount, to.to_owned()))
}

/// Looks up an exchange rate.
#[tool]
fn exchange_rate(from: &str, to: &str) -> Result<u32, String> {
    match (from, to) {
        ("EUR", "JPY") => Ok(160),
        _ => Err(format!("no rate from {from} to {to}")),
    }
}

#[cfg(test)]
mod tests {
    use agentops::{SpanKind, Usage, testing::Capture};
    use serde_json::json;

    use super::convert;

    #[test]
    fn convert_looks_up_exchange_rate_once() {
        let capture = Capture::start();
        assert_eq!(convert("100 EUR in yen?"), Ok("16000 JPY".to_owned()));
        capture.assert_calls(SpanKind::Tool, &["exchange_rate"]);
        let call = &capture.calls(SpanKind::Tool)[0];
        assert_eq!(call.input(), json!({"from": "EUR", "to": "JPY"}));
        assert_eq!(call.output(), json!(160));
        assert_eq!(capture.usage(), Usage::new().input(4).output(2));
        capture.assert_no_orphans();
    }

    #[test]
    fn convert_without_amount_calls_no_tool() {
        let capture = Capture::start();
        assert_eq!(convert("EUR in yen?"), Err("no amount".to_owned()));
        assert_eq!(
            capture.tree(),
            "session convert error=\"no amount\"\n\
            \x20 agent accountant error=\"no amount\"\n\
            \x20   llm understand error=\"no amount\"\n"
        );
    }
}
