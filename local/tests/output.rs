//! Standard output that can't be written: a server serves on, and a command ends as it does otherwise.

use std::io::{BufRead as _, BufReader, pipe};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::client::Client;

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deployment-status-local"));
    command.args(arguments);
    command
}

/// What it writes to is read by nobody.
fn to_nobody() -> Stdio {
    pipe().unwrap().1.into()
}

fn run_to(stdout: Stdio, file: &Path, arguments: &[&str]) -> Output {
    let mut all = vec!["--data", file.to_str().unwrap()];
    all.extend(arguments);
    command(&all).stdout(stdout).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap()
}

/// A server that ends with the test.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn event(number: usize) -> Value {
    json!({
        "deploymentId": format!("d-{number}"), "service": "only-here", "environment": "production",
        "version": format!("1.0.{number}"), "status": "COMPLETED", "occurredAt": format!("2026-01-15T10:{number:02}:00Z"),
    })
}

/// It takes reports and answers.
fn assert_serves(address: &str) {
    let mut client = Client::connect(address).unwrap();
    for number in 0..5 {
        assert_eq!(client.report(&event(number)).unwrap().status, 201);
        // What is refused stands in the log.
        assert_eq!(client.get("/v1/live?no=such").unwrap().status, 400);
    }
    assert_eq!(client.get("/v1/live?service=only-here").unwrap().body["items"][0]["version"], "1.0.4");
}

#[test]
fn a_server_whose_output_nobody_reads_serves_and_says_it_in_its_log() {
    let mut server = command(&["--listen", "127.0.0.1:0", "--demo"])
        .stdout(to_nobody())
        .stderr(Stdio::piped())
        .spawn()
        .map(Ends)
        .unwrap();
    let log = BufReader::new(server.0.stderr.take().unwrap()).lines().map_while(Result::ok);
    let mut said = Vec::new();
    for line in log {
        let line: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(line["message"], "standard output can't be written");
        said.push(line["said"].as_str().unwrap().to_owned());
        if said.last().unwrap().starts_with("Try:") {
            break;
        }
    }
    assert!(said[0].starts_with("Recorded a demo history of "), "{said:?}");
    let address = said[1].strip_prefix("Deployment Status listens on http://").unwrap();
    assert_serves(address);
}

#[test]
fn a_server_of_which_one_line_is_read_serves_also_where_its_log_is_cut_with_it() {
    for log_goes_with_it in [false, true] {
        let (reading, writing) = pipe().unwrap();
        let stderr = if log_goes_with_it { writing.try_clone().unwrap().into() } else { Stdio::null() };
        let arguments = ["--listen", "127.0.0.1:0", "--no-demo", "--log-level", "info"];
        let _server = command(&arguments).stdout(writing).stderr(stderr).spawn().map(Ends).unwrap();
        // `| head -1`, of what it prints.
        let mut lines = BufReader::new(reading).lines();
        let address =
            lines.find_map(|line| Some(line.unwrap().strip_prefix("Deployment Status listens on http://")?.to_owned()));
        drop(lines);
        assert_serves(&address.unwrap());
    }
}

/// A file with some deployments, and one of which the state is not what follows from the history.
fn make(file: &Path) {
    let (_running, address, _) = crate::server::start(&["--data", file.to_str().unwrap()]);
    let mut client = Client::connect(&address).unwrap();
    (0..5).for_each(|number| assert_eq!(client.report(&event(number)).unwrap().status, 201));
}

fn damage(file: &Path) {
    let connection = Connection::open(file).unwrap();
    let removed = connection.execute("DELETE FROM state WHERE pk = 'DEPLOYMENT#d-3'", ()).unwrap();
    assert_eq!(removed, 1);
}

#[test]
fn commands_do_their_work_to_the_end_and_their_codes_say_how_it_went() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.db");
    make(&file);
    let copy = folder.path().join("copy.db");
    let quietly = |code, arguments: &[&str]| {
        let output = run_to(to_nobody(), &file, arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{arguments:?}");
    };
    quietly(0, &["verify"]);
    quietly(0, &["rebuild"]);
    quietly(0, &["export"]);
    quietly(0, &["replay", "--shuffle", "2"]);
    quietly(0, &["backup", copy.to_str().unwrap()]);
    quietly(0, &["anchor"]);
    quietly(0, &["--help"]);
    damage(&file);
    quietly(5, &["verify"]);
    quietly(0, &["rebuild", "--write"]);
    quietly(0, &["verify"]);
}

#[test]
fn a_token_that_nobody_was_shown_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let tokens = folder.path().join("tokens.json");
    let run = |arguments: &[&str]| {
        let tokens = ["--tokens", tokens.to_str().unwrap(), "token"];
        command(&[&tokens, arguments].concat()).stdout(to_nobody()).output().unwrap()
    };
    let added = run(&["add", "ci"]);
    let said = String::from_utf8(added.stderr).unwrap();
    assert!(!added.status.success() && said.contains("nobody has it; revoke `ci`"), "{said}");
    for quiet in [["list"].as_slice(), &["revoke", "ci"]] {
        let output = run(quiet);
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    }
}

/// A disk that is full is no reader who went away: what is missing is told.
#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_written_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.db");
    make(&file);
    for arguments in [["verify"].as_slice(), &["rebuild"], &["export"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = run_to(full.into(), &file, arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && said.matches("No space left").count() == 1, "{arguments:?}: {said}");
    }
}
