//! Checks external links, rate-limited: one request at a time to each host, with a pause in between.
//!
//! Used by `check --links` only. Nothing else in Postil makes network requests.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use pulldown_cmark::{Event, Tag};
use rayon::prelude::*;
use ureq::Agent;
use url::Url;

use crate::diagnostics::{Code, Diagnostic, Diagnostics, File, Place};
use crate::markdown;
use crate::names::link::{self, Link};

/// The pause between two requests to one host.
const PAUSE: Duration = Duration::from_millis(500);
/// The time limit of one request, including redirects.
const PATIENCE: Duration = Duration::from_secs(20);
/// How many hosts are checked at a time.
const HOSTS: usize = 8;

/// Addresses, each with the location of the first link to it.
pub(super) type Addresses = BTreeMap<String, Place>;

/// Adds the addresses that the Markdown of a file links to, from byte `body` on.
pub(super) fn gather(file: &Arc<File>, body: usize, addresses: &mut Addresses) {
    for (event, span) in markdown::events(file.text.get(body..).unwrap_or_default(), body) {
        if let Event::Start(Tag::Link { dest_url, .. }) = event
            && let Link::Outside(address) = link::parse(&dest_url)
            && ["http:", "https:"].iter().any(|scheme| address.to_ascii_lowercase().starts_with(scheme))
        {
            addresses.entry(address).or_insert_with(|| Place::new(file, span));
        }
    }
}

/// Requests every address and reports those that do not exist.
pub(super) fn verify(addresses: &Addresses, diagnostics: &mut Diagnostics) {
    let mut by_host: BTreeMap<String, Vec<(&String, &Place)>> = BTreeMap::new();
    for (address, place) in addresses {
        let host = Url::parse(address).ok().and_then(|url| Some((url.host_str()?.to_owned(), url.port())));
        if let Some((host, port)) = host {
            by_host.entry(format!("{host}:{port:?}")).or_default().push((address, place));
        }
    }
    let agent = agent();
    let hosts: Vec<_> = by_host.into_values().collect();
    let try_all = || hosts.par_iter().map(|links| check_host(&agent, links)).collect::<Vec<_>>();
    let found = match rayon::ThreadPoolBuilder::new().num_threads(HOSTS).build() {
        Ok(pool) => pool.install(try_all),
        Err(_) => try_all(),
    };
    found.into_iter().flatten().for_each(|problem| diagnostics.push(problem));
}

fn agent() -> Agent {
    Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .max_redirects(5)
        .http_status_as_error(false)
        .user_agent(concat!("postil/", env!("CARGO_PKG_VERSION"), " (a check of links)"))
        .build()
        .into()
}

fn check_host(agent: &Agent, links: &[(&String, &Place)]) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (index, (address, place)) in links.iter().enumerate() {
        if index > 0 {
            thread::sleep(PAUSE);
        }
        if let Some(message) = link_problem(agent, address) {
            problems.push(
                Diagnostic::warning(Code::LinkDead, (*place).clone(), message)
                    .help("find its new address, or link to an archived copy"),
            );
        }
    }
    problems
}

/// The problem with an address, if any. A page that requires a login counts as existing.
fn link_problem(agent: &Agent, address: &str) -> Option<String> {
    let status = match agent.head(address).call() {
        Ok(answer) if answer.status().is_success() => return None,
        // Some hosts only respond to GET.
        Ok(_) => {
            thread::sleep(PAUSE);
            match agent.get(address).call() {
                Ok(answer) => answer.status().as_u16(),
                Err(_) => return Some(format!("no response from {address}")),
            }
        }
        Err(_) => return Some(format!("no response from {address}")),
    };
    match status {
        200..=399 | 401 | 402 | 403 | 407 | 429 => None,
        status => Some(format!("{address} answers with status {status}")),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::TcpListener;
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    /// A local server that answers `count` requests. Returns its address and a channel of request lines.
    fn server(count: usize, answer: fn(&str) -> &'static str) -> (String, Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (report, requests) = channel();
        thread::spawn(move || {
            for stream in listener.incoming().take(count) {
                let mut stream = stream.unwrap();
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let request = lines.next().unwrap().unwrap();
                while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
                let head = format!(
                    "HTTP/1.1 {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                    answer(&request)
                );
                stream.write_all(head.as_bytes()).unwrap();
                report.send(request).unwrap();
            }
        });
        (address, requests)
    }

    fn messages(paths: &[&str], base: &str) -> Vec<String> {
        let links = paths.iter().map(|path| (format!("{base}{path}"), Place::of_path("a.md"))).collect();
        let mut diagnostics = Diagnostics::default();
        verify(&links, &mut diagnostics);
        let found = diagnostics.into_sorted();
        found.into_iter().map(|problem| problem.message.replace(base, "")).collect()
    }

    #[test]
    fn existing_pages_are_requested_once_and_missing_ones_twice() {
        let (base, requests) = server(9, |request| match request.split(' ').nth(1).unwrap() {
            "/here" => "200 OK",
            "/closed" => "403 Forbidden",
            "/get" if request.starts_with("GET") => "200 OK",
            "/get" => "405 Method Not Allowed",
            "/removed" => "410 Gone",
            _ => "404 Not Found",
        });
        let start = std::time::Instant::now();
        assert_eq!(
            messages(&["/closed", "/get", "/gone", "/here", "/removed"], &base),
            ["/gone answers with status 404", "/removed answers with status 410"]
        );
        assert!(start.elapsed() >= 7 * PAUSE, "requests are not spaced out");
        let asked: Vec<String> = requests.iter().take(9).collect();
        let methods: Vec<&str> = asked.iter().map(|request| request.split(" HTTP").next().unwrap()).collect();
        assert_eq!(
            methods,
            [
                "HEAD /closed",
                "GET /closed",
                "HEAD /get",
                "GET /get",
                "HEAD /gone",
                "GET /gone",
                "HEAD /here",
                "HEAD /removed",
                "GET /removed"
            ]
        );
    }

    #[test]
    fn a_missing_response_is_reported() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        assert_eq!(messages(&["/"], &base), ["no response from /"]);
    }
}
