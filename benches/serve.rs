//! `postil serve`: from a saved note to the new page: `cargo bench --bench serve -- [TEXTS ...]`.
//!
//! A layer of a text in the middle of the site is saved again and again; measured is the time from the save
//! to the last byte of the page that has the new words, over loopback, as a browser asks for it: when it hears
//! that the page has changed. The table is for people: nothing is asserted.

mod corpus;
mod measure;

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use measure::Scratch;

const ROUNDS: usize = 21;

/// How long nothing happens between two saves, as when a person writes.
const REST: Duration = Duration::from_millis(400);

fn main() -> io::Result<()> {
    let Some(words) = corpus::asked()? else { return Ok(()) };
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
            return Err(io::Error::other("the site could not be made"));
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

/// The times from saves to new pages.
fn measured(site: &Path) -> io::Result<Vec<Duration>> {
    let layers: Vec<String> = walk(&site.join("annotations"))?;
    let path = layers.get(layers.len() / 2).ok_or_else(|| io::Error::other("the site has no layers"))?;
    let text = path.trim_end_matches(".md");
    let layer = site.join("annotations").join(path);
    let good = std::fs::read_to_string(&layer)?;
    let mut server = Server::start(site)?;
    server.get(&format!("/{text}/index.html"))?;
    let mut news = server.listen(&format!("{text}/index.html"))?;
    // The first look at the whole site is over when its problems are told.
    await_news(&mut news, "problems")?;
    await_news(&mut news, "problems")?;
    let mut times = Vec::with_capacity(ROUNDS);
    for round in 0..ROUNDS {
        std::thread::sleep(REST);
        let words = format!("Saved for the {round}th time.");
        let start = Instant::now();
        std::fs::write(&layer, format!("{}\n\n{words}\n", good.trim_end()))?;
        await_news(&mut news, "changed")?;
        let page = server.get(&format!("/{text}/index.html"))?;
        times.push(start.elapsed());
        if !page.contains(&words) {
            return Err(io::Error::other("the page is not the new one"));
        }
    }
    Ok(times)
}

/// The layers of a site, in order.
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

    fn ask(&self, path: &str) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(&self.host)?;
        let head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.host);
        stream.write_all(head.as_bytes())?;
        Ok(stream)
    }

    fn get(&self, path: &str) -> io::Result<String> {
        let mut answer = Vec::new();
        self.ask(path)?.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }

    fn listen(&mut self, page: &str) -> io::Result<BufReader<TcpStream>> {
        // Nothing has changed since the end of time.
        Ok(BufReader::new(self.ask(&format!("/_postil/news?page={page}&since={}", u64::MAX))?))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn await_news(news: &mut impl BufRead, name: &str) -> io::Result<()> {
    let mut line = String::new();
    while news.read_line(&mut line)? > 0 {
        if line.trim_end() == format!("event: {name}") {
            return Ok(());
        }
        line.clear();
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}
