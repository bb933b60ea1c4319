//! Page that shows sessions in a browser: served to its own user alone, or as one file that holds a session.
//!
//! ```text
//! browser ── Guard ─▶ server ── Jobs ─▶ WatchedStore ─▶ documents ─▶ JSON
//!                                       SessionView  ─▶ exported_page ─▶ one file
//! ```
//!
//! The server reads what is asked for when it is asked for, and nothing else. It writes the scores that its user gives.

mod access;
mod api_error;
mod assets;
mod calls_document;
mod diff_document;
mod exported_page;
mod guard;
mod headers;
mod jobs;
mod message_texts;
mod opened_sessions;
mod query;
mod related_sessions;
mod routes;
mod score_document;
mod score_request;
mod search_lines;
mod seen_list;
mod server;
mod session_columns;
mod session_list;
mod session_view;
mod shared_texts;
mod span_document;
mod stats_document;
mod store_place;
mod token;
mod watched_store;

pub(crate) use self::{
    access::Access,
    exported_page::{ExportedPage, PageContent, PageSummary},
    routes::Formats,
    server::Server,
    store_place::StorePlace,
    token::{KeptAddress, Token},
    watched_store::WatchedStore,
};

#[cfg(test)]
pub(crate) use self::{guard::Guard, routes::router};
