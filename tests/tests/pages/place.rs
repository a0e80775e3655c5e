//! The place of a deployment: what it replaced, what replaced it, what it brought; and how it stood at a time.

use std::collections::BTreeMap;

use serde_json::json;
use tests::World;
use tests::world::at;

use super::{all, event, page, text, told, within};

/// What a page says of a deployment's place, by what it is called.
async fn place(world: &World, path: &str) -> BTreeMap<String, String> {
    let page = page(world, path).await;
    let facts = all(&page, "dl.place > div").into_iter();
    facts.map(|fact| (text(within(fact, "dt")[0]), text(within(fact, "dd")[0]))).collect()
}

#[tokio::test]
async fn it_leads_to_what_was_replaced_and_to_what_took_its_place() {
    let world = told().await;
    world
        .post(&json!([
            event("fix-p2", -90, "fix", "production", "2", "COMPLETED"),
            event("fix-p2", -80, "fix", "production", "2", "ROLLED_BACK"),
            event("fix-p3", -70, "fix", "production", "3", "COMPLETED"),
        ]))
        .await;
    let first = place(&world, "/deployments/fix-p").await;
    assert_eq!(first["Replaced"], "nothing: nothing ran before it");
    assert!(first["Replaced by"].starts_with("2 1 Mar 2026 11:58:30"), "{first:?}");
    let undone = place(&world, "/deployments/fix-p2").await;
    assert!(undone["Replaced"].starts_with("1.0-fix "), "{undone:?}");
    assert!(undone["Replaced by"].starts_with("1.0-fix , which came back"), "{undone:?}");
    assert!(undone["Runs now"].starts_with("3 , for 1 minute"), "{undone:?}");
    let last = place(&world, "/deployments/fix-p3").await;
    assert!(last["Replaced"].starts_with("1.0-fix "), "{last:?}");
    assert_eq!(last["Replaced by"], "nothing since");
    // What failed replaced nothing: what ran before ran on.
    let failed = place(&world, "/deployments/behind-p2").await;
    assert!(failed["Ran on"].starts_with("1.0 ") && !failed.contains_key("Replaced"), "{failed:?}");
    // What has not ended has replaced nothing yet.
    let running = place(&world, "/deployments/run-p").await;
    assert_eq!(running.keys().collect::<Vec<_>>(), ["Runs now"]);
    // In each region that it is about.
    let mixed = place(&world, "/deployments/mixed-eu").await;
    assert_eq!(mixed["Replaced in eu"], "nothing: nothing ran before it");
    for (path, link) in
        [("fix-p2", "/deployments/fix-p"), ("fix-p3", "/deployments/fix-p"), ("fix-p", "/deployments/fix-p2")]
    {
        let page = page(&world, &format!("/deployments/{path}")).await;
        let links: Vec<&str> = all(&page, "dl.place a").into_iter().map(|a| a.value().attr("href").unwrap()).collect();
        assert!(links.contains(&link), "{path}: {links:?}");
    }
}

#[tokio::test]
async fn the_changes_are_what_landed_before_it_since_what_it_replaced() {
    let world = World::new().await;
    let mut events = Vec::new();
    for (n, environment, seconds) in [
        (1, "staging", -900),
        (1, "production", -800),
        (2, "staging", -700),
        (3, "staging", -600),
        // What comes to staging once 3 is on its way is none of its changes.
        (4, "staging", -500),
        (3, "production", -400),
    ] {
        let mut one =
            event(&format!("{environment}-{n}"), seconds, "cart", environment, &format!("{n}.0"), "COMPLETED");
        one["commit"] = json!(format!("{n}").repeat(40));
        one["links"] = json!({"changes": format!("https://example.com/{n}")});
        events.push(one);
    }
    assert_eq!(world.post(&json!(events)).await.status, 200);
    let page = page(&world, "/deployments/production-3").await;
    let card = all(&page, "section").into_iter().find(|card| text(*card).starts_with("Changes")).unwrap();
    assert!(text(card).starts_with("Changes since 1.0 From commit 111111111111 to 333333333333 ."), "{}", text(card));
    let changes: Vec<String> = within(card, ".changes li").into_iter().map(text).collect();
    assert_eq!(changes, ["3.0 3333333 changes example.com/3", "2.0 2222222 changes example.com/2"]);
    // Nothing stands before staging, so only its commits say what changed.
    let page = super::page(&world, "/deployments/staging-3").await;
    let card = all(&page, "section").into_iter().find(|card| text(*card).starts_with("Changes")).unwrap();
    assert_eq!(text(card), "Changes since 2.0 From commit 222222222222 to 333333333333 .");
}

#[tokio::test]
async fn at_a_time_it_is_as_it_stood_then() {
    let world = World::new().await;
    for (seconds, status) in [(-300, "IN_PROGRESS"), (-200, "COMPLETED"), (-100, "ROLLED_BACK")] {
        world.post_at(&event("d", seconds, "cart", "production", "2", status), at(seconds + 1)).await;
    }
    for (seconds, title, events) in [
        (-250, "cart 2 is on its way to production", "1 event"),
        (-150, "cart 2 completed in production", "2 events"),
        (0, "cart 2 was rolled back in production", "3 events"),
    ] {
        for times in ["asOf", "knownAt"] {
            let page = page(&world, &format!("/deployments/d?{times}={}", at(seconds))).await;
            assert_eq!(text(all(&page, "h1")[0]), title, "{times}");
            let main = text(all(&page, "main")[0]);
            assert!(main.contains(&format!("Audit trail {events}")), "{times}: {main}");
            assert!(main.contains("as it is recorded now, with 3 in all"), "{times}: {main}");
        }
    }
    let before = page(&world, &format!("/deployments/d?asOf={}", at(-400))).await;
    assert_eq!(text(all(&before, "h1")[0]), "d: not known of that time");
    assert_eq!(all(&before, "main a")[0].value().attr("href"), Some("/deployments/d"));
}

#[tokio::test]
async fn where_very_much_landed_since_it_is_not_said_that_nothing_replaced_it() {
    let world = World::new().await;
    let in_region = |id: &str, seconds: i64, region: &str| {
        let mut one = event(id, seconds, "cart", "production", "1", "COMPLETED");
        one["region"] = json!(region);
        one
    };
    let mut events = vec![in_region("in-eu", -9000, "eu")];
    events.extend((0..70).map(|n| in_region(&format!("in-us-{n}"), -8000 + n, "us")));
    assert_eq!(world.post(&json!(events)).await.status, 200);
    let here = place(&world, "/deployments/in-eu").await;
    assert_eq!(here["Replaced by in eu"], "not known: very much landed since");
    assert_eq!(place(&world, "/deployments/in-us-69").await["Replaced by in us"], "nothing since");
}
