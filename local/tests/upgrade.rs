//! A file that an earlier version wrote: the server makes one of its own of it, with the same history, and with
//! the state that this version makes of that.

use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Output};

use rusqlite::Connection;
use serde_json::Value;

use crate::client::Client;
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

/// The answers about all that the file has, by what was asked. They are about the time after its last event, as it was known
/// then: what a server concludes since is not in them.
fn answers(address: &str) -> Value {
    let mut client = Client::connect(address).unwrap();
    let then = "asOf=2026-11-29T06:00:00Z&knownAt=2026-11-29T06:00:00Z";
    let ended = "status=COMPLETED,FAILED,ROLLED_BACK";
    let mut paths = vec![format!("/v1/live?{then}"), format!("/v1/deployments?{ended}"), "/v1/incidents".to_owned()];
    paths.extend(["production", "staging", "unknown"].map(|name| format!("/v1/live?environment={name}&{then}")));
    for id in ["d-1", "d-2", "d-3", "d-4", "d-5", "d-6", "r-1"] {
        paths.push(format!("/v1/deployments/{id}?{then}"));
        paths.push(format!("/v1/deployments/{id}/events?{then}"));
    }
    let answered = paths.into_iter().map(|path| {
        let answer = client.get(&path).unwrap();
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        (path, answer.body)
    });
    answered.collect::<serde_json::Map<_, _>>().into()
}

/// The items of a table, in the order in which they were written.
fn items(file: &Path, statement: &str) -> Vec<Value> {
    let connection = Connection::open(file).unwrap();
    let mut statement = connection.prepare(statement).unwrap();
    let texts = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    texts.map(|text| serde_json::from_str(&text.unwrap()).unwrap()).collect()
}

#[test]
fn what_was_recorded_is_as_it_was_and_whole_answers_about_it_stay_the_same() {
    let golden = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stores/0.1.0.answers.json"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.db");
    let mut store = Vec::new();
    flate2::read::GzDecoder::new(STORE).read_to_end(&mut store).unwrap();
    std::fs::write(&file, store).unwrap();
    let first = {
        let (_running, address, _) = start(&["--data", file.to_str().unwrap()]);
        answers(&address)
    };
    let before =
        items(&folder.path().join("history.db.earlier"), "SELECT item_json FROM \"deployment-history\" ORDER BY rowid");
    let now = items(&file, "SELECT item FROM history ORDER BY number");
    assert_eq!((before.len(), &now[..15]), (15, before.as_slice()));
    let (_running, address, _) = start(&["--data", file.to_str().unwrap()]);
    assert_eq!(answers(&address), first, "after another start");
    let text = format!("{}\n", serde_json::to_string_pretty(&first).unwrap());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(golden, &text).unwrap();
    }
    let update = "UPDATE_GOLDEN=1 cargo test --workspace --test local -- upgrade::";
    assert_eq!(text, std::fs::read_to_string(golden).unwrap_or_default(), "if that is meant: {update}");
}
