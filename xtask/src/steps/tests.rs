//! Tests.
//!
//! Single test binaries are built with `--workspace`, too: Cargo compiles dependencies with the features
//! that the chosen packages ask for together, and another choice (`-p tests`) compiles the AWS crates
//! once more.

use crate::command::{Failure, cargo, output, run};

/// All tests.
pub(super) fn all() -> Result<(), Failure> {
    run(cargo(&["test", "--workspace"]))
}

/// The tests of one module of a test binary, with a variable in the environment.
///
/// # Errors
/// When one fails, and when there is none: a module that is renamed must not look like a pass.
pub(super) fn module(binary: &str, module: &str, variable: Option<(&str, &str)>) -> Result<(), Failure> {
    let filter = format!("{module}::");
    let tests = |more: &[&str]| cargo(&[&["test", "--workspace", "--test", binary, "--", &filter], more].concat());
    if !output(tests(&["--list"]))?.lines().any(|line| line.ends_with(": test")) {
        return Err(format!("the test binary {binary} has no module {module}"));
    }
    let mut tests = tests(&[]);
    tests.envs(variable);
    run(tests)
}
