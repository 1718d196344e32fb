//! The configuration of properties: the same cases in every run, unless others are requested.

use proptest::test_runner::{Config, RngSeed};

/// The configuration of a property with `cases` cases.
pub(crate) fn cases(cases: u32) -> Config {
    let seed = number("LAWS_SEED").unwrap_or(1);
    let cases = number("LAWS_CASES").and_then(|n| u32::try_from(n).ok()).unwrap_or(cases);
    Config {
        cases,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..Config::default()
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}
