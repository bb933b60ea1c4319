//! Spans, from admission to their end.
//!
//! A span has five stages:
//!
//! | stage | type | where it is |
//! |---|---|---|
//! | draft | `SpanDraft` | in the `Start` of an admitted call, while its attributes are collected |
//! | pending | `PendingSpan` | on its way through the `tracing` span to our layer, see `bridge` |
//! | live | `RecordedSpan` | in the OpenTelemetry context of its call |
//! | ended | `EndedSpan` | in the queue |
//! | exported | `ExportedSpan` | in the batch that an exporter receives |
//!
//! The call around it:
//!
//! ```text
//! Site ─admit─▶ Start ─begin─▶ Call = CallScope (entered) + TracedSpan (handle on the live span) ─close─▶ end
//!                 └─defer─▶ Deferred ─first poll─▶ ┘ └─▶ RecordedFuture ─▶ ReturnedCall ─▶ Recorded{Stream,Iterator} ─▶ ┘
//! ```

mod admission;
mod agent_identity;
mod boxed_work;
mod budgeted;
mod call;
mod call_ending;
mod call_scope;
mod component;
mod current;
mod current_agent;
mod deferral;
mod deferred;
mod event;
mod exception;
mod factory;
mod future;
mod handle;
mod handle_site;
mod handover;
mod item_recorder;
mod iterator;
mod pending;
mod return_shape;
mod returned_call;
mod running_call;
mod site;
mod start;
mod stream;
mod traced_span;
mod typed_work;

pub use self::{
    agent_identity::{
        AgentIdentity, Identified, IdentityPart, SelfProbe, ViaIdentity, ViaNobody, identity_part,
    },
    budgeted::within,
    call::run,
    current::{CurrentSpan, current},
    deferred::{Deferred, Deferring, defer},
    event::Event,
    future::{RecordedFuture, Unstarted, open_async, run_async},
    handle::{
        Agent, CustomSpan, HandleBuilder, Instrumented, Llm, Session, SessionBuilder, Tool, Traced,
    },
    handover::{begun, hand_over},
    iterator::RecordedIterator,
    return_shape::{
        Shape, ViaBoxedFuture, ViaBoxedIterator, ViaBoxedStream, ViaData, ViaFuture,
        ViaHiddenFuture, ViaHiddenStream, ViaIterator, ViaStream, ViaValue, hand_on_future,
        hand_on_stream,
    },
    returned_call::ReturnedCall,
    running_call::{Inside, Running, open},
    site::{Settings, Site, fields_of},
    start::Start,
    stream::RecordedStream,
    typed_work::TypedWork,
};
pub(crate) use self::{
    budgeted::Bounded,
    handle::SpanHandle,
    handle_site::HandleSite,
    pending::{leave_started, take_pending},
    site::is_own,
};
