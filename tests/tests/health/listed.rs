//! What only was measured to be bad is in the list of bad versions, with its evidence.

use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{event, of, of_place, record, with};

const DAY: i64 = 24 * 3600;

async fn world() -> World {
    let mut world = World::new().await;
    let environments = json!([{"name": "staging", "aliases": ["stage"]}, {"name": "production"}]);
    let services = json!([{"name": "cart", "aliases": ["shop-cart"]}]);
    assert_eq!(world.apply(&json!({"environments": environments, "services": services})).await.status, 201);
    world
}

async fn bad_at(world: &World, query: &str, now: i64) -> Value {
    let answer = world.get_at(&format!("/v1/bad?{query}"), at(now)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

async fn bad(world: &World, query: &str) -> Value {
    bad_at(world, query, 0).await
}

/// Version, rules and whether each was cleared, of all that is listed.
fn shown(page: &Value) -> Vec<(String, Vec<(String, bool)>)> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let items = page["items"].as_array().unwrap().iter();
    let rules = |item: &Value| {
        let evidence = item["evidence"].as_array().unwrap().iter();
        evidence.map(|piece| (text(&piece["rule"]), !piece["cleared"].is_null())).collect()
    };
    items.map(|item| (format!("{}@{}", text(&item["service"]), text(&item["version"])), rules(item))).collect()
}

fn cleared(version: &str, seconds: i64) -> Value {
    json!({"type": "verdict", "service": "cart", "version": version, "outcome": "CLEARED", "reason": "the database",
           "occurredAt": at(seconds), "triggeredBy": {"actor": "ada"}})
}

/// One version that was only observed to be bad, one whose own events say it, and one that goes well.
fn story() -> Vec<Value> {
    let staging = json!({"environment": "stage"});
    vec![
        with(event("s-1", -9000, "COMPLETED", "1"), &json!({"environment": "stage", "metrics": {"healthScore": 40}})),
        with(event("s-2", -3600, "COMPLETED", "2"), &staging),
        with(of_place(-3500, &json!({"errorRate": 20})), &staging),
        of("s-2", -3400, &json!({"errorRate": 30, "healthScore": 79.9})),
        // Of neither: after its watch, and within the bounds.
        with(of_place(-100, &json!({"errorRate": 99})), &staging),
        with(event("p-3", -3000, "COMPLETED", "3"), &json!({"service": "shop-cart", "metrics": {"healthScore": 80}})),
        of("p-3", -2900, &json!({"errorRate": 5})),
    ]
}

#[tokio::test]
async fn what_was_only_measured_is_listed_with_its_evidence_in_any_order_of_arrival() {
    let piece = |id: &str, rule: &str, seconds: i64, reason: &str| {
        json!({"why": "MEASURED", "rule": rule, "environment": "staging", "at": at(seconds), "deploymentId": id,
               "by": null, "reason": reason, "cleared": null})
    };
    let item = |version: &str, seconds: i64, evidence: &[Value]| {
        json!({"service": "cart", "version": version, "commit": null, "state": "BAD", "since": at(seconds),
               "evidence": evidence})
    };
    let expected = json!({"items": [
        item("1", -9000, &[piece("s-1", "healthScore", -9000,
                                 "healthScore was 40, below 80 at 2026-03-01T09:30:00.000Z")]),
        item("2", -3500, &[
            piece("s-2", "healthScore", -3400, "healthScore was 79.9, below 80 at 2026-03-01T11:03:20.000Z"),
            piece("s-2", "errorRate", -3500,
                  "errorRate was 30, above 5; 2 times from 2026-03-01T11:01:40.000Z to 2026-03-01T11:03:20.000Z"),
        ]),
    ], "nextCursor": null});
    let mut random = fastrand::Rng::with_seed(20);
    for turn in 0..8 {
        let mut events = story();
        if turn > 0 {
            random.shuffle(&mut events);
        }
        let world = world().await;
        record(&world, &events).await;
        for query in ["", "service=cart", "service=shop-cart", "environment=production", "environment=stage"] {
            assert_eq!(bad(&world, query).await, expected, "{query}: {events:?}");
        }
        world.expect_state_is_history().await;
        // Nothing of it is stored but the observations: what is computed anew says the same.
        let found = world.rebuilder().rebuild(at(-DAY), at(1)).await.unwrap();
        assert!(found.is_right(), "{found:?}");
        // Once its day is over and kept, the answer is the same.
        world.processor.tick(at(4 * DAY)).await.unwrap();
        assert_eq!(bad_at(&world, "", 4 * DAY).await, expected);
    }
}

#[tokio::test]
async fn it_is_listed_as_of_a_time_and_cleared_by_what_comes_after_the_evidence() {
    let world = world().await;
    record(&world, &story()).await;
    let rules = |names: &[(&str, bool)]| names.iter().map(|(name, cleared)| ((*name).to_owned(), *cleared)).collect();
    let one = |state| ("cart@1".to_owned(), rules(&[("healthScore", state)]));
    let two = |names| ("cart@2".to_owned(), rules(names));
    for (seconds, expected) in [
        (-9001, vec![]),
        (-9000, vec![one(false)]),
        (-3501, vec![one(false)]),
        (-3500, vec![one(false), two(&[("errorRate", false)])]),
        (-3400, vec![one(false), two(&[("healthScore", false), ("errorRate", false)])]),
    ] {
        assert_eq!(shown(&bad(&world, &format!("asOf={}", at(seconds))).await), expected, "{seconds}");
    }
    // Between the two measurements: what came before it is cleared, and not what came after it.
    record(&world, &[cleared("2", -3450), cleared("1", -50)]).await;
    assert_eq!(shown(&bad(&world, "").await), [two(&[("healthScore", false), ("errorRate", false)])]);
    let with_cleared = bad(&world, "cleared=true").await;
    let all = [("healthScore", false), ("errorRate", false), ("errorRate", true)];
    assert_eq!(shown(&with_cleared), [one(true), two(&all)]);
    assert_eq!(
        (&with_cleared["items"][0]["state"], &with_cleared["items"][1]["since"]),
        (&json!("CLEARED"), &json!(at(-3400)))
    );
    record(&world, &[cleared("2", -3300)]).await;
    assert_eq!(shown(&bad(&world, "").await), []);
    // The gate, the list and the page say the same.
    let (_, _, page) = world.page("/bad?cleared=true").await;
    assert!(page.contains("went badly") && page.contains("errorRate was 30, above 5"), "{page}");
}

#[tokio::test]
async fn services_are_listed_once_each_beside_those_of_which_people_spoke_page_by_page() {
    let world = world().await;
    let marked = |service: &str| {
        json!({"type": "verdict", "service": service, "version": "9", "outcome": "BAD", "reason": "r",
               "occurredAt": at(-50)})
    };
    let mut expected = Vec::new();
    for n in 0..45 {
        let service = format!("s-{n:02}");
        let more = json!({"service": service, "metrics": {"errorRate": 6}});
        if n % 3 > 0 {
            record(&world, &[with(event(&format!("d-{n}"), -600, "COMPLETED", "1"), &more)]).await;
            expected.push(format!("{service}@1"));
        }
        if n % 2 == 0 {
            record(&world, &[marked(&service)]).await;
            expected.push(format!("{service}@9"));
        }
    }
    for (name, id) in [("cart", "c-1"), ("shop-cart", "c-2")] {
        let more = json!({"service": name, "metrics": {"errorRate": 6}});
        record(&world, &[with(event(id, -600, "COMPLETED", id), &more)]).await;
    }
    expected.splice(0..0, ["cart@c-1".to_owned(), "cart@c-2".to_owned()]);
    for limit in [1, 7, 100] {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = bad(&world, &format!("limit={limit}{cursor}")).await;
            found.extend(shown(&page).into_iter().map(|(name, _)| name));
            let Some(next) = page["nextCursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(found, expected, "{limit}");
    }
}

#[tokio::test]
async fn what_is_read_does_not_grow_with_what_was_never_measured_and_days_that_are_over_are_kept() {
    let mut calls = Vec::new();
    for deployed in [1, 40] {
        let world = world().await;
        record(&world, &story()).await;
        for n in 0..deployed {
            record(&world, &[event(&format!("x-{n}"), -2000 + n, "COMPLETED", &format!("x{n}"))]).await;
        }
        world.processor.tick(at(4 * DAY)).await.unwrap();
        bad_at(&world, "", 4 * DAY).await;
        world.wire.reset();
        bad_at(&world, "", 4 * DAY).await;
        calls.push(world.wire.calls().len());
    }
    assert_eq!(calls[0], calls[1], "{calls:?}");
    assert!(calls[0] <= 43, "{calls:?}");
    // Where nothing was measured, most of it falls away.
    let world = world().await;
    record(&world, &[event("x", -2000, "COMPLETED", "1")]).await;
    world.processor.tick(at(4 * DAY)).await.unwrap();
    world.wire.reset();
    assert_eq!(bad_at(&world, "", 4 * DAY).await["items"], json!([]));
    let calls: Vec<String> = world.wire.calls().into_iter().map(|call| call.operation).collect();
    assert!(calls.len() <= 8, "{calls:?}");
}
