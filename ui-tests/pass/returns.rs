#![deny(warnings)]

use agentops::tool;

#[tool]
fn early(number: Option<u8>) -> Option<u8> {
    let number = number?;
    if number > 3 {
        return None;
    }
    Some(number)
}

#[tool]
fn question(text: &str) -> Result<u8, Box<dyn std::error::Error>> {
    Ok(text.parse::<u8>()?)
}

#[tool]
fn coerced(number: u8) -> Box<dyn Fn(u8) -> u8> {
    Box::new(move |other| number + other)
}

#[tool]
fn opaque(count: u8) -> impl Iterator<Item = u8> + Clone {
    0..count
}

#[tool]
fn explicit(number: u8) -> u8 {
    return number;
}

#[tool]
fn only_panics(number: u8) -> u8 {
    panic!("{number}")
}

#[tool]
fn never(number: u8) -> ! {
    panic!("{number}")
}

#[tool]
fn unit_that_diverges(number: u8) {
    panic!("{number}")
}

fn main() {
    assert_eq!((early(None), early(Some(4)), early(Some(1))), (None, None, Some(1)));
    assert!(question("x").is_err());
    assert_eq!(coerced(1)(2), 3);
    assert_eq!(opaque(3).clone().count(), 3);
    assert_eq!(explicit(1), 1);
    std::panic::set_hook(Box::new(|_| ()));
    assert!(std::panic::catch_unwind(|| only_panics(1)).is_err());
    assert!(std::panic::catch_unwind(|| never(1)).is_err());
    assert!(std::panic::catch_unwind(|| unit_that_diverges(1)).is_err());
}
