//! `postil serve`: the site in a browser on this machine, made again as its files change.
//!
//! 1. `watch` hears which files were touched; 2. `desk` holds the session and takes changes in; 3. `http`
//!    answers browsers, which load a page again when they hear that it changed; 4. with `--edit`, `pen` writes notes
//!    on words selected in a page. Bound to loopback: no other machine is answered.

mod http;
mod new_note;
mod session_thread;
mod watch;

use std::fmt::Write as _;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::thread;

use tokio::net::TcpListener;
use tokio::sync::broadcast;

use self::http::Counter;
use self::session_thread::{Desk, Request};
use self::watch::Watcher;
use crate::pipeline::Session;

pub use self::session_thread::Output;

/// How much news is kept for a page that is slow to listen.
const KEPT: usize = 64;

/// Where and how to serve.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// The port; 0 for any that is free.
    pub port: u16,
    /// Whether notes may be written from pages.
    pub edit: bool,
}

/// Serves `session` until the process ends; `ready` is told the address.
///
/// Fails if the port is taken, or the system has no way to listen or to watch.
pub fn run(
    session: Session,
    settings: Settings,
    output: Output,
    ready: impl FnOnce(&str, &Session),
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, settings.port))).await?;
        let port = listener.local_addr()?.port();
        let token = settings.edit.then(token).transpose()?;
        let (desk, requests) = mpsc::channel();
        let (news, _) = broadcast::channel(KEPT);
        let touched = desk.clone();
        // A style of citation may stand anywhere in the site.
        let style = session.root().join(&session.site().citation_style);
        let style = style.parent().filter(|folder| style.is_file() && *folder != session.root());
        let besides = style.map(Path::to_owned).into_iter().collect();
        let watcher = Watcher::new(session.root(), besides, move |files| {
            // The desk is closing if it hears nothing any more.
            let _ = touched.send(Request::Touched(files));
        })
        .map_err(io::Error::other)?;
        if let Some(why) = &watcher.slow {
            (output.print)(&format!(
                "changes are looked for twice a second, since the system cannot tell: {why}"
            ));
        }
        ready(&format!("http://127.0.0.1:{port}/"), &session);
        let seat = Desk::new(session, requests, news.clone(), watcher, output);
        thread::Builder::new().name("desk".to_owned()).spawn(|| seat.run())?;
        let names = ["127.0.0.1", "localhost"];
        // Browsers leave the port of the web out.
        let bare = names.iter().filter(|_| port == 80).map(|&name| name.to_owned());
        let hosts: Vec<String> = names.iter().map(|name| format!("{name}:{port}")).chain(bare).collect();
        let counter = Counter { desk, news, hosts: hosts.into(), token };
        tokio::select! {
            served = axum::serve(listener, http::router(counter)) => served,
            stopped = tokio::signal::ctrl_c() => stopped,
        }
    })
}

/// A token that nobody can foresee.
fn token() -> io::Result<Arc<str>> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    let mut token = String::with_capacity(32);
    for byte in bytes {
        write!(token, "{byte:02x}").expect("writing to a string cannot fail");
    }
    Ok(Arc::from(token))
}
