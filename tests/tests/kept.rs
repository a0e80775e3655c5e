//! Figures over a long time: days that are over are kept, and answers are the same as without.

mod story;

use domain::fields::Unknown;
use domain::questions::delivery::{Hours, OfDay, Window};
use domain::settings::SettingsInUse;
use domain::{Day, Environment, Settings, Timestamp};
use serde_json::{Value, json};
use store::items::kept::OfDayItem;
use store::keys::kept::through_key;
use store::transaction::Transaction;
use store::{AttributeValue, Key, ReadItems as _, Table, WriteItems as _};
use tests::world::at;
use tests::{World, busy_year};

use story::Story;

const DAY: i64 = 24 * 3600;

/// Settings in which something is watched for so long.
fn settings(watch_minutes: u32) -> Value {
    json!({
        "environments": [{"name": "production", "aliases": ["prod"]}, {"name": "staging"}],
        "services": [{"name": "other", "health": {"watchMinutes": watch_minutes}}],
    })
}

fn settings_in_use() -> Settings {
    Settings::read(settings(30), Unknown::Refused).unwrap()
}

/// A world that keeps days, and one that does not, because something is watched for longer than a day.
async fn worlds() -> [World; 2] {
    let (mut keeping, mut reading) = (World::new().await, World::new().await);
    for (world, minutes) in [(&mut keeping, 30), (&mut reading, 2000)] {
        let answer = world.apply(&settings(minutes)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    [keeping, reading]
}

async fn tick(world: &World, now: Timestamp) {
    world.processor.tick(now).await.unwrap();
}

/// Until which day the figures of production are kept.
async fn through(world: &World) -> Option<Day> {
    let environment: Environment = serde_json::from_value(json!("production")).unwrap();
    world.reader().kept_notes().await.unwrap().through.get(&environment).map(|item| item.through)
}

fn day_of(now: Timestamp, days: i64) -> Day {
    Day::of(now.plus_millis(days * DAY * 1000))
}

/// What both worlds are asked by a time.
fn questions(now: Timestamp) -> Vec<String> {
    let ago = |hours: i64| now.plus_millis(-hours * 3_600_000);
    let mut questions = vec![
        "hours=400".to_owned(),
        "hours=9600&by=service".to_owned(),
        "hours=400&by=environment&compareTo=previous".to_owned(),
        "hours=337&environment=prod".to_owned(),
        "hours=500&environment=staging&service=cart&by=release".to_owned(),
    ];
    questions.extend([3, 20, 30, 50, 77, 130].map(|hours| format!("hours=400&by=service&asOf={}", ago(hours))));
    // Windows that begin in the middle of a day that is kept.
    questions.extend([340, 355, 368, 391].map(|hours| format!("hours={hours}&by=service")));
    questions
}

async fn expect_equal(keeping: &World, reading: &World, now: Timestamp, seed: u64) {
    let mut questions = questions(now);
    fastrand::Rng::with_seed(seed ^ now.millis().unsigned_abs()).shuffle(&mut questions);
    for question in &questions[..5] {
        let path = format!("/v1/metrics?{question}");
        let [kept, read] = [keeping.get_at(&path, now).await, reading.get_at(&path, now).await];
        assert_eq!(read.status, 200, "{read:?}");
        assert_eq!(kept.body, read.body, "{path} at {now}, of the story of seed {seed}");
    }
}

/// Tells a story to both. The one that keeps days does so at whichever moments, and makes them again. Answers what it
/// keeps in the end.
async fn tell(seed: u64) -> OfDay {
    let [keeping, reading] = worlds().await;
    let story = Story::of(seed);
    let mut random = fastrand::Rng::with_seed(seed);
    let mut last = at(0);
    for (now, event) in &story.events {
        if random.u8(..5) == 0 {
            // Between two events, seldom long after the one before: what changed a moment ago is not taken back yet.
            let ticked = last.plus_millis(random.i64(0..=now.millis() - last.millis()));
            tick(&keeping, ticked).await;
            tick(&reading, ticked).await;
        }
        for world in [&keeping, &reading] {
            let answer = world.post_at(event, *now).await;
            assert!(matches!(answer.status, 200 | 201), "{event} at {now}: {answer:?}");
        }
        if random.u8(..12) == 0 {
            expect_equal(&keeping, &reading, now.plus_millis(1), seed).await;
        }
        last = *now;
    }
    // Once nothing comes any more, all days are kept that are over.
    for minutes in [1, 6, 12] {
        tick(&keeping, last.plus_millis(minutes * 60_000)).await;
        tick(&reading, last.plus_millis(minutes * 60_000)).await;
        expect_equal(&keeping, &reading, last.plus_millis(minutes * 60_000 + 1), seed).await;
    }
    let end = last.plus_millis(4 * DAY * 1000);
    tick(&keeping, end).await;
    tick(&reading, end).await;
    expect_equal(&keeping, &reading, end, seed).await;
    assert_eq!(through(&keeping).await, Some(day_of(end.plus_millis(-2 * 3_600_000), -2)), "the story of seed {seed}");
    assert_eq!(through(&reading).await, None, "something is watched for longer than a day");
    let found = keeping.rebuilder().rebuild(at(-DAY), end).await.unwrap();
    assert!(found.is_right(), "the story of seed {seed}: {found:?}");
    let environments = keeping.reader().environments().await.unwrap();
    let window = Window::up_to(end, Hours::parse("9600").unwrap());
    let kept = keeping.reader().kept(&environments, &window, &SettingsInUse::from(settings_in_use())).await.unwrap();
    kept.unwrap().facts
}

#[tokio::test]
async fn no_answer_depends_on_what_is_kept() {
    let mut all = OfDay::default();
    // Once a region that was named later changed what had been there before it, and once what ran in a region was not
    // read where another region had been named since.
    for seed in [42, 48].into_iter().chain((0..60).step_by(tests::one_in_of_many(60))) {
        all.add(tell(seed).await);
    }
    let told = [all.ended.len(), all.replaced.len(), all.incidents.len(), all.measured.len()];
    assert!(told.iter().zip([60, 4, 4, 4]).all(|(told, least)| *told >= least), "too little is told: {told:?}");
}

fn deployment(id: &str, status: &str, time: Timestamp) -> Value {
    json!({
        "deploymentId": id, "eventId": format!("{id}-{status}-{time}"), "status": status, "occurredAt": time,
        "service": "cart", "environment": "production", "version": id,
    })
}

#[tokio::test]
async fn a_day_is_kept_when_what_landed_on_it_is_watched_no_more_and_made_again_when_something_comes_late() {
    let [world, _] = worlds().await;
    for day in 0..5 {
        world.post_at(&deployment(&format!("d-{day}"), "COMPLETED", at(day * DAY)), at(day * DAY)).await;
    }
    // It is noon. A day is kept two hours after the end of the day after it.
    let now = at(5 * DAY);
    tick(&world, now).await;
    assert_eq!(through(&world).await, Some(day_of(now, -2)));
    tick(&world, now.plus_millis(13 * 3_600_000)).await;
    assert_eq!(through(&world).await, Some(day_of(now, -2)), "an hour after midnight");
    tick(&world, now.plus_millis(14 * 3_600_000)).await;
    assert_eq!(through(&world).await, Some(day_of(now, -1)));

    let now = now.plus_millis(15 * 3_600_000);
    world.wire.reset();
    world.post_at(&deployment("now", "COMPLETED", now), now).await;
    let usual = world.wire.units();
    world.wire.reset();
    world.post_at(&deployment("late", "COMPLETED", at(DAY + 60)), now).await;
    let more = world.wire.units() - usual;
    assert!((1.0..=2.5).contains(&more), "what comes late takes a note of at most two units: {more}");
    let count = async |now: Timestamp| {
        let path = "/v1/metrics?hours=400&environment=production";
        world.get_at(path, now).await.body["deployments"]["completed"].clone()
    };
    assert_eq!(count(now).await, 7, "at once");
    tick(&world, now.plus_millis(60_000)).await;
    assert_eq!(world.reader().kept_notes().await.unwrap().changed.len(), 1, "the index may not have it yet");
    assert_eq!(count(now.plus_millis(60_000)).await, 7);
    tick(&world, now.plus_millis(300_000)).await;
    let notes = world.reader().kept_notes().await.unwrap();
    assert_eq!((notes.changed.len(), through(&world).await), (0, Some(day_of(at(0), 4))), "all of it is made again");
    assert_eq!(count(now.plus_millis(300_000)).await, 7);
}

#[tokio::test]
async fn whoever_changes_a_day_is_found_and_a_rebuild_has_it_made_again() {
    let [world, reading] = worlds().await;
    for world in [&world, &reading] {
        for day in 0..5 {
            world.post_at(&deployment(&format!("d-{day}"), "COMPLETED", at(day * DAY)), at(day * DAY)).await;
        }
    }
    let now = at(8 * DAY);
    tick(&world, now).await;
    let store = world.embedded.store();
    let environment: Environment = serde_json::from_value(json!("production")).unwrap();
    let of_day = |day: i64| {
        let (environment, reader) = (environment.clone(), world.reader());
        async move { reader.day_items(&environment, day_of(at(0), day)).await.unwrap() }
    };
    let (one, other) = (of_day(1).await.remove(0), of_day(2).await.remove(0));
    let forged = OfDayItem::parts(&environment, day_of(at(0), 2), &one.facts().unwrap()).unwrap().remove(0);
    let (mut remove, mut forge, mut damage) = (Transaction::default(), Transaction::default(), Transaction::default());
    remove.delete(Table::State, one.key());
    forge.put(Table::State, store::items::to_item(&forged).unwrap());
    let mut damaged = store::items::to_item(&forged).unwrap().into_inner();
    damaged.insert("facts".to_owned(), AttributeValue::S("nothing of ours".to_owned()));
    damage.put(Table::State, damaged.into());
    for (tampering, day) in [(remove, "2026-03-02"), (forge, "2026-03-03"), (damage, "2026-03-03")] {
        store.transact(tampering).await.unwrap();
        let found = world.rebuilder().rebuild(at(-DAY), now).await.unwrap();
        let lie = format!("figures of production on {day}: stored, and not what was recorded says");
        assert_eq!(found.differences, [lie]);
        world.rebuilder().repair(found).await.unwrap();
        let through: Key = through_key(&environment);
        assert_eq!(store.get(Table::State, &through).await.unwrap(), None, "all is to be made again");
        tick(&world, now).await;
        assert!(world.rebuilder().rebuild(at(-DAY), now).await.unwrap().is_right());
        expect_equal(&world, &reading, now, 0).await;
    }
    assert_eq!(of_day(2).await, [other]);
}

#[tokio::test]
async fn a_year_over_twenty_thousand_deployments_takes_at_most_four_hundred_read_units() {
    let world = World::new().await;
    busy_year::keep(world.embedded.store(), at(0)).await;
    world.wire.reset();
    let answer = world.get("/v1/metrics?hours=8760&environment=production&by=service").await;
    let deployments = answer.body["deployments"]["completed"].as_u64().unwrap();
    let failures = &answer.body["dora"]["changeFailures"];
    assert!((19_900..20_100).contains(&deployments), "{deployments}");
    assert!(failures["undone"].as_u64() > Some(360) && failures["judgedBad"].as_u64() > Some(360), "{failures}");
    assert!(failures["incidents"].as_u64() > Some(360), "{failures}");
    let (units, calls) = (world.wire.units(), world.wire.calls().len());
    assert!(units <= 400.0, "{units} units");
    assert!(calls <= 16, "{calls} calls");
}
