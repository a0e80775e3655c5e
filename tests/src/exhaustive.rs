//! How much of a large set of cases is tried: a part, evenly spread, or with `EXHAUSTIVE=1` in the
//! environment all of it.

/// Whether large sets are tried as a whole.
#[must_use]
pub fn exhaustive() -> bool {
    std::env::var_os("EXHAUSTIVE").is_some_and(|value| value == "1")
}

/// The step through a large set of which a quick run tries one case in `n`.
#[must_use]
pub fn one_in(n: usize) -> usize {
    if exhaustive() { 1 } else { n }
}
