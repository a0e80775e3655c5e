//! A clock that was ahead when something was recorded: the next start says so.

use rusqlite::Connection;
use serde_json::json;

use crate::client::Client;
use crate::listener::HANGS;
use crate::listener::program::Program;

/// What it prints and what it logs, from its start to its end.
fn said(file: &str) -> [String; 2] {
    let program = Program::start("true", &["--data", file]);
    let printed = program.printed.join("\n");
    program.signal("TERM");
    [printed, program.end(HANGS).1]
}

#[test]
fn a_server_whose_newest_record_lies_in_the_future_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.db");
    let name = file.to_str().unwrap();
    {
        let program = Program::start("true", &["--data", name]);
        let event = json!({
            "deploymentId": "d-1", "service": "cart", "environment": "production", "status": "IN_PROGRESS",
            "version": "1"
        });
        assert_eq!(Client::connect(&program.address).unwrap().report(&event).unwrap().status, 201);
    }
    let [printed, log] = said(name);
    assert!(!printed.contains("still to come") && log.is_empty(), "{printed} {log}");

    let tool = Connection::open(&file).unwrap();
    // The start of the year 2100.
    let ahead = "UPDATE history SET item = json_set(item, '$.recordedAt.N', '4102444800000')";
    assert_eq!(tool.execute(ahead, ()), Ok(1));
    let [printed, log] = said(name);
    assert!(
        printed.starts_with("The newest record is of 2100-01-01T00:00:00.000Z, which is still to come"),
        "{printed}"
    );
    assert!(log.contains("the newest record lies in the future: the clock was ahead"), "{log}");
}
