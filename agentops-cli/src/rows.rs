//! Spans of a session as a tree, with what follows from it: roll-ups, the critical path, and tracks of a timeline.

mod critical_path;
mod roll_up;
mod session_totals;
mod span_tree;
mod title;
mod tracks;

pub(crate) use self::{
    critical_path::{CriticalPath, KindTime, critical_path},
    roll_up::{RollUp, roll_up},
    session_totals::SessionTotals,
    span_tree::{SpanTree, TreeNode},
    title::title,
    tracks::{TrackPlace, tracks},
};

#[cfg(test)]
mod tests;
