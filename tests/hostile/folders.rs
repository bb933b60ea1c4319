//! Folders and files that others have made, where agentops reads and writes: links, FIFOs, rights, owners.
