//! Some tests have a large set of cases. By default they try a part of it, evenly spread. With
//! `EXHAUSTIVE=1` in the environment they try all cases.

/// Whether tests try all cases of a large set.
#[must_use]
pub fn exhaustive() -> bool {
    std::env::var_os("EXHAUSTIVE").is_some_and(|value| value == "1")
}

/// The step through a large set: `n` in a quick run, else 1.
#[must_use]
pub fn one_in(n: usize) -> usize {
    if exhaustive() { 1 } else { n }
}
