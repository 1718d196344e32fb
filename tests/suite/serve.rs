//! Tests of `postil serve` with requests from browsers on this machine and from other websites.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::harness::{Site, postil};

/// The maximum time to wait for a response.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A server that is stopped at the end of the test.
struct Server {
    process: Child,
    host: String,
}

impl Server {
    fn start(site: &Site, arguments: &[&str]) -> Self {
        let mut process = postil()
            .args(["serve", "--port", "0"])
            .args(arguments)
            .current_dir(site.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        let host = line.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
        // Further output must not fill the pipe.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        Self { process, host }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.host).unwrap();
        stream.set_read_timeout(Some(TIMEOUT)).unwrap();
        stream
    }

    /// Sends a request with these headers, and returns the status and the body of the response.
    fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
        let mut stream = self.connect();
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            head.push_str(&format!("Host: {}\r\n", self.host));
        }
        headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
        stream.write_all(format!("{head}\r\n{body}").as_bytes()).unwrap();
        let mut response = Vec::new();
        stream.read_to_end(&mut response).unwrap();
        let response = String::from_utf8_lossy(&response).into_owned();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    fn get(&self, path: &str) -> (u16, String) {
        self.request("GET", path, &[], "")
    }

    /// Listens for updates of a page.
    fn listen(&self, page: &str, since: &str) -> Updates {
        let mut stream = self.connect();
        let path = format!("/_postil/updates?page={page}&since={since}");
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.host).as_bytes()).unwrap();
        Updates(BufReader::new(stream))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Updates(BufReader<TcpStream>);

impl Updates {
    /// The data of the next event with this name.
    fn next(&mut self, name: &str) -> String {
        let mut found = false;
        loop {
            let mut line = String::new();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "the server has stopped");
            if let Some(event) = line.strip_prefix("event: ") {
                found = event.trim() == name;
            } else if let Some(data) = line.strip_prefix("data:").filter(|_| found) {
                return data.trim().to_owned();
            }
        }
    }
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    text.split(start).nth(1).unwrap_or_else(|| panic!("no {start} in {text}")).split(end).next().unwrap()
}

#[test]
fn a_saved_note_appears_on_the_page() {
    let site = Site::small(&[]);
    let server = Server::start(&site, &[]);
    let (status, page) = server.get("/a/");
    assert_eq!(status, 200);
    assert!(page.contains("<mark") && page.contains("It is not."));
    let since = between(&page, "data-since=\"", "\"");
    let mut updates = server.listen("a/index.html", since);
    assert!(updates.next("problems").contains("\"errors\":0"));
    site.write("annotations/a.md", "## Lazy? {#lazy .marketing-claim}\n\n> lazy dog\n\nIt sleeps.\n");
    updates.next("changed");
    let (_, page) = server.get("/a/index.html");
    assert!(page.contains("It sleeps.") && !page.contains("It is not."));
    let mut late = server.listen("a/index.html", since);
    late.next("changed");
}

#[test]
fn errors_are_reported_and_the_last_valid_page_is_kept() {
    let site = Site::small(&[]);
    let server = Server::start(&site, &[]);
    let (_, page) = server.get("/a/");
    let mut updates = server.listen("a/index.html", between(&page, "data-since=\"", "\""));
    updates.next("problems");
    site.write("annotations/a.md", "## Quick? {#quick .marketing-claim}\n\n> quikc brown\n\nIt is.\n");
    let problems = std::iter::repeat_with(|| updates.next("problems"))
        .find(|problems| problems.contains("\"errors\":1"));
    assert!(problems.unwrap().contains("annotations/a.md:3"));
    assert!(server.get("/a/").1.contains("It is not."));
    site.write("annotations/a.md", "## Quick? {#quick .marketing-claim}\n\n> quick brown\n\nIt may be.\n");
    std::iter::repeat_with(|| updates.next("problems"))
        .find(|problems| problems.contains("\"errors\":0"))
        .unwrap();
    assert!(server.get("/a/").1.contains("It may be."));
}

#[test]
fn texts_can_be_added_and_removed_while_it_runs() {
    let site = Site::small(&[]);
    fs::remove_dir_all(site.at("annotations")).unwrap();
    let server = Server::start(&site, &[]);
    assert_eq!(server.get("/new/one/").0, 404);
    let mut updates = server.listen("cross-page:index.html", "0");
    site.write("sources/new/one.md", "# One\n\nA new text.\n");
    while server.get("/new/one/").0 != 200 {
        updates.next("changed");
    }
    site.write("annotations/new/one.md", "## New? {#new .marketing-claim}\n\n> new text\n\nBrand new.\n");
    while !server.get("/new/one/").1.contains("Brand new.") {
        updates.next("changed");
    }
    fs::rename(site.at("sources/new"), site.at("sources/old")).unwrap();
    fs::rename(site.at("annotations/new"), site.at("annotations/old")).unwrap();
    while !server.get("/old/one/").1.contains("Brand new.") {
        updates.next("changed");
    }
    while server.get("/new/one/").0 != 404 {
        updates.next("changed");
    }
}

#[test]
fn folders_and_files_are_served() {
    let site = Site::small(&[("sources/b/index.md", "# B\n\nWords.\n"), ("sources/b/é 1.txt", "asset")]);
    site.write("secret.txt", "secret");
    let server = Server::start(&site, &[]);
    assert_eq!(server.get("/").0, 200);
    assert_eq!(server.get("/b").0, 307);
    assert_eq!(server.get("/b/%C3%A9%201.txt"), (200, "asset".to_owned()));
    assert_eq!(server.get("/a/annotations.jsonld").0, 200);
    assert_eq!(server.get("/_theme/style.css").0, 200);
    for path in [
        "/nothing/",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/b/..%2f..%2fsecret.txt",
        "/secret.txt",
        "/site.toml",
        "/%ff",
    ] {
        assert_eq!(server.get(path).0, 404, "{path}");
    }
    assert_eq!(server.request("POST", "/", &[], "").0, 405);
}

#[test]
fn requests_for_other_hosts_are_rejected() {
    let site = Site::small(&[]);
    let server = Server::start(&site, &["--edit"]);
    let port = server.host.rsplit(':').next().unwrap();
    for host in ["evil.example", &format!("evil.example:{port}"), "127.0.0.1", "127.0.0.1:1", ""] {
        for path in ["/", "/a/", "/_postil/live.js", "/_postil/form?source=a"] {
            let (status, body) = server.request("GET", path, &[("Host", host)], "");
            assert!(status == 403 || status == 400, "{host} {path}: {status}");
            assert!(!body.contains("quick"), "{host} {path}");
        }
    }
    assert_eq!(server.request("GET", "/a/", &[("Host", &format!("localhost:{port}"))], "").0, 200);
}

/// A note on `quick brown`, with changes.
fn note(changes: &[(&str, serde_json::Value)]) -> String {
    let mut note = serde_json::json!({
        "source": "a", "start": 8, "end": 19, "words": "quick brown", "kind": "marketing-claim", "verdict": "",
        "title": "So quick", "body": "By whose *watch*?", "layer": "",
    });
    changes.iter().for_each(|(key, value)| note[*key] = value.clone());
    note.to_string()
}

/// Sends a note as a page does, with added or replaced headers.
fn send(server: &Server, changes: &[(&str, &str)], body: &str) -> (u16, String) {
    let (_, page) = server.get("/a/");
    let token = page.split("data-token=\"").nth(1).map_or("", |rest| rest.split('"').next().unwrap());
    let origin = format!("http://{}", server.host);
    let mut headers =
        vec![("Content-Type", "application/json"), ("X-Postil-Token", token), ("Origin", &origin)];
    for change in changes {
        headers.retain(|(name, _)| name != &change.0);
        if !change.1.is_empty() {
            headers.push(*change);
        }
    }
    server.request("POST", "/_postil/notes", &headers, body)
}

#[test]
fn a_note_is_written_on_selected_words() {
    let site = Site::small(&[]);
    let before = site.read("annotations/a.md");
    let server = Server::start(&site, &["--edit"]);
    let (status, body) = send(&server, &[], &note(&[]));
    assert_eq!((status, body.as_str()), (200, "{\"id\":\"so-quick\",\"file\":\"annotations/a.md\"}"));
    let added = "\n## So quick {#so-quick .marketing-claim}\n\n> quick brown\n\nBy whose *watch*?\n";
    assert_eq!(site.read("annotations/a.md"), format!("{before}{added}"));
    let (status, _) = send(&server, &[], &note(&[("verdict", "supported".into())]));
    assert_eq!(status, 200);
    assert!(
        site.read("annotations/a.md")
            .contains("## So quick {#so-quick-2 .marketing-claim verdict=supported}")
    );
    site.check().succeeds();
}

#[test]
fn a_text_without_notes_gets_its_first_layer() {
    let site = Site::small(&[]);
    fs::remove_file(site.at("annotations/a.md")).unwrap();
    let server = Server::start(&site, &["--edit"]);
    assert_eq!(send(&server, &[], &note(&[])).0, 200);
    site.check().succeeds();
    assert!(
        site.read("annotations/a.md")
            .starts_with("## So quick {#so-quick .marketing-claim}\n\n> quick brown\n")
    );
}

#[test]
fn an_invalid_note_is_not_written() {
    let site = Site::small(&[]);
    let server = Server::start(&site, &["--edit"]);
    let before = site.read("annotations/a.md");
    for (change, words) in [
        (("body", " "), "write the text of the note"),
        (("body", "> The quick"), "begin the text with your own words"),
        (("body", "a\n\n## B {#b .marketing-claim}\n\n> lazy\n\nb"), "opens another note"),
        (("body", "a\n\n<!-- b"), "close the comment"),
        (("body", "```\nb"), "close the comment or the code block"),
        (("body", "See [@nope]."), "unknown work `nope`"),
        (("body", "See [b](#nowhere)."), "no such note: `nowhere`"),
        (("kind", "nonsense"), "choose a kind"),
        (("verdict", "nonsense"), "unknown verdict"),
        (("words", "quick green"), "the text has changed"),
        (("layer", "../site.toml"), "no layer"),
        (("source", "../a"), "no such text"),
    ] {
        let (status, why) = send(&server, &[], &note(&[(change.0, change.1.into())]));
        assert_eq!(status, 422, "{change:?}: {why}");
        assert!(why.contains(words), "{change:?}: {why}");
    }
    for (start, end) in [(8, 999_999), (19, 8), (0, 0)] {
        assert_eq!(send(&server, &[], &note(&[("start", start.into()), ("end", end.into())])).0, 422);
    }
    site.write("annotations/a.md", format!("{before}\n<!-- not closed"));
    let (status, why) = send(&server, &[], &note(&[]));
    assert!(status == 422 && why.contains("close it first"), "{why}");
    assert_eq!(site.read("annotations/a.md"), format!("{before}\n<!-- not closed"));
}

#[test]
fn a_change_of_the_layer_on_disk_is_kept() {
    let site = Site::small(&[]);
    let server = Server::start(&site, &["--edit"]);
    let (_, _) = server.get("/a/");
    let other = "## Lazy? {#lazy .marketing-claim}\n\n> lazy dog\n\nWritten elsewhere.";
    site.write("annotations/a.md", other);
    assert_eq!(send(&server, &[], &note(&[])).0, 200);
    let now = site.read("annotations/a.md");
    assert!(now.starts_with(&format!("{other}\n\n## So quick")), "{now}");
}

#[test]
fn a_missing_page_waits_for_changes() {
    let site = Site::small(&[]);
    let server = Server::start(&site, &[]);
    let (status, page) = server.get("/nothing/");
    assert_eq!(status, 404);
    let mut updates = server.listen("cross-page:nothing/index.html", between(&page, "data-since=\"", "\""));
    updates.next("problems");
    let before = std::time::Instant::now();
    std::thread::spawn({
        let path = site.at("sources/nothing.md");
        move || {
            std::thread::sleep(Duration::from_millis(700));
            fs::write(path, "# Something\n").unwrap();
        }
    });
    updates.next("changed");
    assert!(before.elapsed() >= Duration::from_millis(600), "an update was sent before a change");
}

#[cfg(unix)]
#[test]
fn a_layer_that_is_a_symbolic_link_is_not_written() {
    let site = Site::small(&[]);
    let server = Server::start(&site, &["--edit"]);
    let outside = Site::empty();
    fs::rename(site.at("annotations/a.md"), outside.at("a.md")).unwrap();
    std::os::unix::fs::symlink(outside.at("a.md"), site.at("annotations/a.md")).unwrap();
    let before = outside.read("a.md");
    let (status, _) = send(&server, &[], &note(&[]));
    assert_eq!(status, 422);
    assert_eq!(outside.read("a.md"), before);
    assert!(fs::symlink_metadata(site.at("annotations/a.md")).unwrap().is_symlink());
}

#[test]
fn notes_are_accepted_only_from_its_own_pages() {
    let site = Site::small(&[]);
    let before = site.read("annotations/a.md");
    let server = Server::start(&site, &["--edit"]);
    for change in [
        ("X-Postil-Token", ""),
        ("X-Postil-Token", "00000000000000000000000000000000"),
        ("Origin", ""),
        ("Origin", "https://evil.example"),
        ("Origin", "null"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ] {
        assert_eq!(send(&server, &[change], &note(&[])).0, 403, "{change:?}");
    }
    // A form on another website can send only other content types.
    assert_eq!(send(&server, &[("Content-Type", "text/plain")], &note(&[])).0, 415);
    assert_eq!(server.request("GET", "/_postil/form?source=a", &[], "").0, 403);
    assert_eq!(site.read("annotations/a.md"), before);

    let read_only = Server::start(&site, &[]);
    assert!(!read_only.get("/a/").1.contains("data-token"));
    assert_eq!(send(&read_only, &[("X-Postil-Token", "x")], &note(&[])).0, 403);
}

#[test]
fn a_port_in_use_is_reported() {
    let site = Site::small(&[]);
    let server = Server::start(&site, &[]);
    let port = server.host.rsplit(':').next().unwrap();
    let run = site.run(&["serve", "--port", port]).ends_with(1);
    assert!(run.stderr.contains("is in use") && run.stderr.contains("--port 0"), "{}", run.stderr);
    let nowhere = Site::empty();
    let run = nowhere.run(&["serve", "--port", "0"]).ends_with(1);
    assert!(run.stderr.contains("no site.toml"), "{}", run.stderr);
}
