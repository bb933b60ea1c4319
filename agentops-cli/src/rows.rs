//! Spans of a session as a tree, with what follows from it: roll-ups, the critical path, and tracks of a timeline.

mod critical_path;
mod roll_up;
mod span_tree;
mod tracks;

pub(crate) use self::{
    critical_path::{KindTime, critical_path},
    roll_up::{RollUp, roll_up},
    span_tree::{SpanTree, TreeNode},
    tracks::{TrackPlace, tracks},
};

#[cfg(test)]
mod tests;
