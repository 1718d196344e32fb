//! The laws of Postil as properties that are tested with random texts and notes.
//!
//! | law | module |
//! | --- | --- |
//! | 1 Fidelity, 2 Nothing dropped, 3 Truth of marks | `marking`, `notes`, and `examples` from the CommonMark specification |
//! | how quotes are matched | `anchoring`, compared with the reference search in `naive` |
//! | how quotes are made | `importing` |
//! | 6 Reproducible builds | `sameness` |
//! | 8 Harmless output | `harmless` |
//! | 9 Cost proportional to work | `growth` |
//!
//! Texts come from `texts` and `hostile`, and are processed by the library in `stage`. `markup` and `dom`
//! parse the HTML independently. The seed is fixed, so that every run tests the same cases. To test others,
//! set `LAWS_SEED` to another number and `LAWS_CASES` to the number of cases for each property.

#[allow(dead_code, reason = "the laws only read trees of files")]
#[path = "../suite/harness/files.rs"]
mod harness;

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
