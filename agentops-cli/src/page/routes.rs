//! Routes of the server, below the secret in the address.

use std::{
    error::Error,
    io::{self, Write},
    sync::Arc,
};

use axum::{
    Router,
    extract::{Path, RawQuery, Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::get,
};
use clap::ValueEnum;
use serde::Serialize;

use super::{
    api_error::ApiError,
    assets::Asset,
    calls_document::CallsDocument,
    diff_document::DiffDocument,
    exported_page::ExportedPage,
    guard::{Guard, Refusal},
    headers::{answer, empty},
    jobs::{Jobs, Pieces},
    opened_sessions::OpenedSession,
    query::Query,
    search_lines,
    session_columns::SessionColumns,
    session_list::SessionListDocument,
    session_view::{SessionView, row_of},
    shared_texts::{PageContent, SharedTexts},
    span_document::SpanDocument,
    stats_document::StatsDocument,
    watched_store::WatchedStore,
};
use crate::{
    store::{
        Grouping, LetterCase, Needle, SearchQuery, SessionFilter, SessionId, SessionSummary, Store,
        StoreError, write_otlp,
    },
    terminal::{now, parse_time},
};

const JSON: &str = "application/json";

/// Writers of the formats of other commands.
#[derive(Clone, Copy)]
pub(crate) struct Formats {
    /// Writer of a session as Markdown.
    pub(crate) markdown: fn(Arc<dyn Store>, SessionId) -> Result<String, String>,
}

/// State that the answers are made of.
struct App {
    guard: Guard,
    watched: Arc<WatchedStore>,
    jobs: Jobs,
    formats: Formats,
}

type SharedApp = State<Arc<App>>;
/// JSON of a document; `None` if nothing has changed.
type Document = Option<Vec<u8>>;

/// Returns the routes of a store.
pub(crate) fn router(guard: Guard, watched: Arc<WatchedStore>, formats: Formats) -> Router {
    let at = |path: &str| format!("/{}{path}", guard.token);
    let router = Router::new()
        .route(&at(""), get(redirect))
        .route(&at("/"), get(|| asset(Asset::Page)))
        .route(&at("/app.js"), get(|| asset(Asset::Script)))
        .route(&at("/app.css"), get(|| asset(Asset::Style)))
        .route(&at("/api/sessions"), get(sessions))
        .route(&at("/api/s/{session}"), get(session))
        .route(&at("/api/s/{session}/calls"), get(calls))
        .route(&at("/api/s/{session}/{span}"), get(span))
        .route(&at("/api/search"), get(search))
        .route(&at("/api/diff"), get(diff))
        .route(&at("/api/stats"), get(stats))
        .route(&at("/s/{file}"), get(exported))
        .fallback(async || ApiError::NotFound("there is no such address").answer());
    let app = Arc::new(App { guard, watched, jobs: Jobs::new(), formats });
    router.layer(from_fn_with_state(Arc::clone(&app), guarded)).with_state(app)
}

/// Answers a request that the guard lets pass.
async fn guarded(State(app): SharedApp, request: Request, next: Next) -> Response {
    let checked = app.guard.check(request.method(), request.uri().path(), request.headers());
    match checked {
        Ok(()) => next.run(request).await,
        Err(refusal) => refused(refusal),
    }
}

fn refused(refusal: Refusal) -> Response {
    let mut answer = empty(refusal.status());
    if refusal == Refusal::Method {
        answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    answer
}

async fn redirect(State(app): SharedApp) -> Response {
    let mut answer = empty(StatusCode::PERMANENT_REDIRECT);
    // Hexadecimal digits are a valid header.
    if let Ok(place) = format!("/{}/", app.guard.token).parse() {
        answer.headers_mut().insert(header::LOCATION, place);
    }
    answer
}

async fn asset(asset: Asset) -> Response {
    answer(StatusCode::OK, asset.content_type(), asset.text().into_owned())
}

async fn sessions(State(app): SharedApp, RawQuery(query): RawQuery) -> Response {
    app.document(query, |app, query| {
        let written = app.watched.list(|list| {
            let part = list.since(query.get("version"));
            json(&SessionListDocument::new(&part, &app.watched.folder, now()))
        });
        written?.map(Some)
    })
    .await
}

async fn session(
    State(app): SharedApp,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    app.document(query, move |app, query| {
        app.watched.session(session_id(&id)?, |summary, opened| {
            let version = opened.version(summary);
            if query.get("version") == Some(&version) {
                return Ok(None);
            }
            let view = SessionView::new(summary, &opened.spans, opened.program.as_deref());
            let texts = SharedTexts::AsRecorded;
            let columns = SessionColumns::new(&view, &texts, &version, now());
            let mut json = Vec::with_capacity(columns.size());
            serde_json::to_writer(&mut json, &columns)?;
            Ok(Some(json))
        })
    })
    .await
}

async fn calls(State(app): SharedApp, Path(id): Path<String>) -> Response {
    app.document(None, move |app, _| {
        app.watched.session(session_id(&id)?, |summary, opened| {
            let view = SessionView::new(summary, &opened.spans, None);
            let store = &**app.watched.store();
            json(&CallsDocument::read(&view, store, &SharedTexts::AsRecorded)?).map(Some)
        })
    })
    .await
}

async fn span(State(app): SharedApp, Path((id, span)): Path<(String, String)>) -> Response {
    app.document(None, move |app, _| {
        let id = session_id(&id)?;
        let span = span.parse().map_err(|_| {
            ApiError::Request(format!("`{span}` is no id of a span; 16 hexadecimal digits are one"))
        })?;
        let store = app.watched.store();
        let is_here = |id| app.watched.list(|list| list.get(id).is_some()).unwrap_or_default();
        app.watched.session(id, |_, opened| {
            let table = &opened.spans.table;
            let row = row_of(table, span).ok_or_else(|| ApiError::no_span(table, span))?;
            let content = store.content(id, row.place)?;
            let gone = ApiError::NotFound("the span is no longer there; load the page again");
            let content = content.ok_or(gone)?;
            let (file, texts) = (store.file(id), SharedTexts::AsRecorded);
            let span = SpanDocument::new(table, row, &content, file.as_deref(), &texts, &is_here);
            json(&span).map(Some)
        })
    })
    .await
}

async fn diff(State(app): SharedApp, RawQuery(query): RawQuery) -> Response {
    app.document(query, |app, query| {
        let a = query.get("a").ok_or_else(|| ApiError::Request("`a` names no session".into()))?;
        let b = query.get("b").map(session_id).transpose()?;
        json(&DiffDocument::read(&app.watched, session_id(a)?, b)?).map(Some)
    })
    .await
}

async fn stats(State(app): SharedApp, RawQuery(query): RawQuery) -> Response {
    app.document(query, |app, query| {
        let by = Grouping::from_str(query.get("by").unwrap_or("model"), false);
        let by = by.map_err(|_| {
            ApiError::Request("`by` is one of `model`, `agent`, `tool` and `day`".into())
        })?;
        let filter = SessionFilter { since: since(query)?, ..Default::default() };
        let totals = app.watched.store().totals(by, &filter)?;
        json(&StatsDocument::new(&totals, by)).map(Some)
    })
    .await
}

async fn search(State(app): SharedApp, RawQuery(query): RawQuery) -> Response {
    let query = match search_query(&Query::parse(&query.unwrap_or_default())) {
        Ok(query) => query,
        Err(error) => return error.answer(),
    };
    let shared = Arc::clone(&app);
    let lines = move |out: &mut Pieces| search_lines::write(&shared.watched, &query, out);
    answer(StatusCode::OK, "application/x-ndjson", app.jobs.stream(lines).await)
}

fn search_query(query: &Query) -> Result<SearchQuery, ApiError> {
    let text =
        query.get("q").ok_or_else(|| ApiError::Request("there is no text to find".into()))?;
    let case =
        if query.get("case") == Some("0") { LetterCase::Ignored } else { LetterCase::Matters };
    Ok(SearchQuery {
        needle: Needle::new(text, case),
        sessions: SessionFilter {
            since: since(query)?,
            session: query.get("session").map(session_id).transpose()?,
            ..Default::default()
        },
        kind: query.get("kind").map(str::to_owned),
    })
}

/// Returns the earliest start that a query asks for, in nanoseconds since 1970.
fn since(query: &Query) -> Result<u64, ApiError> {
    let since = query.get("since").map(parse_time).transpose().map_err(ApiError::Request)?;
    Ok(since.map_or(0, |since| now().saturating_sub(since)))
}

async fn exported(State(app): SharedApp, Path(file): Path<String>) -> Response {
    let (id, ending) = file.split_once('.').unwrap_or((&file, ""));
    let id = match session_id(id) {
        Ok(id) => id,
        Err(error) => return error.answer(),
    };
    let shared = Arc::clone(&app);
    if let Err(error) = app.jobs.run(move || shared.check_exported(id)).await {
        return error.answer();
    }
    match ending {
        "html" => app.exported_page(id).await,
        "jsonl" => app.exported_lines(id).await,
        "md" => app.exported_markdown(id).await,
        _ => ApiError::NotFound("a session is written as `html`, `jsonl` or `md`").answer(),
    }
}

impl App {
    /// Answers with a document, or with the error that is met on the way.
    async fn document(
        self: Arc<Self>,
        query: Option<String>,
        make: impl FnOnce(&Self, &Query) -> Result<Document, ApiError> + Send + 'static,
    ) -> Response {
        let app = Arc::clone(&self);
        let query = Query::parse(&query.unwrap_or_default());
        match self.jobs.run(move || make(&app, &query)).await {
            Ok(Some(json)) => answer(StatusCode::OK, JSON, json),
            Ok(None) => empty(StatusCode::NO_CONTENT),
            Err(error) => error.answer(),
        }
    }

    /// Returns an error before anything is written: only a session that the store lists is read, and one with spans.
    fn check_exported(&self, id: SessionId) -> Result<(), ApiError> {
        self.watched.session(id, |_, OpenedSession { spans, .. }| {
            let is_empty = spans.table.rows().is_empty();
            if is_empty {
                Err(StoreError::NoSpans(id, spans.faults.clone()).into())
            } else {
                Ok(())
            }
        })
    }

    async fn exported_page(self: Arc<Self>, id: SessionId) -> Response {
        let app = Arc::clone(&self);
        let write = move |out: &mut Pieces| {
            let store = &**app.watched.store();
            let opened = |summary: &SessionSummary, opened: &OpenedSession| {
                Ok((summary.clone(), opened.clone()))
            };
            let (summary, opened) = app.watched.session(id, opened).map_err(io::Error::other)?;
            let page = ExportedPage::new(store, summary, opened, PageContent::Masked, now());
            page.write(out).map(|_| ())
        };
        let body = self.jobs.stream(write).await;
        saved(answer(StatusCode::OK, Asset::Page.content_type(), body), id, "html")
    }

    async fn exported_lines(self: Arc<Self>, id: SessionId) -> Response {
        let app = Arc::clone(&self);
        let write = move |out: &mut Pieces| {
            let mut line = |line: &str| writeln!(out, "{line}");
            let written =
                write_otlp::<Box<dyn Error + Send + Sync>>(&**app.watched.store(), id, &mut line);
            written.map(|_| ()).map_err(io::Error::other)
        };
        let body = self.jobs.stream(write).await;
        saved(answer(StatusCode::OK, "application/x-ndjson", body), id, "jsonl")
    }

    async fn exported_markdown(self: Arc<Self>, id: SessionId) -> Response {
        let app = Arc::clone(&self);
        let written = self.jobs.run(move || {
            let markdown = (app.formats.markdown)(Arc::clone(app.watched.store()), id);
            markdown.map_err(ApiError::Request)
        });
        match written.await {
            Ok(markdown) => answer(StatusCode::OK, "text/plain; charset=utf-8", markdown),
            Err(error) => error.answer(),
        }
    }
}

/// Marks an answer as a file to be saved, which no browser shows below the address of the server.
fn saved(mut answer: Response, id: SessionId, ending: &str) -> Response {
    let disposition = format!("attachment; filename=\"session-{:.8}.{ending}\"", id.to_string());
    if let Ok(disposition) = disposition.parse() {
        answer.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    }
    answer
}

fn session_id(text: &str) -> Result<SessionId, ApiError> {
    text.parse().map_err(|_| {
        ApiError::Request(format!("`{text}` is no id of a session; 32 hexadecimal digits are one"))
    })
}

fn json(document: &impl Serialize) -> Result<Vec<u8>, ApiError> {
    Ok(serde_json::to_vec(document)?)
}
