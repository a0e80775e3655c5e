//! The witness: anchors of the history, signed and kept once, and whoever modifies the history noticed.

#![expect(clippy::unwrap_used, reason = "panicking is how a test fails, in what tests share too")]

mod anchored;
mod cut_off;
mod modified;

use std::io::Write as _;

use domain::anchors::{Series, Wrong};
use domain::export::{Export, Header, Line};
use domain::{Retention, Timestamp};
use serde_json::{Value, json};
use tests::world::at;
use tests::{Vault, World};

/// Seconds of a day.
const DAY: i64 = 24 * 3600;

/// Records that a deployment completed, at some seconds after noon.
async fn record(world: &World, id: &str, seconds: i64) {
    let event = json!({"deploymentId": id, "service": "cart", "environment": "staging", "status": "COMPLETED",
        "eventId": format!("{id}-{seconds}"), "occurredAt": at(seconds - 1)});
    let answer = world.post_at(&event, at(seconds)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
}

/// The anchors as an auditor fetches them, all of which are as they were written and follow each other.
fn series(vault: &Vault) -> Series {
    let (series, wrong) = Series::read(vault.anchors());
    assert_eq!((wrong, series.problems()), (vec![], vec![]));
    series
}

/// The export of what was recorded from a day before noon to some days after.
async fn export(world: &World, days: i64) -> String {
    let until = at(days * DAY);
    let header = Header::new((Timestamp::MIN, until), None, Retention::FOREVER, until);
    let mut lines = vec![Line::Header { export: header }.text()];
    for day in at(-DAY).days_to(until) {
        let answer = world.get_at(&format!("/v1/export?day={day}&limit=100"), until).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        lines.extend(answer.body["items"].as_array().unwrap().iter().map(Value::to_string));
    }
    lines.dedup();
    lines.join("\n") + "\n"
}

/// What is wrong with an export by these anchors; the verifier of the documentation agrees, with the key.
fn wrong(export: &str, vault: &Vault) -> Vec<Wrong> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in vault.anchors() {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(export.as_bytes()).unwrap();
    let mut key = tempfile::NamedTempFile::new().unwrap();
    key.write_all(vault.public_key().as_bytes()).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/verify.py");
    let mut python = std::process::Command::new("python3");
    let output = python.arg(script).arg(file.path()).arg(folder.path()).arg(key.path()).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let (series, mut wrong) = Series::read(vault.anchors());
    wrong.extend(Export::read(export).unwrap().verify(&series));
    wrong.sort();
    assert_eq!(output.status.code(), Some(if wrong.is_empty() { 0 } else { 5 }), "{wrong:?}\n{printed}");
    wrong
}
