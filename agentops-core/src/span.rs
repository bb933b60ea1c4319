//! The birth of a span, its life and its end.
//!
//! ```text
//! Site ─admit─▶ Start (attributes gather) ─begin─▶ Call = Scope (entered) + TracedSpan (recorded) ─close─▶ end
//!                 └─defer─▶ Deferred ─first poll─▶ ┘  └─▶ Recorded (future) ─▶ Flow ─▶ Observed, Iterated ─▶ ┘
//! ```

mod agent;
mod bounded;
mod boxed;
mod call;
mod clock;
mod current;
mod deferral;
mod deferred;
mod exception;
mod factory;
mod flow;
mod flowing;
mod future;
mod handle_site;
mod handoff;
mod handover;
mod held;
mod identity;
mod iterator;
mod running;
mod scope;
mod shape;
mod site;
mod spelled;
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
    bounded::within,
    call::run,
    current::{CurrentSpan, current},
    deferred::{Deferred, Deferring, defer},
    flow::{Flow, open},
    future::{Recorded, Unstarted, open_async, run_async},
    handover::{begun, hand_over},
    identity::{AgentIdentity, Identified, SelfProbe, ViaIdentity, ViaNobody},
    iterator::Iterated,
    running::{Inside, Running},
    shape::{
        Shape, ViaBoxedFuture, ViaBoxedIterator, ViaBoxedStream, ViaData, ViaFuture,
        ViaHiddenFuture, ViaHiddenStream, ViaIterator, ViaStream, ViaValue, hand_on_future,
        hand_on_stream,
    },
    site::{Settings, Site, fields_of},
    spelled::Spelled,
    start::Start,
    stream::Observed,
};
