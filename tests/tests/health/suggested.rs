//! `Rollback Suggested`: recorded, then sent once, where an environment asks for it and nowhere else.

use domain::DeploymentId;
use domain::identifiers::Identifier as _;
use serde_json::{Value, json};
use tests::world::at;
use tests::{Door, Fault, Taken, World};

use super::told::{news, tick, told};
use super::{event, of, of_place, record, verdict, with};

const DAY: i64 = 24 * 3600;
const ID: &str = "c-2##ROLLBACK_SUGGESTED";

async fn asking() -> World {
    let mut world = World::new().await;
    let settings = json!({
        "environments": [{"name": "staging"}, {"name": "production", "autoRollback": true}],
        "rollbackCommand": "deploy {service} {version} --to {environment}",
    });
    assert_eq!(world.apply(&settings).await.status, 201);
    world
}

/// Two versions, of which the second runs.
async fn two(world: &World) {
    record(world, &[event("c-1", -7200, "COMPLETED", "1"), event("c-2", -3600, "COMPLETED", "2")]).await;
}

async fn bad(world: &World) {
    record(world, &[of_place(-3500, &json!({"errorRate": 20}))]).await;
}

/// The ids of what was sent.
fn sent(world: &World) -> Vec<String> {
    world.wire.events().iter().map(|event| event["Detail"]["suggestionId"].as_str().unwrap().to_owned()).collect()
}

/// Publishes what is new, as far as that goes, and gives what people were told and the ids of what was sent.
async fn published(world: &World) -> (bool, Vec<String>, Vec<String>) {
    world.wire.reset();
    let is_done = world.publish().await.is_ok();
    let told = world.wire.messages().iter().filter(|message| message["type"] == "BAD").cloned().collect::<Vec<_>>();
    (is_done, news(&told), sent(world))
}

#[tokio::test]
async fn what_is_told_to_be_bad_is_suggested_once_and_the_answer_says_so() {
    let mut world = asking().await;
    two(&world).await;
    assert_eq!(published(&world).await, (true, vec![], vec![]));
    assert_eq!(verdict(&world, "c-2", "").await["suggested"], Value::Null);
    bad(&world).await;
    let messages = told(&world).await;
    assert_eq!(news(&messages), ["c-2##BAD"]);
    let expected = json!({
        "Time": at(0).millis() / 1000,
        "Source": "deployment-status",
        "DetailType": "Rollback Suggested",
        "Resources": ["arn:aws:sns:local:1:topic"],
        "Detail": {
            "suggestionId": ID,
            "deploymentId": "c-2", "service": "cart", "environment": "production", "region": null,
            "version": "2", "commit": null,
            "reasons": ["errorRate was 20, above 5 at 2026-03-01T11:01:40.000Z"],
            "suggested": {"deploymentId": "c-1", "version": "1", "commit": null},
            "rollbackCommand": "deploy cart 1 --to production",
            "at": at(0),
        },
    });
    assert_eq!(world.wire.events(), [expected], "on the default bus: no other is named");
    let body = messages[0]["Message"].clone();
    assert!(
        body.contains(&format!("Suggested:  by itself, {} as {ID}, to go back to 1 (c-1)", at(0))),
        "people are told that it is: {body}"
    );
    // The answer has it, also as of then; and not as of before it.
    let suggested = json!({"suggestionId": ID, "at": at(0), "sentAt": at(0),
                           "to": {"deploymentId": "c-1", "version": "1", "commit": null}});
    assert_eq!(verdict(&world, "c-2", "").await["suggested"], suggested);
    assert_eq!(verdict(&world, "c-2", &format!("asOf={}", at(0))).await["suggested"], suggested);
    let before = verdict(&world, "c-2", &format!("asOf={}", at(-3400))).await;
    assert_eq!((&before["state"], &before["suggested"]), (&json!("BAD"), &Value::Null));
    // More of it, other processes and the tick send nothing more.
    record(&world, &[of_place(-3400, &json!({"errorRate": 30}))]).await;
    world.restart();
    assert_eq!(published(&world).await, (true, vec![], vec![]));
    tick(&world, 60).await;
    assert_eq!(sent(&world), [""; 0]);
    // A rebuild leaves it, and so does the rollback that follows.
    assert_eq!(world.rebuilder().rebuild(at(-DAY), at(DAY)).await.unwrap().differences, [""; 0]);
    record(&world, &[event("c-2", -3000, "ROLLED_BACK", "2")]).await;
    assert_eq!(published(&world).await, (true, vec![], vec![]));
    let then = verdict(&world, "c-2", "").await;
    assert_eq!((&then["suggestion"]["why"], &then["suggested"]), (&json!("it no longer runs there"), &suggested));
}

#[tokio::test]
async fn nothing_is_suggested_that_is_not_told_or_not_asked_for() {
    // Without the setting, and where it stands at another environment.
    for document in
        [json!({}), json!({"environments": [{"name": "staging", "autoRollback": true}, {"name": "production"}]})]
    {
        let mut world = World::new().await;
        assert_eq!(world.apply(&document).await.status, 201);
        two(&world).await;
        bad(&world).await;
        assert_eq!(published(&world).await, (true, vec!["c-2##BAD".to_owned()], vec![]), "{document}");
        assert_eq!(verdict(&world, "c-2", "").await["suggested"], Value::Null);
    }
    // Suspected only; nothing to go back to; and something else runs by then.
    let incident = json!({"deploymentId": "incident:1", "type": "incident"});
    let rolled_back = event("c-2", -3000, "ROLLED_BACK", "2");
    for events in [
        vec![
            event("c-1", -7200, "COMPLETED", "1"),
            event("c-2", -3600, "COMPLETED", "2"),
            with(event("i", -3000, "IN_PROGRESS", "2"), &incident),
        ],
        vec![event("c-2", -3600, "COMPLETED", "2"), of_place(-3500, &json!({"errorRate": 20}))],
        vec![event("c-1", -7200, "COMPLETED", "1"), event("c-2", -3600, "COMPLETED", "2"), rolled_back],
    ] {
        let world = asking().await;
        record(&world, &events).await;
        let (is_done, _, sent) = published(&world).await;
        assert_eq!((is_done, sent), (true, vec![]), "{events:?}");
        assert_eq!(verdict(&world, "c-2", "").await["suggested"], Value::Null);
    }
}

#[tokio::test]
async fn no_import_no_rebuild_and_no_changed_bound_suggests_anything() {
    let mut world = asking().await;
    let old = |id: &str, day: i64, version: &str| event(id, -day * DAY, "COMPLETED", version);
    record(&world, &[old("c-1", 9, "1"), old("c-2", 8, "2"), of("c-2", -8 * DAY + 60, &json!({"errorRate": 99}))])
        .await;
    assert_eq!(published(&world).await, (true, vec![], vec![]));
    assert_eq!(verdict(&world, "c-2", "").await["state"], "BAD", "it runs, and is bad");
    // What was well by the bounds of then is by stricter ones no worse, and the setting suggests nothing of the past.
    record(&world, &[event("c-3", -600, "COMPLETED", "3"), of("c-3", -500, &json!({"errorRate": 4}))]).await;
    assert_eq!(published(&world).await, (true, vec![], vec![]));
    let stricter = json!({"environments": [{"name": "production", "autoRollback": true}], "health": {"errorRate": 1}});
    assert_eq!(world.apply(&stricter).await.status, 201);
    let rebuilder = world.rebuilder();
    rebuilder.repair(rebuilder.rebuild(at(-10 * DAY), at(DAY)).await.unwrap()).await.unwrap();
    assert_eq!(published(&world).await, (true, vec![], vec![]));
    for seconds in [60, 3600] {
        tick(&world, seconds).await;
        assert_eq!(sent(&world), [""; 0]);
    }
}

#[tokio::test]
async fn evidence_before_its_landing_suggests_by_the_tick() {
    let world = asking().await;
    record(&world, &[event("c-1", -7200, "COMPLETED", "1"), event("c-2", -700, "IN_PROGRESS", "2")]).await;
    record(&world, &[of("c-2", -650, &json!({"errorRate": 20}))]).await;
    assert_eq!(published(&world).await, (true, vec![], vec![]));
    record(&world, &[event("c-2", -600, "COMPLETED", "2")]).await;
    assert_eq!(published(&world).await, (true, vec![], vec![]));
    assert_eq!(news(&tick(&world, 120).await), ["c-2##BAD"]);
    assert_eq!(sent(&world), [ID]);
    tick(&world, 180).await;
    assert_eq!(sent(&world), [""; 0]);
}

/// What is kept of a suggestion: whether it is recorded, and whether it is known that it was sent.
async fn kept(world: &World) -> Option<bool> {
    let kept = world.reader().suggested(&DeploymentId::parse("c-2").unwrap()).await.unwrap();
    kept.map(|kept| kept.sent_at.is_some())
}

#[tokio::test]
async fn it_is_recorded_before_it_is_sent_and_what_fails_or_crashes_in_between_sends_the_same_again() {
    // Which call fails, the how manieth of its kind, and how; what is recorded then; whether it was sent before and
    // after.
    for (operation, number, fault, recorded, before, after) in [
        // It can't be recorded: nobody is told anything, and nothing is sent.
        ("TransactWriteItems", 0, Fault::Internal, None, 0, 1),
        ("TransactWriteItems", 0, Fault::After, Some(false), 0, 1),
        ("PublishBatch", 0, Fault::Internal, Some(false), 0, 1),
        ("PutEvents", 0, Fault::Before, Some(false), 0, 1),
        ("PutEvents", 0, Fault::Internal, Some(false), 0, 1),
        ("PutEvents", 0, Fault::Throttled, Some(false), 0, 1),
        // It was sent, and nobody here knows: it is sent again, under the same id.
        ("PutEvents", 0, Fault::After, Some(false), 1, 1),
        ("PutEvents", 0, Fault::Timeout, Some(false), 1, 1),
        ("TransactWriteItems", 1, Fault::Internal, Some(false), 1, 1),
        // It is known that it was sent.
        ("TransactWriteItems", 1, Fault::After, Some(true), 1, 0),
        ("TransactWriteItems", 2, Fault::Internal, Some(true), 1, 0),
        ("TransactWriteItems", 3, Fault::Internal, Some(true), 1, 0),
        ("PutMetricData", 0, Fault::Internal, Some(true), 1, 0),
    ] {
        let mut world = asking().await;
        two(&world).await;
        world.publish().await.unwrap();
        bad(&world).await;
        let mut seen = 0;
        world.wire.decide(move |_, named, _| {
            let is_it = named == operation && seen == number;
            seen += usize::from(named == operation);
            if is_it { fault } else { Fault::None }
        });
        let case = format!("{operation} {number} {fault:?}");
        let (is_done, _, first) = published(&world).await;
        let details = world.wire.events();
        assert!(!is_done, "{case}");
        assert_eq!((kept(&world).await, first.len()), (recorded, before), "{case}");
        world.wire.heal();
        world.restart();
        // Later, and with more against it: what was recorded is sent.
        record(&world, &[of_place(-3450, &json!({"healthScore": 1}))]).await;
        let (is_done, _, again) = published(&world).await;
        assert_eq!((is_done, again.len(), kept(&world).await), (true, after, Some(true)), "{case}");
        if let ([first], [again]) = (&details[..], &world.wire.events()[..]) {
            assert_eq!(first, again, "{case}: the same, byte for byte");
        }
        assert_eq!(published(&world).await, (true, vec![], vec![]), "{case}");
    }
}

#[tokio::test]
async fn what_the_bus_refuses_is_sent_again_and_people_are_told_of_it_once() {
    let world = asking().await;
    two(&world).await;
    world.publish().await.unwrap();
    bad(&world).await;
    // Refused in an answer that is a success, and taken at the second try.
    world.wire.refuse_events(1);
    assert_eq!(published(&world).await, (true, vec!["c-2##BAD".to_owned()], vec![ID.to_owned()]));
    assert_eq!(world.wire.count("PutEvents"), 2);

    let world = asking().await;
    two(&world).await;
    world.publish().await.unwrap();
    bad(&world).await;
    world.wire.refuse_events(3);
    assert_eq!(published(&world).await, (false, vec!["c-2##BAD".to_owned()], vec![]), "refused each time");
    assert_eq!(kept(&world).await, Some(false));
    assert_eq!(verdict(&world, "c-2", "").await["suggested"]["sentAt"], Value::Null, "and the answer says so");
    let counted = crate::promises::published(&world, "DeploymentVerdictBad", &[("Environment", "production")]);
    assert_eq!(counted, [], "the batch comes again, and counts then");
    assert_eq!(published(&world).await, (true, vec![], vec![ID.to_owned()]), "people were told already");
    let counted = crate::promises::published(&world, "DeploymentVerdictBad", &[("Environment", "production")]);
    assert_eq!(counted, [(1.0, 1.0)]);
}

#[tokio::test]
async fn what_is_no_longer_to_be_gone_back_to_is_not_sent_late() {
    let mut world = asking().await;
    record(&world, &[event("c-0", -9000, "COMPLETED", "0")]).await;
    two(&world).await;
    world.publish().await.unwrap();
    bad(&world).await;
    world.wire.decide(|_, named, _| if named == "PublishBatch" { Fault::Internal } else { Fault::None });
    assert_eq!(published(&world).await, (false, vec![], vec![]));
    assert_eq!(kept(&world).await, Some(false));
    world.wire.heal();
    world.restart();
    // What was suggested turns out to be bad itself before it could be sent.
    let mark = json!({"type": "verdict", "service": "cart", "version": "1", "outcome": "BAD", "reason": "it loses orders",
                      "triggeredBy": {"actor": "ana"}, "occurredAt": at(-10)});
    record(&world, &[mark]).await;
    assert_eq!(published(&world).await, (true, vec!["c-1##BAD".to_owned(), "c-2##BAD".to_owned()], vec![]));
    let then = verdict(&world, "c-2", "").await;
    let (now, recorded) = (&then["suggestion"]["deploymentId"], &then["suggested"]);
    assert_eq!(
        (now, &recorded["to"]["deploymentId"], &recorded["sentAt"]),
        (&json!("c-0"), &json!("c-1"), &Value::Null)
    );
}

#[tokio::test]
async fn what_comes_back_is_ignored_and_is_not_put_aside() {
    let world = asking().await;
    two(&world).await;
    bad(&world).await;
    let (_, _, sent) = published(&world).await;
    assert_eq!(sent, [ID]);
    let put = world.wire.events()[0].clone();
    // As a bus delivers it, and with a detail that looks like an event to be recorded.
    for detail in [put["Detail"].clone(), with(put["Detail"].clone(), &json!({"status": "FAILED"}))] {
        let delivered = json!({"version": "0", "id": "1", "source": put["Source"], "detail-type": put["DetailType"],
                               "account": "111122223333", "region": "eu-central-1", "time": at(0),
                               "resources": put["Resources"], "detail": detail});
        let trail = "/v1/deployments/c-2/events";
        let before = world.get(trail).await.body;
        assert_eq!(world.send(&Door::Queue, delivered.to_string().as_bytes()).await, Ok(Taken::Done));
        assert_eq!(world.get(trail).await.body, before, "nothing is recorded");
        assert_eq!(world.get("/v1/rejected").await.body["items"], json!([]), "nothing is put aside");
        assert_eq!(published(&world).await, (true, vec![], vec![]));
    }
    // Whatever else has this source is read as before.
    let own = json!({"version": "0", "id": "2", "source": "deployment-status", "detail-type": "Deployment Event",
                     "account": "111122223333", "region": "eu-central-1", "time": at(0), "resources": [],
                     "detail": event("c-9", -5, "COMPLETED", "9")});
    assert_eq!(world.send(&Door::Queue, own.to_string().as_bytes()).await, Ok(Taken::Done));
    assert_eq!(world.get("/v1/deployments/c-9").await.status, 200);
}
