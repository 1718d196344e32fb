//! `postil serve`: serves a site locally and rebuilds it as files change.
//!
//! 1. `watch` reports which files changed.
//! 2. `session_thread` owns the session and applies changes.
//! 3. `http` answers browsers, which reload a page when it has changed.
//! 4. With `--edit`, `new_note` writes notes on words selected in a page.
//!
//! The server listens on the loopback interface only.

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

use self::http::AppState;
use self::session_thread::{Request, SessionThread};
use self::watch::Watcher;
use crate::pipeline::Session;

pub(crate) use self::session_thread::Output;

/// The number of updates that are buffered for a slow page.
const BUFFERED: usize = 64;

/// Settings of the server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    /// The port; 0 for any free port.
    pub port: u16,
    /// Whether notes can be written from pages.
    pub edit: bool,
}

/// Serves `session` until the process ends; calls `ready` with the address of the server.
///
/// # Errors
///
/// Fails if the port is in use, or if the system cannot listen or watch files.
pub(crate) fn run(
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
        let (sender, requests) = mpsc::channel();
        let (updates, _) = broadcast::channel(BUFFERED);
        let touched = sender.clone();
        // The citation style can be a file anywhere in the site.
        let style = session.root().join(&session.site().citation_style);
        let style = style.parent().filter(|folder| style.is_file() && *folder != session.root());
        let extra = style.map(Path::to_owned).into_iter().collect();
        let watcher = Watcher::new(session.root(), extra, move |files| {
            // Sending fails only if the session thread is shutting down.
            let _ = touched.send(Request::Touched(files));
        })
        .map_err(io::Error::other)?;
        if let Some(why) = &watcher.slow {
            (output.print)(&format!(
                "checking for changes twice a second, because file watching is not available: {why}"
            ));
        }
        ready(&format!("http://127.0.0.1:{port}/"), &session);
        let session_thread = SessionThread::new(session, requests, updates.clone(), watcher, output);
        thread::Builder::new().name("session".to_owned()).spawn(|| session_thread.run())?;
        let names = ["127.0.0.1", "localhost"];
        // Browsers omit the default port 80.
        let bare = names.iter().filter(|_| port == 80).map(|&name| name.to_owned());
        let hosts: Vec<String> = names.iter().map(|name| format!("{name}:{port}")).chain(bare).collect();
        let state = AppState { session: sender, updates, hosts: hosts.into(), token };
        tokio::select! {
            served = axum::serve(listener, http::router(state)) => served,
            stopped = tokio::signal::ctrl_c() => stopped,
        }
    })
}

/// A random token.
fn token() -> io::Result<Arc<str>> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    let mut token = String::with_capacity(32);
    for byte in bytes {
        write!(token, "{byte:02x}").expect("writing to a string cannot fail");
    }
    Ok(Arc::from(token))
}
