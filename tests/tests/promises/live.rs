//! What runs where, now and at every point of a history with a failure, a rollback and a removal.

use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{event_with, record};

/// The live cell of cart in staging as of a second after noon; null when none is shown.
async fn as_of(world: &World, seconds: i64) -> Value {
    let answer = world.get(&format!("/v1/live?environment=staging&service=cart&asOf={}", at(seconds))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["items"][0].clone()
}

#[tokio::test]
async fn what_was_live_at_each_moment_of_a_history_with_a_rollback_and_a_removal() {
    let world = World::new().await;
    let with = |version: &str| json!({"version": version, "commit": format!("c{version}")});
    let removal = json!({"type": "removal"});
    let events = [
        event_with("d-1", 100, "IN_PROGRESS", &with("1")),
        event_with("d-1", 110, "COMPLETED", &with("1")),
        event_with("d-2", 200, "IN_PROGRESS", &with("2")),
        event_with("d-2", 210, "COMPLETED", &with("2")),
        event_with("d-3", 300, "FAILED", &with("3")),
        event_with("d-2", 400, "ROLLED_BACK", &with("2")),
        event_with("d-4", 500, "COMPLETED", &with("4")),
        event_with("d-4", 600, "ROLLED_BACK", &json!({"version": "4", "rollbackTo": "2"})),
        event_with("d-5", 700, "CANCELLED", &with("5")),
        event_with("d-6", 800, "COMPLETED", &removal),
        event_with("d-7", 900, "COMPLETED", &with("7")),
    ];
    // The order of arrival is another than that of what happened.
    let reordered: Vec<Value> =
        [6, 0, 10, 3, 7, 9, 1, 5, 2, 8, 4].iter().map(|index: &usize| events[*index].clone()).collect();
    record(&world, &reordered).await;
    world.expect_state_is_history().await;

    let expected = [
        // (as of, version, since, of which deployment, rollback, last attempt)
        (109, None, None, None, false, None),
        (110, Some("1"), Some(110), Some("d-1"), false, Some(("d-1", "COMPLETED"))),
        (209, Some("1"), Some(110), Some("d-1"), false, Some(("d-1", "COMPLETED"))),
        (210, Some("2"), Some(210), Some("d-2"), false, Some(("d-2", "COMPLETED"))),
        (399, Some("2"), Some(210), Some("d-2"), false, Some(("d-3", "FAILED"))),
        (400, Some("1"), Some(400), Some("d-1"), true, Some(("d-2", "ROLLED_BACK"))),
        (500, Some("4"), Some(500), Some("d-4"), false, Some(("d-4", "COMPLETED"))),
        (600, Some("2"), Some(600), Some("d-2"), true, Some(("d-4", "ROLLED_BACK"))),
        (799, Some("2"), Some(600), Some("d-2"), true, Some(("d-5", "CANCELLED"))),
        // A place that was emptied is not shown.
        (800, None, None, None, false, None),
        (900, Some("7"), Some(900), Some("d-7"), false, Some(("d-7", "COMPLETED"))),
        (3600, Some("7"), Some(900), Some("d-7"), false, Some(("d-7", "COMPLETED"))),
    ];
    for (seconds, version, since, deployment, rollback, last) in expected {
        let cell = as_of(&world, seconds).await;
        let Some((last_id, last_status)) = last else {
            assert_eq!(cell, Value::Null, "nothing had ended by {seconds}, or all was taken away");
            continue;
        };
        let shown = (&cell["version"], &cell["since"], &cell["deploymentId"], &cell["rollback"]);
        let wanted = (&json!(version), &json!(since.map(at)), &json!(deployment), &json!(rollback));
        assert_eq!(shown, wanted, "as of {seconds}: {cell}");
        let attempt = (&cell["lastAttempt"]["deploymentId"], &cell["lastAttempt"]["status"]);
        assert_eq!(attempt, (&json!(last_id), &json!(last_status)), "as of {seconds}: {cell}");
    }
    let now = world.get("/v1/live?environment=staging").await.body;
    assert_eq!((&now["items"][0], &now["items"][1]), (&as_of(&world, 3600).await, &Value::Null));
}

#[tokio::test]
async fn what_was_believed_before_a_late_event_is_still_known() {
    let world = World::new().await;
    let completed =
        |id: &str, seconds, version: &str| event_with(id, seconds, "COMPLETED", &json!({"version": version}));
    world.post_at(&completed("d-1", 100, "1"), at(1000)).await;
    world.post_at(&completed("d-3", 300, "3"), at(1000)).await;
    // What happened at 200 arrives late, as does the rollback of d-3.
    world.post_at(&completed("d-2", 200, "2"), at(2000)).await;
    world.post_at(&event_with("d-3", 400, "ROLLED_BACK", &json!({})), at(2000)).await;
    let asked = async |as_of: i64, known_at: i64| {
        let page = world.get(&format!("/v1/live?asOf={}&knownAt={}", at(as_of), at(known_at))).await.body;
        page["items"][0]["version"].clone()
    };
    assert_eq!((asked(250, 2500).await, asked(250, 1500).await), (json!("2"), json!("1")));
    assert_eq!((asked(500, 2500).await, asked(500, 1500).await), (json!("2"), json!("3")));
    assert_eq!((asked(350, 2500).await, asked(350, 1500).await), (json!("3"), json!("3")));
    assert_eq!(asked(500, 999).await, Value::Null, "nothing was known then");
}

#[tokio::test]
async fn the_live_matrix_is_paged_over_environments_and_services() {
    let world = World::new().await;
    let mut expected = Vec::new();
    for environment in ["dev", "staging", "production"] {
        for service in ["a", "b", "c", "d"] {
            let id = format!("{environment}-{service}");
            let more = json!({"environment": environment, "service": service, "version": "1"});
            record(&world, &[event_with(&id, 10, "COMPLETED", &more)]).await;
            expected.push(id);
        }
    }
    for (query, wanted) in [
        ("/v1/live?limit=5", expected.clone()),
        ("/v1/live?limit=1&environment=production", expected[8..].to_vec()),
        ("/v1/live?limit=2&service=b", expected.iter().filter(|id| id.ends_with('b')).cloned().collect()),
        ("/v1/live?limit=4&asOf=2026-03-01T12:00:10Z", expected.clone()),
    ] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = world.get(&format!("{query}{cursor}")).await.body;
            let items = page["items"].as_array().unwrap();
            seen.extend(items.iter().map(|item| {
                format!("{}-{}", item["environment"].as_str().unwrap(), item["service"].as_str().unwrap())
            }));
            let Some(next) = page["nextCursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen, wanted, "{query}");
    }
}

#[tokio::test]
async fn a_branch_that_moved_on_is_no_version_that_came_back() {
    let world = World::new().await;
    let of = |version: &str, commit: &str| json!({"version": version, "commit": commit});
    let events = [
        event_with("d-1", 100, "COMPLETED", &of("main", "c1")),
        event_with("d-2", 200, "COMPLETED", &of("hotfix", "c2")),
        event_with("d-3", 300, "COMPLETED", &of("main", "c3")),
        event_with("d-4", 400, "COMPLETED", &of("hotfix", "c2")),
    ];
    record(&world, &events).await;
    for (seconds, commit, rollback) in [(300, "c3", false), (400, "c2", true)] {
        let cell = as_of(&world, seconds).await;
        assert_eq!((&cell["commit"], &cell["rollback"]), (&json!(commit), &json!(rollback)), "{cell}");
    }
}

#[tokio::test]
async fn what_a_fast_clock_reports_stands_at_the_second_of_its_receipt_before_all_else_of_it() {
    let completed =
        |id: &str, seconds: i64, version: &str| event_with(id, seconds, "COMPLETED", &json!({"version": version}));
    let received = at(100).plus_millis(700);
    // By its id the second would come first, if both stood at one time.
    let events = [completed("z-fast", 280, "1"), completed("a-right", 100, "2")];
    for order in [[0, 1], [1, 0]] {
        let world = World::new().await;
        for index in order {
            assert_eq!(world.post_at(&events[index], received).await.status, 201);
        }
        let live = world.get("/v1/live").await.body;
        assert_eq!((&live["items"][0]["version"], &live["items"][0]["since"]), (&json!("2"), &json!(at(100))));
        for moment in ["2026-03-01T12:01:40Z", "2026-03-01T12:01:40.000Z", "2026-03-01T12:05:00Z"] {
            assert_eq!(world.get(&format!("/v1/live?asOf={moment}")).await.body, live, "{moment}");
        }
        let fast = world.get("/v1/deployments/z-fast").await.body;
        assert_eq!((&fast["finishedAt"], &fast["flags"]), (&json!(at(100)), &json!(["CLOCK_SKEW"])));
        let trail = world.get("/v1/deployments/z-fast/events").await.body;
        assert_eq!(trail["items"][0]["occurredAt"], json!(at(280)), "its own time is kept");
        world.expect_state_is_history().await;
    }
}
