//! What the functions cost, beside a function that does nothing and functions in Node. The options are
//! those of the program that measures: `cargo xtask bench --help`.

use std::env;
use std::path::PathBuf;

use crate::command::{Failure, cargo, run};

/// Builds the functions as they are deployed, or as near as can be without cargo-lambda, and measures.
pub(super) fn bench() -> Result<(), Failure> {
    let options: Vec<String> = env::args().skip(2).collect();
    let deployed = cargo(&["lambda", "--version"]).output().is_ok_and(|output| output.status.success());
    let (build, folder): (&[&str], _) =
        if deployed { (&["lambda", "build"], "lambda") } else { (&["build"], "release") };
    // Apart: beside the functions, hello would be given their features of the runtime.
    let packages: [&[&str]; 2] = [&["-p", "event-processor", "-p", "status-query"], &["-p", "hello"]];
    // Building takes minutes, and whoever asks how to call it needs no binary.
    let help = options.iter().any(|option| option == "--help");
    for packages in packages.iter().filter(|_| !help) {
        run(cargo(&[build, &["--release"], *packages].concat()))?;
    }
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let binaries = target.join(folder).to_string_lossy().into_owned();
    let measure = ["bench", "--workspace", "--bench", "functions", "--profile", "dev", "--", "--binaries", &binaries];
    run(cargo(&measure.into_iter().chain(options.iter().map(String::as_str)).collect::<Vec<_>>()))
}
