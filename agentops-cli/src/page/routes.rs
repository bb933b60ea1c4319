//! Routes of the server, below the secret in the address.

use std::{
    error::Error,
    io::{self, Write},
    sync::Arc,
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, RawQuery, Request, State, rejection::BytesRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
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
    guard::{Guard, Refusal, has_scores},
    headers::{answer, empty},
    jobs::{Jobs, Pieces},
    opened_sessions::OpenedSession,
    query::{Query, session_id, span_id},
    related_sessions::RelatedSessions,
    score_document::{ScoreDocument, ScoresDocument},
    score_request::{MOST_BODY, parse_score},
    search_lines,
    session_columns::SessionColumns,
    session_list::SessionListDocument,
    session_view::{SessionView, row_of},
    shared_texts::{PageContent, SharedTexts},
    span_document::SpanDocument,
    stats_document::{SessionTotalsDocument, StatsDocument},
    watched_store::WatchedStore,
};
use crate::{
    store::{
        Grouping, LetterCase, Needle, SearchQuery, SessionFilter, SessionId, SessionSummary,
        SpanId, StateFilter, Store, StoreError, write_otlp,
    },
    terminal::{now, parse_time},
};

const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";

/// Text that a command prints, or its error.
pub(crate) type Written = Result<String, String>;

/// Writers of the formats of other commands.
#[derive(Clone, Copy)]
pub(crate) struct Formats {
    /// Writer of a session as Markdown.
    pub(crate) markdown: fn(Arc<dyn Store>, SessionId, Option<SpanId>) -> Written,
    /// Writer of a model call as a command for a shell.
    pub(crate) curl: fn(&dyn Store, SessionId, SpanId) -> Written,
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
        .route(&at("/api/s/{session}/totals"), get(totals))
        .route(
            &at("/api/s/{session}/scores"),
            get(scores).post(add_score).layer(DefaultBodyLimit::max(MOST_BODY)),
        )
        .route(&at("/api/s/{session}/{span}"), get(span))
        .route(&at("/api/s/{session}/{span}/{format}"), get(formatted_span))
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
        Err(refusal) => refused(refusal, request.uri().path()),
    }
}

fn refused(refusal: Refusal, path: &str) -> Response {
    let mut answer = empty(refusal.status());
    if refusal == Refusal::Method {
        let rest = path.splitn(3, '/').last().unwrap_or_default();
        let methods = if has_scores(rest) { "GET, HEAD, POST" } else { "GET, HEAD" };
        answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static(methods));
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
            json(&SessionListDocument::new(&part, &app.watched.place, now()))
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
            let related = app.watched.seen(|list| RelatedSessions::new(list, summary));
            let version = format!("{}-{}", opened.version(summary), related.started());
            if query.get("version") == Some(&version) {
                return Ok(None);
            }
            let view = SessionView::new(summary, opened);
            let texts = SharedTexts::AsRecorded;
            let columns = SessionColumns::new(&view, &texts, &related, &version, now());
            let columns = columns.with_access(app.watched.access(summary.id));
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
            let view = SessionView::new(summary, opened);
            let store = &**app.watched.store();
            json(&CallsDocument::read(&view, store, &SharedTexts::AsRecorded)?).map(Some)
        })
    })
    .await
}

async fn totals(State(app): SharedApp, Path(id): Path<String>) -> Response {
    app.document(None, move |app, _| {
        app.watched.session(session_id(&id)?, |_, opened| {
            let (spans, texts) = (&opened.spans.table, SharedTexts::AsRecorded);
            json(&SessionTotalsDocument::new(spans, &texts)).map(Some)
        })
    })
    .await
}

async fn scores(State(app): SharedApp, Path(id): Path<String>) -> Response {
    app.document(None, move |app, _| {
        app.watched.session(session_id(&id)?, |_, opened| {
            json(&ScoresDocument::new(&opened.scores, &SharedTexts::AsRecorded)).map(Some)
        })
    })
    .await
}

async fn add_score(
    State(app): SharedApp,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let parsed = session_id(&id).and_then(|id| Ok((id, parse_score(&headers, body, now())?)));
    let (id, score) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return error.answer(),
    };
    let shared = Arc::clone(&app);
    let added = app.jobs.run(move || {
        shared.watched.add_score(id, &score)?;
        json(&ScoreDocument::new(&score, &SharedTexts::AsRecorded))
    });
    match added.await {
        Ok(json) => answer(StatusCode::CREATED, JSON, json),
        Err(error) => error.answer(),
    }
}

async fn span(State(app): SharedApp, Path((id, span)): Path<(String, String)>) -> Response {
    app.document(None, move |app, _| {
        let id = session_id(&id)?;
        let span = span_id(&span)?;
        let store = app.watched.store();
        app.watched.session(id, |_, opened| {
            let is_here = |id| app.watched.seen(|list| list.get(id).is_some());
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

/// Answers with a span as the command line prints it.
async fn formatted_span(
    State(app): SharedApp,
    Path((id, span, format)): Path<(String, String, String)>,
) -> Response {
    let shared = Arc::clone(&app);
    let written = app.jobs.run(move || {
        let (id, span) = (session_id(&id)?, span_id(&span)?);
        // Only a session that the store lists is read.
        shared.watched.summary(id)?;
        let (store, formats) = (Arc::clone(shared.watched.store()), shared.formats);
        let written = match &*format {
            "curl" => (formats.curl)(&*store, id, span),
            "md" => (formats.markdown)(store, id, Some(span)),
            _ => return Err(ApiError::NotFound("a span is written as `curl` or `md`")),
        };
        written.map_err(ApiError::Request)
    });
    text(written.await)
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
        let filter = session_filter(query)?;
        let list = app.watched.list(|list| list.selected(&filter))?;
        let totals = app.watched.store().totals_of(list, by, &filter)?;
        json(&StatsDocument::new(&totals, by, &SharedTexts::AsRecorded)).map(Some)
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

/// Returns the sessions that a query selects, by the names that the address of the page has for them.
fn session_filter(query: &Query) -> Result<SessionFilter, ApiError> {
    let state = query.get("state").map(|state| match state {
        "running" => Ok(StateFilter::Running),
        "ok" => Ok(StateFilter::Succeeded),
        "failed" => Ok(StateFilter::Failed),
        _ => Err(ApiError::Request("`state` is one of `running`, `ok` and `failed`".into())),
    });
    Ok(SessionFilter {
        since: since(query)?,
        text: query.get("q").unwrap_or_default().to_owned(),
        state: state.transpose()?,
        ..Default::default()
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
            let markdown = (app.formats.markdown)(Arc::clone(app.watched.store()), id, None);
            markdown.map_err(ApiError::Request)
        });
        text(written.await)
    }
}

fn text(written: Result<String, ApiError>) -> Response {
    match written {
        Ok(text) => answer(StatusCode::OK, TEXT, text),
        Err(error) => error.answer(),
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

fn json(document: &impl Serialize) -> Result<Vec<u8>, ApiError> {
    Ok(serde_json::to_vec(document)?)
}
