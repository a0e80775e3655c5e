//! Some tests have a large set of cases. By default they try a part of it, evenly spread. With
//! `EXHAUSTIVE=1` in the environment they try all cases, but for sets that take an hour: of these a larger part,
//! and all with `EXHAUSTIVE=all`.

/// Whether tests try all cases of a large set.
#[must_use]
pub fn exhaustive() -> bool {
    is("1") || is("all")
}

fn is(value: &str) -> bool {
    std::env::var_os("EXHAUSTIVE").is_some_and(|set| set == value)
}

/// The step through a large set: `n` in a quick run, else 1.
#[must_use]
pub fn one_in(n: usize) -> usize {
    if exhaustive() { 1 } else { n }
}

/// The step through a set that takes an hour: `n` in a quick run, a fifth of it in an exhaustive one, and 1 where
/// all are asked for.
#[must_use]
pub fn one_in_of_many(n: usize) -> usize {
    match (is("all"), exhaustive()) {
        (true, _) => 1,
        (false, true) => n.div_ceil(5),
        (false, false) => n,
    }
}
