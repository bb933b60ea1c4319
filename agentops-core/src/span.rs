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
mod budgeted_future;
mod call_ending;
mod call_scope;
mod call_site;
mod current_agent;
mod current_span;
mod deferred_call;
mod event;
mod exception;
mod factory;
mod function_locations;
mod handle;
mod handle_site;
mod handover;
mod item_recorder;
mod pending_span;
mod recorded_future;
mod recorded_iterator;
mod recorded_stream;
mod return_shape;
mod returned_call;
mod run_body;
mod running_call;
mod span_component;
mod span_draft;
mod traced_span;
mod typed_work;
mod unfollowed_work;

#[cfg(test)]
pub(crate) use self::function_locations::note_location;
pub use self::{
    agent_identity::{
        AgentIdentity, Identified, IdentityPart, SelfProbe, ViaIdentity, ViaNobody, identity_part,
    },
    budgeted_future::within,
    call_site::{Settings, Site, fields_of},
    current_span::{CurrentSpan, current},
    deferred_call::{Deferred, Deferring, defer},
    event::Event,
    handle::{
        Agent, CustomSpan, HandleBuilder, Instrumented, Llm, Session, SessionBuilder, Tool, Traced,
    },
    handover::{begun, hand_over},
    recorded_future::{RecordedFuture, Unstarted, open_async, run_async},
    recorded_iterator::RecordedIterator,
    recorded_stream::RecordedStream,
    return_shape::{
        Shape, ViaBoxedFuture, ViaBoxedIterator, ViaBoxedStream, ViaData, ViaFuture,
        ViaHiddenFuture, ViaHiddenStream, ViaIterator, ViaStream, ViaValue, hand_on_future,
        hand_on_stream,
    },
    returned_call::ReturnedCall,
    run_body::run,
    running_call::{Inside, Running, open},
    span_draft::Start,
    typed_work::TypedWork,
};
pub(crate) use self::{
    budgeted_future::Bounded,
    call_site::is_own,
    function_locations::location_of,
    handle::SpanHandle,
    handle_site::HandleSite,
    pending_span::{leave_started, take_pending},
};
