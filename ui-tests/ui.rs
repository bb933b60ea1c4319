//! Programs that the attributes accept, and messages for those that they do not.

#[test]
fn every_mistake_is_told_where_it_stands_and_the_item_is_kept() {
    trybuild::TestCases::new().compile_fail("fail/**/*.rs");
}

#[test]
fn every_shape_compiles_without_a_warning_and_runs() {
    trybuild::TestCases::new().pass("pass/*.rs");
}
