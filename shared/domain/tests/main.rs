//! The rules, tested through their public interface. One binary, so that it is linked once.

mod anchors;
mod changed;
mod delivery;
mod event_fields;
mod figures;
mod fold;
mod live_log;
mod merged;
mod permitted;
mod stages;
mod stalls;
mod timing;
mod verification;

use proptest::prelude::ProptestConfig;

/// How many random cases a property is tested with: a quarter of `all`, or all of them with
/// `EXHAUSTIVE=1` in the environment.
fn cases(all: u32) -> ProptestConfig {
    let exhaustive = std::env::var_os("EXHAUSTIVE").is_some_and(|value| value == "1");
    ProptestConfig::with_cases(if exhaustive { all } else { all / 4 })
}
