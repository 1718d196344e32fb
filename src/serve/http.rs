//! Questions from browsers on this machine to the desk, and its answers as HTTP.
//!
//! Only who asks for this very address is answered: a name that somebody else made lead here is refused, so that a
//! page on the web cannot read the site (DNS rebinding). Notes are taken only with the token that stands in the
//! pages, from pages of this address.

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

use super::new_note::{Form, NewNote, Noted};
use super::session_thread::{News, Request};
use crate::pipeline::{Change, Served};

const LIVE_SCRIPT: &str = include_str!("live.js");
const LIVE_STYLE: &str = include_str!("live.css");
const PEN_SCRIPT: &str = include_str!("pen.js");

/// The header that has the token.
const TOKEN: &str = "x-postil-token";

/// What every answer needs.
#[derive(Clone)]
pub(super) struct Counter {
    pub(super) desk: Sender<Request>,
    pub(super) news: broadcast::Sender<News>,
    /// The hosts that this address goes by, with its port.
    pub(super) hosts: Arc<[String]>,
    /// What notes are taken with, if they are taken.
    pub(super) token: Option<Arc<str>>,
}

/// All addresses of the server.
pub(super) fn router(counter: Counter) -> Router {
    Router::new()
        .route("/_postil/live.js", get(|| async { text("text/javascript", LIVE_SCRIPT) }))
        .route("/_postil/live.css", get(|| async { text("text/css", LIVE_STYLE) }))
        .route("/_postil/pen.js", get(|| async { text("text/javascript", PEN_SCRIPT) }))
        .route("/_postil/news", get(news))
        .route("/_postil/form", get(form))
        .route("/_postil/notes", post(write))
        .fallback(get(page))
        .layer(middleware::from_fn_with_state(counter.clone(), guard))
        .with_state(counter)
}

fn text(kind: &'static str, words: &'static str) -> Response {
    ([(header::CONTENT_TYPE, format!("{kind}; charset=utf-8"))], words).into_response()
}

/// Refuses who asks for another host, and keeps answers out of frames and caches.
async fn guard(State(counter): State<Counter>, request: HttpRequest, next: Next) -> Response {
    let named = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let is_ours =
        named.is_some_and(|named| counter.hosts.iter().any(|host| host.eq_ignore_ascii_case(named)));
    let mut response = if is_ours {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "this server answers only to its own address on this machine\n")
            .into_response()
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, "frame-ancestors 'none'"),
        // Parts of the search are scripts, which other sites could load.
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Asks the desk; nothing, if it is closing.
async fn ask<T>(counter: &Counter, question: impl FnOnce(oneshot::Sender<T>) -> Request) -> Option<T> {
    let (reply, answer) = oneshot::channel();
    counter.desk.send(question(reply)).ok()?;
    answer.await.ok()
}

/// Whether a request may read and write notes: with the token, and from a page of this address.
fn may_write(counter: &Counter, headers: &HeaderMap) -> bool {
    let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let has_token = counter.token.as_deref().is_some_and(|token| value(TOKEN) == Some(token));
    let is_own_origin = value("origin").is_none_or(|origin| {
        counter.hosts.iter().any(|host| origin.eq_ignore_ascii_case(&format!("http://{host}")))
    });
    let is_same_site = value("sec-fetch-site").is_none_or(|site| site == "same-origin");
    has_token && is_own_origin && is_same_site
}

fn refused() -> Response {
    (StatusCode::FORBIDDEN, "notes are written from the pages of `postil serve --edit` only\n")
        .into_response()
}

/// The text that is asked about.
#[derive(Deserialize)]
struct About {
    source: String,
}

async fn form(State(counter): State<Counter>, headers: HeaderMap, Query(about): Query<About>) -> Response {
    if !may_write(&counter, &headers) {
        return refused();
    }
    let form: Option<Option<Form>> = ask(&counter, |reply| Request::Form(about.source, reply)).await;
    match form.flatten() {
        Some(form) => Json(form).into_response(),
        None => (StatusCode::NOT_FOUND, "the site has no such text\n").into_response(),
    }
}

async fn write(State(counter): State<Counter>, headers: HeaderMap, body: Bytes) -> Response {
    // Who may not write is not read.
    if !may_write(&counter, &headers) || !headers.contains_key(header::ORIGIN) {
        return refused();
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/json") {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    let note: NewNote = match serde_json::from_slice(&body) {
        Ok(note) => note,
        Err(error) => {
            return (StatusCode::BAD_REQUEST, format!("this is no note: {error}\n")).into_response();
        }
    };
    let written: Option<Result<Noted, String>> = ask(&counter, |reply| Request::Write(note, reply)).await;
    match written {
        Some(Ok(noted)) => Json(noted).into_response(),
        Some(Err(why)) => (StatusCode::UNPROCESSABLE_ENTITY, why).into_response(),
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// The page that waits for news, and the change it knows.
#[derive(Deserialize)]
struct Waiting {
    page: String,
    since: u64,
}

/// What changes, as it does: `changed` when the page is to be loaded again, `problems` with what is wrong.
async fn news(
    State(counter): State<Counter>,
    Query(Waiting { page, since }): Query<Waiting>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    // Listening begins before the question, so that no change falls between.
    let listener = counter.news.subscribe();
    let path = page.clone();
    let first = ask(&counter, |reply| Request::News(path, since, reply)).await;
    let (changed, problems) = first.map_or((false, None), |(changed, told)| (changed, Some(told)));
    let begin = problems
        .map(|told| Event::default().event("problems").data(&*told))
        .into_iter()
        .chain(changed.then(again));
    let later = BroadcastStream::new(listener).filter_map(move |news| match news {
        Ok(News::Problems(told)) => Some(Event::default().event("problems").data(&*told)),
        Ok(News::Changed(change)) if concerns(&change, &page) => Some(again()),
        Ok(News::Changed(_)) => None,
        // Whoever missed some news had better look again.
        Err(_) => Some(again()),
    });
    let begin: Vec<Event> = begin.collect();
    Sse::new(tokio_stream::iter(begin).chain(later).map(Ok)).keep_alive(KeepAlive::default())
}

/// That the page is to be loaded again; browsers drop an event without data.
fn again() -> Event {
    Event::default().event("changed").data("again")
}

/// Whether a page shows something of what changed: its own text, or as a page across texts any.
fn concerns(change: &Change, page: &str) -> bool {
    match change {
        Change::Nothing | Change::Behind => false,
        Change::All => true,
        Change::Texts(texts) => {
            let own = page.rsplit_once('/').map_or("", |(folder, _)| folder);
            texts.contains(own) || page.starts_with("across:")
        }
    }
}

/// Characters that are written as they are in a path.
const PATH: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'?').add(b'%').add(b'`');

async fn page(State(counter): State<Counter>, uri: Uri, request: HttpRequest) -> Response {
    let Ok(path) = percent_decode_str(uri.path().trim_start_matches('/')).decode_utf8() else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let file =
        if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path.to_string() };
    let Some((served, now)) = ask(&counter, |reply| Request::Page(file.clone(), reply)).await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    match served {
        Some(Served::Made(bytes, stamp)) => made(&counter, &file, &bytes, stamp),
        Some(Served::File(on_disk)) => on_disk_file(&on_disk, request).await,
        Some(Served::Failed(stamp)) => {
            let words = "This page cannot be made yet: what is wrong is told below and on the terminal.";
            shell(&counter, StatusCode::INTERNAL_SERVER_ERROR, &file, words, stamp)
        }
        // A folder is asked for without its slash.
        None if !path.is_empty() && !path.ends_with('/') => {
            let index = format!("{path}/index.html");
            match ask(&counter, |reply| Request::Page(index, reply)).await.and_then(|(served, _)| served) {
                Some(_) => {
                    Redirect::temporary(&format!("/{}/", utf8_percent_encode(&path, PATH))).into_response()
                }
                None => missing(&counter, &file, now),
            }
        }
        None => missing(&counter, &file, now),
    }
}

async fn on_disk_file(path: &Path, request: HttpRequest) -> Response {
    // It answers to ranges, which films and sounds are asked for in.
    match ServeFile::new(path).try_call(request).await {
        Ok(response) => response.map(Body::new).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A page or file that was made; a page gets what makes it live.
fn made(counter: &Counter, path: &str, bytes: &Arc<[u8]>, stamp: u64) -> Response {
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
    ([(header::CONTENT_TYPE, kind)], enlivened(counter, html, path, stamp)).into_response()
}

/// A page with the script that waits for news at the end of its body.
fn enlivened(counter: &Counter, html: &str, path: &str, stamp: u64) -> String {
    let is_reader = html.contains("<article id=\"source\"");
    let page = if is_reader { path.to_owned() } else { format!("across:{path}") };
    let mut live = format!(
        "<link rel=\"stylesheet\" href=\"/_postil/live.css\">\n<script src=\"/_postil/live.js\" data-page=\"{}\" data-since=\"{stamp}\"></script>\n",
        escaped(&page),
    );
    if let Some(token) = counter.token.as_deref().filter(|_| is_reader) {
        live.push_str(&format!("<script src=\"/_postil/pen.js\" data-token=\"{token}\"></script>\n"));
    }
    let end = html.rfind("</body>").unwrap_or(html.len());
    format!("{}{live}{}", &html[..end], &html[end..])
}

fn missing(counter: &Counter, path: &str, now: u64) -> Response {
    shell(counter, StatusCode::NOT_FOUND, path, "There is no such page in the site.", now)
}

/// A page of a few words, which waits for news like any other.
fn shell(counter: &Counter, status: StatusCode, path: &str, words: &str, stamp: u64) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{status}</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <link rel=\"stylesheet\" href=\"/_theme/style.css\">\n</head>\n<body class=\"page\">\n<main>\n\
         <h1>{words}</h1>\n<p><a href=\"/index.html\">All texts</a></p>\n</main>\n</body>\n</html>\n"
    );
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    (status, kind, enlivened(counter, &html, path, stamp)).into_response()
}

/// Words for an attribute.
fn escaped(words: &str) -> String {
    words.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")
}
