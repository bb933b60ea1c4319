//! Document of the calls of a session: what they have to do with each other, by what their contents say.

use std::{collections::HashMap, num::NonZeroU64, ops::ControlFlow};

use serde::Serialize;
use serde_json::Value;

use super::{
    message_texts::{SentMessage, SentMessages, asked_calls, call_hash},
    session_view::SessionView,
    shared_texts::SharedTexts,
};
use crate::{
    diff::ContentDigest,
    store::{SpanTexts, Store, StoreError},
};

/// Part of a prompt: role, node of the tool whose result it is, or -1, and characters.
type Added = (&'static str, i64, u64);

/// Calls of a session.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct CallsDocument {
    node: Vec<usize>,
    /// Equal numbers are equal names and inputs; -1 for none.
    digest: Vec<i64>,
    /// Id of a tool's call, as a place in the strings; -1 for none.
    call_id: Vec<i64>,
    strings: Vec<String>,
    /// Model calls with the ids of the calls that they asked for.
    asked: Vec<(usize, i64)>,
    /// Characters that a model call was sent, by role.
    context: Vec<(usize, Value)>,
    /// Model calls with the call before of the same agent, the number of leading messages that both were sent, and the
    /// number of all that the one before was sent.
    prefix: Vec<(usize, usize, usize, usize)>,
    /// Model calls with what the call before was not sent.
    added: Vec<(usize, Vec<Added>)>,
    #[serde(skip)]
    messages: u64,
}

/// Call as it is read.
#[derive(Default)]
struct ReadCall {
    digest: Option<u64>,
    call_id: Option<Box<str>>,
    asked: Box<[String]>,
    // Most calls are of tools: at 100,000 of them this saves 8 MiB.
    sent: Option<Box<SentMessages>>,
}

impl CallsDocument {
    /// Reads the contents of a session.
    pub(super) fn read(
        view: &SessionView<'_>,
        store: &dyn Store,
        texts: &SharedTexts,
    ) -> Result<Self, StoreError> {
        if view.tree.nodes().is_empty() {
            // It may have no file yet.
            return Ok(Self::default());
        }
        let (by_place, mut calls) = (view.tree.by_place(view.table()), HashMap::new());
        store.visit_texts(view.summary.id, &mut |place, found| {
            if let Some(node) = by_place.get(&(place.offset, place.index))
                && let Some(call) = ReadCall::new(view.title(*node), &found)
            {
                calls.insert(*node, call);
            }
            ControlFlow::Continue(())
        })?;
        let mut document = Document::new(texts);
        for node in 0..view.tree.nodes().len() {
            if let Some(call) = calls.remove(&node) {
                document.add(node, agent_of(view, node), call);
            }
        }
        Ok(document.made)
    }

    /// Returns the number of messages that model calls were sent.
    pub(super) fn messages(&self) -> u64 {
        self.messages
    }
}

/// Returns the agent around a node.
fn agent_of(view: &SessionView<'_>, node: usize) -> Option<usize> {
    let parent = |node: &usize| view.tree.nodes()[*node].parent;
    std::iter::successors(parent(&node), parent).find(|above| view.title(*above).0 == "agent")
}

impl ReadCall {
    /// Reads a model call or the call of a tool; `None` for what is none, or has no content.
    fn new(title: (&str, &str), texts: &SpanTexts<'_>) -> Option<Self> {
        let is_llm = title.0 == "llm";
        let has_content =
            texts.input.is_some() || texts.output.is_some() || texts.call_id.is_some();
        if !has_content || !is_llm && title.0 != "tool" {
            return None;
        }
        let output = texts.output.as_deref().filter(|_| is_llm);
        Some(Self {
            digest: ContentDigest::call(title, texts.input.as_deref()),
            call_id: texts.call_id.as_deref().filter(|_| !is_llm).map(Box::from),
            asked: output.map(asked_calls).unwrap_or_default().into(),
            sent: is_llm
                .then(|| SentMessages::new(texts.system.as_deref(), texts.input.as_deref()).into()),
        })
    }
}

/// Document that is being made.
struct Document<'t> {
    texts: &'t SharedTexts,
    made: CallsDocument,
    digests: HashMap<u64, i64>,
    strings: HashMap<String, i64>,
    /// Tools by the hash of the id of their call.
    tools: HashMap<NonZeroU64, usize>,
    /// Last model call of each agent.
    last: HashMap<Option<usize>, (usize, Vec<SentMessage>)>,
}

impl<'t> Document<'t> {
    fn new(texts: &'t SharedTexts) -> Self {
        Self {
            texts,
            made: CallsDocument::default(),
            digests: HashMap::new(),
            strings: HashMap::new(),
            tools: HashMap::new(),
            last: HashMap::new(),
        }
    }

    fn add(&mut self, node: usize, agent: Option<usize>, call: ReadCall) {
        let next = i64::try_from(self.digests.len()).unwrap_or(i64::MAX);
        let digest = call.digest.map_or(-1, |hash| *self.digests.entry(hash).or_insert(next));
        if let Some(id) = &call.call_id {
            self.tools.insert(call_hash(id), node);
        }
        let call_id = call.call_id.map_or(-1, |id| self.string(id.into()));
        self.made.node.push(node);
        self.made.digest.push(digest);
        self.made.call_id.push(call_id);
        for id in call.asked {
            let id = self.string(id);
            self.made.asked.push((node, id));
        }
        if let Some(sent) = call.sent {
            self.add_sent(node, agent, *sent);
        }
    }

    fn add_sent(&mut self, node: usize, agent: Option<usize>, sent: SentMessages) {
        let characters = serde_json::to_value(sent.characters()).unwrap_or_default();
        let messages = sent.messages;
        self.made.messages += messages.len() as u64;
        self.made.context.push((node, characters));
        if let Some((before, sent)) = self.last.get(&agent) {
            let pairs = sent.iter().zip(&messages);
            let same = pairs.take_while(|(one, other)| one.hash == other.hash).count();
            self.made.prefix.push((node, *before, same, sent.len()));
            self.made.added.push((node, self.sums(added(sent, &messages))));
        }
        self.last.insert(agent, (node, messages));
    }

    /// Returns the characters of messages by their author, of tools by the call.
    fn sums<'m>(&self, messages: impl Iterator<Item = &'m SentMessage>) -> Vec<Added> {
        let mut sums: Vec<Added> = Vec::new();
        for SentMessage { role, result_of, characters, .. } in messages {
            let tool = result_of.and_then(|id| self.tools.get(&id));
            let tool = tool.map_or(-1, |node| i64::try_from(*node).unwrap_or(-1));
            let (name, characters) = (role.name(), u64::from(*characters));
            match sums.iter_mut().find(|(of, by, _)| (*of, *by) == (name, tool)) {
                Some((.., sum)) => *sum += characters,
                None => sums.push((name, tool, characters)),
            }
        }
        sums
    }

    fn string(&mut self, text: String) -> i64 {
        if let Some(place) = self.strings.get(&text) {
            return *place;
        }
        let place = i64::try_from(self.made.strings.len()).unwrap_or(i64::MAX);
        self.made.strings.push(self.texts.name("gen_ai.tool.call.id", &text).into_owned());
        self.strings.insert(text, place);
        place
    }
}

/// Returns the messages that were not among those before, wherever they stand.
fn added<'m>(
    before: &[SentMessage],
    messages: &'m [SentMessage],
) -> impl Iterator<Item = &'m SentMessage> {
    let mut left: HashMap<u64, usize> = HashMap::new();
    before.iter().for_each(|message| *left.entry(message.hash).or_default() += 1);
    messages.iter().filter(move |message| match left.get_mut(&message.hash) {
        Some(times) if *times > 0 => {
            *times -= 1;
            false
        }
        _ => true,
    })
}
