//! Verdicts are told once each, with a suggestion: at once, or by the tick where the evidence came first.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::world::at;
use tests::{Fault, World};

use super::{event, of, of_place, record, verdict, with};

const DAY: i64 = 24 * 3600;

pub(super) type Message = BTreeMap<String, String>;

/// Publishes all that is new, and gives the messages of verdicts.
pub(super) async fn told(world: &World) -> Vec<Message> {
    world.wire.reset();
    world.publish().await.unwrap();
    verdicts(world)
}

fn verdicts(world: &World) -> Vec<Message> {
    let of_verdict = |message: &Message| ["BAD", "SUSPECT", "GOOD_AGAIN"].contains(&message["type"].as_str());
    world.wire.messages().into_iter().filter(of_verdict).collect()
}

/// Which news of which deployment the messages are.
pub(super) fn news(messages: &[Message]) -> Vec<String> {
    let mut news: Vec<String> = messages.iter().map(|message| message["dedupeId"].clone()).collect();
    news.sort();
    news
}

pub(super) async fn tick(world: &World, seconds: i64) -> Vec<Message> {
    let event = json!({
        "version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events", "account": "1",
        "time": at(seconds), "region": "eu-central-1", "resources": ["arn:aws:events:eu-central-1:1:rule/tick"], "detail": {},
    });
    world.wire.reset();
    world.processor.handle(&event.to_string(), at(seconds)).await.unwrap();
    verdicts(world)
}

fn mark(seconds: i64, outcome: &str, version: &str, reason: &str) -> Value {
    json!({"type": "verdict", "service": "cart", "version": version, "outcome": outcome, "reason": reason,
           "triggeredBy": {"actor": "ana"}, "occurredAt": at(seconds)})
}

async fn decision(world: &World, version: &str) -> Value {
    world.get(&format!("/v1/gate?service=cart&environment=production&version={version}")).await.body["decision"].clone()
}

#[tokio::test]
async fn what_is_bad_is_told_once_with_what_to_do_and_once_that_it_is_good_again() {
    let mut world = World::new().await;
    let settings = json!({
        "environments": [{"name": "production", "gate": {"notBad": true}}],
        "rollbackCommand": "deploy {service} {version} --to {environment}",
    });
    assert_eq!(world.apply(&settings).await.status, 201);
    record(&world, &[event("c-1", -7200, "COMPLETED", "1"), event("c-2", -3600, "COMPLETED", "2")]).await;
    assert_eq!(news(&told(&world).await), [""; 0]);
    record(&world, &[of_place(-3500, &json!({"errorRate": 20}))]).await;
    let messages = told(&world).await;
    assert_eq!(news(&messages), ["c-2##BAD"]);
    let bad = &messages[0];
    for (name, value) in [
        ("environment", "production"),
        ("service", "cart"),
        ("status", "COMPLETED"),
        ("severity", "error"),
        ("Subject", "[production] cart 2 BAD"),
    ] {
        assert_eq!(bad[name], value, "{name}");
    }
    let bodies: Value = bad["Message"].parse().unwrap();
    assert_eq!(
        bodies["email"],
        "cart 2 in production: BAD\n\nDeployment: c-2 (attempt 1)\nAt:         2026-03-01T11:01:40.000Z\n\
         Status now: COMPLETED\nBecause:    errorRate was 20, above 5 at 2026-03-01T11:01:40.000Z\n\
         Suggestion: go back to 1 (c-1): deploy cart 1 --to production\n\
         Page:       deployment-status open /deployments/c-2"
    );
    let full: Value = bodies["default"].as_str().unwrap().parse().unwrap();
    let suggestion = json!({"version": "1", "commit": null, "deploymentId": "c-1",
                            "command": "deploy cart 1 --to production"});
    let mut answered = verdict(&world, "c-2", "").await;
    assert_eq!(answered["suggestion"], suggestion, "the answer has it too");
    answered["reasons"][0].as_object_mut().unwrap().remove("evidence");
    assert_eq!((&full["verdict"], &full["cleared"]), (&answered, &json!(null)));
    let chat: Value = bodies["https"].as_str().unwrap().parse().unwrap();
    let says = chat["content"]["description"].as_str().unwrap().to_owned();
    assert!(says.contains("Suggestion: `go back to 1 (c-1): deploy cart 1 --to production`"), "{says}");
    // More of it is told no more.
    record(&world, &[of_place(-3400, &json!({"errorRate": 30})), of("c-2", -3300, &json!({"healthScore": 1}))]).await;
    world.restart();
    assert_eq!(news(&told(&world).await), [""; 0]);
    record(&world, &[event("c-2", -3000, "ROLLED_BACK", "2")]).await;
    assert_eq!(news(&told(&world).await), [""; 0]);
    assert_eq!(decision(&world, "2").await, "DENY");
    let then = verdict(&world, "c-2", "").await;
    let why = json!({"version": null, "commit": null, "deploymentId": null, "why": "it no longer runs there"});
    assert_eq!((&then["state"], &then["suggestion"]), (&json!("BAD"), &why));
    record(&world, &[mark(-10, "CLEARED", "2", "the probe was wrong")]).await;
    let messages = told(&world).await;
    assert_eq!(news(&messages), ["c-2##GOOD_AGAIN"]);
    assert_eq!((messages[0]["severity"].as_str(), messages[0]["status"].as_str()), ("info", "ROLLED_BACK"));
    let bodies: Value = messages[0]["Message"].parse().unwrap();
    assert!(
        bodies["email"].as_str().unwrap().contains("\nBecause:    cleared by ana: the probe was wrong\nPage: "),
        "{bodies}"
    );
    assert_eq!(decision(&world, "2").await, "ALLOW");
    record(&world, &[mark(-5, "BAD", "2", "r"), mark(-4, "CLEARED", "2", "r")]).await;
    assert_eq!(news(&told(&world).await), [""; 0], "each is told once");
    assert_eq!(world.rebuilder().rebuild(at(-DAY), at(DAY)).await.unwrap().differences, [""; 0], "notes are no strays");
}

#[tokio::test]
async fn nothing_of_the_past_is_told_and_no_rebuild_and_no_changed_bound_tells_anything() {
    let mut world = World::new().await;
    let mut history = Vec::new();
    for day in (2..700).step_by(60) {
        let (id, seconds) = (format!("c-{day}"), -day * DAY);
        history.extend([
            event(&id, seconds, "COMPLETED", &day.to_string()),
            with(
                event(&id, seconds + 50, "COMPLETED", &day.to_string()),
                &json!({"type": "stage", "stage": "HEALTH_CHECK", "status": "FAILED"}),
            ),
            of(&id, seconds + 60, &json!({"errorRate": 99})),
            of_place(seconds + 70, &json!({"errorRate": 99})),
            event(&id, seconds + 80, "ROLLED_BACK", &day.to_string()),
            mark(seconds + 90, "BAD", &day.to_string(), "r"),
        ]);
    }
    record(&world, &history).await;
    world.wire.reset();
    world.publish().await.unwrap();
    assert_eq!(news(&verdicts(&world)), [""; 0]);
    // But which sets of dimensions have metrics, which each process reads once.
    let reads = ["GetItem", "BatchGetItem", "Query"].map(|operation| world.wire.count(operation));
    assert_eq!(reads, [0, 0, 1], "nothing is read for it");
    // What runs there now, and is well by the bounds of then, is by stricter ones no worse.
    for event in [event("c-1", -600, "COMPLETED", "now"), of("c-1", -500, &json!({"errorRate": 4}))] {
        assert_eq!(world.post_at(&event, at(-400)).await.status, 201);
    }
    assert_eq!(news(&told(&world).await), [""; 0]);
    assert_eq!(world.apply(&json!({"health": {"errorRate": 1}})).await.status, 201);
    let rebuilder = world.rebuilder();
    rebuilder.repair(rebuilder.rebuild(at(-DAY), at(DAY)).await.unwrap()).await.unwrap();
    assert_eq!(news(&told(&world).await), [""; 0]);
    for seconds in [60, 3600] {
        assert_eq!(news(&tick(&world, seconds).await), [""; 0]);
    }
    assert_eq!(verdict(&world, "c-1", "").await["state"], "WATCHING");
}

#[tokio::test]
async fn who_fails_to_be_told_is_told_later_and_a_crash_before_it_is_remembered_tells_the_same_again() {
    for (operation, fault) in [
        ("PublishBatch", Fault::Internal),
        ("TransactWriteItems", Fault::Internal),
        ("PutMetricData", Fault::Internal),
        ("BatchGetItem", Fault::Internal),
    ] {
        let mut world = World::new().await;
        record(&world, &[event("c-1", -7200, "COMPLETED", "1"), event("c-2", -3600, "COMPLETED", "2")]).await;
        world.publish().await.unwrap();
        record(&world, &[of("c-2", -3500, &json!({"errorRate": 20}))]).await;
        world.wire.reset();
        world.wire.decide(move |_, named, _| if named == operation { fault } else { Fault::None });
        assert!(world.publish().await.is_err(), "{operation}");
        let first = news(&verdicts(&world));
        world.wire.heal();
        world.restart();
        let again = news(&told(&world).await);
        let counted = crate::promises::published(&world, "DeploymentVerdictBad", &[("Environment", "production")]);
        let expected = match operation {
            // It was sent, and not remembered.
            "TransactWriteItems" => (vec!["c-2##BAD"], vec!["c-2##BAD"]),
            // It was sent and remembered.
            "PutMetricData" => (vec!["c-2##BAD"], vec![]),
            // It was not sent, and in the last case not known.
            _ => (vec![], vec!["c-2##BAD"]),
        };
        let expected =
            (expected.0.into_iter().map(str::to_owned).collect(), expected.1.into_iter().map(str::to_owned).collect());
        assert_eq!((first, again), expected, "{operation}");
        assert_eq!(counted, [(1.0, 1.0)], "{operation}: and it is counted");
    }
}

#[tokio::test]
async fn evidence_that_comes_before_its_landing_is_told_by_the_tick_once_it_landed() {
    let world = World::new().await;
    record(&world, &[event("c-1", -7200, "COMPLETED", "1"), event("c-2", -700, "IN_PROGRESS", "2")]).await;
    record(&world, &[of("c-2", -650, &json!({"errorRate": 20})), of("c-3", -100, &json!({"errorRate": 20}))]).await;
    assert_eq!(news(&told(&world).await), [""; 0]);
    assert_eq!(news(&tick(&world, 60).await), [""; 0], "it is under way");
    record(&world, &[event("c-2", -600, "COMPLETED", "2")]).await;
    assert_eq!(news(&told(&world).await), [""; 0], "an ordinary landing reads nothing");
    assert_eq!(news(&tick(&world, 120).await), ["c-2##BAD"]);
    assert_eq!(news(&tick(&world, 180).await), [""; 0]);
    // What was measured of a place is of what turns out to have run there.
    record(&world, &[of_place(-50, &json!({"errorRate": 20}))]).await;
    assert_eq!(news(&told(&world).await), [""; 0], "c-2 is told already");
    record(&world, &[event("c-4", -55, "COMPLETED", "4")]).await;
    assert_eq!(news(&told(&world).await), [""; 0]);
    assert_eq!(news(&tick(&world, 240).await), ["c-4##BAD"]);
    assert_eq!(news(&tick(&world, 2 * DAY).await), [""; 0]);
    assert!(world.reader().tick_state().await.unwrap().looks.is_empty(), "what is too old is looked at no more");
}

#[tokio::test]
async fn each_kind_of_evidence_is_told() {
    let landed = event("c-1", -3600, "COMPLETED", "1");
    let stage = json!({"type": "stage", "stage": "post-deploy health checks", "status": "FAILED"});
    let incident = json!({"deploymentId": "incident:1", "type": "incident"});
    for (evidence, expected) in [
        (of("c-1", -3500, &json!({"healthScore": 79})), vec!["c-1##BAD"]),
        (of("c-1", -3500, &json!({"healthScore": 80})), vec![]),
        (event("c-1", -3000, "ROLLED_BACK", "1"), vec!["c-1##BAD"]),
        (event("c-1", -3000, "FAILED", "1"), vec!["c-1##BAD"]),
        (with(event("c-1", -3000, "FAILED", "1"), &stage), vec!["c-1##BAD"]),
        (with(event("c-1", -3000, "COMPLETED", "1"), &json!({"metrics": {"errorRate": 6}})), vec!["c-1##BAD"]),
        (with(event("c-1", -3000, "COMPLETED", "1"), &json!({"metrics": {"errorRate": 5}})), vec![]),
        (with(event("i", -3000, "IN_PROGRESS", "1"), &incident), vec!["c-1##SUSPECT"]),
        (mark(-10, "BAD", "1", "it loses orders"), vec!["c-1##BAD"]),
        (mark(-10, "BAD", "2", "it loses orders"), vec![]),
        // A plain failure of another one is none of its verdict.
        (event("c-2", -3000, "FAILED", "2"), vec![]),
    ] {
        let world = World::new().await;
        record(&world, std::slice::from_ref(&landed)).await;
        world.publish().await.unwrap();
        record(&world, std::slice::from_ref(&evidence)).await;
        assert_eq!(news(&told(&world).await), expected, "{evidence}");
    }
}

#[tokio::test]
async fn a_name_that_a_shell_could_take_for_more_is_in_no_command_and_any_other_reaches_it_as_it_is() {
    let command = "printf '%s\\n' {version} {deploymentId}";
    for (version, is_plain) in [
        ("1.2.3", true),
        ("feature/a:b@c+d_e", true),
        ("=1+1", false),
        ("-rf", false),
        ("1;touch told", false),
        ("$(touch told)", false),
        ("`touch told`", false),
        ("a'b\"c", false),
        ("a b", false),
        ("größe", false),
    ] {
        let mut world = World::new().await;
        assert_eq!(world.apply(&json!({"rollbackCommand": command})).await.status, 201);
        record(&world, &[event("c-1", -7200, "COMPLETED", version), event("c-2", -3600, "COMPLETED", "2")]).await;
        record(&world, &[of("c-2", -3500, &json!({"errorRate": 20}))]).await;
        let suggestion = verdict(&world, "c-2", "").await["suggestion"].clone();
        assert_eq!((&suggestion["version"], &suggestion["deploymentId"]), (&json!(version), &json!("c-1")));
        assert_eq!(suggestion["command"].is_string(), is_plain, "{suggestion}");
        assert_eq!(suggestion["why"].is_string(), !is_plain, "{suggestion}");
        if let Some(command) = suggestion["command"].as_str() {
            let ran = std::process::Command::new("sh").args(["-c", command]).output().unwrap();
            assert_eq!(String::from_utf8(ran.stdout).unwrap(), format!("{version}\nc-1\n"));
        }
    }
}

#[tokio::test]
async fn what_is_bad_itself_or_has_fallen_where_it_was_proven_is_not_suggested() {
    let mut world = World::new().await;
    let environments = json!([{"name": "staging"}, {"name": "production"}]);
    assert_eq!(world.apply(&json!({"environments": environments})).await.status, 201);
    let staging = json!({"environment": "staging"});
    record(
        &world,
        &[
            event("c-1", -9000, "COMPLETED", "1"),
            with(event("s-2", -8900, "COMPLETED", "2"), &staging),
            event("c-2", -8800, "COMPLETED", "2"),
            with(event("s-2", -8700, "ROLLED_BACK", "2"), &staging),
            event("c-3", -8600, "COMPLETED", "3"),
            of("c-3", -8500, &json!({"errorRate": 20})),
            event("c-4", -3600, "COMPLETED", "4"),
        ],
    )
    .await;
    record(&world, &[of("c-4", -3500, &json!({"errorRate": 20}))]).await;
    let suggestion = verdict(&world, "c-4", "").await["suggestion"].clone();
    assert_eq!(suggestion, json!({"version": "1", "commit": null, "deploymentId": "c-1"}));
    // As it was then: what ran was 3, and 2 had fallen in staging already.
    let then = verdict(&world, "c-3", &format!("asOf={}", at(-8400))).await["suggestion"].clone();
    assert_eq!(then["deploymentId"], "c-1");
    record(
        &world,
        &[json!({"type": "verdict", "service": "cart", "version": "1", "outcome": "BAD", "reason": "r",
                 "occurredAt": at(-10)})],
    )
    .await;
    let none = verdict(&world, "c-4", "").await["suggestion"].clone();
    let why = "none of the 3 things that ran there before will do: c-3 is bad: errorRate was 20, above 5 at \
               2026-03-01T09:38:20.000Z";
    assert_eq!(none, json!({"version": null, "commit": null, "deploymentId": null, "why": why}));
}

#[tokio::test]
async fn an_alarm_that_goes_off_is_told_of_and_one_that_is_well_again_is_not() {
    let world = World::new().await;
    let alarm = |seconds: i64, name: &str, state: &str, decisive: bool| {
        json!({"type": "observation", "service": "cart", "environment": "production", "occurredAt": at(seconds),
               "alarm": {"name": name, "state": state, "decisive": decisive}})
    };
    record(&world, &[event("c-1", -3600, "COMPLETED", "1"), alarm(-3500, "errors", "OK", true)]).await;
    assert_eq!(news(&told(&world).await), [""; 0]);
    record(&world, &[alarm(-3400, "latency", "ALARM", false)]).await;
    assert_eq!(news(&told(&world).await), ["c-1##SUSPECT"]);
    record(&world, &[alarm(-3300, "errors", "ALARM", true)]).await;
    assert_eq!(news(&told(&world).await), ["c-1##BAD"]);
    record(&world, &[alarm(-3200, "errors", "OK", true), alarm(-3100, "latency", "OK", false)]).await;
    assert_eq!(news(&told(&world).await), [""; 0]);
}
