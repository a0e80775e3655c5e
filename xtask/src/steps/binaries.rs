//! The functions as they are deployed: their size, and tests of them under the Lambda Runtime API.

use std::fs;

use super::tests;
use crate::command::Failure;
use crate::workspace::{FUNCTIONS, root};

/// The largest size of a binary in bytes. 1.3 MB of it are for unwinding: with it, a message that makes
/// the function panic fails alone.
const MOST_BYTES: u64 = 12_000_000;

pub(super) fn binaries() -> Result<(), Failure> {
    let folder = root().join("target/lambda");
    for name in FUNCTIONS {
        let binary = folder.join(name).join("bootstrap");
        let bytes = fs::metadata(&binary)
            .map_err(|error| format!("target/lambda/{name}/bootstrap: {error}; `cargo xtask infra` builds it"))?
            .len();
        println!("{name}: {bytes} bytes of at most {MOST_BYTES}");
        if bytes > MOST_BYTES {
            return Err(format!("{name} is too large"));
        }
    }
    let folder = folder.canonicalize().map_err(|error| format!("target/lambda: {error}"))?;
    tests::module("end_to_end", "binaries", Some(("LAMBDA_BINARIES", &folder.to_string_lossy())))
}
