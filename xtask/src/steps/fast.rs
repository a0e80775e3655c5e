//! The quick check after an edit in a pure crate: all checks of these crates, and one test of the whole
//! system. `test` and `lint` check the rest.

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
