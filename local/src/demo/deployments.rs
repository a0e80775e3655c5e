//! The deployments of the demo.

use domain::Timestamp;
use serde_json::{Value, json};

use super::{DAY, minutes_before};

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

const DEPLOYMENTS: [Demo; 37] = [
    // Live for longer than usual.
    ("status-page", "staging", "1.0.0", 121 * DAY, End::Completed),
    ("status-page", "production", "1.0.0", 120 * DAY, End::Completed),
    // Goes on in staging, and is forgotten in production.
    ("profiles", "staging", "5.1.0", 41 * DAY, End::Completed),
    ("profiles", "production", "5.1.0", 40 * DAY, End::Completed),
    ("profiles", "staging", "5.2.0", 30 * DAY, End::Completed),
    ("profiles", "staging", "5.3.0", 26 * DAY, End::Completed),
    ("profiles", "staging", "5.4.0", 21 * DAY, End::Completed),
    ("profiles", "staging", "5.5.0", 17 * DAY, End::Completed),
    ("profiles", "staging", "5.6.0", 13 * DAY, End::Completed),
    ("profiles", "staging", "5.7.0", 10 * DAY, End::Completed),
    // Came to staging and went nowhere.
    ("invoices", "staging", "0.1.0", 20 * DAY, End::Completed),
    ("catalog", "staging", "4.10.0", 9 * DAY, End::Completed),
    ("catalog", "production", "4.10.0", 8 * DAY, End::Completed),
    ("checkout", "staging", "2.7.0", 7 * DAY + 300, End::Completed),
    ("checkout", "production", "2.7.0", 7 * DAY, End::Completed),
    ("payments", "staging", "1.18.2", 6 * DAY + 90, End::Completed),
    ("payments", "production", "1.18.2", 6 * DAY, End::Completed),
    ("search", "staging", "0.31.0", 5 * DAY + 240, End::Completed),
    ("search", "production", "0.31.0", 5 * DAY, End::Completed),
    ("notifications", "staging", "3.2.1", 5 * DAY + 120, End::Completed),
    ("notifications", "production", "3.2.1", 5 * DAY - 45, End::Completed),
    ("checkout", "development", "2.8.0", 4 * DAY, End::Completed),
    ("checkout", "staging", "2.8.0", 3 * DAY + 200, End::Completed),
    ("checkout", "production", "2.8.0", 3 * DAY, End::RolledBack("2.7.0")),
    ("search", "staging", "0.32.0", 2 * DAY + 30, End::Failed),
    ("search", "staging", "0.32.1", 2 * DAY, End::Completed),
    ("payments", "development", "1.19.0", DAY + 400, End::Completed),
    ("payments", "staging", "1.19.0", DAY + 200, End::Completed),
    ("payments", "production", "1.19.0", DAY, End::Completed),
    // A hotfix: it was never in staging.
    ("search", "production", "0.31.1", 20 * 60, End::Completed),
    ("catalog", "development", "4.11.0", 600, End::Cancelled),
    ("notifications", "staging", "3.3.0", 300, End::Completed),
    ("notifications", "production", "3.3.0", 240, End::Failed),
    ("checkout", "development", "2.8.1", 180, End::Completed),
    ("checkout", "staging", "2.8.1", 120, End::Completed),
    ("catalog", "staging", "4.11.0", 45, End::Completed),
    ("checkout", "production", "2.8.1", 4, End::Running),
];

/// Who or what starts a deployment. The pipeline of `search` goes on to production by itself.
fn trigger(service: &str, environment: &str, version: &str) -> Value {
    match (service, environment, version) {
        ("search", "production", "0.31.1") => {
            json!({"kind": "MANUAL", "actor": "grace@example.com", "reason": "hotfix: queries time out"})
        }
        ("search", ..) => json!("AUTOMATIC"),
        (_, "production", _) => json!({"kind": "MANUAL", "actor": "ada@example.com", "reason": "release"}),
        _ => json!("AUTOMATIC"),
    }
}

/// The release of a version, where it is part of one. Production got only a part of it.
fn release(service: &str, version: &str) -> Option<&'static str> {
    let parts = [("payments", "1.19.0"), ("search", "0.32.1")];
    parts.contains(&(service, version)).then_some("autumn")
}

/// What is reported of all of them, each with when.
pub(super) fn events(now: Timestamp) -> Vec<(Timestamp, Value)> {
    DEPLOYMENTS.iter().flat_map(|demo| of(demo, now)).collect()
}

/// The id of a deployment.
pub(super) fn id(service: &str, environment: &str, version: &str) -> String {
    format!("{service}-{environment}-{version}")
}

fn of(demo: &Demo, now: Timestamp) -> Vec<(Timestamp, Value)> {
    let (service, environment, version, minutes_ago, end) = *demo;
    let id = id(service, environment, version);
    let start = minutes_before(now, minutes_ago);
    let mut events = Vec::new();
    let mut report = |seconds: i64, more: Value| {
        let at = start.plus_millis(seconds * 1000);
        let mut detail = json!({"deploymentId": id, "occurredAt": at});
        for (name, value) in more.as_object().into_iter().flatten() {
            detail[name] = value.clone();
        }
        events.push((at, detail));
    };
    let stage = |name: &str, status: &str| json!({"type": "stage", "stage": name, "status": status});

    report(
        0,
        json!({
            "status": "PENDING", "service": service, "environment": environment, "version": version,
            "commit": commit(service, version), "committedAt": start.plus_millis(-52 * 60_000),
            "triggeredBy": trigger(service, environment, version), "release": release(service, version),
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
pub(super) fn commit(service: &str, version: &str) -> String {
    domain::json::sha256_hex(&format!("{service} {version}"))[..40].to_owned()
}
