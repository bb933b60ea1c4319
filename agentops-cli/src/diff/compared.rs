//! Session that is compared, as it is read.

use std::{
    borrow::Cow, collections::HashMap, ops::ControlFlow, panic::resume_unwind, sync::Arc, thread,
};

use super::{
    content_digest::ContentDigest,
    diff_side::{DiffSide, NodeTexts},
};
use crate::{
    rows::{SpanTree, roll_up},
    store::{
        FileSpans, SessionId, SessionSummary, SpanPlace, SpanTable, SpanTexts, Store, StoreError,
    },
};

/// Texts of nodes.
pub(crate) type Texts = HashMap<usize, NodeTexts>;

/// Session that is compared.
pub(crate) struct Compared {
    store: Arc<dyn Store>,
    pub(crate) id: SessionId,
    pub(crate) spans: FileSpans,
    pub(crate) tree: SpanTree,
    digests: Vec<ContentDigest>,
}

impl Compared {
    fn read((store, session): (Arc<dyn Store>, SessionId)) -> Result<Self, StoreError> {
        let spans = store.spans(session)?;
        let tree = SpanTree::new(&spans.table);
        if tree.nodes().is_empty() {
            return Err(StoreError::NoSpans(session, spans.faults));
        }
        let digests = digests(&*store, session, &spans.table)?;
        Ok(Self { store, id: session, spans, tree, digests })
    }

    /// Reads two sessions at the same time: each takes two passes over its file.
    pub(crate) fn read_both(
        [older, newer]: [(Arc<dyn Store>, SessionId); 2],
    ) -> Result<[Self; 2], StoreError> {
        let (older, newer) = thread::scope(|scope| {
            let older = scope.spawn(|| Self::read(older));
            let newer = Self::read(newer);
            (older.join().unwrap_or_else(|panic| resume_unwind(panic)), newer)
        });
        Ok([older?, newer?])
    }

    /// Returns a reader of the texts of a span.
    pub(crate) fn reader(&self) -> impl Fn(SpanPlace) -> Result<NodeTexts, StoreError> {
        |place| {
            let content = self.store.content(self.id, place)?;
            Ok(content.map_or_else(NodeTexts::default, |content| NodeTexts {
                input: content.prompt(),
                output: content.output(),
            }))
        }
    }

    /// Returns the session as a side of a diff.
    pub(crate) fn side<'s>(
        &'s self,
        texts: &'s dyn Fn(SpanPlace) -> Result<NodeTexts, StoreError>,
    ) -> DiffSide<'s> {
        let (table, tree) = (&self.spans.table, &self.tree);
        DiffSide { table, tree, sums: roll_up(table, tree), digests: &self.digests, texts }
    }

    /// Reads the texts of some nodes in one pass.
    pub(crate) fn texts_of(&self, nodes: impl Iterator<Item = usize>) -> Result<Texts, StoreError> {
        self.each_of(nodes, |found| {
            let [input, output] =
                [found.prompt(), found.output.clone()].map(|text| text.map(Cow::into_owned));
            NodeTexts { input, output }
        })
    }

    /// Reads some nodes in one pass, and returns what is made of the texts of each.
    pub(crate) fn each_of<T>(
        &self,
        nodes: impl Iterator<Item = usize>,
        make: impl Fn(&SpanTexts<'_>) -> T,
    ) -> Result<HashMap<usize, T>, StoreError> {
        let place = |node: usize| {
            let row = self.tree.nodes()[node].row?;
            Some((order(self.spans.table.rows()[row].place), node))
        };
        let wanted: HashMap<_, _> = nodes.filter_map(place).collect();
        let mut made = HashMap::new();
        if wanted.is_empty() {
            return Ok(made);
        }
        self.store.visit_texts(self.id, &mut |place, found| {
            if let Some(node) = wanted.get(&order(place)) {
                made.insert(*node, make(&found));
            }
            if made.len() == wanted.len() {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
        Ok(made)
    }
}

/// Returns the newest session of the same name before one, in a list with the newest first.
pub(crate) fn previous(sessions: &[SessionSummary], place: usize) -> Option<&SessionSummary> {
    sessions[place + 1..].iter().find(|session| session.name == sessions[place].name)
}

/// Returns the digest of each row.
fn digests(
    store: &dyn Store,
    session: SessionId,
    table: &SpanTable,
) -> Result<Vec<ContentDigest>, StoreError> {
    let mut digests = vec![ContentDigest::default(); table.rows().len()];
    let mut rows = table.rows().iter().enumerate().peekable();
    store.visit_texts(session, &mut |place, texts| {
        // Both are in the order of the file, in which a line may have been left out.
        while rows.next_if(|(_, row)| order(row.place) < order(place)).is_some() {}
        if let Some((row, _)) = rows.next_if(|(_, row)| row.place == place) {
            digests[row] = ContentDigest::of(&texts);
        }
        ControlFlow::Continue(())
    })?;
    Ok(digests)
}

fn order(place: SpanPlace) -> (u64, u32) {
    (place.offset, place.index)
}
