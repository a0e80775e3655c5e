//! Events with a wrong field: over HTTP the problem names the field, and through the queue the
//! quarantined event does.

use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{enveloped, expect_error, expect_nothing_recorded, expect_problem, with};

/// What is wrong with an event, the field that must be named, and what must be said of it.
type Wrong = (Value, &'static str, &'static str);

fn wrong_events() -> Vec<Wrong> {
    [wrong_fields(), wrong_incidents(), wrong_retirements()].concat()
}

/// Fields that don't go together: an incident's id, its type and its status.
fn wrong_incidents() -> Vec<Wrong> {
    vec![
        (json!({"type": "incident", "status": "COMPLETED"}), "deploymentId", "`incident:` and the incident's own name"),
        (
            json!({"type": "incident", "deploymentId": "incident:", "status": "COMPLETED"}),
            "deploymentId",
            "such as incident:INC-42",
        ),
        (
            json!({"type": "incident", "deploymentId": "incident:1", "status": "FAILED"}),
            "status",
            "must be IN_PROGRESS (open) or COMPLETED (resolved)",
        ),
        (
            json!({"deploymentId": "incident:1"}),
            "type",
            "must be incident where `deploymentId` begins with `incident:`",
        ),
        (json!({"deploymentId": "incident:1", "type": "stage", "stage": "a"}), "type", "must be incident where"),
    ]
}

/// What a retirement can't say, and what only a retirement can be of. The event that they are part of has the
/// fields of a deployment too.
fn wrong_retirements() -> Vec<Wrong> {
    let reserved = "must not begin with `environment:`";
    vec![
        (json!({"deploymentId": "environment:staging"}), "deploymentId", reserved),
        (json!({"deploymentId": "environment:staging", "type": "removal"}), "deploymentId", reserved),
        (json!({"deploymentId": "environment:x", "type": "incident"}), "deploymentId", reserved),
        (json!({"deploymentId": "verdicts:cart"}), "deploymentId", "must not begin with `verdicts:`"),
        (json!({"type": "retirement"}), "deploymentId", "must be left out of a retirement"),
        (json!({"type": "retirement"}), "status", "it is always COMPLETED"),
        (json!({"type": "retirement", "environment": null}), "environment", "is required on a retirement"),
        (json!({"type": "retirement", "version": "1"}), "version", "must be left out of a retirement"),
        (json!({"type": "retirement", "stage": "a"}), "stage", "must be left out of a retirement"),
    ]
}

fn wrong_fields() -> Vec<Wrong> {
    let long = |length: usize| "x".repeat(length);
    let links: serde_json::Map<String, Value> =
        (0..17).map(|number| (number.to_string(), json!("https://a.example"))).collect();
    let id = "1 to 128 characters: a letter or digit";
    let printable = "characters of printable text, with no space at either end";
    let statuses = "must be one of PENDING, IN_PROGRESS, VALIDATING, COMPLETED, CANCELLED, FAILED, ROLLED_BACK";
    let time = "must be an RFC 3339 time between 1970 and 2286";
    vec![
        (json!({"deploymentId": null}), "deploymentId", "is required"),
        (json!({"deploymentId": 7}), "deploymentId", "must be a text, not a number"),
        (json!({"deploymentId": ["d-1"]}), "deploymentId", "must be a text, not an array"),
        (json!({"deploymentId": ""}), "deploymentId", id),
        (json!({"deploymentId": "d#1"}), "deploymentId", id),
        (json!({"deploymentId": "d 1"}), "deploymentId", id),
        (json!({"deploymentId": " d"}), "deploymentId", id),
        (json!({"deploymentId": "d\n1"}), "deploymentId", id),
        (json!({"deploymentId": "d-1\n"}), "deploymentId", id),
        (json!({"deploymentId": "d\u{0}"}), "deploymentId", id),
        (json!({"deploymentId": "d\u{202e}1"}), "deploymentId", id),
        (json!({"deploymentId": long(129)}), "deploymentId", id),
        (json!({"deploymentId": "active"}), "deploymentId", "these are routes"),
        (json!({"deploymentId": "a/events"}), "deploymentId", "these are routes"),
        (json!({"deploymentId": "a/verify"}), "deploymentId", "these are routes"),
        (json!({"status": null}), "status", "is required"),
        (json!({"status": "DONE"}), "status", statuses),
        (json!({"status": "completed"}), "status", statuses),
        (json!({"status": ""}), "status", statuses),
        (json!({"status": true}), "status", "must be a text, not a boolean"),
        (json!({"type": "pipeline"}), "type", "removal, teardown, note, retirement, verdict, observation or incident"),
        (json!({"type": "stage"}), "stage", "is required on a stage event"),
        (json!({"stage": ""}), "stage", "printable text"),
        (json!({"stage": "a\u{1b}[31m"}), "stage", "printable text"),
        (json!({"stage": long(129)}), "stage", "1 to 128"),
        (json!({"attempt": 0}), "attempt", "must be a number from 1"),
        (json!({"attempt": -1}), "attempt", "must be a number from 1"),
        (json!({"attempt": 1.5}), "attempt", "must be a whole number"),
        (json!({"attempt": "1"}), "attempt", "must be a number from 1"),
        (json!({"attempt": 1e9}), "attempt", "must be a number from 1 to 1000000"),
        (json!({"occurredAt": "yesterday"}), "occurredAt", time),
        (json!({"occurredAt": 1_772_366_400}), "occurredAt", "must be a text, not a number"),
        (json!({"occurredAt": "2026-02-30T00:00:00Z"}), "occurredAt", time),
        (json!({"occurredAt": "2026-03-01"}), "occurredAt", time),
        (json!({"occurredAt": "1969-12-31T23:59:59Z"}), "occurredAt", time),
        (json!({"occurredAt": "9999-12-31T23:59:59Z"}), "occurredAt", time),
        (
            json!({"occurredAt": at(301)}),
            "occurredAt",
            "more than 5 minutes in the future; it is now 2026-03-01T12:00:00.000Z",
        ),
        (json!({"occurredAt": "2126-03-01T12:00:00Z"}), "occurredAt", "more than 5 minutes in the future"),
        (
            json!({"occurredAt": null, "timestamp": "2126-03-01T12:00:00Z"}),
            "timestamp",
            "more than 5 minutes in the future",
        ),
        (json!({"timestamp": at(0)}), "timestamp", "means the same as `occurredAt`"),
        (json!({"committedAt": "last week"}), "committedAt", time),
        (json!({"committedAt": "2126-03-01T12:00:00Z"}), "committedAt", "more than 5 minutes in the future"),
        (json!({"service": "a\u{200b}b"}), "service", "this has U+200B"),
        (json!({"service": ""}), "service", printable),
        (json!({"service": long(129)}), "service", "1 to 128"),
        (json!({"application": "shop"}), "application", "means the same as `service`"),
        (json!({"service": null, "applicationName": 5}), "applicationName", "must be a text"),
        (json!({"environment": "🚀".repeat(97)}), "environment", "at most 384 bytes in UTF-8; this has 388"),
        (json!({"environment": "prod "}), "environment", printable),
        (json!({"enviroment": "staging"}), "enviroment", "unknown field"),
        (json!({"version": long(257)}), "version", "1 to 256"),
        (json!({"version": 1.2}), "version", "must be a text, not a number"),
        (json!({"eventId": "e\u{e000}"}), "eventId", printable),
        (json!({"rollbackTo": "1\t2"}), "rollbackTo", printable),
        (json!({"triggeredBy": "BOB"}), "triggeredBy", "must be MANUAL, AUTOMATIC or SCHEDULED"),
        (json!({"triggeredBy": 5}), "triggeredBy", "must be a text or an object"),
        (json!({"triggeredBy": {"kind": "BOB"}}), "triggeredBy.kind", "must be MANUAL"),
        (json!({"triggeredBy": {"actor": long(257)}}), "triggeredBy.actor", "at most 256 bytes"),
        (json!({"triggeredBy": {"who": "bob"}}), "triggeredBy.who", "unknown field"),
        (json!({"metrics": 5}), "metrics", "must be an object"),
        (json!({"metrics": {"healthScore": 101}}), "metrics.healthScore", "must be a number from 0 to 100"),
        (json!({"metrics": {"healthScore": 100.000_001}}), "metrics.healthScore", "must be a number from 0 to 100"),
        (json!({"metrics": {"healthScore": -1}}), "metrics.healthScore", "must be a number from 0 to 100"),
        (json!({"metrics": {"healthScore": "99"}}), "metrics.healthScore", "must be a number from 0 to 100"),
        (json!({"metrics": {"durationSeconds": -0.001}}), "metrics.durationSeconds", "must be a number from 0"),
        (json!({"metrics": {"duration": -5}}), "metrics.duration", "must be a number from 0"),
        (json!({"metrics": {"errorCount": 1e300}}), "metrics.errorCount", "must be a number from 0"),
        (json!({"metrics": {"errorCount": 1.5}}), "metrics.errorCount", "must be a whole number"),
        (json!({"metrics": {"errorRate": false}}), "metrics.errorRate", "must be a number from 0"),
        (json!({"metrics": {"cpu": 5}}), "metrics.cpu", "unknown field"),
        (json!({"error": "it broke"}), "error", "must be an object, not a text"),
        (json!({"error": {"message": long(4097)}}), "error.message", "at most 4096 bytes"),
        (json!({"error": {"code": 5}}), "error.code", "must be a text"),
        (json!({"links": {"log": "http://a.example"}}), "links", "https URLs"),
        (json!({"links": {"log": "javascript:alert(1)"}}), "links", "https URLs"),
        (json!({"links": links}), "links", "at most 16"),
        (json!({"notes": long(4097)}), "notes", "at most 4096 bytes"),
        (json!({"metadata": []}), "metadata", "must be an object, not an array"),
        (json!({"metadata": {"a": long(16 * 1024)}}), "metadata", "at most 16 KB"),
        (json!({"deploymentEvent": "d-1"}), "deploymentEvent", "must be an object"),
        (json!({"deploymentEvent": {"deploymentId": "d-1", "status": "DONE"}}), "deploymentEvent.status", statuses),
    ]
}

#[tokio::test]
async fn each_wrong_field_that_is_posted_is_named() {
    let world = World::new().await;
    for (wrong, field, says) in wrong_events() {
        expect_problem(&world.post(&with(&wrong)).await, 400, field, says);
    }
    expect_nothing_recorded(&world).await;
    assert!(world.wire.calls().iter().all(|call| call.operation == "Query"), "nothing was asked for recording");
}

#[tokio::test]
async fn each_wrong_field_that_is_queued_is_named_in_quarantine_with_the_raw_text() {
    let world = World::new().await;
    let cases = wrong_events();
    let bodies: Vec<String> = cases.iter().map(|(wrong, _, _)| enveloped(&with(wrong))).collect();
    for (number, body) in bodies.iter().enumerate() {
        // Each at a time of its own, so that the list comes back in order.
        let now = at(i64::try_from(number).unwrap() - 100);
        let again = world.queue(std::slice::from_ref(body), now).await.unwrap();
        assert_eq!(again, [0usize; 0], "a wrong event does not come again: {body}");
    }
    let listed = world.get("/v1/rejected?limit=100").await.body;
    let listed = listed["items"].as_array().unwrap();
    assert_eq!(listed.len(), cases.len());
    for (rejected, ((_, field, says), body)) in listed.iter().rev().zip(cases.iter().zip(&bodies)) {
        assert_eq!(
            (&rejected["raw"], &rejected["reason"], &rejected["door"]),
            (&json!(body), &json!("invalid"), &json!("queue"))
        );
        assert_eq!(rejected["rawBytes"], body.len());
        // Relative times were made for the noon of the other test; here it is a little earlier.
        expect_error(&rejected["errors"], field, says.split(';').next().unwrap());
    }
    expect_nothing_recorded(&world).await;
}

#[tokio::test]
async fn all_that_is_wrong_with_an_event_is_said_at_once() {
    let world = World::new().await;
    let wrong = json!({
        "deploymentId": "d 1", "status": "DONE", "attempt": 0, "occurredAt": "soon", "service": "", "environment": 5,
        "triggeredBy": {"kind": "BOB", "who": 1}, "metrics": {"healthScore": 101, "duration": -1, "cpu": 1},
        "error": {"code": 1}, "links": {"a": "ftp://a.example"}, "metadata": "x", "enviroment": "production",
    });
    let answer = world.post(&wrong).await;
    assert_eq!(answer.status, 400);
    let mut named: Vec<&str> =
        answer.body["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    named.sort_unstable();
    let expected = [
        "attempt",
        "deploymentId",
        "enviroment",
        "environment",
        "error.code",
        "links",
        "metadata",
        "metrics.cpu",
        "metrics.duration",
        "metrics.healthScore",
        "occurredAt",
        "service",
        "status",
        "triggeredBy.kind",
        "triggeredBy.who",
    ];
    assert_eq!(named, expected);
    for field in expected {
        assert!(answer.body["detail"].as_str().unwrap().contains(field), "{}", answer.body["detail"]);
    }
    expect_nothing_recorded(&world).await;
}

#[tokio::test]
async fn a_time_five_minutes_ahead_is_a_clock_that_is_off_and_is_taken() {
    let world = World::new().await;
    assert_eq!(world.post(&with(&json!({"occurredAt": at(300)}))).await.status, 201);
}
