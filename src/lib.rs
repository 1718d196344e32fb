//! Postil renders source texts together with a separate layer of critical notes.
//!
//! Data goes one way: load, parse, anchor, weave, derive, render, write. Each module imports only
//! what stands above it in this list; `ARCHITECTURE.md` tells the story.

pub mod span;
pub mod diagnostic;
pub mod scan;
pub mod slug;
pub mod date;
pub mod path;
pub mod front_matter;
pub mod words;
pub mod site;
pub mod load;
pub mod markdown;
pub mod html;
pub mod highlight;
pub mod sanitize;
pub mod link;
pub mod markup;
pub mod source;
pub mod text;
pub mod excerpt;
pub mod layer;
pub mod bibliography;
pub mod anchor;
pub mod weave;
pub mod cite;
pub mod edition;
pub mod notelink;
pub mod reader;
pub mod prose;
pub mod register;
pub mod links;
pub mod original;
pub mod stats;
pub mod export;
pub mod search;
pub mod page;
pub mod theme;
pub mod output;
pub mod pipeline;
pub mod report;
pub mod revise;
pub mod import;
pub mod serve;
pub mod cmd;
