//! A file that an earlier version wrote: the server makes one of its own of it, with the same history, and with
//! the state that this version makes of that.

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Output};

use crate::server::start;

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

    let unconverted = printed(&rebuild(&file, &[]));
    assert!(unconverted.contains("the server converts it at its next start"), "{unconverted}");
    {
        let (_running, _, said) = start(&["--data", file.to_str().unwrap()]);
        assert!(said.contains("is of this version's format now. The file as it was is kept as"), "{said}");
    }
    assert!(folder.path().join("history.db.earlier").exists());
    let compared = printed(&rebuild(&file, &[]));
    assert_eq!(compared, "Recomputed 8 deployments from 15 events.\nNo differences between history and state.\n");
    let (_running, _, again) = start(&["--data", file.to_str().unwrap()]);
    assert!(!again.contains("is kept as"), "{again}");
}
