//! The runtime of agentops.
