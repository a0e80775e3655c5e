//! The largest summary that there can be.

use domain::identifiers::Identifier as _;
use domain::ledger::metadata::Metadata;
use domain::ledger::stages::Stages;
use domain::ledger::summary::Summary;
use domain::{DeploymentId, EventKey, Figures};
use serde_json::{Value, json};

use super::read;

/// Everything that a summary bounds, at its bound: each value of its own event, so that each has its own place.
#[test]
fn the_largest_summary_fits_into_an_item() {
    let mut events = Vec::new();
    let longest = |n: usize, characters: usize| format!("{n:03}{}", "漢".repeat(characters - 3));
    let mut event = |seconds: i64, status: &str, more: &Value| {
        let mut all = json!({"attempt": 1_000_000});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        events.push(read(seconds, status, &all));
    };
    let figures =
        ["healthScore", "errorRate", "errorCount", "instanceCount", "successRate", "latencyP95Ms", "trafficPercent"];
    for n in 0..Stages::MOST {
        let stage = longest(n, 128);
        for (second, figure) in (0..).zip(figures) {
            let value =
                if figure.ends_with("Count") { json!(999_999_999_999_u64) } else { json!(99.123_456_789_012_34) };
            event(second, "IN_PROGRESS", &json!({"type": "stage", "stage": stage, "metrics": {figure: value}}));
        }
        event(
            10,
            "COMPLETED",
            &json!({"type": "stage", "stage": stage, "metrics": {"duration": 99.123_456_789_012_34}}),
        );
        event(
            11,
            "CANCELLED",
            &json!({"type": "stage", "stage": stage, "links": {longest(1, 50): format!("https://a.example/{}", "x".repeat(330))}}),
        );
        event(
            12,
            "FAILED",
            &json!({"type": "stage", "stage": stage, "error": {"message": "x".repeat(4096), "code": "x".repeat(256)}}),
        );
        event(13, "IN_PROGRESS", &json!({"stage": stage}));
        event(14, "FAILED", &json!({"stage": stage}));
    }
    for n in 0..Metadata::KEYS {
        let key = format!("{n:03}{}", "k".repeat(Metadata::NAME_BYTES / Metadata::KEYS - 5));
        event(
            20,
            "IN_PROGRESS",
            &json!({"metadata": {key: "v".repeat(60)}, "notes": format!("{n}{}", "n".repeat(4092))}),
        );
    }
    for n in 0..16 {
        event(
            30,
            "IN_PROGRESS",
            &json!({"links": {longest(n, 64): format!("https://a.example/{}", "x".repeat(2029))}}),
        );
    }
    let label = longest(0, 256);
    event(
        40,
        "ROLLED_BACK",
        &json!({
            "service": longest(0, 128), "environment": longest(0, 128), "version": label, "commit": label, "artifact": label,
            "buildNumber": label, "region": longest(0, 128), "release": label, "rollbackTo": label,
            "triggeredBy": {"actor": "a".repeat(256), "reason": "r".repeat(1024)},
            "error": {"message": "m".repeat(4096), "code": "c".repeat(256)}, "metrics": {"durationSeconds": 1.5, "errorRate": 2},
        }),
    );
    let keys: Vec<EventKey> = (0..events.len()).map(|number| EventKey::stored(&format!("{number:022}"))).collect();
    let mut summary = Summary::empty(DeploymentId::parse("d").unwrap());
    for (event, key) in events.iter().zip(&keys) {
        summary.fold(event, key, event.occurred_at.unwrap());
    }
    let rows = summary.stage_rows();
    assert_eq!(rows.len(), Stages::MOST);
    assert!(rows.iter().all(|row| row.error.is_some() && row.link.is_some() && row.metrics.is_some()));
    assert_eq!(summary.latest.metadata().values().map(|metadata| metadata.len()), Some(Metadata::KEYS));
    assert_eq!(summary.latest.links().len(), 16);
    // The endings are no part of this: each is an event that a deployment has few of.
    summary.endings.clear();
    let bytes = serde_json::to_string(&summary).unwrap().len();
    let figures = serde_json::to_string(&Figures::of(&summary).unwrap()).unwrap().len();
    assert!(bytes + figures < 390 * 1024, "{bytes} bytes, and {figures} of figures");
    assert!(bytes > 300 * 1024, "{bytes} bytes: this is not the largest one");
}
