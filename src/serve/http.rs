//! The HTTP interface: converts requests from browsers to requests to the session thread.
//!
//! Requests are answered only if their `Host` header is the server's own address. This prevents a web page
//! from reading the site through a host name that resolves to localhost (DNS rebinding). Notes are accepted
//! only with the token that is embedded in the pages, and only from pages of this server.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Json, Query, Request as HttpRequest, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use serde::Deserialize;
use tokio::sync::{broadcast, oneshot};
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::{Stream, StreamExt as _};
use tower_http::services::ServeFile;

use super::new_note::{Form, NewNote, WrittenNote};
use super::session_thread::{Request, Update};
use crate::pipeline::{Change, Served};

const LIVE_SCRIPT: &str = include_str!("live.js");
const LIVE_STYLE: &str = include_str!("live.css");
const NOTE_FORM_SCRIPT: &str = include_str!("note_form.js");

/// The name of the header that contains the token.
const TOKEN: &str = "x-postil-token";

/// The state shared by all request handlers.
#[derive(Clone)]
pub(super) struct AppState {
    pub(super) session: Sender<Request>,
    pub(super) updates: broadcast::Sender<Update>,
    /// The values of the `Host` header that are accepted, with port.
    pub(super) hosts: Arc<[String]>,
    /// The token for writing notes; `None` if notes cannot be written.
    pub(super) token: Option<Arc<str>>,
}

/// The routes of the server.
pub(super) fn router(state: AppState) -> Router {
    Router::new()
        .route("/_postil/live.js", get(|| async { text("text/javascript", LIVE_SCRIPT) }))
        .route("/_postil/live.css", get(|| async { text("text/css", LIVE_STYLE) }))
        .route("/_postil/note_form.js", get(|| async { text("text/javascript", NOTE_FORM_SCRIPT) }))
        .route("/_postil/updates", get(updates))
        .route("/_postil/form", get(form))
        .route("/_postil/notes", post(write))
        .fallback(get(page))
        .layer(middleware::from_fn_with_state(state.clone(), guard))
        .with_state(state)
}

fn text(kind: &'static str, words: &'static str) -> Response {
    ([(header::CONTENT_TYPE, format!("{kind}; charset=utf-8"))], words).into_response()
}

/// Rejects requests for other hosts, and adds headers that prevent framing and caching.
async fn guard(State(state): State<AppState>, request: HttpRequest, next: Next) -> Response {
    let named = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let is_allowed =
        named.is_some_and(|named| state.hosts.iter().any(|host| host.eq_ignore_ascii_case(named)));
    let mut response = if is_allowed {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "this server accepts requests only for its own address\n").into_response()
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, "frame-ancestors 'none'"),
        // Search files are scripts, which other sites could otherwise load.
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Sends a request to the session thread; `None` if the thread is shutting down.
async fn ask<T>(state: &AppState, request: impl FnOnce(oneshot::Sender<T>) -> Request) -> Option<T> {
    let (reply, answer) = oneshot::channel();
    state.session.send(request(reply)).ok()?;
    answer.await.ok()
}

/// Whether a request may write notes: it has the token, and comes from a page of this server.
fn may_write(state: &AppState, headers: &HeaderMap) -> bool {
    let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let has_token = state.token.as_deref().is_some_and(|token| value(TOKEN) == Some(token));
    let is_own_origin = value("origin").is_none_or(|origin| {
        state.hosts.iter().any(|host| origin.eq_ignore_ascii_case(&format!("http://{host}")))
    });
    let is_same_site = value("sec-fetch-site").is_none_or(|site| site == "same-origin");
    has_token && is_own_origin && is_same_site
}

fn forbidden() -> Response {
    (StatusCode::FORBIDDEN, "notes can be written only from the pages of `postil serve --edit`\n")
        .into_response()
}

/// The query of a request about a text.
#[derive(Deserialize)]
struct About {
    source: String,
}

async fn form(State(state): State<AppState>, headers: HeaderMap, Query(about): Query<About>) -> Response {
    if !may_write(&state, &headers) {
        return forbidden();
    }
    let form: Option<Option<Form>> = ask(&state, |reply| Request::Form(about.source, reply)).await;
    match form.flatten() {
        Some(form) => Json(form).into_response(),
        None => (StatusCode::NOT_FOUND, "no such text\n").into_response(),
    }
}

async fn write(State(state): State<AppState>, headers: HeaderMap, body: Bytes) -> Response {
    // Reject before reading the body.
    if !may_write(&state, &headers) || !headers.contains_key(header::ORIGIN) {
        return forbidden();
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/json") {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    let note: NewNote = match serde_json::from_slice(&body) {
        Ok(note) => note,
        Err(error) => {
            return (StatusCode::BAD_REQUEST, format!("invalid note: {error}\n")).into_response();
        }
    };
    let written: Option<Result<WrittenNote, String>> = ask(&state, |reply| Request::Write(note, reply)).await;
    match written {
        Some(Ok(noted)) => Json(noted).into_response(),
        Some(Err(why)) => (StatusCode::UNPROCESSABLE_ENTITY, why).into_response(),
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// The query of a page that waits for updates: its path, and the last change it knows.
#[derive(Deserialize)]
struct Waiting {
    page: String,
    since: u64,
}

/// Server-sent events: `changed` if the page has to be reloaded, and `problems` with the current problems.
async fn updates(
    State(state): State<AppState>,
    Query(Waiting { page, since }): Query<Waiting>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    // Subscribe before asking, so that no change is missed in between.
    let listener = state.updates.subscribe();
    let path = page.clone();
    let first = ask(&state, |reply| Request::Update(path, since, reply)).await;
    let (changed, problems) = first.map_or((false, None), |(changed, problems)| (changed, Some(problems)));
    let begin = problems
        .map(|problems| Event::default().event("problems").data(&*problems))
        .into_iter()
        .chain(changed.then(changed_event));
    let later = BroadcastStream::new(listener).filter_map(move |update| match update {
        Ok(Update::Problems(problems)) => Some(Event::default().event("problems").data(&*problems)),
        Ok(Update::Changed(change)) if affects(&change, &page) => Some(changed_event()),
        Ok(Update::Changed(_)) => None,
        // Lagged receiver: force a reload.
        Err(_) => Some(changed_event()),
    });
    let begin: Vec<Event> = begin.collect();
    Sse::new(tokio_stream::iter(begin).chain(later).map(Ok)).keep_alive(KeepAlive::default())
}

/// The event that makes a page reload. Browsers ignore events without data, so it has some.
fn changed_event() -> Event {
    Event::default().event("changed").data("reload")
}

/// Whether a change affects a page: a text's page by its own text, and a page across texts by any text.
fn affects(change: &Change, page: &str) -> bool {
    match change {
        Change::Nothing | Change::Behind => false,
        Change::All => true,
        Change::Texts(texts) => {
            let own = page.rsplit_once('/').map_or("", |(folder, _)| folder);
            texts.contains(own) || page.starts_with("cross-page:")
        }
    }
}

/// The characters that are percent-encoded in a path.
const PATH: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'?').add(b'%').add(b'`');

async fn page(State(state): State<AppState>, uri: Uri, request: HttpRequest) -> Response {
    let Ok(path) = percent_decode_str(uri.path().trim_start_matches('/')).decode_utf8() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let file =
        if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path.to_string() };
    let Some((served, now)) = ask(&state, |reply| Request::Page(file.clone(), reply)).await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    match served {
        Some(Served::Made(bytes, stamp)) => generated(&state, &file, &bytes, stamp),
        Some(Served::File(on_disk)) => on_disk_file(&on_disk, request).await,
        Some(Served::Failed(stamp)) => {
            let words = "This page cannot be rendered yet. The errors are shown below and in the terminal.";
            message_page(&state, StatusCode::INTERNAL_SERVER_ERROR, &file, words, stamp)
        }
        // The address of a folder without the trailing slash.
        None if !path.is_empty() && !path.ends_with('/') => {
            let index = format!("{path}/index.html");
            match ask(&state, |reply| Request::Page(index, reply)).await.and_then(|(served, _)| served) {
                Some(_) => {
                    Redirect::temporary(&format!("/{}/", utf8_percent_encode(&path, PATH))).into_response()
                }
                None => missing(&state, &file, now),
            }
        }
        None => missing(&state, &file, now),
    }
}

async fn on_disk_file(path: &Path, request: HttpRequest) -> Response {
    // ServeFile supports range requests, which browsers use for audio and video.
    match ServeFile::new(path).try_call(request).await {
        Ok(response) => response.map(Body::new).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A generated page or file; live reload is added to pages.
fn generated(state: &AppState, path: &str, bytes: &Arc<[u8]>, stamp: u64) -> Response {
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let is_text = kind.type_() == "text" || path.ends_with(".jsonld") || path.ends_with(".bib");
    let kind = match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "jsonld" => "application/ld+json".to_owned(),
        "bib" => "text/plain; charset=utf-8".to_owned(),
        _ if is_text => format!("{kind}; charset=utf-8"),
        _ => kind.to_string(),
    };
    let Some(html) = path.ends_with(".html").then(|| std::str::from_utf8(bytes).ok()).flatten() else {
        return ([(header::CONTENT_TYPE, kind)], bytes.to_vec()).into_response();
    };
    ([(header::CONTENT_TYPE, kind)], with_live_reload(state, html, path, stamp)).into_response()
}

/// Adds the scripts for live reload and for writing notes at the end of the body.
fn with_live_reload(state: &AppState, html: &str, path: &str, stamp: u64) -> String {
    let is_reader = html.contains("<article id=\"source\"");
    let page = if is_reader { path.to_owned() } else { format!("cross-page:{path}") };
    let mut live = format!(
        "<link rel=\"stylesheet\" href=\"/_postil/live.css\">\n<script src=\"/_postil/live.js\" data-page=\"{}\" data-since=\"{stamp}\"></script>\n",
        escape(&page),
    );
    if let Some(token) = state.token.as_deref().filter(|_| is_reader) {
        live.push_str(&format!("<script src=\"/_postil/note_form.js\" data-token=\"{token}\"></script>\n"));
    }
    let end = html.rfind("</body>").unwrap_or(html.len());
    format!("{}{live}{}", &html[..end], &html[end..])
}

fn missing(state: &AppState, path: &str, now: u64) -> Response {
    message_page(state, StatusCode::NOT_FOUND, path, "Page not found", now)
}

/// A page that shows a message, with live reload.
fn message_page(state: &AppState, status: StatusCode, path: &str, words: &str, stamp: u64) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{status}</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <link rel=\"stylesheet\" href=\"/_theme/style.css\">\n</head>\n<body class=\"page\">\n<main>\n\
         <h1>{words}</h1>\n<p><a href=\"/index.html\">All texts</a></p>\n</main>\n</body>\n</html>\n"
    );
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    (status, kind, with_live_reload(state, &html, path, stamp)).into_response()
}

/// Escapes text for an attribute.
fn escape(words: &str) -> String {
    words.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}
