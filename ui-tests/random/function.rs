//! A random function: its signature, a body that fits, and a call that fits.

use crate::choice::Choice;

pub(crate) const KINDS: [&str; 9] =
    ["session", "agent", "tool", "llm", "task", "workflow", "operation", "guardrail", "traced"];

/// An argument: how it is bound, by what names, and with what it is called.
struct Shape {
    pattern: &'static str,
    names: &'static [&'static str],
    value: &'static str,
    generics: &'static str,
}

const fn shape(
    pattern: &'static str,
    names: &'static [&'static str],
    value: &'static str,
    generics: &'static str,
) -> Shape {
    Shape { pattern, names, value, generics }
}

const SHAPES: [Shape; 16] = [
    shape("a: u8", &["a"], "1", ""),
    shape("mut b: String", &["b"], "text()", ""),
    shape("(c, mut d): (u8, String)", &["c", "d"], "(1, text())", ""),
    shape("_: u32", &[], "1", ""),
    shape("e: &str", &["e"], "\"e\"", ""),
    shape("f: &mut Vec<u8>", &["f"], "&mut vec![1]", ""),
    shape("[g, ..]: [u8; 3]", &["g"], "[1, 2, 3]", ""),
    shape("Point { x: h, .. }: Point", &["h"], "Point { x: 1, y: 2 }", ""),
    shape("i: impl Fn(u8) -> u8", &["i"], "|n| n", ""),
    shape("j: Option<&'static str>", &["j"], "Some(\"j\")", ""),
    shape("k: Opaque", &["k"], "Opaque", ""),
    shape("ref l: String", &["l"], "text()", ""),
    shape("m: T", &["m"], "2_i64", "T: Clone + 'static"),
    shape("n: [u8; N]", &["n"], "[0; 4]", "const N: usize"),
    shape("o @ _: i32", &["o"], "3", ""),
    shape("r#type: &[u8]", &["type"], "&[1]", ""),
];

/// A return type with an expression of it.
const RETURNS: [(&str, &str); 10] = [
    ("", "()"),
    (" -> ()", "()"),
    (" -> u8", "7"),
    (" -> String", "text()"),
    (" -> Result<u8, String>", "Ok(1)"),
    (" -> Result<u8, Opaque>", "{ if zero() == 1 { return Ok(2); } Err(Opaque) }"),
    (" -> Option<u8>", "{ let n = u8::checked_sub(zero(), 1)?; Some(n) }"),
    (" -> impl Iterator<Item = u8>", "[1_u8, 2].into_iter()"),
    (" -> &'static str", "\"static\""),
    (" -> Result<Vec<Point>, Box<dyn std::error::Error + Send + Sync>>", "Err(\"no\".into())"),
];

/// A function to be annotated.
pub(crate) struct Function {
    number: usize,
    pub(crate) kind: &'static str,
    is_async: bool,
    is_unsafe: bool,
    shapes: Vec<&'static Shape>,
    output: (&'static str, &'static str),
}

impl Function {
    pub(crate) fn random(number: usize, choice: &mut Choice) -> Self {
        Self {
            number,
            kind: KINDS[choice.below(KINDS.len())],
            is_async: choice.once_in(2),
            is_unsafe: choice.once_in(6),
            shapes: choice.some_of(&SHAPES, 5),
            output: *choice.one_of(&RETURNS),
        }
    }

    /// The names that its arguments bind.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.shapes.iter().flat_map(|shape| shape.names).copied().collect()
    }

    /// A name that stands nowhere else in the program.
    pub(crate) fn marker(&self) -> String {
        format!("function_{}_", self.number)
    }

    /// The function below its attribute.
    pub(crate) fn annotated(&self, options: &str) -> String {
        let (name, (output, body)) = (self.marker(), self.output);
        let modifiers = [(self.is_async, "async "), (self.is_unsafe, "unsafe ")];
        let modifiers: String =
            modifiers.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
        let generics: Vec<_> =
            self.shapes.iter().map(|shape| shape.generics).filter(|it| !it.is_empty()).collect();
        let arguments: Vec<_> = self.shapes.iter().map(|shape| shape.pattern).collect();
        let (kind, generics, arguments) = (self.kind, generics.join(", "), arguments.join(", "));
        let options = if options.is_empty() { String::new() } else { format!("({options})") };
        format!(
            "/// Documented.\n#[::agentops::{kind}{options}]\n\
             pub {modifiers}fn {name}<{generics}>({arguments}){output} {{ {body} }}\n"
        )
    }

    /// A statement that calls it.
    pub(crate) fn call(&self) -> String {
        let values: Vec<_> = self.shapes.iter().map(|shape| shape.value).collect();
        let call = format!("{}({})", self.marker(), values.join(", "));
        let call = if self.is_async { format!("{call}.await") } else { call };
        let call = format!("drop({call});");
        let call = if self.is_unsafe { format!("unsafe {{ {call} }}") } else { call };
        format!("    {call}\n")
    }
}
