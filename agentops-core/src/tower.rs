//! A session for each request of a server by tower: axum, tonic, hyper.
//!
//! ```text
//! SessionLayer ─▶ SessionService ─call─▶ SessionFuture: the handler, inside the session
//!                    └─ extract: goes on in the caller's     └─response─▶ SessionBody: to the end of the body
//! ```

mod body;
mod layer;
mod request;
mod service;

pub use self::{
    body::SessionBody,
    layer::SessionLayer,
    service::{SessionFuture, SessionService},
};

/// An error of any kind.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
