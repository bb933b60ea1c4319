//! The birth of a span, its life and its end.
//!
//! ```text
//! Site ─admit─▶ Start (attributes gather) ─begin─▶ Call = Scope (entered) + TracedSpan (recorded) ─close─▶ end
//!                 └─defer─▶ Deferred ─first poll─▶ ┘  └─▶ Recorded (future) ─▶ Flow ─▶ Observed (stream) ─▶ ┘
//! ```

mod agent;
mod bounded;
mod call;
mod clock;
mod current;
mod deferred;
mod factory;
mod future;
mod handle_site;
mod handoff;
mod held;
mod identity;
mod scope;
mod shape;
mod site;
mod start;
mod stream;
mod traced;

pub(crate) use self::{
    bounded::Bounded,
    factory::SpanFactory,
    handle_site::HandleSite,
    handoff::{birth_of, leave_started, take_prepared},
    held::Held,
    site::is_own,
};
pub use self::{
    bounded::run_async_within,
    call::run,
    current::{CurrentSpan, current},
    deferred::{Deferred, defer},
    future::{Recorded, open_async, run_async},
    identity::{AgentIdentity, Identified, SelfProbe, ViaIdentity, ViaNobody},
    shape::{Shape, ViaBoxedFuture, ViaBoxedStream, ViaHiddenStream, ViaStream, ViaValue},
    site::{Settings, Site, fields_of},
    start::Start,
    stream::{Flow, Observed, open},
};
