//! Damaged files: the server starts on one, or says what is wrong with it; and what it answers is right, or is an
//! error, or `verify` finds it wrong.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{Answer, Client};
use crate::listener::HANGS;
use crate::listener::program::{Program, run_on};
use crate::writers::{Writers, assert_kept};

const PAGE: usize = 4096;
/// How `verify` ends where something is wrong.
pub(crate) const NOT_INTACT: Option<i32> = Some(5);

/// A file with the demo history, whole and without a log.
pub(crate) fn demo() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.db");
    let (running, _, _) = crate::server::start(&["--data", file.to_str().unwrap(), "--demo"]);
    drop(running);
    let connection = Connection::open(&file).unwrap();
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    (folder, file)
}

/// What is asked of each file.
fn questions(client: &mut Client) -> Vec<String> {
    let ids = client.items("/v1/deployments?limit=100").unwrap();
    let of = |item: &Value| format!("/v1/deployments/{}", item["deploymentId"].as_str().unwrap());
    let lists = ["/v1/live", "/v1/deployments?limit=100"].map(str::to_owned);
    lists.into_iter().chain(ids.iter().map(of)).collect()
}

fn answers(program: &Program, questions: &[String]) -> Vec<Answer> {
    let mut client = Client::connect(&program.address).unwrap();
    questions.iter().map(|question| client.get(question).unwrap()).collect()
}

/// Damages a file somehow, and says how.
fn damage(bytes: &mut Vec<u8>, random: &mut fastrand::Rng) -> String {
    let pages = bytes.len() / PAGE;
    match random.u8(0..4) {
        0 => {
            let count = random.usize(1..=64);
            for _ in 0..count {
                let at = random.usize(..bytes.len());
                bytes[at] = random.u8(..);
            }
            format!("{count} bytes overwritten")
        }
        1 => {
            bytes.truncate(random.usize(1..bytes.len()));
            format!("cut to {} bytes", bytes.len())
        }
        2 => {
            let page = random.usize(..pages);
            bytes[page * PAGE..(page + 1) * PAGE].fill(0);
            format!("page {page} zeroed")
        }
        _ => {
            let (one, other) = (random.usize(..pages), random.usize(..pages));
            for at in 0..PAGE {
                bytes.swap(one * PAGE + at, other * PAGE + at);
            }
            format!("pages {one} and {other} swapped")
        }
    }
}

/// Checks one damaged file. Answers what became of it.
fn check(file: &Path, how: &str, questions: &[String], undamaged: &[Answer]) -> &'static str {
    let program = match Program::try_start("true", &["--data", file.to_str().unwrap()]) {
        Ok(program) => program,
        Err((code, log)) => {
            assert_eq!(code, Some(1), "{how}: {log}");
            assert!(!log.contains("panicked"), "{how}: {log}");
            let reason = log.lines().last().unwrap_or_default();
            assert!(reason.contains("history.db") && reason.contains("damaged"), "{how}: {log}");
            return "refused";
        }
    };
    let found = answers(&program, questions);
    program.signal("TERM");
    let (code, log) = program.end(HANGS);
    assert!(code == Some(0) && !log.contains("panicked"), "{how}: {code:?} {log}");
    let (mut failed, mut different) = (0, Vec::new());
    for ((question, found), right) in questions.iter().zip(&found).zip(undamaged) {
        if matches!(found.status, 500 | 503) && found.body["instance"].is_string() {
            failed += 1;
        } else if (found.status, &found.body) != (right.status, &right.body) {
            different.push(question);
        }
    }
    if different.is_empty() {
        return if failed > 0 { "errors" } else { "right" };
    }
    let (code, printed) = run_on(file, &["verify"]);
    assert_eq!(code, NOT_INTACT, "{how}: {different:?} are answered otherwise: {printed}");
    "wrong, and found"
}

#[test]
fn a_damaged_file_is_refused_or_answers_right_or_is_found_wrong() {
    let (folder, file) = demo();
    let undamaged = std::fs::read(&file).unwrap();
    let (questions, right) = {
        let program = Program::start("true", &["--data", file.to_str().unwrap()]);
        let questions = questions(&mut Client::connect(&program.address).unwrap());
        let right = answers(&program, &questions);
        (questions, right)
    };
    assert!(questions.len() > 20 && right.iter().all(|answer| answer.status == 200));
    let mut outcomes = std::collections::BTreeMap::<&str, usize>::new();
    for seed in 0..if std::env::var_os("EXHAUSTIVE").is_some() { 400 } else { 5 } {
        let file = folder.path().join(seed.to_string()).join("history.db");
        std::fs::create_dir(file.parent().unwrap()).unwrap();
        let mut bytes = undamaged.clone();
        let how = damage(&mut bytes, &mut fastrand::Rng::with_seed(seed));
        std::fs::write(&file, bytes).unwrap();
        *outcomes.entry(check(&file, &format!("{seed}: {how}"), &questions, &right)).or_default() += 1;
    }
    println!("{outcomes:?}");
}

#[test]
fn where_publishing_ended_may_be_lost_and_it_serves_and_records() {
    let (_folder, file) = demo();
    let tool = Connection::open(&file).unwrap();
    let newest: i64 = tool.query_row("SELECT max(number) FROM history", [], |row| row.get(0)).unwrap();
    for (nth, damage) in [
        "DELETE FROM published",
        "UPDATE published SET number = -7",
        "UPDATE published SET number = 9000000000000000000",
        "INSERT INTO published VALUES (-1), (3)",
        "DELETE FROM published; INSERT INTO published SELECT number + 1000 FROM history",
    ]
    .into_iter()
    .enumerate()
    {
        tool.execute_batch(damage).unwrap();
        let program = Program::start("true", &["--data", file.to_str().unwrap()]);
        let mut client = Client::connect(&program.address).unwrap();
        let event = json!({
            "deploymentId": format!("d-{nth}"), "service": "cart", "environment": "production",
            "status": "IN_PROGRESS", "version": "1"
        });
        assert_eq!(client.report(&event).unwrap().status, 201, "{damage}");
        assert_eq!(client.get(&format!("/v1/deployments/d-{nth}")).unwrap().status, 200, "{damage}");
        assert_eq!(client.get("/local/metrics").unwrap().status, 200, "{damage}");
        program.signal("TERM");
        assert_eq!(program.end(HANGS).0, Some(0), "{damage}");
        // It is right again from then on.
        let mut noted = tool.prepare("SELECT number FROM published").unwrap();
        let noted: Vec<i64> = noted.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(noted, [newest + 1 + i64::try_from(nth).unwrap()], "{damage}");
    }
}

#[test]
fn the_page_of_where_publishing_ended_may_be_damaged_and_it_serves_and_records_and_is_copied() {
    let (folder, file) = demo();
    let tool = Connection::open(&file).unwrap();
    let page = tool.query_row("SELECT rootpage FROM sqlite_master WHERE name = 'published'", [], |row| row.get(0));
    let page: usize = page.unwrap();
    tool.close().unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[(page - 1) * PAGE..page * PAGE].fill(0);
    std::fs::write(&file, bytes).unwrap();

    let program = Program::start("true", &["--data", file.to_str().unwrap()]);
    let written = {
        let writers = Writers::start(&program.address, "d", 8);
        std::thread::sleep(Duration::from_millis(300));
        writers.stop()
    };
    assert_eq!(written.refused(), []);
    let copy = folder.path().join("copy.db");
    let (code, printed) = run_on(&file, &["backup", copy.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{printed}");
    program.signal("TERM");
    assert_eq!(program.end(HANGS).0, Some(0));
    assert_eq!(run_on(&file, &["verify"]).0, NOT_INTACT);
    let again = Program::start("true", &["--data", copy.to_str().unwrap()]);
    assert_kept(&mut Client::connect(&again.address).unwrap(), &written.acknowledged());
}

#[test]
fn a_record_that_is_no_json_is_named_and_its_neighbours_are_published() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.db");
    let start = || Program::start("true", &["--data", file.to_str().unwrap()]);
    let ended = |service: &str| {
        json!({
            "deploymentId": format!("of-{service}"), "service": service, "environment": "production",
            "status": "COMPLETED", "version": "1"
        })
    };
    {
        let program = start();
        let mut client = Client::connect(&program.address).unwrap();
        for service in ["before", "damaged", "behind"] {
            assert_eq!(client.report(&ended(service)).unwrap().status, 201);
        }
    }
    let tool = Connection::open(&file).unwrap();
    tool.execute_batch("UPDATE history SET item = '{\"pk' WHERE number = 2; UPDATE published SET number = 0").unwrap();
    let program = start();
    let mut client = Client::connect(&program.address).unwrap();
    let unreadable = client.items("/local/unreadable").unwrap();
    let named: Vec<_> = unreadable.iter().map(|each| (&each["number"], &each["of"])).collect();
    assert_eq!(named, [(&json!(2), &json!("DEPLOYMENT#of-damaged"))], "{unreadable:?}");
    let published = client.get("/local/notifications").unwrap().body.to_string();
    assert!(published.contains("before") && published.contains("behind") && !published.contains("damaged"));
    assert_eq!(run_on(&file, &["verify"]).0, NOT_INTACT);
}

#[test]
fn a_deployment_that_cannot_be_read_hides_no_neighbour_in_an_array() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.db");
    let program = Program::start("true", &["--data", file.to_str().unwrap()]);
    let mut client = Client::connect(&program.address).unwrap();
    let report = |id: &str, event: &str| {
        json!({
            "deploymentId": id, "eventId": event, "service": id, "environment": "production",
            "status": "IN_PROGRESS", "version": "1"
        })
    };
    assert_eq!(client.report(&report("damaged", "e-1")).unwrap().status, 201);
    let tool = Connection::open(&file).unwrap();
    let damage = "UPDATE state SET item = '{\"pk' WHERE pk = 'DEPLOYMENT#damaged'";
    assert_eq!(tool.execute(damage, ()), Ok(1));
    drop(program);
    let program = Program::start("true", &["--data", file.to_str().unwrap()]);
    let mut client = Client::connect(&program.address).unwrap();
    let answer =
        client.report(&json!([report("before", "e"), report("damaged", "e-2"), report("behind", "e")])).unwrap();
    let said = |nth: usize| (answer.body[nth]["outcome"].as_str(), answer.body[nth]["status"].as_u64());
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!([said(0).0, said(2).0], [Some("recorded"); 2], "{answer:?}");
    assert_eq!(said(1).1, Some(500), "{answer:?}");
    assert_eq!(client.report(&report("damaged", "e-3")).unwrap().status, 500);
    program.signal("TERM");
    let log = program.end(HANGS).1;
    assert!(log.contains(&answer.body[1]["instance"].to_string()), "{log}");
}
