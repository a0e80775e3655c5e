//! The loop after an edit in a pure crate: everything that can be known of it within seconds, and one
//! walk through the whole system. What it leaves out is the rest of `test` and `lint`.

use super::{format, tests};
use crate::command::{Failure, cargo, run};
use crate::workspace;

pub(super) fn fast() -> Result<(), Failure> {
    format()?;
    let pure = workspace::pure();
    run(cargo(&[&["clippy"], &pure[..], &["--all-targets", "--", "-D", "warnings"]].concat()))?;
    run(cargo(&[&["test"], &pure[..]].concat()))?;
    tests::module("local", "walkthrough", None)
}
