#![deny(warnings)]

use agentops::tool;

struct Point {
    x: u8,
    y: String,
    z: u8,
}

#[tool]
fn tuple((a, mut b): (u8, String), (_, (c, ..)): (u8, (u8, u8))) -> String {
    b.push('!');
    format!("{a}{b}{c}")
}

#[tool]
fn structure(Point { x, y: ref name, .. }: Point, Point { z, .. }: &Point) -> String {
    format!("{x}{name}{z}")
}

#[tool(skip(rest))]
fn slice([first, rest @ ..]: [u8; 3], &[ref last, _]: &[String; 2]) -> String {
    format!("{first}{rest:?}{last}")
}

#[tool]
fn wildcard(_: u8, kept: u8, _: String) -> u8 {
    kept
}

#[tool]
fn reference(ref name: String, ref mut count: u8, &number: &u8) -> u8 {
    *count += number;
    *count + name.len() as u8
}

#[tool]
fn whole(all @ (one, _): (u8, u8), (Ok(either) | Err(either)): Result<u8, u8>) -> u8 {
    all.1 + one + either
}

fn main() {
    let point = || Point { x: 1, y: "y".to_owned(), z: 3 };
    assert_eq!(tuple((1, "b".to_owned()), (0, (2, 3))), "1b!2");
    assert_eq!(structure(point(), &point()), "1y3");
    assert_eq!(slice([1, 2, 3], &["a".to_owned(), String::new()]), "1[2, 3]a");
    assert_eq!(wildcard(1, 2, String::new()), 2);
    assert_eq!(reference("ab".to_owned(), 1, &2), 5);
    assert_eq!(whole((1, 2), Err(3)), 6);
}
