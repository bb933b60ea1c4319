//! Sessions for the requests of servers based on tower, such as axum, tonic and hyper.
//!
//! ```text
//! SessionLayer ─▶ SessionService ─call─▶ SessionFuture: the handler, inside the session
//!                    └─ extract: continues the caller's      └─response─▶ SessionBody: to the end of the body
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

/// An error of any type.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
