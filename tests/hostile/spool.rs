//! A spool that was planted or torn: names, numbers and counts that no process of ours has written.
