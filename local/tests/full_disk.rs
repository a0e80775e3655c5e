//! A full disk: reports are told to come again, reads go on, and nothing that was acknowledged is lost.
//!
//! A limit on the size of files stands for it. What SQLite meets is the same: a write of its log that takes no more
//! bytes. It needs no rights, and it can be lifted while the server runs, as room is made on a disk. Where a small
//! disk can be mounted the same is tried on that.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use crate::client::{Answer, Client};
use crate::listener::HANGS;
use crate::listener::program::{Program, run_on};
use crate::writers::{Event, Writers, assert_kept};

/// Files of at most 512 KiB. Without the `trap` a signal would end the program at such a write.
const LIMIT: &str = "trap '' XFSZ && ulimit -S -f 1024";

/// A disk of 1 MiB. It is unmounted with the test.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// None where that is not allowed.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(folder.path()).output();
        mounted.is_ok_and(|mounted| mounted.status.success()).then_some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

/// Lets writers report until the disk is full, and answers what was acknowledged until then.
fn filled(program: &Program) -> BTreeSet<Event> {
    let writers = Writers::start(&program.address, "d", 4);
    let started = Instant::now();
    while writers.refused().len() < 20 {
        assert!(started.elapsed() < HANGS, "it is never full");
        std::thread::sleep(Duration::from_millis(20));
    }
    let written = writers.stop();
    for refused in written.refused() {
        is_to_come_again(&refused);
    }
    written.acknowledged()
}

fn is_to_come_again(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(answer.head.contains("\r\nretry-after: "), "{answer:?}");
    assert!(answer.body["instance"].is_string(), "{answer:?}");
}

/// The log says once that it is full, and of each answer the cause under its id.
fn is_in_the_log(log: &str, refused: &Answer) {
    let full = log.lines().filter(|line| line.contains("nothing can be written at the moment"));
    assert_eq!(full.count(), 1, "{log}");
    let instance = refused.body["instance"].to_string();
    let cause = log.lines().find(|line| line.contains(&instance)).unwrap_or_else(|| panic!("{instance}: {log}"));
    assert!(cause.contains("disk"), "{cause}");
}

fn is_kept(file: &Path, acknowledged: &BTreeSet<Event>) {
    let again = Program::start("true", &["--data", file.to_str().unwrap()]);
    assert_kept(&mut Client::connect(&again.address).unwrap(), acknowledged);
    let (code, printed) = run_on(file, &["verify"]);
    assert_eq!(code, Some(0), "{printed}");
}

#[test]
fn a_full_disk_is_told_and_loses_nothing_and_is_over_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.db");
    let program = Program::start(LIMIT, &["--data", file.to_str().unwrap()]);
    let acknowledged = filled(&program);
    let mut client = Client::connect(&program.address).unwrap();
    assert_kept(&mut client, &acknowledged);
    assert_eq!(client.get("/v1/live").unwrap().status, 200);

    let report = |event: &str| {
        json!({
            "deploymentId": format!("of-{event}"), "eventId": event, "service": "cart", "environment": "production",
            "status": "IN_PROGRESS", "version": "1"
        })
    };
    let array = client.report(&json!([report("one"), {"wrong": true}, report("two")])).unwrap();
    let statuses: Vec<_> = array.body.as_array().unwrap().iter().map(|each| each["status"].clone()).collect();
    assert_eq!((array.status, statuses), (200, vec![json!(503), json!(400), json!(503)]), "{array:?}");
    assert!(array.body[0]["instance"].is_string(), "{array:?}");
    let refused = client.report(&report("three")).unwrap();
    is_to_come_again(&refused);

    let lifted = Command::new("prlimit").args(["--pid", &program.id().to_string(), "--fsize=unlimited"]).status();
    assert!(lifted.unwrap().success());
    for event in ["one", "two", "three"] {
        assert_eq!(client.report(&report(event)).unwrap().status, 201, "there is room again");
    }
    program.signal("TERM");
    let (code, log) = program.end(HANGS);
    assert_eq!(code, Some(0), "{log}");
    is_in_the_log(&log, &refused);
    is_kept(&file, &acknowledged);
}

#[test]
fn a_small_disk_that_is_full_is_told_and_loses_nothing() {
    let (Some(disk), elsewhere) = (SmallDisk::mount(), tempfile::tempdir().unwrap()) else { return };
    let file = disk.0.path().join("history.db");
    let mut program = Program::start("true", &["--data", file.to_str().unwrap()]);
    let acknowledged = filled(&program);
    assert_kept(&mut Client::connect(&program.address).unwrap(), &acknowledged);
    program.kill();
    // It starts where it is full, and answers.
    let mut again = Program::start("true", &["--data", file.to_str().unwrap()]);
    assert_kept(&mut Client::connect(&again.address).unwrap(), &acknowledged);
    again.kill();
    let entries = std::fs::read_dir(disk.0.path()).unwrap().map(Result::unwrap);
    for entry in entries.filter(|entry| entry.file_type().unwrap().is_file()) {
        std::fs::copy(entry.path(), elsewhere.path().join(entry.file_name())).unwrap();
    }
    is_kept(&elsewhere.path().join("history.db"), &acknowledged);
}
