//! A random function: its signature, a body that fits, and a call that fits.

use crate::{
    choice::Choice,
    place::{self, Place},
};

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

/// Return type of a function, an expression of it, and how it is brought to its end.
pub(crate) struct Output {
    written: &'static str,
    body: &'static str,
    /// Around the returned value, where `{}` stands.
    end: &'static str,
    pub(crate) is_stream: bool,
}

const fn value(written: &'static str, body: &'static str) -> Output {
    Output { written, body, end: "drop({})", is_stream: false }
}

const fn later(written: &'static str, body: &'static str, end: &'static str) -> Output {
    Output { written, body, end, is_stream: false }
}

const fn stream(written: &'static str, body: &'static str, end: &'static str) -> Output {
    Output { written, body, end, is_stream: true }
}

const OUTPUTS: [Output; 26] = [
    value("", "()"),
    value(" -> ()", "()"),
    value(" -> u8", "7"),
    value(" -> String", "text()"),
    value(" -> Result<u8, String>", "Ok(1)"),
    value(" -> Result<u8, Opaque>", "{ if zero() == 1 { return Ok(2); } Err(Opaque) }"),
    value(" -> Option<u8>", "{ let n = u8::checked_sub(zero(), 1)?; Some(n) }"),
    value(" -> impl Iterator<Item = u8>", "[1_u8, 2].into_iter()"),
    value(" -> &'static str", "\"static\""),
    value(" -> Result<Vec<Point>, Box<dyn std::error::Error + Send + Sync>>", "Err(\"no\".into())"),
    later(" -> impl Future<Output = u8>", "async move { pause().await; 7 }", "drop({}.await)"),
    later(
        " -> impl Future<Output = Result<u8, String>> + Send",
        "std::future::ready(Err(text()))",
        "drop({}.await)",
    ),
    later(
        " -> Pin<Box<dyn Future<Output = Option<u8>> + Send>>",
        "Box::pin(async { let n = u8::checked_sub(zero(), 1)?; Some(n) })",
        "drop({}.await)",
    ),
    later(
        " -> BoxFuture<'static, u8>",
        "{ if zero() == 0 { return Box::pin(async { 3 }); } Box::pin(async { 4 }) }",
        "drop({}.await)",
    ),
    later(
        " -> Result<BoxFuture<'static, u8>, String>",
        "{ u8::try_from(300).map_err(|_| text())?; Ok(Box::pin(async { 3 })) }",
        "drop({}.map(drive))",
    ),
    later(" -> Option<impl Future<Output = u8>>", "Some(async { 1 })", "drop({}.map(drive))"),
    stream(" -> impl Stream<Item = u8>", "stream::iter([1, 2])", "drop({}.count().await)"),
    stream(
        " -> impl Stream<Item = Result<String, Opaque>> + Send",
        "stream::iter([Ok(text()), Err(Opaque), Ok(text())])",
        "drop({}.count().await)",
    ),
    stream(
        " -> Pin<Box<dyn Stream<Item = Point> + Send>>",
        "Box::pin(stream::repeat(Point { x: 1, y: 2 }))",
        "drop({}.take(3).count().await)",
    ),
    stream(
        " -> BoxStream<'static, char>",
        "stream::iter(\"abc\".chars()).boxed()",
        "drop({}.count().await)",
    ),
    stream(" -> Result<BoxStream<'static, u8>, String>", "Err(text())", "drop({}.is_err())"),
    stream(
        " -> Result<BoxStream<'static, u8>, Opaque>",
        "Ok(stream::iter([1]).boxed())",
        "drop({}.map(|it| drive(it.count())))",
    ),
    stream(
        " -> Option<impl Stream<Item = &'static str>>",
        "Some(stream::iter([\"a\"]))",
        "drop({}.map(|it| drive(it.count())))",
    ),
    stream(" -> Option<BoxStream<'static, u8>>", "None", "drop({})"),
    stream(
        " -> BoxFuture<'static, Result<BoxStream<'static, u8>, String>>",
        "Box::pin(async { Ok(stream::iter([1, 2]).boxed()) })",
        "drop({}.await.map(|it| drive(it.count())))",
    ),
    stream(
        " -> impl Future<Output = BoxStream<'static, u8>>",
        "async { stream::iter([1, 2]).boxed() }",
        "drop({}.await.count().await)",
    ),
];

/// A function to be annotated.
pub(crate) struct Function {
    number: usize,
    pub(crate) kind: &'static str,
    pub(crate) place: Place,
    is_async: bool,
    is_unsafe: bool,
    shapes: Vec<&'static Shape>,
    pub(crate) output: &'static Output,
}

impl Function {
    pub(crate) fn random(number: usize, choice: &mut Choice) -> Self {
        let place = Place::random(choice);
        let fits = |output: &&Output| {
            let (opaque, alone) =
                (output.written.contains("impl"), output.written.starts_with(" -> impl"));
            match place {
                Place::Free | Place::Inherent => true,
                // No trait may say `Option<impl …>`, and `async_trait` knows no `impl` at all.
                Place::Trait => alone || !opaque,
                Place::AboveAsyncTrait | Place::BelowAsyncTrait => !opaque,
            }
        };
        let outputs: Vec<_> = OUTPUTS.iter().filter(fits).collect();
        Self {
            number,
            kind: KINDS[choice.below(KINDS.len())],
            place,
            is_async: place.is_async_trait() || choice.once_in(2),
            is_unsafe: !place.is_async_trait() && choice.once_in(6),
            shapes: choice.some_of(&SHAPES, 5),
            output: outputs[choice.below(outputs.len())],
        }
    }

    /// Returns `true` if a stream is returned in the end; one that an `async fn` hands out is no longer its own.
    pub(crate) fn is_stream(&self) -> bool {
        self.output.is_stream && !(self.is_async && self.output.written.contains("Fut"))
    }

    /// The names that its arguments bind.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.shapes.iter().flat_map(|shape| shape.names).copied().collect()
    }

    /// A name that stands nowhere else in the program.
    pub(crate) fn marker(&self) -> String {
        format!("function_{}_", self.number)
    }

    /// The function, or the block that it stands in, below its attribute.
    pub(crate) fn annotated(&self, options: &str) -> String {
        let options = if options.is_empty() { String::new() } else { format!("({options})") };
        place::annotated(self, &format!("#[::agentops::{}{options}]", self.kind))
    }

    /// Its arguments, as a body needs them.
    pub(crate) fn patterns(&self) -> Vec<&'static str> {
        self.shapes.iter().map(|shape| shape.pattern).collect()
    }

    pub(crate) fn body(&self) -> String {
        format!("{{ {} }}", self.output.body)
    }

    /// As a trait declares it.
    pub(crate) fn declared(&self) -> String {
        let of_type = |shape: &&Shape| shape.pattern.rsplit_once(": ").unwrap().1;
        let types: Vec<_> =
            self.shapes.iter().map(|shape| format!("_: {}", of_type(shape))).collect();
        let types: Vec<_> = types.iter().map(String::as_str).collect();
        self.written(&types, ";")
    }

    /// With these arguments and this for a body.
    pub(crate) fn written(&self, arguments: &[&str], body: &str) -> String {
        let modifiers = [(self.is_async, "async "), (self.is_unsafe, "unsafe ")];
        let modifiers: String =
            modifiers.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
        let generics: Vec<_> =
            self.shapes.iter().map(|shape| shape.generics).filter(|it| !it.is_empty()).collect();
        let (name, generics, output) = (self.marker(), generics.join(", "), self.output.written);
        let this: &[&str] = if self.place.is_block() { &["&self"] } else { &[] };
        let arguments = [this, arguments].concat().join(", ");
        format!("{modifiers}fn {name}<{generics}>({arguments}){output} {body}")
    }

    /// A statement that calls it, and brings to its end what it returns.
    pub(crate) fn call(&self) -> String {
        let marker = self.marker();
        let values: Vec<_> = self.shapes.iter().map(|shape| shape.value).collect();
        let this = if self.place.is_block() { format!("Of{marker}(1_u8).") } else { String::new() };
        let call = format!("{this}{marker}({})", values.join(", "));
        let call = if self.is_async { format!("{call}.await") } else { call };
        let call = format!("{};", self.output.end.replace("{}", &call));
        let call = if self.is_unsafe { format!("unsafe {{ {call} }}") } else { call };
        format!("    {call}\n")
    }
}
