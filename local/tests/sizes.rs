//! What a report and a start cost does not depend on the length of history: the pages that the process reads and
//! writes are counted, by the kernel. And a report waits for the disk once: commits are counted, in the log of the file.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::json;

use crate::client::Client;
use crate::listener::program::Program;

const PAGE: u64 = 4096;
/// A tree of pages has a level more where it is a hundred times as long, and a report goes down some of them.
const LEVELS: u64 = 16;
/// How many events the short history has.
const SHORT: u64 = 100;

/// How many times longer the long one is.
fn times() -> u64 {
    if std::env::var_os("EXHAUSTIVE").is_some() { 10_000 } else { 200 }
}

/// How many pages the process read from files so far, and how many it wrote.
fn pages(process: u32) -> [u64; 2] {
    let counted = fs::read_to_string(format!("/proc/{process}/io")).unwrap();
    let of = |name: &str| -> u64 {
        let line = counted.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().parse::<u64>().unwrap() / PAGE
    };
    [of("rchar:"), of("wchar:")]
}

/// The same, once it does nothing any more: what runs beside requests, such as the first tick, is counted whole.
fn pages_at_rest(process: u32) -> [u64; 2] {
    const LOOKS: u32 = 10;
    let (mut last, mut same) = (pages(process), 0);
    while same < LOOKS {
        thread::sleep(Duration::from_millis(50));
        let now = pages(process);
        same = if now == last { same + 1 } else { 0 };
        last = now;
    }
    last
}

/// Reports an event of just now. Of one of months ago the tick, which runs meanwhile, would keep all days since.
fn report(client: &mut Client, name: &str, second: u8) {
    let occurred_at = lambda::now().plus_millis(-1000 * i64::from(10 - second));
    let event = json!({
        "deploymentId": name, "service": "cart", "environment": "production", "version": "1.0.0",
        "status": if second == 9 { "COMPLETED" } else { "IN_PROGRESS" },
        "occurredAt": occurred_at,
    });
    let answer = client.report(&event).unwrap();
    assert_eq!(answer.status, 201, "{}", answer.body);
}

fn start(file: &Path) -> Program {
    Program::start("true", &["--data", file.to_str().unwrap()])
}

/// Makes a history of a hundred events, in ten deployments to one place.
fn make(file: &Path) {
    let program = start(file);
    let mut client = Client::connect(&program.address).unwrap();
    for deployment in 0..SHORT / 10 {
        (0..10).for_each(|second| report(&mut client, &format!("seed-{deployment}"), second));
    }
    drop(program);
    // A start after a crash reads the log, whose length is bounded by itself.
    let merged = Connection::open(file).unwrap();
    merged.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
}

/// Makes it so many times as long: each deployment again under other names, in both tables with all indexes.
fn multiply(file: &Path, times: u64) {
    let connection = Connection::open(file).unwrap();
    // A tick may have concluded that a silent one is over: one more.
    let count = || connection.query_row("SELECT count(*) FROM history", [], |row| row.get::<_, u64>(0)).unwrap();
    let short = count();
    for table in ["history", "state"] {
        let columns = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns =
            columns.column_names().into_iter().filter(|name| *name != "number").map(|name| format!("\"{name}\""));
        let columns: Vec<String> = columns.collect();
        // A number stays one: in a text that has the name, and nowhere else, something is replaced.
        let copied = columns.iter().map(|name| {
            format!(
                "CASE WHEN typeof({name}) = 'text' THEN replace({name}, 'seed-', 'copy-' || n || '-') ELSE {name} END"
            )
        });
        let copied: Vec<String> = copied.collect();
        let copy = format!(
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?1) \
             INSERT INTO {table} ({}) SELECT {} FROM numbers CROSS JOIN {table} \
             WHERE pk LIKE '%seed-%' OR sk LIKE '%seed-%'",
            columns.join(", "),
            copied.join(", ")
        );
        connection.execute(&copy, [times - 1]).unwrap();
    }
    assert_eq!(count(), short * times);
    connection.execute("UPDATE published SET number = (SELECT max(number) FROM history)", []).unwrap();
}

/// How many pages a start reads and writes, with its first tick, and then a report with what follows of it: the first
/// and the end of a deployment.
fn work(file: &Path) -> ([u64; 2], [u64; 2]) {
    let program = start(file);
    let started = pages_at_rest(program.id());
    let mut client = Client::connect(&program.address).unwrap();
    let mut pair = |name: &str| [1, 9].into_iter().for_each(|second| report(&mut client, name, second));
    // What the connections keep in memory is the same for both then.
    (0..5).for_each(|number| pair(&format!("before-{number}")));
    let before = pages_at_rest(program.id());
    (0..10).for_each(|number| pair(&format!("measured-{number}")));
    let after = pages_at_rest(program.id());
    (started, [(after[0] - before[0]) / 20, (after[1] - before[1]) / 20])
}

#[test]
fn a_report_and_a_start_read_and_write_as_many_pages_in_a_long_history_as_in_a_short_one() {
    let folder = tempfile::tempdir().unwrap();
    let [short, long] = ["short.db", "long.db"].map(|name| folder.path().join(name));
    make(&short);
    make(&long);
    multiply(&long, times());
    let (started_short, report_short) = work(&short);
    let (started_long, report_long) = work(&long);
    println!("a start: {started_short:?} and {started_long:?} pages; a report: {report_short:?} and {report_long:?}");
    for (short, long) in [(started_short, started_long), (report_short, report_long)] {
        assert!(long[0] <= short[0] + LEVELS, "read: {long:?} and in a short history {short:?}");
        assert!(long[1] <= short[1] + LEVELS, "written: {long:?} and in a short history {short:?}");
    }
}

/// How many commits stand in the log of a file that was never merged: the last page of each says how large the file is
/// then.
fn commits(file: &Path) -> usize {
    const HEAD: usize = 32;
    let frame = 24 + usize::try_from(PAGE).unwrap();
    let log = fs::read(format!("{}-wal", file.display())).unwrap();
    let salt = &log[16..24];
    let frames = log[HEAD..].chunks_exact(frame).take_while(|frame| &frame[8..16] == salt);
    frames.filter(|frame| frame[4..8] != [0; 4]).count()
}

#[test]
fn an_event_takes_one_commit_and_publishing_few_for_many() {
    const EVENTS: u64 = 120;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.db");
    let program = start(&file);
    let mut client = Client::connect(&program.address).unwrap();
    report(&mut client, "first", 1);
    let (started, before) = (Instant::now(), commits(&file));
    // More than a minute tells by themselves: the others are held for a digest, which is written.
    (0..EVENTS)
        .for_each(|number| report(&mut client, &format!("d-{}", number / 2), if number % 2 == 0 { 1 } else { 9 }));
    let (made, took) = (commits(&file) - before, started.elapsed());
    // It pauses for a tenth of a second, and then notes what may be more than one commit takes; what a start has to note
    // is among them.
    let publishing = 2 * usize::try_from(took.as_millis() / 100).unwrap() + 6;
    let events = usize::try_from(EVENTS).unwrap();
    println!("{made} commits of {events} events in {took:?}");
    assert!((events..=events + publishing).contains(&made), "{made} commits of {events} events in {took:?}");
}
