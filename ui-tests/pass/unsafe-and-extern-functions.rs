#![deny(warnings)]

use agentops::tool;

#[tool]
unsafe fn read(place: *const u8) -> u8 {
    unsafe { *place }
}

#[tool]
#[unsafe(no_mangle)]
pub extern "C" fn agentops_ui_double(value: i32) -> i32 {
    value * 2
}

#[tool]
unsafe extern "C" fn callback(value: *const i32) -> i32 {
    unsafe { *value }
}

fn main() {
    assert_eq!(unsafe { read(&1) }, 1);
    assert_eq!(agentops_ui_double(2), 4);
    let pointer: unsafe extern "C" fn(*const i32) -> i32 = callback;
    assert_eq!(unsafe { pointer(&3) }, 3);
}
