//! Postil renders source texts together with a separate layer of critical notes.
//!
//! Data goes one way: load, parse, anchor, weave, derive, render, write. Each module imports only
//! what stands above it in this list; `ARCHITECTURE.md` tells the story.

pub mod diagnostics;
pub mod html;
pub mod names;
pub mod markdown;
pub mod site;
pub mod text;
pub mod bibliography;
pub mod theme;
pub mod output;
pub mod notes;
pub mod anchor;
pub mod reader;
pub mod compose;
pub mod derive;
pub mod export;
pub mod import;
pub mod search;
pub mod page;
pub mod pipeline;
pub mod serve;
pub mod cmd;
