//! `status`: a deployment and its stages.

use crate::called::Shell;
use crate::server::{Double, demo};

#[test]
fn a_deployment_is_printed_with_its_stages() {
    let printed = Shell::at(demo()).call(&["status", "checkout-production-2.8.0"]).succeeded();
    for line in
        ["Status          ↩ rolled back", "Triggered by    ada@example.com: release (manual)", "Rolled back to  2.7.0"]
    {
        assert!(printed.contains(line), "{printed}");
    }
    assert!(printed.contains("\nSTAGE           STATUS"), "{printed}");
}

#[test]
fn a_deployment_is_printed_as_it_stood_at_a_time() {
    let shell = Shell::at(demo());
    let id = "checkout-production-2.8.0";
    let json = shell.call(&["status", id, "-o", "json"]).succeeded();
    let now: serde_json::Value = serde_json::from_str(&json).unwrap();
    let printed = |flags: &[&str]| shell.call(&[&["status", id, "-o", "text"], flags].concat());
    let started = format!("--as-of={}", now["startedAt"].as_str().unwrap());
    let then = printed(&[&started]).succeeded();
    assert!(then.starts_with(&format!("{id}\tIN_PROGRESS\t")), "{then}");
    // It was recorded a moment after it had happened.
    let known = format!("--known-at={}", now["startedAt"].as_str().unwrap());
    assert!(printed(&[&known]).succeeded().starts_with(&format!("{id}\tPENDING\t")));
    let before = printed(&["--as-of=2020-01-01"]).failed(3);
    assert!(before.contains("no event of it was there yet"), "{before}");
}

#[test]
fn the_error_for_an_unknown_id_suggests_similar_ones() {
    let printed = Shell::at(demo()).call(&["status", "checkout-production-2.8"]).failed(3);
    assert_eq!(
        printed,
        "deployment-status: no deployment checkout-production-2.8: no event of it is recorded\n  \
         Did you mean checkout-production-2.8.0, checkout-production-2.8.1 or checkout-production-2.7.0?\n  \
         `deployment-status history` lists the latest deployments.\n"
    );
}

#[test]
fn json_is_printed_as_it_came() {
    let shell = Shell::at(demo());
    let json = shell.call(&["status", "checkout-production-2.8.0", "-o", "json"]).succeeded();
    assert!(json.starts_with(r#"{"deploymentId":"checkout-production-2.8.0","service":"checkout","#), "{json}");
    let body = json.trim_end().to_owned();
    let double = Double::always(200, &[], &format!(" {body}"));
    let again = Shell::at(&double.url).call(&["status", "checkout-production-2.8.0", "-o", "json"]).succeeded();
    assert_eq!(again, format!(" {body}\n"), "byte for byte");
}

/// The answer of a deployment whose stage failed, with what would steer a terminal in its error.
pub(crate) fn failed_deployment() -> String {
    let stage = |name: &str, status: &str, more: serde_json::Value| {
        let mut stage = serde_json::json!({
            "stage": name, "attempt": 1, "status": status, "startedAt": "2025-03-01T12:00:00.000Z",
            "finishedAt": "2025-03-01T12:01:00.000Z", "durationSeconds": 60.0, "links": {}, "inferred": false,
        });
        stage.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        stage
    };
    let error = serde_json::json!({"code": "E503", "message": "2 of 3 answer\u{1b}[2J"});
    serde_json::json!({
        "deploymentId": "d-1", "service": "checkout", "environment": "production", "version": "2.0.0",
        "status": "FAILED", "attempt": 1, "createdAt": "2025-03-01T12:00:00.000Z",
        "startedAt": "2025-03-01T12:00:00.000Z", "updatedAt": "2025-03-01T12:02:00.000Z",
        "finishedAt": "2025-03-01T12:02:00.000Z", "durationSeconds": 120.0, "links": {}, "eventCount": 4, "flags": [],
        "failedStage": {"stage": "CHECK", "error": error},
        "stages": [
            stage("DEPLOYMENT", "COMPLETED", serde_json::json!({"inferred": true})),
            stage("CHECK", "FAILED", serde_json::json!({"error": error})),
        ],
    })
    .to_string()
}

#[test]
fn the_stage_that_failed_is_named_with_its_error() {
    let body = failed_deployment();
    let double = Double::always(200, &[], &body);
    let printed = Shell::at(&double.url).call(&["status", "d-1"]).succeeded();
    assert!(printed.contains("\n  Failed in    CHECK: E503: 2 of 3 answer\\u{1b}[2J\n"), "{printed}");
    let rows: Vec<&str> = printed.lines().skip_while(|line| !line.starts_with("STAGE")).collect();
    let column = rows[0].find("ERROR").unwrap();
    let cell = |row: &str| row.chars().skip(column).collect::<String>();
    assert_eq!(cell(rows[1]).trim(), "-", "{printed}");
    assert_eq!(cell(rows[2]).trim(), r"E503: 2 of 3 answer\u{1b}[2J", "{printed}");
    let json = Shell::at(&double.url).call(&["status", "d-1", "-o", "json"]).succeeded();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["failedStage"]["error"]["code"], "E503");
}

#[test]
fn what_is_expected_how_it_goes_and_what_was_before_it_are_printed() {
    let mut deployment: serde_json::Value = serde_json::from_str(&failed_deployment()).unwrap();
    let answer = |deployment: &serde_json::Value| {
        let double = Double::always(200, &[], &deployment.to_string());
        Shell::at(&double.url).call(&["status", "d-1"]).succeeded()
    };
    let before = answer(&deployment);
    assert!(!before.contains("Expected") && !before.contains("USUALLY"), "an earlier server says nothing: {before}");
    let usual = serde_json::json!({"seconds": 50.0, "p95": 70.0, "from": 40});
    let more = serde_json::json!({
        "status": "IN_PROGRESS", "finishedAt": null, "durationSeconds": null, "failedStage": null,
        "expected": {"seconds": 240.0, "p95": 310.0, "from": 50, "of": "place", "stages": {"DEPLOYMENT": usual}},
        "pace": {"state": "STALLED", "slowAfterSeconds": 620.0, "silentAfterSeconds": 300.0, "stage": "CHECK\u{1b}[2J"},
        "previous": {"deploymentId": "d-0", "version": "1.9.0", "commit": null, "landedAt": "2025-02-28T12:00:00.000Z"},
    });
    deployment.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let printed = answer(&deployment);
    for line in [
        "  Expected     about 4m, 95 % within 5m 10s (by the last 50 of this service here)\n",
        "  Pace         stalled, in stage CHECK\\u{1b}[2J: it takes more than 10m 20s, and nothing was reported for 5m or more\n",
        "  Before it    d-0 (1.9.0)\n",
    ] {
        assert!(printed.contains(line), "{line}{printed}");
    }
    let header = printed.lines().find(|line| line.starts_with("STAGE")).unwrap();
    let column = header.find("USUALLY").unwrap();
    let row = printed.lines().find(|line| line.starts_with("DEPLOYMENT")).unwrap();
    assert_eq!(row.chars().skip(column).take(7).collect::<String>().trim(), "50s", "{printed}");
    deployment["pace"] =
        serde_json::json!({"state": "SLOW", "slowAfterSeconds": 620.0, "silentAfterSeconds": 300.0, "stage": null});
    deployment["expected"]["of"] = "environment".into();
    let printed = answer(&deployment);
    assert!(printed.contains("slow: it takes more than 10m 20s, and still reports"), "{printed}");
    assert!(printed.contains("(by the last 50 of the whole environment)"), "{printed}");
}
