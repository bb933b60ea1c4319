use agentops::tool;

unsafe extern "C" {
    #[tool]
    unsafe fn printf(format: *const i8, ...) -> i32;
}

fn main() {
    let _ = printf as unsafe extern "C" fn(_, ...) -> _;
}
