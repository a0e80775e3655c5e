//! A file that an earlier version wrote: it is read as it stands, and rebuilding makes of it what this
//! version makes of the same events.

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Output};

/// A store with seven deployments and an incident: an approval that was waited for, a stage that failed, a
/// rollback, a removal, an environment that nobody named, one that two events named differently.
const STORE: &[u8] = include_bytes!("stores/0.1.0.db.gz");

fn rebuild(file: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deployment-status-local"));
    command.arg("--data").arg(file).arg("rebuild").args(more).output().unwrap()
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_file_of_an_earlier_version_is_read_and_rebuilt() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.db");
    let mut store = Vec::new();
    flate2::read::GzDecoder::new(STORE).read_to_end(&mut store).unwrap();
    std::fs::write(&file, store).unwrap();

    let compared = printed(&rebuild(&file, &[]));
    assert!(compared.starts_with("Recomputed 8 deployments from 15 events.\n"), "{compared}");
    assert!(compared.contains("different: deployment d-1:"), "it waited before it was worked on: {compared}");
    assert!(!compared.contains("not in history"), "nothing is lost: {compared}");
    let written = rebuild(&file, &["--write"]);
    assert!(written.status.success(), "{}", printed(&written));
    let again = rebuild(&file, &[]);
    assert!(again.status.success() && printed(&again).ends_with("No differences between history and state.\n"));
}
