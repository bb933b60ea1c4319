//! Source text of a test.

use super::{
    pinned_run::{PinnedInput, PinnedRun, PinnedTool},
    program_call::{CallOrigin, ProgramCall},
    rust_literal::{block, literal},
};
use crate::terminal::{legible_json, plain};

/// Columns of a line of code, as rustfmt has them.
const COLUMNS: usize = 100;

/// Returns the text of a test.
pub(super) fn test_source(run: &PinnedRun, call: &ProgramCall) -> String {
    let imports =
        if run.tools.is_empty() { "testing::Capture" } else { "{SpanKind, testing::Capture}" };
    let (attribute, function) =
        if call.is_async { ("tokio::test", "async fn") } else { ("test", "fn") };
    let (session, name) = (plain(&run.name), identifier(&run.name));
    let mut body = TestBody { text: String::new() };
    body.statement("let capture = Capture::start();");
    body.call(call);
    body.tools(run);
    body.errors(run);
    body.tree(run);
    body.statement("capture.assert_no_orphans();");
    format!(
        "// Session `{session}`, printed by `agentops pin`. Needs the feature `testing` of agentops.\n\
         use agentops::{imports};\n\n\
         #[{attribute}]\n\
         {function} {name}_runs_as_recorded() {{\n{}}}\n",
        body.text
    )
}

/// Statements of a test.
struct TestBody {
    text: String,
}

impl TestBody {
    fn call(&mut self, call: &ProgramCall) {
        self.comment(match call.origin {
            CallOrigin::Written => "The program.",
            CallOrigin::Recorded => {
                "The program, as its call was recorded; correct what does not compile."
            }
        });
        self.statement(&format!("let _ = {};", call.code));
    }

    fn tools(&mut self, run: &PinnedRun) {
        if run.marks.has_concurrent_spans {
            self.comment(
                "Spans ran at the same time: where their order changes, assert it no more.",
            );
        }
        if run.marks.has_late_spans {
            self.comment("A span ended after its session: wait for its work before this line.");
        }
        if run.marks.has_other_processes {
            self.comment("Spans of other processes are left out.");
        }
        if run.tools.is_empty() {
            return;
        }
        let names: Vec<_> = run.tools.iter().map(|tool| literal(&tool.name)).collect();
        self.list("assert_calls", Some("SpanKind::Tool"), &names);
        if run.tools.iter().any(|tool| matches!(tool.input, PinnedInput::Json(_))) {
            self.statement("let tools = capture.calls(SpanKind::Tool);");
        }
        run.tools.iter().enumerate().for_each(|(place, tool)| self.input(place, tool));
    }

    fn input(&mut self, place: usize, tool: &PinnedTool) {
        let name = plain(&tool.name);
        match &tool.input {
            PinnedInput::Json(json) => {
                self.statement(&format!(
                    "tools[{place}].assert_input({});",
                    literal(&legible_json(json))
                ));
            }
            PinnedInput::Altered => self.comment(&format!(
                "Arguments of call {place}, `{name}`, are not asserted: they were cut or masked."
            )),
            PinnedInput::NotRecorded => {
                self.comment(&format!("Arguments of call {place}, `{name}`, were not recorded."));
            }
        }
    }

    fn errors(&mut self, run: &PinnedRun) {
        if run.marks.has_altered_errors {
            self.comment("Errors are not asserted: one of them was cut or masked.");
            return;
        }
        let pairs = run.errors.iter();
        let pairs = pairs.map(|(name, error)| format!("({}, {})", literal(name), literal(error)));
        self.list("assert_errors", None, &pairs.collect::<Vec<_>>());
    }

    fn tree(&mut self, run: &PinnedRun) {
        if run.marks.has_altered_errors {
            self.comment("The tree is not asserted: an error in it was cut or masked.");
        } else if run.marks.has_missing_spans {
            self.comment("The tree is not asserted: a span of it is missing in the file.");
        } else {
            let tree = block(&run.tree);
            self.statement(&format!(
                "assert_eq!(\n        capture.tree(),\n        {tree}\n    );"
            ));
        }
    }

    fn comment(&mut self, text: &str) {
        self.statement(&format!("// {text}"));
    }

    fn statement(&mut self, code: &str) {
        self.text.push_str(&format!("    {code}\n"));
    }

    /// Adds a statement with a list: on one line if it fits, or else with a line for each item.
    fn list(&mut self, function: &str, first: Option<&str>, items: &[String]) {
        let argument = first.map(|first| format!("{first}, ")).unwrap_or_default();
        let line = format!("capture.{function}({argument}&[{}]);", items.join(", "));
        if items.is_empty() || line.chars().count() + 4 <= COLUMNS {
            return self.statement(&line);
        }
        let lines = |indent: &str| {
            let lines = items.iter().map(|item| format!("{indent}{item},\n"));
            lines.collect::<String>()
        };
        self.statement(&match first {
            None => format!("capture.{function}(&[\n{}    ]);", lines("        ")),
            Some(first) => format!(
                "capture.{function}(\n        {first},\n        &[\n{}        ],\n    );",
                lines("            ")
            ),
        });
    }
}

/// Returns a name as part of a Rust identifier.
fn identifier(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    let name = words.join("_").to_ascii_lowercase();
    match name.chars().next() {
        None => "session".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("session_{name}"),
        Some(_) => name,
    }
}
