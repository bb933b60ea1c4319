//! Tracks of a timeline: spans on one track lie within each other or side by side, never across.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, BinaryHeap},
};

use super::span_tree::{SpanTree, TreeNode};

/// Tracks while they are filled, in the order of the starts of the spans.
#[derive(Default)]
struct Tracks {
    /// Nodes that have not ended yet on each track, each within the one before it.
    open: Vec<Vec<usize>>,
    /// Tracks on which all has ended.
    free: BTreeSet<usize>,
    /// End of the outermost node of each other track, the earliest first.
    ends: BinaryHeap<Reverse<(u64, usize)>>,
}

/// Place of a node on the tracks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TrackPlace {
    /// Number of the track, from 0.
    pub(crate) track: usize,
    /// Innermost node around this one on the track; it is above it in the tree, too.
    pub(crate) around: Option<usize>,
}

/// Returns the place of each node of a tree. A span is on the track of its parent if it lies within it and
/// beside its siblings there, or else on the first track that is free.
pub(crate) fn tracks(tree: &SpanTree) -> Vec<TrackPlace> {
    let nodes = tree.nodes();
    let mut by_start: Vec<_> = (0..nodes.len()).collect();
    // Of spans with one start the outer one comes first, since it stands before the inner one in the tree.
    by_start.sort_by_key(|node| (nodes[*node].start, *node));
    let (mut tracks, mut places) = (Tracks::default(), vec![None::<TrackPlace>; nodes.len()]);
    for node in by_start {
        tracks.free_until(nodes[node].start);
        let of_parent = nodes[node].parent.and_then(|parent| places[parent]);
        let of_parent = of_parent.map(|place| place.track);
        let fitting = of_parent.filter(|track| tracks.fits(*track, node, nodes));
        let track = fitting.unwrap_or_else(|| tracks.take_free(end(&nodes[node])));
        let around = tracks.open[track].last().copied();
        tracks.open[track].push(node);
        places[node] = Some(TrackPlace { track, around });
    }
    places.into_iter().flatten().collect()
}

/// Returns the end of a span on its track: one that has not ended has none.
fn end(node: &TreeNode) -> u64 {
    if node.row.is_some() { node.end.max(node.start) } else { u64::MAX }
}

impl Tracks {
    /// Frees the tracks on which all has ended at a moment.
    fn free_until(&mut self, moment: u64) {
        while let Some(Reverse((end, track))) = self.ends.peek().copied() {
            if end > moment {
                return;
            }
            self.ends.pop();
            self.open[track].clear();
            self.free.insert(track);
        }
    }

    /// Returns `true` if a node lies within what is open on a track, and all of that is around it in the tree, too.
    fn fits(&mut self, track: usize, node: usize, nodes: &[TreeNode]) -> bool {
        let open = &mut self.open[track];
        while open.pop_if(|inner| end(&nodes[*inner]) <= nodes[node].start).is_some() {}
        open.last().is_some_and(|around| {
            let is_around = (*around..*around + nodes[*around].size).contains(&node);
            is_around && end(&nodes[node]) <= end(&nodes[*around])
        })
    }

    /// Takes the first free track until a moment.
    fn take_free(&mut self, until: u64) -> usize {
        let track = self.free.pop_first().unwrap_or(self.open.len());
        if track == self.open.len() {
            self.open.push(Vec::new());
        }
        self.ends.push(Reverse((until, track)));
        track
    }
}
