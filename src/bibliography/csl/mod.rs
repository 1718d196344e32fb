//! A processor for the Citation Style Language (CSL) 1.0.2.
//!
//! 1. A [`Style`](style::Style) and the [`Terms`](locale::Terms) of a language are made ready.
//! 2. A [`Renderer`](render::Renderer) renders one work as runs of text: `render` has the elements,
//!    and `names`, `name`, `date`, `number` and `condition` what belongs to each.
//! 3. `disambiguate` tells works apart, and `sort` puts them in order.
//!
//! Styles and locales are parsed by `citationberg`. hayagriva, which brings them along, has a
//! processor too, but it passes 517 of the 845 tests of the CSL test-suite, and what it gets wrong
//! cannot be mended from outside: disambiguation reaches the list (typst/hayagriva#118, #413, #469),
//! title case changes `mRNA` (#380), date ranges lose an end, and empty groups leave their delimiters
//! (#466, #505).
//!
//! Knows nothing of pages, links to works or HTML.

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
