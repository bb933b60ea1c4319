#![deny(warnings)]

use agentops::tool;
use serde::Serialize;

#[derive(Serialize)]
struct Serializable(u8);

#[derive(Debug)]
struct Debuggable;

struct Neither;

#[tool]
fn search(
    serializable: Serializable,
    debuggable: &Debuggable,
    neither: &mut Neither,
    function: fn() -> u8,
    pointer: *const u8,
) -> Neither {
    let _ = (serializable.0, debuggable, neither, function, pointer);
    Neither
}

#[tool]
fn fails() -> Result<Neither, Neither> {
    Err(Neither)
}

fn main() {
    let Neither = search(Serializable(1), &Debuggable, &mut Neither, || 1, std::ptr::null());
    assert!(fails().is_err());
}
