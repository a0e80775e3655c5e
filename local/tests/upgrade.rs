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

/// All 15 events are there, and the state is theirs. A server that came as far as its first tick has concluded one
/// more: that a silent deployment is over.
fn assert_is_whole(compared: &str) {
    let events = ["15", "16"].map(|events| format!("Recomputed 8 deployments from {events} events.\n"));
    assert!(events.iter().any(|events| compared.starts_with(events)), "{compared}");
    assert!(compared.ends_with("\nNo differences between history and state.\n"), "{compared}");
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
    assert_is_whole(&printed(&rebuild(&file, &[])));
    let (_running, _, again) = start(&["--data", file.to_str().unwrap()]);
    assert!(!again.contains("is kept as"), "{again}");
}

#[test]
fn a_conversion_that_is_killed_at_any_moment_is_made_by_the_next_start() {
    let mut store = Vec::new();
    flate2::read::GzDecoder::new(STORE).read_to_end(&mut store).unwrap();
    let (mut before, mut after) = (0, 0);
    for round in 0..24 {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("history.db");
        std::fs::write(&file, &store).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_deployment-status-local"))
            .args(["--listen", "127.0.0.1:0", "--data", file.to_str().unwrap()])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(25 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        // What stands there is the earlier file, or one of this version with its state.
        let compared = printed(&rebuild(&file, &[]));
        if compared.contains("the server converts it at its next start") {
            before += 1;
        } else {
            after += 1;
            assert!(compared.contains("No differences between history and state."), "round {round}: {compared}");
        }
        drop(start(&["--data", file.to_str().unwrap()]));
        let compared = printed(&rebuild(&file, &[]));
        assert_is_whole(&compared);
    }
    println!("{before} rounds ended before the file was converted, {after} after");
}
