//! agentops
