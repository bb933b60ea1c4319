//! Spans of a session as a tree, with what follows from it: roll-ups, the critical path, and runs of equal siblings.

mod critical_path;
mod roll_up;
mod span_tree;

pub(crate) use self::{
    critical_path::{KindTime, critical_path},
    roll_up::{RollUp, roll_up},
    span_tree::{SpanTree, TreeNode},
};

#[cfg(test)]
mod tests;
