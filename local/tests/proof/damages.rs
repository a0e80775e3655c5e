//! Each kind of damage on the file of a demo: `verify` names it, and `rebuild` mends it where history says how.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::Value;

use crate::damage::{NOT_INTACT, demo};
use crate::listener::program::run_on;

/// A copy of a file, whose demo is recorded once for all.
fn copy(file: &Path, nth: usize) -> PathBuf {
    let copy = file.with_file_name(format!("{nth}.db"));
    let (code, printed) = run_on(file, &["backup", copy.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{printed}");
    copy
}

/// Copies an item of the state to another key, as whoever can write the file would: its columns too.
fn put_like(tool: &Connection, (pk, sk): (&str, &str), to: (&str, &str)) {
    let sql = "SELECT item FROM state WHERE pk = ?1 AND sk LIKE ?2 ORDER BY sk LIMIT 1";
    let item: String = tool.query_row(sql, (pk, sk), |row| row.get(0)).unwrap();
    let mut item: Value = serde_json::from_str(&item).unwrap();
    item["pk"]["S"] = to.0.into();
    item["sk"]["S"] = to.1.into();
    let put = "INSERT INTO state (pk, sk, item) VALUES (?1, ?2, ?3)";
    assert_eq!(tool.execute(put, (to.0, to.1, item.to_string())), Ok(1));
}

fn do_sql(tool: &Connection, sql: &str) {
    assert!(tool.execute(sql, ()).unwrap() > 0, "{sql} changes something");
}

/// The id of a deployment of the demo with at least three events.
fn deployment(tool: &Connection) -> String {
    let sql =
        "SELECT pk FROM history WHERE pk LIKE 'DEPLOYMENT#%' GROUP BY pk HAVING count(*) >= 3 ORDER BY pk LIMIT 1";
    tool.query_row(sql, (), |row| row.get::<_, String>(0)).unwrap().split_once('#').unwrap().1.to_owned()
}

type Damage = (&'static str, fn(&Connection), &'static str);

/// What is wrong with the state alone: `rebuild` finds and mends it.
const OF_STATE: [Damage; 11] = [
    (
        "a cell of a place where nothing landed",
        |tool| {
            put_like(tool, ("LIVE#production", "checkout"), ("LIVE#production", "ghost"));
        },
        "live cell Place",
    ),
    (
        "a cell of an environment that nothing names",
        |tool| {
            put_like(tool, ("LIVE#production", "checkout"), ("LIVE#ghost", "ghost"));
        },
        "live cell Place",
    ),
    (
        "a cell that says another version",
        |tool| {
            let sql =
                "UPDATE state SET item = replace(item, '2.', '9.') WHERE pk = 'LIVE#production' AND sk = 'checkout'";
            do_sql(tool, sql);
        },
        "live cell Place",
    ),
    (
        "an entry of a log where nothing landed",
        |tool| {
            put_like(tool, ("LIVE#production#checkout", "%"), ("LIVE#production#ghost", "1#d#COMPLETED"));
        },
        "LIVE#production#ghost 1#d#COMPLETED: stored, but not in history",
    ),
    (
        "an environment that nothing names",
        |tool| {
            put_like(tool, ("CATALOG", "ENVIRONMENT#%"), ("CATALOG", "ENVIRONMENT#ghost"));
        },
        "CATALOG ENVIRONMENT#ghost: stored, but not in history",
    ),
    (
        "a line of a release that nothing names",
        |tool| {
            put_like(tool, ("CATALOG", "ENVIRONMENT#%"), ("RELEASE#ghost", "1700000000000#d"));
        },
        "RELEASE#ghost 1700000000000#d: stored, but not in history",
    ),
    (
        "a day on which nothing was refused",
        |tool| {
            put_like(tool, ("CATALOG", "ENVIRONMENT#%"), ("REJECTED", "2026-02-02"));
        },
        "REJECTED 2026-02-02: stored, but nothing was refused on that day",
    ),
    (
        "an item of no kind",
        |tool| {
            put_like(tool, ("CATALOG", "ENVIRONMENT#%"), ("GHOST", "1"));
        },
        "GHOST 1: nothing is kept under such a key",
    ),
    (
        "an index that lists a deployment elsewhere",
        |tool| {
            do_sql(tool, "UPDATE state SET environmentMonth = 'ghost#2026-01' WHERE sk = 'SUMMARY' AND number % 5 = 0");
        },
        "the item has another environmentMonth",
    ),
    (
        "a summary that says another status",
        |tool| {
            let sql = "UPDATE state SET item = replace(item, 'FAILED', 'COMPLETED') WHERE sk = 'SUMMARY'";
            do_sql(tool, sql);
        },
        "stored {",
    ),
    (
        "a summary that is lost",
        |tool| {
            do_sql(tool, "DELETE FROM state WHERE sk = 'SUMMARY'");
        },
        "stored nothing",
    ),
];

#[test]
fn each_damage_of_the_state_is_found_and_mended() {
    let (_folder, original) = demo();
    let (code, printed) = run_on(&original, &["verify"]);
    assert!(code == Some(0) && printed.contains("all of them are intact"), "{printed}");
    for (nth, (what, damage, says)) in OF_STATE.into_iter().enumerate() {
        let file = copy(&original, nth);
        damage(&Connection::open(&file).unwrap());
        let (code, printed) = run_on(&file, &["verify"]);
        assert!(code == NOT_INTACT && printed.contains(says), "{what}: {printed}");
        let (code, printed) = run_on(&file, &["rebuild"]);
        assert!(code == Some(1) && printed.contains(says), "{what}: {printed}");
        let (code, printed) = run_on(&file, &["rebuild", "--write"]);
        assert_eq!(code, Some(0), "{what}: {printed}");
        let (code, printed) = run_on(&file, &["verify"]);
        assert_eq!(code, Some(0), "{what}, mended: {printed}");
    }
}

/// What is wrong with the history: `rebuild` makes no state of it.
const OF_HISTORY: [Damage; 8] = [
    (
        "the last event is deleted",
        |tool| {
            let pk = format!("DEPLOYMENT#{}", deployment(tool));
            let last = "DELETE FROM history WHERE number = (SELECT max(number) FROM history WHERE pk = ?1)";
            assert_eq!(tool.execute(last, (pk,)), Ok(1));
        },
        "is missing",
    ),
    (
        "all events are deleted",
        |tool| {
            let pk = format!("DEPLOYMENT#{}", deployment(tool));
            assert!(tool.execute("DELETE FROM history WHERE pk = ?1", (pk,)).unwrap() >= 3);
        },
        "it has a summary and no events",
    ),
    (
        "an event in the middle is deleted",
        |tool| {
            let pk = format!("DEPLOYMENT#{}", deployment(tool));
            let second = "DELETE FROM history WHERE pk = ?1 AND item LIKE '%\"sequence\":{\"N\":\"2\"}%'";
            assert_eq!(tool.execute(second, (pk,)), Ok(1));
        },
        "event 2 is missing",
    ),
    (
        "an event says something else",
        |tool| {
            let pk = format!("DEPLOYMENT#{}", deployment(tool));
            let sql = "UPDATE history SET item = replace(item, 'IN_PROGRESS', 'VALIDATING') WHERE pk = ?1";
            assert!(tool.execute(sql, (pk,)).unwrap() > 0);
        },
        "was altered",
    ),
    (
        "an event is listed in a day before the first",
        |tool| {
            let pk = format!("DEPLOYMENT#{}", deployment(tool));
            assert!(tool.execute("UPDATE history SET recordedDay = '1999-01-01' WHERE pk = ?1", (pk,)).unwrap() >= 3);
        },
        "the item has another recordedDay",
    ),
    (
        "an event stands in a day to come",
        |tool| {
            let pk = format!("DEPLOYMENT#{}", deployment(tool));
            let day: String =
                tool.query_row("SELECT recordedDay FROM history WHERE pk = ?1", (&pk,), |row| row.get(0)).unwrap();
            let sql =
                "UPDATE history SET recordedDay = '2099-01-01', item = replace(item, ?2, '2099-01-01') WHERE pk = ?1";
            assert!(tool.execute(sql, (pk, day)).unwrap() >= 3);
        },
        "it stands under another day than that of its recording",
    ),
    (
        "an event can't be parsed",
        |tool| {
            let pk = format!("DEPLOYMENT#{}", deployment(tool));
            let sql = "UPDATE history SET item = replace(item, '\\\"status\\\"', '\\\"stratus\\\"') WHERE pk = ?1";
            assert!(tool.execute(sql, (pk,)).unwrap() >= 3);
        },
        "it can't be parsed",
    ),
    (
        "a partition of no kind",
        |tool| {
            let sql = "INSERT INTO history (pk, sk, item) VALUES ('GHOST#1', 'EVENT#1', '{\"pk\":{\"S\":\"GHOST#1\"},\
                   \"sk\":{\"S\":\"EVENT#1\"}}')";
            do_sql(tool, sql);
        },
        "nothing is recorded under such a key",
    ),
];

#[test]
fn each_damage_of_the_history_is_found_and_no_state_is_made_of_it() {
    let (_folder, original) = demo();
    for (nth, (what, damage, says)) in OF_HISTORY.into_iter().enumerate() {
        let file = copy(&original, nth);
        damage(&Connection::open(&file).unwrap());
        let state = |file: &Path| -> Vec<(String, String, String)> {
            let tool = Connection::open(file).unwrap();
            let mut read = tool.prepare("SELECT pk, sk, item FROM state ORDER BY pk, sk").unwrap();
            let rows = read.query_map((), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
            rows.map(Result::unwrap).collect()
        };
        let before = state(&file);
        for arguments in [&["verify"][..], &["rebuild", "--write"], &["verify"]] {
            let (code, printed) = run_on(&file, arguments);
            let expected = if arguments == ["verify"] { NOT_INTACT } else { Some(1) };
            assert!(code == expected && printed.contains(says), "{what}: {arguments:?}: {printed}");
        }
        assert_eq!(state(&file), before, "{what}: the state is as it was");
    }
}

#[test]
fn beside_a_server_that_writes_nothing_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.db");
    let program = crate::listener::program::Program::start("true", &["--data", file.to_str().unwrap()]);
    let writers = crate::writers::Writers::start(&program.address, "d", 4);
    for _ in 0..5 {
        for command in ["verify", "rebuild"] {
            let (code, printed) = run_on(&file, &[command]);
            assert_eq!(code, Some(0), "{command}: {printed}");
        }
    }
    assert_eq!(writers.stop().refused(), []);
}
