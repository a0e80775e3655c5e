//! Which calls to AWS each function makes: the real handlers are driven through whatever they do, and
//! the wire between them and AWS records each call. A transaction is what IAM sees of it: the writes in it.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use api::routes::{Function, ROUTES, Route};
use domain::Retention;
use serde_json::{Value, json};
use tests::doors::Door;
use tests::witnessing::{scheduled, witness};
use tests::world::at;
use tests::{Vault, World};

use super::emitted::{clock, queued, wait};

/// What a call needs to be allowed: the action on a table (`history`, `state`), on an index of it
/// (`state/index/active`), or on nothing that has a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Needed {
    pub(crate) action: String,
    pub(crate) on: String,
    /// Whether it is part of a transaction.
    pub(crate) in_transaction: bool,
}

/// What the functions call.
pub(crate) struct Calls {
    pub(crate) event_processor: BTreeSet<Needed>,
    pub(crate) status_query: BTreeSet<Needed>,
    pub(crate) witness: BTreeSet<Needed>,
}

pub(crate) static CALLS: LazyLock<Calls> = LazyLock::new(|| wait(drive()));

async fn drive() -> Calls {
    let mut world = World::new().await;
    record(&mut world).await;
    let event_processor = gathered(&world);
    world.wire.reset();
    ask(&world).await;
    let status_query = gathered(&world);
    world.wire.reset();
    let witness = witnessed(&world).await;
    Calls { event_processor, status_query, witness }
}

/// Everything that the witness does.
async fn witnessed(world: &World) -> BTreeSet<Needed> {
    let vault = Vault::default();
    let witness = witness(world, &vault, Retention::FOREVER);
    for days in [1, 2] {
        scheduled(&witness, at(days * 24 * 3600)).await.unwrap();
    }
    let keys = json!({"pk": {"S": "DEPLOYMENT#d-0"}, "sk": {"S": "EVENT#x"}});
    let record =
        json!({"eventSource": "aws:dynamodb", "eventName": "MODIFY", "dynamodb": {"Keys": keys, "OldImage": keys}});
    Box::pin(witness.handle(&json!({"Records": [record]}).to_string(), at(0))).await.unwrap();
    let mut needed = gathered(world);
    for call in vault.calls() {
        let (action, on) = match call.split_once(' ') {
            None => ("kms:Sign", "key"),
            Some(("PUT", _)) => ("s3:PutObject", "objects"),
            Some((_, path)) if path.contains("versions=") => ("s3:ListBucketVersions", "anchors"),
            Some((_, path)) if path.contains("versionId=") => ("s3:GetObjectVersion", "objects"),
            Some(_) => panic!("{call} is not known here"),
        };
        needed.insert(Needed { action: action.to_owned(), on: on.to_owned(), in_transaction: false });
    }
    needed
}

fn event(id: &str, seconds: i64, more: &Value) -> Value {
    let mut event = json!({"deploymentId": id, "occurredAt": at(seconds), "version": "1"});
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

/// Everything that event-processor does.
async fn record(world: &mut World) {
    let placed = |status: &str| json!({"service": "cart", "environment": "staging", "status": status});
    // Endings in one place, each later than the last; one is corrected when its environment is named.
    for n in 0..3 {
        world.post_at(&event(&format!("d-{n}"), n, &placed("COMPLETED")), at(60)).await;
    }
    world.post_at(&event("late", 5, &json!({"status": "COMPLETED"})), at(60)).await;
    world.post_at(&event("late", 1, &placed("IN_PROGRESS")), at(60)).await;
    // No deployment.
    let incident = json!({"type": "incident", "environment": "staging", "status": "IN_PROGRESS"});
    world.post_at(&event("incident:1", 5, &incident), at(60)).await;
    // Known, contended and full.
    world.post_at(&event("d-0", 0, &placed("COMPLETED")), at(60)).await;
    let other = world.another_processor();
    let raced: Vec<String> = (0..10).map(|n| queued(&event("raced", n, &placed("IN_PROGRESS")))).collect();
    let batch = tests::invocations::queue_event(&raced, at(60)).to_string();
    let same = tests::invocations::queue_event(&raced[5..], at(60)).to_string();
    let (one, two) = tokio::join!(world.processor.handle(&batch, at(60)), other.handle(&same, at(60)));
    one.and(two).unwrap();
    for hundred in 0..11 {
        let events: Vec<Value> = (0..100).map(|n| event("full", hundred * 100 + n, &placed("IN_PROGRESS"))).collect();
        world.post_at(&json!(events), at(3000)).await;
    }
    // Refused: in doubt, and for good.
    let known = |notes: &str| queued(&event("d-1", 0, &json!({"status": "PENDING", "eventId": "1", "notes": notes})));
    world.queue(&["{wrong".to_owned(), known("one"), known("other")], at(60)).await.unwrap();
    let webhook =
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../events/github/deployment_status.success.json"));
    world.send(&Door::GitHub("deployment_status".to_owned()), &webhook.unwrap()).await.unwrap();
    let environments = json!([{"name": "asking", "autoRollback": true}]);
    for days in [3, 4] {
        let settings = json!({"abandonAfterDays": days, "environments": environments});
        assert_eq!(world.apply(&settings).await.status, 201);
    }
    // Bad where it is to be suggested what to go back to.
    for (id, seconds) in [("b-1", 1), ("b-2", 2)] {
        let landed = json!({"service": "cart", "environment": "asking", "status": "COMPLETED", "version": id});
        assert_eq!(world.post_at(&event(id, seconds, &landed), at(60)).await.status, 201);
    }
    let observed =
        json!({"type": "observation", "deploymentId": "b-2", "metrics": {"errorRate": 20}, "occurredAt": at(3)});
    assert_eq!(world.post_at(&observed, at(60)).await.status, 201);
    // What a release is declared to be, and what names one; it is corrected.
    for version in ["1", "2"] {
        let declared = json!({"services": {"cart": version}}).to_string();
        let headers = [("content-type", "application/json")];
        let path = "/v1/releases/2026-11";
        let answer = world.request("PUT", path, &headers, declared.as_bytes(), at(60)).await.unwrap();
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    for (seconds, release) in [(8, "other"), (6, "2026-11")] {
        let mut named = placed("IN_PROGRESS");
        named["release"] = json!(release);
        named["artifact"] = json!("cart.tar");
        assert_eq!(world.post_at(&event("named", seconds, &named), at(60)).await.status, 201);
    }
    // What people send from forms.
    let by_hand = [("form", "0f".repeat(16)), ("what", "failed".to_owned())];
    let thing = [("service", "cart"), ("version", "1"), ("environment", "staging")];
    let fields: Vec<(&str, &str)> = by_hand.iter().map(|(name, text)| (*name, text.as_str())).chain(thing).collect();
    assert_eq!(world.submit("/record", &fields).await.0, 303);
    let note = [("form", by_hand[0].1.as_str()), ("notes", "a word")];
    assert_eq!(world.submit("/deployments/d-0/notes", &note).await.0, 303);
    let bad = [("form", by_hand[0].1.as_str()), ("outcome", "BAD"), ("reason", "slow"), thing[0], thing[1]];
    assert_eq!(world.submit("/bad", &bad).await.0, 303);
    world.publish().await.unwrap();
    // A restarted function remembers nothing.
    world.restart();
    world.post_at(&event("d-0", 9, &placed("FAILED")), at(60)).await;
    for seconds in [7200, 7260] {
        world.processor.handle(&clock(seconds), at(seconds)).await.unwrap();
    }
}

/// Every route of status-query, with whatever changes what is read.
const QUESTIONS: [&str; 43] = [
    "/v1/deployments",
    "/v1/deployments?service=cart",
    "/v1/deployments?environment=staging&service=cart&status=FAILED",
    "/v1/deployments/active",
    "/v1/deployments/d-0",
    "/v1/deployments/d-0/events?limit=1",
    "/v1/deployments/d-0/verify",
    "/v1/verify?day=2026-03-01",
    "/v1/export?day=2026-03-01",
    "/v1/incidents",
    "/v1/live",
    "/v1/live?environment=staging",
    "/v1/live?service=cart&asOf=2026-03-01T12:00:01Z&knownAt=2026-03-01T12:30:00Z",
    "/v1/compare?from=staging&to=production",
    "/v1/compare?from=staging&to=production&service=cart&asOf=2026-03-01T12:30:00Z",
    "/v1/drift",
    "/v1/drift?environment=staging&kind=SILENT&asOf=2026-03-01T12:30:00Z",
    "/v1/suspects?service=cart&at=2026-03-01T12:30:00Z",
    "/v1/suspects?service=cart&at=2026-03-01T12:30:00Z&environment=staging&window=2d",
    "/v1/gate?service=cart&environment=production&version=1&commit=abc1234&deploymentId=d-0",
    "/v1/gate?service=cart&environment=production&version=1",
    "/v1/gate?service=cart&environment=production&version=1&asOf=2026-03-01T12:00:01Z&knownAt=2026-03-01T12:30:00Z",
    "/v1/bad",
    "/v1/bad?service=cart&environment=production&asOf=2026-03-01T12:30:00Z&cleared=true",
    "/v1/releases",
    "/v1/releases?environment=production&asOf=2026-03-01T12:30:00Z",
    "/v1/releases/2026-11?environment=production",
    "/v1/releases/2026-11?environment=production&asOf=2026-03-01T12:30:00Z",
    "/v1/deployments?release=2026-11",
    "/v1/deployments?artifact=cart.tar",
    "/v1/metrics",
    "/v1/catalog",
    "/v1/catalog?service=cart",
    "/v1/usage",
    "/v1/usage?asOf=2026-03-01T12:00:00Z",
    "/v1/rejected?limit=1",
    "/v1/settings",
    "/v1/settings?version=1",
    "/v1/settings?asOf=2026-03-01T12:00:00Z",
    "/v1/settings/versions",
    "/openapi.json",
    "/healthz",
    "/",
];

async fn ask(world: &World) {
    let asked = |route: &Route| {
        let path = route.path.replace("{deploymentId}", "d-0").replace("{release}", "2026-11");
        QUESTIONS.iter().any(|question| question.split('?').next() == Some(path.as_str()))
    };
    for route in ROUTES.iter().filter(|route| route.function == Function::StatusQuery) {
        assert!(asked(route), "{} is not asked", route.path);
    }
    for path in QUESTIONS {
        let answer = world.get_at(path, at(7200)).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
    }
}

/// What the calls since the wire's last reset need.
fn gathered(world: &World) -> BTreeSet<Needed> {
    let tables = &world.embedded.tables;
    let named = |table: &Value| match table.as_str() {
        Some(name) if name == tables.history => "history".to_owned(),
        Some(name) if name == tables.state => "state".to_owned(),
        other => panic!("{other:?} is neither table"),
    };
    let mut needed = BTreeSet::new();
    for call in world.wire.calls() {
        let request: Value = serde_json::from_str(&call.request).unwrap_or_default();
        let mut need = |service: &str, operation: &str, on: String, in_transaction: bool| {
            needed.insert(Needed { action: format!("{service}:{operation}"), on, in_transaction });
        };
        match call.operation.as_str() {
            "PutMetricData" => need("cloudwatch", "PutMetricData", "metrics".to_owned(), false),
            "PutEvents" => need("events", "PutEvents", "default bus".to_owned(), false),
            "PublishBatch" => need("sns", "Publish", "topic".to_owned(), false),
            "BatchGetItem" => {
                for table in request["RequestItems"].as_object().unwrap().keys() {
                    need("dynamodb", "BatchGetItem", named(&table.as_str().into()), false);
                }
            }
            "TransactWriteItems" => {
                for write in request["TransactItems"].as_array().unwrap() {
                    let (kind, write) = write.as_object().unwrap().iter().next().unwrap();
                    let operation =
                        if kind == "ConditionCheck" { "ConditionCheckItem" } else { &format!("{kind}Item") };
                    need("dynamodb", operation, named(&write["TableName"]), true);
                }
            }
            operation => {
                let table = named(&request["TableName"]);
                let index = request["IndexName"].as_str().map(|index| format!("/index/{index}"));
                need("dynamodb", operation, format!("{table}{}", index.unwrap_or_default()), false);
            }
        }
    }
    needed
}
