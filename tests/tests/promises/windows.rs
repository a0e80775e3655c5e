//! The window that metrics are asked over: its ends, the months that it touches, and how much it holds.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use domain::Timestamp;
use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{event, event_with, record};

fn outcomes(completed: u64) -> Value {
    json!({"completed": completed, "failed": 0, "rolledBack": 0, "cancelled": 0})
}

async fn completed(world: &World, question: &str) -> Value {
    world.get(&format!("/v1/metrics?{question}")).await.body["deployments"]["completed"].clone()
}

/// Posts that deployments completed at these times.
async fn complete(world: &World, times: &[Timestamp]) {
    for (number, time) in times.iter().enumerate() {
        let more = json!({"occurredAt": time, "service": format!("s-{number}")});
        record(world, &[event_with(&format!("at-{time}"), 0, "COMPLETED", &more)]).await;
    }
}

/// Puts what metrics read of deployments with these numbers, of the service `mail`, that completed in
/// staging a day before noon, on the last of February; each with so many stages of a long name.
async fn fill(world: &World, numbers: std::ops::Range<u32>, stages: usize) {
    let (client, table) = (world.embedded.client(), &world.embedded.tables.state);
    let stages = vec![json!(["x".repeat(128), "COMPLETED", null]); stages];
    let put = |number: u32| {
        let finished_at = at(-24 * 3600).plus_millis(number.into());
        let figures = json!({
            "env": "staging", "svc": "mail", "status": "COMPLETED", "at": finished_at.millis(), "stages": stages,
        });
        let attributes = [
            ("pk", format!("DEPLOYMENT#d-{number}")),
            ("sk", "SUMMARY".to_owned()),
            ("finishedMonth", format!("staging#{}", finished_at.month())),
            ("finishedKey", format!("{}#d-{number}", finished_at.sort_key())),
            ("figures", figures.to_string()),
        ];
        let item = attributes.map(|(name, value)| (name.to_owned(), AttributeValue::S(value)));
        let put = PutRequest::builder().set_item(Some(HashMap::from(item))).build().unwrap();
        WriteRequest::builder().put_request(put).build()
    };
    let writes: Vec<WriteRequest> = numbers.map(put).collect();
    for writes in writes.chunks(25) {
        client.batch_write_item().request_items(table, writes.to_vec()).send().await.unwrap();
    }
}

#[tokio::test]
async fn what_ended_at_its_beginning_is_in_it_and_at_its_end_is_not() {
    let world = World::new().await;
    let (from, middle, to) = (at(60 - 2 * 3600), at(60 - 3600), at(60));
    let times = [from.plus_millis(-1), from, middle.plus_millis(-1), middle, at(0), to.plus_millis(-1), to];
    complete(&world, &times).await;
    let metrics = world.get("/v1/metrics?hours=2").await.body;
    assert_eq!((&metrics["from"], &metrics["to"]), (&json!(from), &json!(to)));
    assert_eq!(metrics["deployments"], outcomes(5));
    let period = |from, to, completed| json!({"from": from, "to": to, "outcomes": outcomes(completed)});
    assert_eq!(metrics["trend"], json!([period(from, middle, 2), period(middle, to, 3)]));
}

#[tokio::test]
async fn an_answer_stays_the_same_within_a_minute_so_that_polling_is_cheap() {
    let world = World::new().await;
    record(&world, &[event("d-1", -50, "COMPLETED")]).await;
    let first = world.get("/v1/metrics").await;
    let tag = first.headers["etag"].as_str().unwrap();
    let asked = async |now: Timestamp| {
        world.request("GET", "/v1/metrics", &[("if-none-match", tag)], b"", now).await.unwrap().status
    };
    assert_eq!((asked(at(0)).await, asked(at(60).plus_millis(-1)).await), (304, 304));
    assert_eq!((asked(at(60)).await, asked(at(0).plus_millis(-1)).await), (200, 200));
    record(&world, &[event("d-2", -40, "FAILED")]).await;
    assert_eq!(asked(at(0)).await, 200);
}

#[tokio::test]
async fn a_day_is_asked_when_nothing_is_said_and_longer_windows_have_days_for_periods() {
    let world = World::new().await;
    let begin = |hours: i64| at(60 - hours * 3600);
    complete(&world, &[begin(2208).plus_millis(-1), begin(2208), begin(49), begin(25), begin(24), at(-1)]).await;
    let (unsaid, day) = (world.get("/v1/metrics").await.body, world.get("/v1/metrics?hours=24").await.body);
    assert_eq!((unsaid, day["trend"].as_array().unwrap().len()), (day.clone(), 24));
    // Over the end of February, and over that of the year before.
    for (hours, count) in [(24, 2), (25, 3), (49, 4), (2207, 4), (2208, 5)] {
        assert_eq!(completed(&world, &format!("hours={hours}&environment=staging")).await, count, "{hours}");
    }
    let trend = world.get("/v1/metrics?hours=49").await.body["trend"].clone();
    let period = |from, to, completed| json!({"from": from, "to": to, "outcomes": outcomes(completed)});
    let expected = [period(begin(49), begin(48), 1), period(begin(48), begin(24), 1), period(begin(24), at(60), 2)];
    assert_eq!(trend, json!(expected));
    assert_eq!(world.get("/v1/metrics?hours=48").await.body["trend"].as_array().unwrap().len(), 48);
}

#[tokio::test]
async fn as_of_a_time_it_ends_there_and_says_what_it_said_then() {
    let world = World::new().await;
    complete(&world, &[at(-9000), at(-5000), at(-4000), at(-3600), at(-3000), at(-1)]).await;
    for ago in [3600, 4500, 0] {
        let then = world.get_at("/v1/metrics?hours=2", at(-ago)).await.body;
        let asked = world.get(&format!("/v1/metrics?hours=2&asOf={}", at(-ago))).await.body;
        assert_eq!(asked, then, "{ago}");
    }
    assert_eq!(completed(&world, &format!("hours=2&asOf={}", at(-3600))).await, 4);
    let wrong = world.get("/v1/metrics?asOf=soon").await;
    assert_eq!((wrong.status, &wrong.body["errors"][0]["field"]), (400, &json!("asOf")));
}

#[tokio::test]
async fn what_began_in_another_month_counts_when_it_ended() {
    let world = World::new().await;
    record(&world, &[event("d-1", -13 * 3600, "IN_PROGRESS"), event("d-1", -3600, "COMPLETED")]).await;
    let metrics = world.get("/v1/metrics?hours=2").await.body;
    assert_eq!(metrics["deployments"], outcomes(1));
    assert_eq!(metrics["durationSeconds"]["maximum"], 12.0 * 3600.0);
}

#[tokio::test]
async fn a_month_of_several_pages_is_read_to_its_end() {
    let world = World::new().await;
    record(&world, &[event("other-month", -50, "COMPLETED")]).await;
    // A page of a query is a megabyte at most.
    fill(&world, 0..200, 100).await;
    world.wire.reset();
    let metrics = world.get("/v1/metrics?environment=staging&hours=48").await.body;
    assert_eq!(metrics["deployments"], outcomes(201));
    assert_eq!(metrics["stages"][0]["outcomes"], outcomes(200 * 100));
    assert_eq!(
        world.wire.count("Query"),
        1 + 3 + 2,
        "one month of a page, and one of three; and which months have others"
    );
}

#[tokio::test]
async fn more_than_can_be_counted_at_once_is_refused_with_advice() {
    const MOST: u32 = 20_000;
    let world = World::new().await;
    record(&world, &[event_with("production-1", -2 * 3600, "COMPLETED", &json!({"environment": "production"}))]).await;
    fill(&world, 0..MOST, 0).await;
    // An environment is known by what was recorded.
    record(&world, &[event("staging-1", -25 * 3600, "IN_PROGRESS")]).await;
    assert_eq!(completed(&world, "environment=staging&hours=48").await, MOST);
    assert_eq!(completed(&world, "hours=2").await, 0);

    let refused = async |question: &str| {
        let answer = world.get(&format!("/v1/metrics?{question}")).await;
        assert_eq!(
            (answer.status, &answer.body["errors"][0]["field"]),
            (400, &json!("hours")),
            "{question}: {answer:?}"
        );
        answer.body["errors"][0]["detail"].as_str().unwrap().to_owned()
    };
    let narrower =
        "more than 20000 deployments and incidents finished in this window; use fewer hours or one environment";
    assert_eq!(refused("hours=48").await, narrower);
    // It is read that counts, whatever the service.
    record(&world, &[event("staging-1", -24 * 3600, "COMPLETED")]).await;
    let fewer = "more than 20000 deployments and incidents finished in this window; use fewer hours";
    assert_eq!(refused("hours=48&environment=staging&service=cart").await, fewer);
}
