//! What deployments imply that name a release.

use serde_json::json;
use tests::world::at;

use super::{event, listed, post, status, world};

#[tokio::test]
async fn the_service_that_was_skipped_is_found() {
    let world = world().await;
    let of_7 = json!({"release": "7"});
    for service in ["cart", "search", "web"] {
        post(&world, &[event(&format!("{service}@2 staging"), -600, "COMPLETED", &of_7)]).await;
    }
    let production = "environment=production";
    assert_eq!(
        status(&world, "7", "environment=staging").await,
        "cart IN_PLACE, search IN_PLACE, web IN_PLACE: complete"
    );
    assert_eq!(status(&world, "7", production).await, "cart SKIPPED, search SKIPPED, web SKIPPED: incomplete");
    post(
        &world,
        &[
            event("cart@2 production", -500, "IN_PROGRESS", &of_7),
            event("cart@2 production", -490, "COMPLETED", &of_7),
            event("web@2 prod", -480, "COMPLETED", &of_7),
            // The same version came without the release.
            event("search@2 production", -470, "COMPLETED", &json!({})),
        ],
    )
    .await;
    assert_eq!(status(&world, "7", production).await, "cart IN_PLACE, search SKIPPED, web IN_PLACE: incomplete");
    // Another release takes its place: this one stays complete where it was.
    post(&world, &[event("cart@3 production", -400, "COMPLETED", &json!({"release": "8"}))]).await;
    assert_eq!(status(&world, "7", production).await, "cart NEWER, search SKIPPED, web IN_PLACE: incomplete");
    assert_eq!(status(&world, "8", production).await, "cart IN_PLACE: complete");
    // It is said late that it came with the release.
    post(&world, &[event("search@2 production", -475, "IN_PROGRESS", &of_7)]).await;
    assert_eq!(status(&world, "7", production).await, "cart NEWER, search IN_PLACE, web IN_PLACE: complete");
    let as_of = |seconds: i64| format!("{production}&asOf={}", at(seconds));
    for (seconds, expected) in [
        (-601, "404"),
        (-495, "cart SKIPPED, search SKIPPED, web SKIPPED: incomplete"),
        (-490, "cart IN_PLACE, search SKIPPED, web SKIPPED: incomplete"),
        (-470, "cart IN_PLACE, search IN_PLACE, web IN_PLACE: complete"),
    ] {
        assert_eq!(status(&world, "7", &as_of(seconds)).await, expected, "{seconds}");
    }
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn one_deployment_stands_in_the_lists_of_what_it_names_now_however_that_came() {
    let world = world().await;
    let named = |release: &str, artifact: &str| json!({"release": release, "artifact": artifact});
    post(
        &world,
        &[
            event("cart@1 staging", -100, "COMPLETED", &json!({})),
            event("cart@2 staging", -90, "COMPLETED", &named("7", "cart.tar")),
            event("cart@2 production", -80, "FAILED", &named("7", "cart.tar")),
            event("search@2 production", -70, "COMPLETED", &named("7", "search.tar")),
        ],
    )
    .await;
    assert_eq!(listed(&world, "release=7", 1).await, ["search-production-2", "cart-production-2", "cart-staging-2"]);
    assert_eq!(listed(&world, "release=7", 100).await, ["search-production-2", "cart-production-2", "cart-staging-2"]);
    assert_eq!(listed(&world, "artifact=cart.tar", 2).await, ["cart-production-2", "cart-staging-2"]);
    for (query, ids) in [
        ("release=7&artifact=cart.tar&environment=production", &["cart-production-2"][..]),
        ("release=7&environment=prod", &["search-production-2", "cart-production-2"]),
        ("release=7&service=cart&status=COMPLETED,PENDING", &["cart-staging-2"]),
        ("artifact=cart.tar&version=2&status=FAILED", &["cart-production-2"]),
        ("artifact=cart.tar&version=3", &[]),
        ("release=8", &[]),
    ] {
        assert_eq!(listed(&world, query, 1).await, ids, "{query}");
    }
    let (from, to) = (format!("release=7&from={}", at(-80)), format!("release=7&to={}", at(-80)));
    assert_eq!(listed(&world, &from, 10).await, ["search-production-2", "cart-production-2"]);
    assert_eq!(listed(&world, &to, 10).await, ["cart-staging-2"]);
    // An earlier event names another release and artifact, and moves the creation.
    post(&world, &[event("cart@2 staging", -95, "IN_PROGRESS", &named("6", "old.tar"))]).await;
    assert_eq!(listed(&world, "release=7", 10).await, ["search-production-2", "cart-production-2"]);
    assert_eq!(listed(&world, "release=6", 10).await, ["cart-staging-2"]);
    assert_eq!(listed(&world, "artifact=old.tar", 10).await, ["cart-staging-2"]);
    assert_eq!(listed(&world, "artifact=cart.tar", 10).await, ["cart-production-2"]);
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn lines_that_are_lost_come_back_with_a_rebuild_and_no_others_do() {
    let mut world = world().await;
    post(&world, &[event("cart@2 staging", -90, "COMPLETED", &json!({"release": "7", "artifact": "a"}))]).await;
    super::put(&world, "8", &json!({"services": {"cart": "2"}}), None, 0).await;
    let (client, table) = (world.embedded.client(), world.embedded.tables.state.clone());
    let items = client.scan().table_name(&table).send().await.unwrap().items.unwrap();
    let mut removed = 0;
    for item in items {
        let (pk, sk) = (item["pk"].clone(), item["sk"].clone());
        let text = pk.as_s().unwrap();
        if ["RELEASE", "ARTIFACT#", "DECLARED#", "NAMED#"].iter().any(|prefix| text.starts_with(prefix)) {
            client.delete_item().table_name(&table).key("pk", pk).key("sk", sk).send().await.unwrap();
            removed += 1;
        }
    }
    assert_eq!(removed, 6, "of the release, of the artifact, two days and two notes");
    world.restart();
    assert_eq!(listed(&world, "release=7", 10).await.len() + listed(&world, "artifact=a", 10).await.len(), 0);
    let days = 24 * 3600;
    let rebuilder = world.rebuilder();
    let found = rebuilder.rebuild(at(-days), at(days)).await.unwrap();
    assert_eq!(found.differences.len(), 6, "{:?}", found.differences);
    assert_eq!(rebuilder.repair(found).await.unwrap().items, 6);
    world.expect_state_is_history().await;
    assert_eq!((listed(&world, "release=7", 10).await.len(), listed(&world, "artifact=a", 10).await.len()), (1, 1));
}
