//! The same work, recorded by agentops and by its peers.

pub mod prompt;
pub mod stacks;
pub mod work;
