//! A small demo history, as some pipelines would report it, so that every query has an answer.

use domain::Timestamp;
use event_processor::Message;
use serde_json::{Value, json};
use store::StoreError;

use crate::System;

/// How a demo deployment finishes.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Completed,
    Failed,
    /// Completed, and rolled back ten minutes later to this version.
    RolledBack(&'static str),
    Cancelled,
    Running,
}

/// A demo deployment: service, environment, version, when it started (minutes ago), how it finished.
type Demo = (&'static str, &'static str, &'static str, i64, End);

const DAY: i64 = 24 * 60;

const DEPLOYMENTS: [Demo; 22] = [
    ("catalog", "staging", "4.10.0", 9 * DAY, End::Completed),
    ("catalog", "production", "4.10.0", 8 * DAY, End::Completed),
    ("checkout", "staging", "2.7.0", 7 * DAY + 300, End::Completed),
    ("checkout", "production", "2.7.0", 7 * DAY, End::Completed),
    ("payments", "staging", "1.18.2", 6 * DAY + 90, End::Completed),
    ("payments", "production", "1.18.2", 6 * DAY, End::Completed),
    ("search", "production", "0.31.0", 5 * DAY, End::Completed),
    ("notifications", "production", "3.2.1", 5 * DAY - 45, End::Completed),
    ("checkout", "development", "2.8.0", 4 * DAY, End::Completed),
    ("checkout", "staging", "2.8.0", 3 * DAY + 200, End::Completed),
    ("checkout", "production", "2.8.0", 3 * DAY, End::RolledBack("2.7.0")),
    ("search", "staging", "0.32.0", 2 * DAY + 30, End::Failed),
    ("search", "staging", "0.32.1", 2 * DAY, End::Completed),
    ("payments", "development", "1.19.0", DAY + 400, End::Completed),
    ("payments", "staging", "1.19.0", DAY + 200, End::Completed),
    ("payments", "production", "1.19.0", DAY, End::Completed),
    ("catalog", "development", "4.11.0", 600, End::Cancelled),
    ("notifications", "staging", "3.3.0", 300, End::Completed),
    ("notifications", "production", "3.3.0", 240, End::Failed),
    ("checkout", "staging", "2.8.1", 120, End::Completed),
    ("catalog", "staging", "4.11.0", 45, End::Completed),
    ("checkout", "production", "2.8.1", 4, End::Running),
];

/// Records the demo history: each event is recorded a moment after it happened. Answers how many there are.
///
/// # Errors
/// When an event can't be recorded; all of them are valid.
pub async fn record(system: &System, now: Timestamp) -> Result<usize, StoreError> {
    let mut events: Vec<(Timestamp, Value)> = DEPLOYMENTS.iter().flat_map(|demo| events(demo, now)).collect();
    events.sort_by_key(|(at, _)| *at);
    for (number, (at, event)) in events.iter().enumerate() {
        let recorded_at = at.plus_millis(800).min(now);
        let message = Message { id: format!("demo-{number}"), raw: event.to_string(), sent_at: recorded_at };
        if let Some((_, error)) = system.processor.receive(vec![message], recorded_at).await.pop() {
            return Err(error);
        }
    }
    Ok(events.len())
}

fn events(demo: &Demo, now: Timestamp) -> Vec<(Timestamp, Value)> {
    let (service, environment, version, minutes_ago, end) = *demo;
    let id = format!("{service}-{environment}-{version}");
    let start = now.plus_millis(-minutes_ago * 60_000);
    let mut events = Vec::new();
    let mut report = |seconds: i64, more: Value| {
        let at = start.plus_millis(seconds * 1000);
        let mut detail = json!({"deploymentId": id, "occurredAt": at});
        for (name, value) in more.as_object().into_iter().flatten() {
            detail[name] = value.clone();
        }
        events.push((
            at,
            json!({
                "version": "0",
                "source": "demo.pipeline",
                "detail-type": "Deployment Event",
                "account": "123456789012",
                "region": "eu-west-1",
                "time": at,
                "detail": detail,
            }),
        ));
    };
    let stage = |name: &str, status: &str| json!({"type": "stage", "stage": name, "status": status});

    report(
        0,
        json!({
            "status": "PENDING", "service": service, "environment": environment, "version": version,
            "commit": commit(service, version), "committedAt": start.plus_millis(-52 * 60_000),
            "triggeredBy": if environment == "production" {
                json!({"kind": "MANUAL", "actor": "ada@example.com", "reason": "release"})
            } else {
                json!("AUTOMATIC")
            },
            "links": {"pipeline": format!("https://ci.example.com/{service}/{version}")},
        }),
    );
    report(20, json!({"status": "IN_PROGRESS"}));
    report(25, stage("INITIALIZATION", "IN_PROGRESS"));
    report(40, stage("INITIALIZATION", "COMPLETED"));
    report(41, stage("DEPLOYMENT", "IN_PROGRESS"));
    if end == End::Running {
        return events;
    }
    if end == End::Cancelled {
        report(95, json!({"status": "CANCELLED", "notes": "superseded by a fix"}));
        return events;
    }
    report(160, stage("DEPLOYMENT", "COMPLETED"));
    report(165, stage("HEALTH_CHECK", "IN_PROGRESS"));
    if end == End::Failed {
        report(225, stage("HEALTH_CHECK", "FAILED"));
        report(
            230,
            json!({
                "status": "FAILED",
                "error": {"code": "HEALTH_CHECK", "message": "3 of 4 instances did not become healthy"},
                "metrics": {"healthScore": 25, "errorRate": 18.5, "instanceCount": 4},
            }),
        );
        return events;
    }
    report(225, stage("HEALTH_CHECK", "COMPLETED"));
    report(
        240,
        json!({
            "status": "COMPLETED", "metrics": {"healthScore": 98.5, "errorRate": 0.2, "instanceCount": 4},
        }),
    );
    if let End::RolledBack(to) = end {
        report(
            840,
            json!({
                "status": "ROLLED_BACK", "rollbackTo": to,
                "error": {"code": "ERROR_RATE", "message": "errors at 9 % after the release"},
                "metrics": {"healthScore": 61, "errorRate": 9},
            }),
        );
    }
    events
}

/// A made-up commit, always the same for a version.
fn commit(service: &str, version: &str) -> String {
    domain::json::sha256_hex(&format!("{service} {version}"))[..40].to_owned()
}
