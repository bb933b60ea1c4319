//! Input and output of the spans of a session, read in one pass.

use std::{borrow::Cow, fs::File, io, ops::ControlFlow, path::Path};

use super::{
    ids::SessionId,
    line_reader::{LineReader, LineText},
    line_spans::for_each_span,
    raw_span::{RawAttribute, RawSpan},
    span_content::{ARGUMENTS, INPUTS, INSTRUCTIONS, OUTPUTS, as_json, prompt},
    span_table::SpanPlace,
};

/// Input, arguments and output of a span, the same as those of [`SpanContent`](super::SpanContent), with what goes with them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct SpanTexts<'l> {
    pub(crate) input: Option<Cow<'l, str>>,
    pub(crate) arguments: Option<Cow<'l, str>>,
    pub(crate) output: Option<Cow<'l, str>>,
    /// Instructions of a model call that are recorded beside its messages.
    pub(crate) system: Option<Cow<'l, str>>,
    /// Id by which a model asked for the call of a tool.
    pub(crate) call_id: Option<Cow<'l, str>>,
}

impl<'l> SpanTexts<'l> {
    /// Calls `visit` with the texts of each span of a session in a file, in the order of the file, until
    /// it breaks. A line that is not whole may have spans that a table leaves out.
    pub(super) fn visit(
        path: &Path,
        session: SessionId,
        visit: &mut dyn FnMut(SpanPlace, SpanTexts<'_>) -> ControlFlow<()>,
    ) -> io::Result<()> {
        let mut lines = LineReader::at(File::open(path)?, 0)?;
        while let Some(line) = lines.next_line()? {
            let (LineText::Whole(text) | LineText::Unended(text)) = line.text else { continue };
            let (mut index, mut flow) = (0, ControlFlow::Continue(()));
            // An invalid line is a fault of the table, which has been read before.
            let _ = for_each_span(text, |span| {
                if flow.is_continue() && span.trace_id.parse() == Ok(session) {
                    flow = visit(SpanPlace { offset: line.offset, index }, SpanTexts::of(&span));
                }
                index += 1;
            });
            if flow.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Returns the input with the instructions of a model call as its first message.
    pub(crate) fn prompt(&self) -> Option<Cow<'_, str>> {
        prompt(self.system.as_deref(), self.input.as_deref())
    }

    fn of(span: &RawSpan<'l>) -> Self {
        let [mut input, mut arguments, mut output, mut system, mut call_id] =
            [const { Found::none() }; 5];
        span.for_each_attribute(|attribute| {
            input.offer(&INPUTS, &attribute);
            arguments.offer(&ARGUMENTS, &attribute);
            output.offer(&OUTPUTS, &attribute);
            system.offer(&[INSTRUCTIONS], &attribute);
            call_id.offer(&["gen_ai.tool.call.id"], &attribute);
        });
        Self {
            input: input.text,
            arguments: arguments.text,
            output: output.text,
            system: system.text,
            call_id: call_id.text,
        }
    }
}

/// Text of the attribute that says most so far.
struct Found<'l> {
    rank: usize,
    text: Option<Cow<'l, str>>,
}

impl<'l> Found<'l> {
    const fn none() -> Self {
        Self { rank: 0, text: None }
    }

    fn offer(&mut self, keys: &[&str], attribute: &RawAttribute<'l>) {
        let Some(rank) = keys.iter().position(|key| *key == attribute.key) else { return };
        if self.text.is_none() || rank <= self.rank {
            let json = || Some(as_json(&attribute.any_value()?).to_string().into());
            let text = attribute.text().or_else(json).unwrap_or_else(|| "null".into());
            *self = Self { rank, text: Some(text) };
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::store::{
        FileStore, Store,
        session_fixture::{SpanFixture, write_session},
    };

    #[test]
    fn span_texts_are_those_of_the_content() {
        let dir = tempfile::tempdir().unwrap();
        let (path, session) = (dir.path().join("a.jsonl"), "0".repeat(31) + "a");
        let session: SessionId = session.parse().unwrap();
        let span = || SpanFixture::new(0, "tool", "search");
        let spans = [
            span().input("a\n\"b\"").output("c"),
            span().input("d").messages(&[("user", "e")]),
            span().messages(&[("user", "e")]).input("d"),
            span().input("first").input("last"),
            span().with("gen_ai.tool.call.arguments", json!(7)),
            span().with("agentops.entity.output", json!(true)),
            span(),
        ];
        write_session(&path, session, &spans, 1, 0);
        let store = FileStore::open(path).unwrap();
        let (mut visited, mut contents) = (Vec::new(), Vec::new());
        let mut visit = |place, texts: SpanTexts<'_>| {
            let content = store.content(session, place).unwrap().unwrap();
            contents.push((content.input(), content.arguments(), content.output()));
            let texts = [texts.input, texts.arguments, texts.output];
            let [input, arguments, output] = texts.map(|text| text.map(Cow::into_owned));
            visited.push((input, arguments, output));
            if visited.len() == 6 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        store.visit_texts(session, &mut visit).unwrap();
        let text = |text: &str| Some(text.to_owned());
        let messages = text(r#"[{"content":"e","role":"user"}]"#);
        let expected = vec![
            (text("a\n\"b\""), text("a\n\"b\""), text("c")),
            (messages.clone(), text("d"), None),
            (messages, text("d"), None),
            (text("last"), text("last"), None),
            (text("7"), text("7"), None),
            (None, None, text("true")),
        ];
        assert_eq!((&visited, &contents), (&expected, &expected));
    }
}
