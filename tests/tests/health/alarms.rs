//! Alarms: from CloudWatch's event through the queue, and from anybody's, to a verdict and a gate.

use serde_json::{Value, json};
use tests::world::at;
use tests::{Door, Taken, World};

use super::{deployment, event, record, state, verdict, with};

const HISTORY: &str = "observations:production:cart:2026-03-01T11";

fn sample(name: &str) -> Value {
    let path = format!("{}/../events/cloudwatch/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A change of an alarm of ours, in the form of CloudWatch.
fn change(name: &str, seconds: i64, state: &str) -> Value {
    let mut change = sample("metric-alarm");
    let before = if state == "ALARM" { "OK" } else { "ALARM" };
    change["detail"]["alarmName"] = json!(name);
    change["resources"] = json!([format!("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:{name}")]);
    change["detail"]["previousState"]["value"] = json!(before);
    let time = at(seconds).to_string().replace('Z', "+0000");
    change["detail"]["state"] = json!({"value": state, "reason": format!("{name} says {state}"), "timestamp": time});
    change
}

async fn deliver(world: &World, event: &Value) {
    assert_eq!(world.send(&Door::Queue, event.to_string().as_bytes()).await, Ok(Taken::Done), "{event}");
}

/// Settings by which `cart-*` are alarms of `cart` in production, and those on errors decisive, or not.
fn settings(decisive: bool) -> Value {
    json!({
        "environments": [{"name": "production", "gate": {"notBad": true}}],
        "rules": [
            {"source": "aws.cloudwatch", "when": {"alarmName": "*errors"}, "decisive": decisive},
            {"source": "aws.cloudwatch", "when": {"alarmName": "{service}-{environment}-errors"}},
            {"name": "alarms", "source": "aws.cloudwatch", "when": {"alarmName": "{service}-*"}, "environment": "production"},
        ],
    })
}

/// A world with these settings.
async fn world() -> World {
    let mut world = World::new().await;
    assert_eq!(world.apply(&settings(true)).await.status, 201);
    world
}

/// An observation of whatever runs of `cart` in production: what an alarm said.
fn reported(seconds: i64, alarm: &Value) -> Value {
    json!({"type": "observation", "service": "cart", "environment": "production", "alarm": alarm,
           "occurredAt": at(seconds)})
}

async fn decision(world: &World, query: &str) -> (Value, Value) {
    let gate = world.get(&format!("/v1/gate?service=cart&environment=production&{query}")).await.body;
    let check = gate["checks"].as_array().unwrap().iter().find(|check| check["check"] == "notBad").unwrap();
    (gate["decision"].clone(), check["detail"].clone())
}

#[tokio::test]
async fn a_decisive_alarm_makes_what_was_deployed_bad_and_that_it_is_well_again_undoes_nothing() {
    let mut world = world().await;
    record(&world, &[event("c-1", -3600, "COMPLETED", "1")]).await;
    let before = deployment(&world, "c-1", &format!("asOf={}", at(-3500))).await.body;
    assert_eq!(before["verdict"]["state"], "WATCHING");
    assert_eq!(decision(&world, "version=1").await.0, json!("ALLOW"));
    let (off, well) = (sample("metric-alarm"), sample("metric-alarm-ok"));
    deliver(&world, &off).await;
    // It comes again, under another id of EventBridge, and after the rule has changed.
    assert_eq!(world.apply(&settings(false)).await.status, 201);
    deliver(&world, &with(off.clone(), &json!({"id": "another"}))).await;
    assert_eq!(world.apply(&settings(true)).await.status, 201);
    let expected = json!({
        "state": "BAD", "since": "2026-03-01T11:10:40.989Z", "measurements": 0, "outside": 0,
        "suggestion": {
            "version": null, "commit": null, "deploymentId": null,
            "why": "nothing else ran there before, as far as is kept beside what runs",
        },
        "reasons": [{
            "rule": "alarm", "observed": null, "bound": null, "baseline": null, "at": "2026-03-01T11:10:40.989Z",
            "first": "2026-03-01T11:10:40.989Z", "last": "2026-03-01T11:10:40.989Z", "count": 1,
            "evidence": [{
                "at": "2026-03-01T11:10:40.989Z", "deploymentId": HISTORY, "observed": null,
                "by": "eventbridge:111122223333:aws.cloudwatch",
                "reason": "cart-production-errors: Threshold Crossed: 1 out of the last 1 datapoints [41.0 (01/03/26 \
                           11:09:00)] was greater than the threshold (5.0) (minimum 1 datapoint for OK -> ALARM \
                           transition).",
            }],
        }],
    });
    assert_eq!(verdict(&world, "c-1", "").await, expected);
    deliver(&world, &well).await;
    assert_eq!(verdict(&world, "c-1", "").await, expected);
    let (denied, why) = decision(&world, "version=1").await;
    assert_eq!(denied, json!("DENY"));
    let says = "1 went badly in production (c-1): an alarm went off at 2026-03-01T11:10:40.989Z";
    assert!(why.as_str().unwrap().starts_with(says), "{why}");
    assert_eq!(decision(&world, "version=2").await.0, json!("ALLOW"));
    // The deployment's own ledger is what it was.
    let after = deployment(&world, "c-1", "").await.body;
    for field in ["status", "updatedAt", "finishedAt", "eventCount", "metrics", "flags", "attempt", "stages"] {
        assert_eq!(after[field], before[field], "{field}");
    }
    let trail = world.get(&format!("/v1/deployments/{HISTORY}/events")).await.body;
    let alarms: Vec<&Value> = trail["items"].as_array().unwrap().iter().map(|item| &item["event"]["alarm"]).collect();
    assert_eq!(alarms.len(), 2, "{trail}");
    let states: Vec<&Value> = alarms.iter().map(|alarm| &alarm["state"]).collect();
    assert!(states.contains(&&json!("ALARM")) && states.contains(&&json!("OK")), "{trail}");
    assert!(alarms.iter().all(|alarm| alarm["decisive"] == true), "{trail}");
    assert_eq!(trail["items"][0]["event"]["region"], "eu-west-1");
    assert_eq!(world.get("/v1/rejected").await.body["items"], json!([]));
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn what_no_rule_gives_a_place_and_what_is_no_news_is_ignored_and_never_put_aside() {
    let world = world().await;
    for (name, event) in [
        ("of no rule", change("search", -100, "ALARM")),
        ("of the installation itself", change("deployment-status-dead-letters", -100, "ALARM")),
        ("without data", sample("insufficient-data")),
        ("as it was", sample("composite-no-longer-suppressed")),
        (
            "another kind",
            with(
                change("cart-errors", -100, "ALARM"),
                &json!({"detail-type": "CloudWatch Alarm Configuration Change"}),
            ),
        ),
    ] {
        deliver(&world, &event).await;
        assert_eq!(
            world.wire.calls().iter().filter(|call| call.operation == "TransactWriteItems").count(),
            1,
            "{name}"
        );
    }
    assert_eq!(world.get("/v1/rejected").await.body["items"], json!([]));
    // A rule that gives the environment alone gives no place; and what it reads as a name has to be one.
    for (rule, rejected) in [
        (json!({"source": "aws.cloudwatch", "environment": "production"}), 0),
        (json!({"source": "aws.*", "environment": "production", "service": "unknown"}), 0),
        (json!({"source": "aws.cloudwatch", "when": {"alarmName": "*"}, "deployment": false}), 0),
        (json!({"source": "aws.cloudwatch", "when": {"description": "{service}"}, "environment": "production"}), 1),
    ] {
        let mut world = World::new().await;
        world.change_rules(&json!([rule]));
        let mut event = sample("metric-alarm");
        event["detail"]["configuration"]["description"] = json!("x".repeat(200));
        deliver(&world, &event).await;
        let found = world.get("/v1/rejected").await.body;
        assert_eq!(found["items"].as_array().unwrap().len(), rejected, "{rule}: {found}");
    }
}

#[tokio::test]
async fn an_alarm_of_a_place_where_nothing_runs_is_recorded_and_is_of_no_deployment() {
    let world = world().await;
    deliver(&world, &change("pay-errors", -100, "ALARM")).await;
    let history = "observations:production:pay:2026-03-01T11";
    let trail = world.get(&format!("/v1/deployments/{history}/events")).await;
    assert_eq!((trail.status, trail.body["items"].as_array().map(Vec::len)), (200, Some(1)), "{}", trail.body);
    // What lands there later, and late, is judged by it as if it had been there all the time.
    let pay = json!({"service": "pay"});
    record(&world, &[with(event("p-2", -50, "COMPLETED", "2"), &pay)]).await;
    assert_eq!(state(&world, "p-2", "").await, (json!("WATCHING"), vec![]));
    record(&world, &[with(event("p-1", -200, "COMPLETED", "1"), &pay)]).await;
    assert_eq!(state(&world, "p-1", "").await, (json!("BAD"), vec![json!("alarm")]));
    assert_eq!(state(&world, "p-2", "").await, (json!("WATCHING"), vec![]));
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn anybody_can_report_what_an_alarm_said_of_a_place_or_of_a_deployment() {
    let world = World::new().await;
    record(&world, &[event("c-1", -7200, "COMPLETED", "1"), event("c-2", -3600, "COMPLETED", "2")]).await;
    let off = |decisive: bool| json!({"name": "<b>probe</b>\u{7}", "state": "ALARM", "decisive": decisive});
    // After the watch of either, and while the second ran.
    record(&world, &[reported(-1000, &off(true))]).await;
    assert_eq!(state(&world, "c-1", "").await, (json!("UNOBSERVED"), vec![]));
    assert_eq!(state(&world, "c-2", "").await, (json!("SUSPECT"), vec![json!("alarm")]));
    let found = verdict(&world, "c-2", "").await;
    assert_eq!(found["reasons"][0]["evidence"][0]["reason"], "<b>probe</b> ", "{found}");
    assert_eq!(state(&world, "c-2", &format!("asOf={}", at(-1001))).await, (json!("UNOBSERVED"), vec![]));
    let (_, _, page) = world.page("/deployments/c-2").await;
    assert!(page.contains("&lt;b&gt;probe&lt;/b&gt;") && !page.contains("<b>probe"), "{page}");
    // A suspicion denies nothing.
    let named = json!({"type": "observation", "deploymentId": "c-1", "occurredAt": at(-7000),
                       "alarm": {"name": "probe", "state": "OK"}});
    record(&world, std::slice::from_ref(&named)).await;
    assert_eq!(state(&world, "c-1", "").await, (json!("GOOD"), vec![]));
    record(&world, &[with(named, &json!({"alarm": off(true), "occurredAt": at(-6000)}))]).await;
    assert_eq!(state(&world, "c-1", "").await, (json!("BAD"), vec![json!("alarm")]));
    let wrong = world.post(&reported(-1, &json!({"name": "probe", "state": "BROKEN"}))).await;
    assert!(wrong.status == 400 || wrong.status == 422, "{}", wrong.body);
    assert_eq!(
        wrong.body["errors"],
        json!([{"field": "alarm.state", "detail": "must be ALARM or OK; an alarm without data says nothing"}])
    );
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn what_flaps_is_one_reason_and_what_was_off_when_it_landed_is_none() {
    let world = world().await;
    deliver(&world, &change("cart-latency", -3700, "ALARM")).await;
    record(&world, &[event("c-1", -3600, "COMPLETED", "1")]).await;
    // It says so again, after it lacked data.
    deliver(&world, &change("cart-latency", -3500, "ALARM")).await;
    assert_eq!(state(&world, "c-1", &format!("asOf={}", at(-3000))).await, (json!("WATCHING"), vec![]));
    for nth in 0..50 {
        let state = if nth % 2 == 0 { "OK" } else { "ALARM" };
        deliver(&world, &change("cart-latency", -3400 + nth * 10, state)).await;
    }
    let found = verdict(&world, "c-1", "").await;
    assert_eq!((&found["state"], found["reasons"].as_array().unwrap().len()), (&json!("SUSPECT"), 1), "{found}");
    let reason = &found["reasons"][0];
    assert_eq!((&reason["count"], reason["evidence"].as_array().unwrap().len()), (&json!(25), 20));
    assert_eq!((&reason["first"], &reason["last"]), (&json!(at(-3390)), &json!(at(-2910))));
    assert_eq!(reason["evidence"][0]["reason"], "cart-latency: cart-latency says ALARM");
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn no_order_of_arrival_changes_a_byte() {
    let of_cart = |id: &str, seconds, version| {
        json!({
            "source": "test", "detail-type": "Deployment Event", "account": "1", "time": at(seconds),
            "detail": event(id, seconds, "COMPLETED", version),
        })
    };
    let events = [
        change("cart-errors", -7300, "ALARM"),
        of_cart("c-1", -7200, "1"),
        change("cart-errors", -7100, "ALARM"),
        change("cart-errors", -7000, "OK"),
        change("cart-latency", -5000, "ALARM"),
        of_cart("c-2", -3600, "2"),
        change("cart-latency", -3500, "OK"),
        change("cart-errors", -3400, "ALARM"),
    ];
    let mut seen: Option<Vec<Value>> = None;
    for turned in 0..events.len() {
        let (mut forth, world) = (events.to_vec(), world().await);
        forth.rotate_left(turned);
        if turned % 2 == 1 {
            forth.reverse();
        }
        for event in &forth {
            deliver(&world, event).await;
        }
        let found = vec![verdict(&world, "c-1", "").await, verdict(&world, "c-2", "").await];
        // The first was good until one went off after its watch; the second is bad.
        assert_eq!((&found[0]["state"], &found[1]["state"]), (&json!("SUSPECT"), &json!("BAD")), "{found:?}");
        assert_eq!(found, *seen.get_or_insert_with(|| found.clone()), "turned by {turned}");
    }
}
