//! Session that is compared, as it is read.

use std::{borrow::Cow, collections::HashMap, ops::ControlFlow, panic::resume_unwind, thread};

use crate::{
    commands::{Failure, cells::no_spans, selection::Selection},
    diff::{ContentDigest, DiffSide, NodeTexts},
    rows::{SpanTree, roll_up},
    store::{FileSpans, SessionId, SpanPlace, SpanTable, Store, StoreError},
};

/// Most rows whose inputs and outputs are shown: each is kept whole in memory.
pub(super) const MOST_DETAILED: usize = 200;

/// Texts of nodes.
pub(super) type Texts = HashMap<usize, NodeTexts>;

/// Session that is compared.
pub(super) struct Compared {
    store: Box<dyn Store>,
    pub(super) id: SessionId,
    pub(super) spans: FileSpans,
    pub(super) tree: SpanTree,
    digests: Vec<ContentDigest>,
}

impl Compared {
    fn read(Selection { store, session, .. }: Selection) -> Result<Self, Failure> {
        let spans = store.spans(session)?;
        let tree = SpanTree::new(&spans.table);
        if tree.nodes().is_empty() {
            return Err(no_spans(session, &spans.faults));
        }
        let digests = digests(&*store, session, &spans.table)?;
        Ok(Self { store, id: session, spans, tree, digests })
    }

    /// Reads two sessions at the same time: each takes two passes over its file.
    pub(super) fn read_both([older, newer]: [Selection; 2]) -> Result<[Self; 2], Failure> {
        let (older, newer) = thread::scope(|scope| {
            let older = scope.spawn(|| Self::read(older));
            let newer = Self::read(newer);
            (older.join().unwrap_or_else(|panic| resume_unwind(panic)), newer)
        });
        Ok([older?, newer?])
    }

    /// Returns a reader of the texts of a span.
    pub(super) fn reader(&self) -> impl Fn(SpanPlace) -> Result<NodeTexts, StoreError> {
        |place| {
            let content = self.store.content(self.id, place)?;
            Ok(content.map_or_else(NodeTexts::default, |content| NodeTexts {
                input: content.input(),
                output: content.output(),
            }))
        }
    }

    /// Returns the session as a side of a diff.
    pub(super) fn side<'s>(
        &'s self,
        texts: &'s dyn Fn(SpanPlace) -> Result<NodeTexts, StoreError>,
    ) -> DiffSide<'s> {
        let (table, tree) = (&self.spans.table, &self.tree);
        DiffSide { table, tree, sums: roll_up(table, tree), digests: &self.digests, texts }
    }

    /// Reads the texts of some nodes in one pass.
    pub(super) fn texts_of(&self, nodes: impl Iterator<Item = usize>) -> Result<Texts, Failure> {
        let place = |node: usize| {
            let row = self.tree.nodes()[node].row?;
            Some((order(self.spans.table.rows()[row].place), node))
        };
        let wanted: HashMap<_, _> = nodes.filter_map(place).collect();
        let mut texts = Texts::new();
        if wanted.is_empty() {
            return Ok(texts);
        }
        self.store.visit_texts(self.id, &mut |place, found| {
            if let Some(node) = wanted.get(&order(place)) {
                let [input, output] =
                    [found.input, found.output].map(|text| text.map(Cow::into_owned));
                texts.insert(*node, NodeTexts { input, output });
            }
            if texts.len() == wanted.len() {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
        Ok(texts)
    }
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
