//! Spans, from admission to their end.
//!
//! ```text
//! Site ─admit─▶ Start (attributes gather) ─begin─▶ Call = Scope (entered) + TracedSpan (recorded) ─close─▶ end
//!                 └─defer─▶ Deferred ─first poll─▶ ┘  └─▶ RecordedFuture ─▶ Flow ─▶ Recorded{Stream,Iterator} ─▶ ┘
//! ```

mod admission;
mod agent_identity;
mod boxed;
mod budgeted;
mod call;
mod component;
mod current;
mod current_agent;
mod deferral;
mod deferred;
mod ending;
mod event;
mod exception;
mod factory;
mod flow;
mod flowing;
mod future;
mod handle;
mod handle_site;
mod handover;
mod iterator;
mod pending;
mod running;
mod scope;
mod shape;
mod site;
mod spelled;
mod start;
mod stream;
mod traced_span;

pub use self::{
    agent_identity::{AgentIdentity, Identified, SelfProbe, ViaIdentity, ViaNobody},
    budgeted::within,
    call::run,
    current::{CurrentSpan, current},
    deferred::{Deferred, Deferring, defer},
    event::Event,
    flow::Flow,
    future::{RecordedFuture, Unstarted, open_async, run_async},
    handle::{
        Agent, CustomSpan, HandleBuilder, Instrumented, Llm, Session, SessionBuilder, Tool, Traced,
    },
    handover::{begun, hand_over},
    iterator::RecordedIterator,
    running::{Inside, Running, open},
    shape::{
        Shape, ViaBoxedFuture, ViaBoxedIterator, ViaBoxedStream, ViaData, ViaFuture,
        ViaHiddenFuture, ViaHiddenStream, ViaIterator, ViaStream, ViaValue, hand_on_future,
        hand_on_stream,
    },
    site::{Settings, Site, fields_of},
    spelled::Spelled,
    start::Start,
    stream::RecordedStream,
};
pub(crate) use self::{
    budgeted::Bounded,
    handle::SpanHandle,
    handle_site::HandleSite,
    pending::{birth_of, leave_started, take_prepared},
    site::is_own,
};
