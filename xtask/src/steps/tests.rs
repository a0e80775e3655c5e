//! Tests.
//!
//! A single test binary, too, is built with `--workspace`. Cargo compiles a dependency with the features
//! that the selected packages need, so another selection (`-p tests`) compiles the AWS crates again.

use crate::command::{Failure, cargo, output, run};

/// All tests.
pub(super) fn all() -> Result<(), Failure> {
    run(cargo(&["test", "--workspace"]))
}

/// The tests of one module of a test binary, with a variable in the environment.
///
/// # Errors
/// When a test fails, and when there is no test: a renamed module must not look like success.
pub(super) fn module(binary: &str, module: &str, variable: Option<(&str, &str)>) -> Result<(), Failure> {
    of_module(binary, module, &[], variable)
}

/// The tests of one module of a test binary that `cargo test` leaves out, since they need more than Rust.
///
/// # Errors
/// As [`module`].
pub(super) fn ignored(binary: &str, module: &str) -> Result<(), Failure> {
    of_module(binary, module, &["--ignored"], None)
}

fn of_module(binary: &str, module: &str, which: &[&str], variable: Option<(&str, &str)>) -> Result<(), Failure> {
    let filter = format!("{module}::");
    let tests =
        |more: &[&str]| cargo(&[&["test", "--workspace", "--test", binary, "--", &filter], which, more].concat());
    if !output(tests(&["--list"]))?.lines().any(|line| line.ends_with(": test")) {
        return Err(format!("the test binary {binary} has no module {module}"));
    }
    let mut tests = tests(&[]);
    tests.envs(variable);
    run(tests)
}
