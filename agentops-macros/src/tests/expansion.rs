//! Tests of the complete expansion for the most common shapes.

mod blocks;
mod functions;
mod inputs;
mod structures;
