//! Random signatures with random options: they compile and trace, or they give our own diagnostics; the
//! macros never panic, and the annotated item is always there.
//!
//! The sources are generated from fixed seeds and compiled in batches, by the cargo that runs the tests.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

#[path = "random/choice.rs"]
mod choice;
#[path = "random/function.rs"]
mod function;
#[path = "random/options.rs"]
mod options;
#[path = "random/package.rs"]
mod package;
#[path = "random/place.rs"]
mod place;

use self::{choice::Choice, function::Function, package::Package};

const FUNCTIONS: usize = 300;

#[test]
fn random_signatures_compile_and_are_traced() {
    let mut choice = Choice::new(2026);
    let functions: Vec<_> = (0..FUNCTIONS)
        .map(|number| {
            let function = Function::random(number, &mut choice);
            let options = options::valid(&function, &mut choice);
            (function, options)
        })
        .collect();
    let package = Package::new("random-valid", &program(&functions));
    let output = package.run();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let sessions = functions.iter().filter(|(function, _)| function.kind == "session").count();
    let traced = format!("{} started, 0 orphans, {} sessions\n", FUNCTIONS + 1, sessions + 1);
    assert_eq!(String::from_utf8_lossy(&output.stdout), traced);
}

#[test]
fn random_options_yield_only_our_errors() {
    let mut choice = Choice::new(7);
    let functions: Vec<_> = (0..FUNCTIONS)
        .map(|number| {
            let function = Function::random(number, &mut choice);
            let options = options::invalid(&function, &mut choice);
            (function, options)
        })
        .collect();
    let package = Package::new("random-invalid", &program(&functions));
    let errors = package.errors();
    let foreign: Vec<_> = errors.iter().filter(|error| error.is_foreign()).collect();
    assert!(foreign.is_empty(), "not ours: {foreign:#?}");
    let silent: Vec<_> = functions
        .iter()
        .filter(|(function, _)| !errors.iter().any(|error| error.mentions(&function.marker())))
        .map(|(function, options)| format!("#[{}({options})]", function.kind))
        .collect();
    assert!(silent.is_empty(), "accepted without a word: {silent:#?}");
}

/// A program that calls each function once, below one session.
fn program(functions: &[(Function, String)]) -> String {
    let items: String =
        functions.iter().map(|(function, options)| function.annotated(options)).collect();
    let calls: String = functions.iter().map(|(function, _)| function.call()).collect();
    let prelude = include_str!("random/prelude.rs.txt");
    format!(
        "{prelude}\n{items}\n\
         #[::agentops::session]\nasync fn all() {{\n{calls}}}\n"
    )
}
