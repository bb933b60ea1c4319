//! Names, texts and values that a model or a user chose: on the terminal, in logs, in memory, in depth.
