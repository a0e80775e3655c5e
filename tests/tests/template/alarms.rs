//! Alarms at their thresholds: the real handlers receive deployments, and what they publish is
//! put before the alarms of the templates, which are evaluated as CloudWatch does
//! (see [`cloudwatch`](super::cloudwatch)). Of metrics that AWS itself publishes the values are made up.

use domain::Retention;
use serde_json::{Value, json};
use tests::witnessing::witness;
use tests::world::at;
use tests::{Vault, World};

use super::cloudwatch::State::{self, Alarm, Ok};
use super::cloudwatch::{Sample, state};
use super::emitted::{ENVIRONMENT, clock, dimensions, queued, wait};
use super::templates::{CLASSES, Installation, Templates};

const HOUR: i64 = 3600;

/// What was published of one metric. Times are in seconds after noon.
type Published = Vec<Sample>;

/// What the handlers publish of what `alarm` watches.
fn published(world: &World, alarm: &Value) -> Published {
    let watched = dimensions(alarm);
    let mut samples = Published::new();
    for call in world.wire.metrics() {
        for datum in call["MetricData"].as_array().unwrap() {
            if datum["MetricName"] == alarm["MetricName"] && dimensions(datum) == watched {
                let numbers = |name: &str| datum[name].as_array().unwrap().iter().map(|n| n.as_f64().unwrap());
                #[expect(clippy::cast_possible_truncation, reason = "whole seconds")]
                let second = datum["Timestamp"].as_f64().unwrap() as i64;
                let pairs = numbers("Values").zip(numbers("Counts"));
                samples.extend(pairs.map(|(value, count)| Sample { second, value, count }));
            }
        }
    }
    samples
}

/// Values of which AWS publishes one a minute, from noon on.
fn each_minute(values: &[f64]) -> Published {
    let samples = values.iter().zip(0..).map(|(value, minute)| (minute * 60, *value));
    samples.map(|(seconds, value)| Sample { second: noon() + seconds, value, count: 1.0 }).collect()
}

fn noon() -> i64 {
    at(0).millis() / 1000
}

fn event(id: &str, seconds: i64, status: &str) -> Value {
    json!({
        "deploymentId": id, "service": "cart", "environment": ENVIRONMENT, "status": status, "occurredAt": at(seconds),
    })
}

/// A world in which that many deployments ended well and badly, hour by hour from noon on; ten at a
/// time, each to a place of its own.
async fn endings(hours: &[(usize, usize)]) -> World {
    let world = World::new().await;
    for (hour, (well, badly)) in (0..).zip(hours) {
        let one = |n: usize| {
            let status = if n < *well { "COMPLETED" } else { ["FAILED", "ROLLED_BACK"][n % 2] };
            let mut event = event(&format!("d-{hour}-{n}"), hour * HOUR, status);
            event["service"] = format!("service-{}", n % 10).into();
            event
        };
        let events: Vec<Value> = (0..well + badly).map(one).collect();
        for events in events.chunks(10) {
            assert_eq!(world.post_at(&json!(events), at(hour * HOUR + 600)).await.status, 200);
            world.publish().await.unwrap();
        }
    }
    world
}

/// The states at the end of each hour.
fn hourly(alarm: &Value, world: &World, hours: i64) -> Vec<State> {
    let samples = published(world, alarm);
    (1..=hours).map(|hour| state(alarm, &samples, noon() + hour * HOUR)).collect()
}

#[test]
fn the_success_rate_alarm_goes_off_after_two_hours_below_what_the_class_asks() {
    for (classes, threshold) in [(&["production"][..], 95), (&["staging", "development"], 80)] {
        let of = |well: usize| (well, 100 - well);
        let (below, exactly, above) = (of(threshold - 1), of(threshold), of(threshold + 1));
        for (hours, expected) in [
            (vec![(0, 0); 3], vec![Ok, Ok, Ok]),
            (vec![below, below], vec![Ok, Alarm]),
            (vec![exactly, exactly], vec![Ok, Ok]),
            (vec![above, above], vec![Ok, Ok]),
            (vec![below, above], vec![Ok, Ok]),
            (vec![(0, 1), (0, 0), (0, 0)], vec![Ok, Ok, Ok]),
            // An hour in which nothing ended is passed over.
            (vec![(0, 1), (0, 0), (0, 1)], vec![Ok, Ok, Alarm]),
            (vec![(0, 1), (0, 1), (1, 0)], vec![Ok, Alarm, Ok]),
        ] {
            let world = wait(endings(&hours));
            for class in classes {
                let installation = Templates::read().of_class(class);
                let alarm = installation.properties("Environment.SuccessRateAlarm");
                let found = hourly(alarm, &world, i64::try_from(hours.len()).unwrap());
                assert_eq!(found, expected, "{class}, well and badly in each hour: {hours:?}");
            }
        }
    }
}

#[test]
fn a_threshold_that_is_given_takes_the_place_of_the_class_s() {
    let hours = [(96, 4), (96, 4)];
    let world = wait(endings(&hours));
    for (given, expected) in [("", Ok), ("97", Alarm), ("96.5", Alarm), ("96", Ok)] {
        let parameters = [("EnvironmentClass", "production"), ("SuccessRateBelow", given)];
        let installation = Templates::read().deploy(&parameters).unwrap();
        let alarm = installation.properties("Environment.SuccessRateAlarm");
        assert_eq!(hourly(alarm, &world, 2)[1], expected, "{given}");
    }
    let given = [("DurationAboveSeconds", "60"), ("ActiveAbove", "0")];
    let installation = Templates::read().deploy(&given).unwrap();
    assert_eq!(installation.properties("Environment.DurationAlarm")["Threshold"], "60");
    assert_eq!(installation.properties("Environment.ActiveAlarm")["Threshold"], "0");
}

async fn took(seconds: i64) -> World {
    let world = World::new().await;
    let events = json!([event("d-1", -seconds, "IN_PROGRESS"), event("d-1", 0, "COMPLETED")]);
    assert_eq!(world.post_at(&events, at(60)).await.status, 200);
    world.publish().await.unwrap();
    world
}

#[test]
fn the_duration_alarm_goes_off_when_one_deployment_took_longer_than_the_class_allows() {
    for (class, allowed) in [("production", 1800), ("staging", 2700), ("development", 2700)] {
        let installation = Templates::read().of_class(class);
        let alarm = installation.properties("Environment.DurationAlarm");
        assert_eq!(state(alarm, &[], noon()), Ok, "{class}: nothing was deployed");
        for (seconds, expected) in [(allowed, Ok), (allowed + 1, Alarm)] {
            let samples = published(&wait(took(seconds)), alarm);
            assert_eq!(samples.len(), 1, "{class}: {seconds} s");
            assert_eq!(state(alarm, &samples, noon() + 900), expected, "{class}: {seconds} s");
        }
    }
}

async fn running(count: usize) -> World {
    let world = World::new().await;
    let events: Vec<Value> = (0..count).map(|n| event(&format!("d-{n}"), 0, "IN_PROGRESS")).collect();
    assert_eq!(world.post_at(&json!(events), at(0)).await.status, 200);
    world.processor.handle(&clock(60), at(60)).await.unwrap();
    world
}

#[test]
fn the_active_alarm_goes_off_when_more_are_under_way_than_the_class_allows() {
    for (class, allowed) in [("production", 2), ("staging", 5), ("development", 5)] {
        let installation = Templates::read().of_class(class);
        let alarm = installation.properties("Environment.ActiveAlarm");
        assert_eq!(state(alarm, &[], noon()), Ok, "{class}: nothing was ever deployed");
        for (count, expected) in [(allowed, Ok), (allowed + 1, Alarm)] {
            let samples = published(&wait(running(count)), alarm);
            assert_eq!(samples.len(), 1, "{class}: {count} active");
            assert_eq!(state(alarm, &samples, noon() + 300), expected, "{class}: {count} active");
        }
    }
}

/// One event that can't be read, one whose id is taken, and one record that somebody altered.
async fn what_must_not_be() -> World {
    let mut world = World::new().await;
    let known = |notes: &str| {
        let mut event = event("d-1", 0, "PENDING");
        event["eventId"] = "1".into();
        event["notes"] = notes.into();
        queued(&event)
    };
    world.queue(&["{wrong".to_owned(), known("one"), known("other")], at(0)).await.unwrap();
    world.publish().await.unwrap();
    let removed = json!({"Records": [{
        "eventSource": "aws:dynamodb", "eventName": "REMOVE", "eventID": "1", "eventVersion": "1.1", "awsRegion": "x",
        "dynamodb": {"Keys": {"pk": {"S": "DEPLOYMENT#d-1"}}, "SequenceNumber": "1", "SizeBytes": 1},
    }]});
    let vault = Vault::default();
    Box::pin(witness(&world, &vault, Retention::FOREVER).handle(&removed.to_string(), at(0))).await.unwrap();
    let nobody_reports = json!({"permissions": [{"who": "anonymous", "may": ["settings"]}]});
    assert_eq!(world.apply(&nobody_reports).await.status, 201);
    assert_eq!(world.post(&event("d-1", 0, "FAILED")).await.status, 403);
    world
}

#[test]
fn one_refusal_one_conflict_and_one_altered_record_are_enough() {
    let (nothing, something) = (wait(endings(&[(1, 1)])), wait(what_must_not_be()));
    for class in CLASSES {
        let installation = Templates::read().of_class(class);
        for path in
            ["Health.RejectedAlarm", "Health.ConflictsAlarm", "Health.ForbiddenAlarm", "Health.HistoryModifiedAlarm"]
        {
            let alarm = installation.properties(path);
            let end = noon() + alarm["Period"].as_i64().unwrap();
            assert_eq!(state(alarm, &published(&nothing, alarm), end), Ok, "{class}: {path}");
            assert_eq!(state(alarm, &published(&something, alarm), end), Alarm, "{class}: {path}");
        }
    }
}

#[test]
fn what_was_set_aside_and_silence_are_notified() {
    let installation = Installation::production();
    let states = |path: &str, values: &[f64], seconds: i64| {
        state(installation.properties(path), &each_minute(values), noon() + seconds)
    };
    for path in [
        "Ingest.DeadLettersAlarm",
        "Ingest.UndeliveredAlarm",
        "EventProcessor.UnpublishedAlarm",
        "Witness.UnwitnessedAlarm",
    ] {
        assert_eq!(states(path, &[], 60), Ok, "{path}: an idle queue publishes nothing");
        assert_eq!(states(path, &[0.0], 60), Ok, "{path}");
        assert_eq!(states(path, &[0.0, 1.0], 120), Alarm, "{path}");
        assert_eq!(states(path, &[0.0, 1.0, 0.0], 180), Ok, "{path}: redriven");
    }
    let anchors = "Witness.AnchorAgeAlarm";
    let hourly = |ages: &[i64]| -> Published {
        let hours = ages.iter().zip(0..);
        #[expect(clippy::cast_precision_loss, reason = "some days")]
        hours.map(|(age, hour)| Sample { second: noon() + hour * HOUR + 960, value: *age as f64, count: 1.0 }).collect()
    };
    let anchored =
        |ages: &[i64], hours: i64| state(installation.properties(anchors), &hourly(ages), noon() + hours * HOUR);
    assert_eq!(anchored(&[], 2), Alarm, "the witness does not run");
    assert_eq!(anchored(&[24 * HOUR + 960, 960], 2), Ok, "a day was anchored");
    assert_eq!(anchored(&[24 * HOUR + 960, 25 * HOUR + 960], 2), Ok, "an hour late");
    assert_eq!(anchored(&[25 * HOUR + 960, 26 * HOUR + 960], 2), Alarm);
    let heartbeat = "EventProcessor.HeartbeatAlarm";
    assert_eq!(states(heartbeat, &[], 300), Alarm, "it never ran");
    assert_eq!(states(heartbeat, &[1.0], 300), Ok);
    assert_eq!(states(heartbeat, &[1.0], 24 * HOUR), Alarm, "it has stopped");
}
