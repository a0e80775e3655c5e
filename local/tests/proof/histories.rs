//! Files with the history of some days, each of them anchored when it was closed.

use std::path::PathBuf;

use domain::{Received, Retention, Timestamp, event};
use fastrand::Rng;
use local::anchors::{beside, making};
use recorder::Recorder;
use serde_json::{Value, json};
use sqlite::Sqlite;
use tempfile::TempDir;

pub(super) const HOUR: i64 = 60 * 60 * 1000;
pub(super) const DAY: i64 = 24 * HOUR;
/// How many days a history has. The last of them is over.
const DAYS: i64 = 4;

/// How many cases are tried: a few; with `EXHAUSTIVE=1` in the environment a twentieth of all, for all take half an
/// hour; with `EXHAUSTIVE=all` all.
pub(super) fn cases(few: u64, all: u64) -> u64 {
    match std::env::var("EXHAUSTIVE").as_deref() {
        Ok("all") => all,
        Ok(_) => few.max(all / 20),
        Err(_) => few,
    }
}

/// A file and the anchors beside it.
pub(super) struct History {
    _folder: TempDir,
    pub(super) file: PathBuf,
}

impl History {
    pub(super) fn anchors(&self) -> PathBuf {
        beside(&self.file)
    }

    pub(super) fn store(&self) -> Sqlite {
        Sqlite::open_as_it_is(&self.file).unwrap()
    }
}

/// The beginning of the first day.
pub(super) fn first_day() -> Timestamp {
    let now = lambda::now();
    now.plus_millis(-now.millis().rem_euclid(DAY) - (DAYS + 1) * DAY)
}

pub(super) fn received(event: Value, now: Timestamp) -> Received {
    let event = event::read(event, now).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    Received::new(&event, now, "test").unwrap()
}

/// An event of one of six deployments, which come late and in any order.
pub(super) fn random_event(random: &mut Rng, number: usize, now: Timestamp) -> Value {
    let deployment = random.usize(..6);
    let late = if random.u8(..4) == 0 { random.i64(0..2 * DAY) } else { 0 };
    let status = ["IN_PROGRESS", "COMPLETED", "FAILED", "ROLLED_BACK"][random.usize(..4)];
    let (service, environment) = (["cart", "shop"][deployment % 2], ["production", "staging"][deployment / 3]);
    let mut event = json!({
        "deploymentId": format!("d-{deployment}"), "eventId": format!("e-{number}"),
        "status": status, "service": service, "environment": environment,
        "version": format!("1.{deployment}"), "occurredAt": now.plus_millis(-late), "notes": format!("§ \"{number}\"\n"),
    });
    match random.u8(..8) {
        0 => event["release"] = json!("R #1"),
        1 => event["stage"] = json!("BUILD"),
        2 => event["type"] = json!("note"),
        3 => event["region"] = json!("eu"),
        _ => {}
    }
    if event["type"] == "note" {
        event["status"] = json!("COMPLETED");
    }
    if random.u8(..12) == 0 {
        let incident = json!({"deploymentId": "incident:1", "type": "incident", "environment": "production"});
        return json!({"eventId": format!("e-{number}"), "status": "IN_PROGRESS", "occurredAt": now})
            .as_object()
            .unwrap()
            .iter()
            .fold(incident, |mut event, (name, value)| {
                event[name] = value.clone();
                event
            });
    }
    event
}

/// Builds a history, of this seed.
pub(super) async fn history(seed: u64) -> History {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.db");
    let history = History { _folder: folder, file };
    let store = Sqlite::open(&history.file).unwrap();
    let recorder = Recorder::new(store.clone(), Retention::FOREVER);
    let (mut random, mut number) = (Rng::with_seed(seed), 0);
    for day in 0..DAYS {
        let mut now = first_day().plus_millis(day * DAY);
        let end = now.plus_millis(DAY);
        // On some days nothing happens, but something on the last.
        let events = if day + 1 < DAYS && random.u8(..4) == 0 { 0 } else { random.usize(1..12) };
        for _ in 0..events {
            now = now.plus_millis(random.i64(1..2 * HOUR)).min(end.plus_millis(-1));
            number += 1;
            let event = received(random_event(&mut random, number, now), now);
            for recorded in recorder.record(vec![event], now).await {
                recorded.unwrap();
            }
            if random.u8(..10) == 0 {
                let document = format!("{{\"number\":{number}}}");
                recorder.apply_settings(&document, "test", |_| true, now).await.unwrap();
            }
            if random.u8(..10) == 0 {
                making::up_to_now(&store, &history.anchors(), now).await.unwrap();
            }
        }
        if random.u8(..5) > 0 || day + 1 == DAYS {
            let made = making::of_closed_days(&store, &history.anchors(), end.plus_millis(HOUR / 3)).await.unwrap();
            assert!(made.is_some(), "the day was not anchored");
        }
    }
    store.merge_log().await.unwrap();
    history
}
