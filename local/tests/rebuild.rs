//! `deployment-status-local rebuild` on a file, while a server serves it.

use std::path::Path;
use std::process::{Command, Output};

use crate::server::start;

fn rebuild(file: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deployment-status-local"));
    command.arg("--data").arg(file).arg("rebuild").args(more).output().unwrap()
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_lost_item_is_reported_and_written_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.db");
    let (_running, _, _) = start(&["--data", file.to_str().unwrap(), "--demo"]);
    let intact = rebuild(&file, &[]);
    assert_eq!(
        printed(&intact),
        "Recomputed 38 deployments from 330 events.\nNo differences between history and state.\n"
    );

    let lost = rusqlite::Connection::open(&file).unwrap();
    let lost = lost.execute("DELETE FROM state WHERE pk = 'LIVE#production' AND sk = 'checkout'", ());
    assert_eq!(lost, Ok(1));
    let reported = rebuild(&file, &[]);
    assert_eq!(reported.status.code(), Some(1));
    let text = printed(&reported);
    assert!(text.contains("different: live cell"), "{text}");
    assert!(text.contains("1 differences; --write changes the state to match the history"), "{text}");

    let written = rebuild(&file, &["--write"]);
    assert!(written.status.success() && printed(&written).ends_with("Wrote 1 items.\n"), "{}", printed(&written));
    assert!(printed(&rebuild(&file, &[])).ends_with("No differences between history and state.\n"));
}

#[test]
fn rebuild_needs_a_file() {
    let missing = rebuild(Path::new("missing.db"), &[]);
    assert!(printed(&missing).contains("rebuild needs --data with an existing file"), "{}", printed(&missing));
}
