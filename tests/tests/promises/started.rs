//! Places in which something has begun and nothing has ended yet, in the matrix.

use serde_json::{Value, json};
use tests::World;

use super::event_with;

/// Each cell of the matrix with what runs and what is under way there, over pages of this many.
async fn told(world: &World, query: &str, limit: usize) -> Vec<String> {
    let (mut cells, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = world.get(&format!("/v1/live?limit={limit}&{query}{cursor}")).await;
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
        let items = answer.body["items"].as_array().unwrap();
        assert!(items.len() <= limit, "{query}: {} of {limit}", items.len());
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        cells.extend(items.iter().map(|cell| {
            let active = cell["active"].as_array().into_iter().flatten().map(|one| text(&one["deploymentId"]));
            let active: Vec<String> = active.collect();
            let place = format!("{} {}", text(&cell["environment"]), text(&cell["service"]));
            format!("{place} {} [{}]", text(&cell["version"]), active.join(", "))
        }));
        match answer.body["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return cells,
        }
    }
}

#[tokio::test]
async fn what_is_deployed_for_the_first_time_is_in_the_matrix_before_it_ends() {
    let mut world = World::new().await;
    let path = json!({"environments": [{"name": "first"}, {"name": "staging"}, {"name": "production"}]});
    assert_eq!(world.apply(&path).await.status, 201);
    let of = |id: &str, seconds: i64, status: &str, environment: &str, service: &str, more: Value| {
        let mut all = json!({"environment": environment, "service": service, "version": id});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event_with(id, seconds, status, &all)
    };
    let plain = || json!({});
    let events = [
        of("c", -90, "COMPLETED", "production", "cart", plain()),
        of("w", -80, "COMPLETED", "production", "web", plain()),
        of("g", -70, "COMPLETED", "production", "gone", plain()),
        of("g-gone", -60, "COMPLETED", "production", "gone", json!({"type": "removal"})),
        of("e", -50, "COMPLETED", "production", "empty", plain()),
        of("e-gone", -40, "COMPLETED", "production", "empty", json!({"type": "removal"})),
        of("g-again", -30, "IN_PROGRESS", "production", "gone", plain()),
        of("b", -20, "IN_PROGRESS", "production", "brandnew", plain()),
        of("a", -20, "PENDING", "production", "adam", json!({"region": "eu"})),
        of("z", -20, "IN_PROGRESS", "production", "zed#1", plain()),
        of("c-next", -10, "IN_PROGRESS", "production", "cart", plain()),
        of("n", -10, "IN_PROGRESS", "first", "cart", plain()),
        of("ended", -10, "FAILED", "staging", "cart", plain()),
    ];
    for event in events {
        let answer = world.post(&event).await;
        assert_eq!(answer.status, 201, "{event}: {answer:?}");
    }
    let all = [
        "first cart - [n]",
        "staging cart - []",
        "production adam - [a]",
        "production brandnew - [b]",
        "production cart c [c-next]",
        "production gone - [g-again]",
        "production web w []",
        "production zed#1 - [z]",
    ];
    for limit in 1..10 {
        assert_eq!(told(&world, "active=true", limit).await, all, "{limit}");
        assert_eq!(told(&world, "active=true&environment=production", limit).await, all[2..], "{limit}");
        assert_eq!(told(&world, "active=true&service=cart", limit).await, [all[0], all[1], all[4]], "{limit}");
        assert_eq!(told(&world, "active=true&service=brandnew", limit).await, [all[3]], "{limit}");
        assert_eq!(told(&world, "active=true&region=eu", limit).await, [all[2]], "{limit}");
        assert_eq!(told(&world, "active=true&region=us", limit).await, Vec::<String>::new(), "{limit}");
    }
    assert_eq!(
        told(&world, "", 2).await,
        ["staging cart - []", "production cart c []", "production web w []"],
        "only what is asked for"
    );
    let cells = world.get("/v1/live?active=true&difference=true&service=brandnew").await.body;
    let mut cell = cells["items"][0].clone();
    assert_eq!(cell.as_object_mut().unwrap().remove("active").unwrap()[0]["status"], "IN_PROGRESS");
    let expected = json!({
        "service": "brandnew", "environment": "production", "version": null, "commit": null, "since": null,
        "deploymentId": null, "change": null, "rollback": false, "mixed": false, "regions": [], "lastAttempt": null,
    });
    assert_eq!(cell, expected);
    let (_, _, page) = world.page("/live").await;
    let row = page.split("<tr").find(|row| row.contains(">brandnew<")).unwrap_or_default();
    assert!(row.contains("nothing runs") && row.contains("/deployments/b\""), "{row}");
}
