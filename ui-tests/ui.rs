//! Programs that the attributes accept, and messages for those that they do not.

#[test]
fn mistakes_are_reported_in_place_and_items_kept() {
    trybuild::TestCases::new().compile_fail("fail/**/*.rs");
}

#[test]
fn shapes_compile_without_warnings_and_run() {
    trybuild::TestCases::new().pass("pass/*.rs");
}
