//! The laws of Postil as properties that random texts and notes try to break.
//!
//! | law | where |
//! | --- | --- |
//! | 1 Fidelity, 2 Nothing dropped, 3 Truth of marks | `marking`, `notes`, and `examples` on CommonMark's own |
//! | how quotes are found | `anchoring`, against the slow search in `naive` |
//! | how quotes are made | `importing` |
//! | 6 Same in, same out | `sameness` |
//! | 8 Harmless | `harmless` |
//! | 9 Cost follows work | `growth` |
//!
//! Texts come from `texts` and `hostile`, and go through the library in `stage`; `markup` and `dom` read the HTML
//! back, each in its own way. The seed is fixed, so that a run tests what the last one tested; to hunt further,
//! set `LAWS_SEED` to another number and `LAWS_CASES` to how many cases each property tries.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[allow(dead_code, reason = "the laws only read trees of files")]
#[path = "suite/harness/files.rs"]
mod harness;

mod laws {
    mod anchoring;
    mod config;
    mod dom;
    mod examples;
    mod growth;
    mod harmless;
    mod hostile;
    mod importing;
    mod marking;
    mod markup;
    mod naive;
    mod notes;
    mod quoting;
    mod sameness;
    mod stage;
    mod texts;
}
