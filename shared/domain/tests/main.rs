//! The rules through their public interface: one binary, so that it links once.

mod delivery;
mod event_fields;
mod figures;
mod fold;
mod verification;

use proptest::prelude::ProptestConfig;

/// How many random cases a property is tried with: a quarter of `all`, or with `EXHAUSTIVE=1` in the
/// environment all of them.
fn cases(all: u32) -> ProptestConfig {
    let exhaustive = std::env::var_os("EXHAUSTIVE").is_some_and(|value| value == "1");
    ProptestConfig::with_cases(if exhaustive { all } else { all / 4 })
}
