//! The crates of this workspace that the steps must know.

use std::path::Path;

/// The pure crates: they have no I/O, and depend on no AWS crate and no runtime. `fast` checks them.
pub(crate) const PURE: [&str; 5] = ["domain", "formats", "api", "store", "recorder"];

/// The Lambda functions. The crate and its binary have the same name.
pub(crate) const FUNCTIONS: [&str; 3] = ["event-processor", "status-query", "witness"];

/// The project's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// `-p` and each of [`PURE`].
pub(crate) fn pure() -> Vec<&'static str> {
    PURE.iter().flat_map(|name| ["-p", name]).collect()
}
