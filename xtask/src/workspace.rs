//! What this workspace is made of, as far as the steps must know.

use std::path::Path;

/// The crates of rules alone: no AWS crate, no runtime, quick to build and to test. `fast` checks these.
pub(crate) const PURE: [&str; 3] = ["domain", "formats", "api"];

/// The functions, by the name of crate and binary.
pub(crate) const FUNCTIONS: [&str; 2] = ["event-processor", "status-query"];

/// The project's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// `-p` and each of [`PURE`].
pub(crate) fn pure() -> Vec<&'static str> {
    PURE.iter().flat_map(|name| ["-p", name]).collect()
}
