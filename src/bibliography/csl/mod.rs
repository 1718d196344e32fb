//! A processor for the Citation Style Language (CSL) 1.0.2.
//!
//! 1. A [`Style`](style::Style) and the [`Terms`](locale::Terms) of a language are prepared.
//! 2. A [`Renderer`](render::Renderer) renders one work as runs of text. `render` handles most elements;
//!    `names`, `name`, `date`, `number` and `condition` handle the element or part they are named for.
//! 3. `disambiguate` disambiguates works, and `sort` sorts them.
//!
//! Styles and locales are parsed by `citationberg` and bundled with hayagriva. hayagriva has a processor too,
//! but it passes only 517 of the 845 tests of the CSL test suite, and its bugs cannot be worked around from
//! outside: disambiguation affects the reference list (typst/hayagriva#118, #413, #469), title case changes
//! `mRNA` (#380), date ranges lose an end, and empty groups leave their delimiters (#466, #505).
//!
//! This module does not deal with pages, links to works or HTML.

pub(super) mod case;
mod condition;
mod date;
pub(super) mod disambiguate;
pub(super) mod label;
pub(super) mod locale;
mod name;
mod names;
pub(super) mod number;
pub(super) mod output;
pub(super) mod render;
pub(super) mod rich;
pub(super) mod sort;
pub(super) mod style;
#[cfg(test)]
mod suite;
