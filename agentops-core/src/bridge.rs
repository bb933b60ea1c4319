//! From a `tracing` span to a recorded one: our layer.
//!
//! ```text
//! on_new_span: of ours ─▶ recorded at once, its context goes back to the factory
//!              adopted ─▶ waits ─first entered─▶ recorded
//! on_enter, on_exit: its context is the current one, unless another layer's span is
//! ```

mod fields;
mod layer;

pub(crate) use self::layer::BridgeLayer;
