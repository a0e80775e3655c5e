//! The steps. `all` runs them in this order.

mod bench;
mod binaries;
mod fast;
mod tests;

use std::time::Instant;

use crate::command::{Failure, cargo, command, run};
use crate::workspace::FUNCTIONS;

/// One step of building or checking the project.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// Whether `all` runs it. It does not run a step that others include.
    in_all: bool,
    pub(crate) run: fn() -> Result<(), Failure>,
}

/// All of them.
pub(crate) const STEPS: &[Step] = &[
    Step {
        name: "fast",
        about: "after an edit: format, then lints and tests of the pure crates, then the README's walkthrough",
        in_all: false,
        run: fast::fast,
    },
    Step {
        name: "test",
        about: "all tests; with EXHAUSTIVE=1 all cases of the large sets",
        in_all: true,
        run: tests::all,
    },
    Step {
        name: "lint",
        about: "format, clippy, the fuzz targets, and cargo-deny if it is installed",
        in_all: true,
        run: lint,
    },
    Step { name: "docs", about: "the documentation of all crates, without warnings", in_all: true, run: docs },
    Step {
        name: "contract",
        about: "the server does what docs/openapi.json says (installs Python tools)",
        in_all: true,
        run: contract,
    },
    Step {
        name: "pages",
        about: "the pages in a real browser (installs Chromium where it can, and Node packages)",
        in_all: true,
        run: pages,
    },
    Step {
        name: "login",
        about: "logins at a real OpenID provider (installs Node packages)",
        in_all: true,
        run: login,
    },
    Step {
        name: "infra",
        about: "the templates: linters, our rules, a deployment to an emulator; installs Python tools",
        in_all: true,
        run: infra,
    },
    Step {
        name: "binaries",
        about: "the release binaries that `infra` built: size, and tests under the Lambda Runtime API",
        in_all: true,
        run: binaries::binaries,
    },
    Step {
        name: "bench",
        about: "what the functions cost, beside a hello and Node with the same calls; takes options",
        in_all: false,
        run: bench::bench,
    },
];

/// Runs all steps in order, and prints the time of each.
pub(crate) fn all() -> Result<(), Failure> {
    let start = Instant::now();
    let mut took = Vec::new();
    for step in STEPS.iter().filter(|step| step.in_all) {
        println!("\n== {}: {} ({} s)", step.name, step.about, start.elapsed().as_secs());
        let before = Instant::now();
        (step.run)().map_err(|failure| format!("step `{}`: {failure}", step.name))?;
        took.push((step.name, before.elapsed().as_secs()));
    }
    println!("\n== all is well");
    for (name, seconds) in took.into_iter().chain([("all", start.elapsed().as_secs())]) {
        println!("  {name:<9} {seconds:>5} s");
    }
    Ok(())
}

fn format() -> Result<(), Failure> {
    run(cargo(&["fmt", "--all", "--check"]))
}

fn lint() -> Result<(), Failure> {
    format()?;
    run(cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    // A workspace of its own, which nothing else compiles.
    run(cargo(&["check", "--locked", "--manifest-path", "tests/fuzz/Cargo.toml", "--target-dir", "target/fuzz"]))?;
    if cargo(&["deny", "--version"]).output().is_ok_and(|output| output.status.success()) {
        run(cargo(&["deny", "check"]))
    } else {
        eprintln!("cargo-deny is not installed, so licences, sources and advisories are not checked");
        Ok(())
    }
}

fn docs() -> Result<(), Failure> {
    let mut docs = cargo(&["doc", "--workspace", "--no-deps"]);
    docs.env("RUSTDOCFLAGS", "-D warnings");
    run(docs)
}

fn contract() -> Result<(), Failure> {
    run(command("tests/contract/run", &[]))
}

fn pages() -> Result<(), Failure> {
    run(command("tests/browser/run", &[]))
}

fn login() -> Result<(), Failure> {
    run(command("tests/oidc/install", &[]))?;
    // People log in to the binaries.
    let binaries = FUNCTIONS.map(|name| ["--bin", name]).concat();
    run(cargo(&[&["build", "--workspace"], &binaries[..]].concat()))?;
    tests::ignored("end_to_end", "oidc")
}

fn infra() -> Result<(), Failure> {
    run(command("infra/check", &[]))
}
