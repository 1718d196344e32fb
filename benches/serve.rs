//! Measures `postil serve` from saving a note to the new page: `cargo bench --bench serve -- [TEXTS ...]`.
//!
//! A layer in the middle of the site is saved repeatedly. The time runs from saving to the last byte of the
//! page with the new text, requested over loopback when the server reports the change, as a browser does. The
//! output is a table; nothing is asserted.

#![allow(clippy::missing_docs_in_private_items, reason = "a benchmark has no callers")]

mod corpus;
mod measure;

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use measure::Scratch;

const ROUNDS: usize = 21;

/// The pause between two saves, as when a person writes.
const REST: Duration = Duration::from_millis(400);

fn main() -> io::Result<()> {
    let Some(words) = corpus::arguments()? else { return Ok(()) };
    let counts: Vec<&str> = words.iter().map(String::as_str).collect();
    if counts.is_empty() { compare(&["10", "1000", "10000"]) } else { compare(&counts) }
}

fn compare(counts: &[&str]) -> io::Result<()> {
    let scratch = Scratch::new()?;
    println!("{:>8} {:>12} {:>12} {:>12}", "texts", "least", "median", "most");
    for count in counts {
        let folder = scratch.path().join(count);
        let made = Command::new(std::env::current_exe()?)
            .args(["make", &format!("articles:{count}")])
            .arg(&folder)
            .status()?;
        if !made.success() {
            return Err(io::Error::other("the site could not be created"));
        }
        let mut times = measured(&folder.join(corpus::SITE))?;
        times.sort_unstable();
        let of = |at: usize| times.get(at).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0);
        println!(
            "{count:>8} {:>9.1} ms {:>9.1} ms {:>9.1} ms",
            of(0),
            of(times.len() / 2),
            of(times.len() - 1)
        );
        std::fs::remove_dir_all(&folder)?;
    }
    Ok(())
}

/// The times from saving to receiving the new page.
fn measured(site: &Path) -> io::Result<Vec<Duration>> {
    let layers: Vec<String> = walk(&site.join("annotations"))?;
    let path = layers.get(layers.len() / 2).ok_or_else(|| io::Error::other("the site has no layers"))?;
    let text = path.trim_end_matches(".md");
    let layer = site.join("annotations").join(path);
    let good = std::fs::read_to_string(&layer)?;
    let mut server = Server::start(site)?;
    server.get(&format!("/{text}/index.html"))?;
    let mut updates = server.listen(&format!("{text}/index.html"))?;
    // The initial check of the whole site is finished when the problems are reported again.
    await_updates(&mut updates, "problems")?;
    await_updates(&mut updates, "problems")?;
    let mut times = Vec::with_capacity(ROUNDS);
    for round in 0..ROUNDS {
        std::thread::sleep(REST);
        let words = format!("Saved for the {round}th time.");
        let start = Instant::now();
        std::fs::write(&layer, format!("{}\n\n{words}\n", good.trim_end()))?;
        await_updates(&mut updates, "changed")?;
        let page = server.get(&format!("/{text}/index.html"))?;
        times.push(start.elapsed());
        if !page.contains(&words) {
            return Err(io::Error::other("the page does not show the change"));
        }
    }
    Ok(times)
}

/// The layers of a site, sorted.
fn walk(folder: &Path) -> io::Result<Vec<String>> {
    let mut paths = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(io::Error::other)?;
        let path = entry.path().strip_prefix(folder).unwrap_or(entry.path()).display().to_string();
        if path.ends_with(".md") && !path.contains('_') {
            paths.push(path);
        }
    }
    Ok(paths)
}

struct Server {
    process: Child,
    host: String,
}

impl Server {
    fn start(site: &Path) -> io::Result<Self> {
        let mut process = Command::new(env!("CARGO_BIN_EXE_postil"))
            .args(["serve", "--port", "0"])
            .arg(site)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdout = process.stdout.take().ok_or_else(|| io::Error::other("no standard output"))?;
        let mut lines = BufReader::new(stdout);
        let mut line = String::new();
        lines.read_line(&mut line)?;
        let host = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let host = host.to_owned();
        std::thread::spawn(move || io::copy(&mut lines, &mut io::sink()));
        Ok(Self { process, host })
    }

    fn request(&self, path: &str) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(&self.host)?;
        let head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.host);
        stream.write_all(head.as_bytes())?;
        Ok(stream)
    }

    fn get(&self, path: &str) -> io::Result<String> {
        let mut response = Vec::new();
        self.request(path)?.read_to_end(&mut response)?;
        Ok(String::from_utf8_lossy(&response).into_owned())
    }

    fn listen(&mut self, page: &str) -> io::Result<BufReader<TcpStream>> {
        // No change has a higher number, so only later changes are reported.
        Ok(BufReader::new(self.request(&format!("/_postil/updates?page={page}&since={}", u64::MAX))?))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn await_updates(updates: &mut impl BufRead, name: &str) -> io::Result<()> {
    let mut line = String::new();
    while updates.read_line(&mut line)? > 0 {
        if line.trim_end() == format!("event: {name}") {
            return Ok(());
        }
        line.clear();
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}
