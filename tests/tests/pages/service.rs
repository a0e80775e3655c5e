//! The page of a service: its cells, its timeline, where each version is, and its history.

use std::collections::BTreeMap;

use scraper::Html;
use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{all, event, page, text, told, within};

const DAY: i64 = 86_400;

/// A service with a rollback, a failure, a cancellation and something under way.
async fn story() -> World {
    let world = World::new().await;
    let mut events = vec![
        event("s1", -20 * DAY, "cart", "staging", "1.0", "COMPLETED"),
        event("p1", -18 * DAY, "cart", "production", "1.0", "COMPLETED"),
        event("s2", -10 * DAY, "cart", "staging", "2.0", "COMPLETED"),
        event("p2-failed", -9 * DAY, "cart", "production", "2.0", "FAILED"),
        event("p2-cancelled", -8 * DAY, "cart", "production", "2.0", "CANCELLED"),
        event("p2", -7 * DAY, "cart", "production", "2.0", "COMPLETED"),
        event("p2", -6 * DAY, "cart", "production", "2.0", "ROLLED_BACK"),
        event("p3", -60, "cart", "production", "3.0", "IN_PROGRESS"),
        event("preview", -DAY, "cart", "pr-1", "3.0", "COMPLETED"),
        event("other", -DAY, "other", "production", "9", "COMPLETED"),
    ];
    events[5]["triggeredBy"] = json!({"kind": "MANUAL", "actor": "ada"});
    let answer = world.post(&json!(events)).await;
    assert!(answer.body.as_array().unwrap().iter().all(|one| one["outcome"] == "recorded"), "{answer:?}");
    world
}

/// The rows of a table by its caption's beginning.
fn rows(page: &Html, caption: &str) -> Vec<Vec<String>> {
    let tables = all(page, "table");
    let is_it = |table: &&scraper::ElementRef<'_>| {
        within(**table, "caption").first().is_some_and(|found| text(*found).starts_with(caption))
    };
    let table = tables.iter().find(is_it).unwrap_or_else(|| panic!("no table {caption}"));
    within(*table, "tbody tr").into_iter().map(|row| within(row, "th, td").into_iter().map(text).collect()).collect()
}

/// What is drawn of bands in each row: its class, and its name.
fn bands(page: &Html) -> BTreeMap<String, Vec<String>> {
    let rows = all(page, "table.timeline tbody tr");
    let of_row = |row| {
        let drawn = within(row, "rect.band").into_iter().map(|band| band.value().attr("class").unwrap().to_owned());
        (text(within(row, "th a")[0]), drawn.collect())
    };
    rows.into_iter().map(of_row).collect()
}

#[tokio::test]
async fn each_cell_says_what_the_api_says() {
    for world in [story().await, told().await] {
        for (service, time) in
            [("cart", ""), ("behind", ""), ("mixed", ""), ("behind", "&asOf=2026-03-01T11:54:00.000Z")]
        {
            let path = format!("/v1/live?service={service}&difference=true&active=true{time}");
            let cells = world.get(&path).await.body["items"].as_array().unwrap().clone();
            let (status, _, document) =
                world.page(&format!("/services/{service}?{}", time.trim_start_matches('&'))).await;
            if status == 404 {
                assert!(cells.is_empty());
                continue;
            }
            let page = Html::parse_document(&document);
            let shown: Vec<String> = all(&page, ".places > li").into_iter().map(text).collect();
            assert_eq!(shown.len(), cells.len(), "{service}{time}: {shown:?}");
            for cell in cells {
                let environment = cell["environment"].as_str().unwrap();
                let card = shown.iter().find(|card| card.starts_with(environment)).unwrap();
                let version = match &cell["version"] {
                    Value::String(version) => version,
                    _ if cell["mixed"] == true => "mixed",
                    _ => "nothing runs",
                };
                assert!(card.starts_with(&format!("{environment} {version}")), "{card}");
                if let Some(relation) = cell["difference"]["relation"].as_str().filter(|relation| *relation != "same") {
                    assert!(card.contains(relation), "{card}: {relation}");
                }
                for active in cell["active"].as_array().into_iter().flatten() {
                    assert!(card.contains(&format!("{} running now", active["version"].as_str().unwrap())), "{card}");
                }
            }
        }
    }
}

#[tokio::test]
async fn the_timeline_draws_what_ran_and_the_history_says_the_same() {
    let world = story().await;
    let page = page(&world, "/services/cart").await;
    assert_eq!(text(all(&page, "h1")[0]), "cart: 1.0 in production, behind staging by 1");
    let drawn = bands(&page);
    assert_eq!(drawn.keys().collect::<Vec<_>>(), ["production", "staging"], "what comes and goes has no row");
    assert_eq!(drawn["staging"], ["band", "band live"]);
    assert_eq!(drawn["production"], ["band", "band undone", "band live"]);
    assert_eq!(all(&page, "table.timeline path.arrow").len(), 1, "back to what came back");
    assert_eq!(all(&page, "table.timeline line.mark").len(), 7, "a mark for each ending");
    let history = rows(&page, "What ended");
    let said: Vec<String> = history.iter().map(|row| row[1..5].join(", ")).collect();
    assert_eq!(
        said,
        [
            "2.0, production, rolled back 1.0 came back, runs",
            "2.0, production, completed, 23 Feb, 12:00 , undone",
            "2.0, production, cancelled, –",
            "2.0, production, failed, –",
            "2.0, staging, completed, runs",
            "1.0, production, completed, 22 Feb, 12:00",
            "1.0, staging, completed, 19 Feb, 12:00",
        ]
    );
    assert_eq!(history[1][6], "ada");
    let versions = rows(&page, "When each version ran");
    assert_eq!(
        versions,
        [
            ["1.0", "9 Feb to 19 Feb", "live since 23 Feb 11 Feb to 22 Feb"],
            ["2.0", "live since 19 Feb", "22 Feb to 23 Feb , undone"],
        ]
        .map(|row| row.map(str::to_owned).to_vec())
    );
}

#[tokio::test]
async fn of_the_past_it_says_what_ran_and_what_was_known_then() {
    let world = story().await;
    // While 2.0 ran in production; nothing was undone yet.
    let then = page(&world, "/services/cart?asOf=2026-02-22T18:00:00Z").await;
    assert_eq!(text(all(&then, "h1")[0]), "cart: 2.0 in production, the same as staging");
    assert_eq!(bands(&then)["production"], ["band", "band live"]);
    let history = rows(&then, "What ended");
    assert_eq!((history.len(), history[0][4].as_str()), (6, "ran then"));
    // All of it was recorded at noon: before that, nothing was known.
    let unknown = page(&world, "/services/cart?knownAt=2026-03-01T11:00:00Z").await;
    assert!(bands(&unknown).values().all(Vec::is_empty));
    // A shorter time shows less, and says what ran when it began.
    let week = page(&world, "/services/cart?days=7").await;
    assert_eq!(rows(&week, "What ended").len(), 1);
    assert_eq!(bands(&week)["production"], ["band undone", "band live"]);
    assert_eq!(bands(&week)["staging"], ["band live"]);
    assert_eq!(all(&week, "path.arrow").len(), 1, "an arrow to the edge, as what came back landed before");
}

#[tokio::test]
async fn it_is_known_again_while_nothing_happens() {
    let world = story().await;
    let tag = async || world.page("/services/cart").await.1["etag"].as_str().unwrap().to_owned();
    let known = tag().await;
    // A chart ends with the quarter of an hour.
    let again =
        world.request("GET", "/services/cart", &[("if-none-match", known.as_str())], b"", at(600)).await.unwrap();
    assert_eq!((again.status, again.body), (304, Value::Null));
    world.post(&event("p3", -1, "cart", "production", "3.0", "COMPLETED")).await;
    assert_ne!(tag().await, known);
}

#[tokio::test]
async fn a_region_has_a_row_of_its_own() {
    let world = told().await;
    let page = page(&world, "/services/mixed").await;
    let heads: Vec<String> = all(&page, "table.timeline tbody th").into_iter().map(text).collect();
    assert_eq!(heads, ["staging 2, 10 minutes", "production eu 1, 5 minutes", "production us 2, 3 minutes"]);
    assert_eq!(text(all(&page, "h1")[0]), "mixed: mixed regions in production");
}

#[tokio::test]
async fn a_retirement_and_a_removal_end_what_ran() {
    let world = story().await;
    let removal = json!({"deploymentId": "gone", "type": "removal", "status": "COMPLETED", "service": "cart",
                         "environment": "staging", "occurredAt": at(-3600)});
    let retirement = json!({"environment": "production", "type": "retirement", "occurredAt": at(-1800)});
    for event in [removal, retirement] {
        let answer = world.post(&event).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    let page = page(&world, "/services/cart").await;
    assert_eq!(text(all(&page, "h1")[0]), "cart: nothing in production");
    assert_eq!(bands(&page)["staging"], ["band", "band"]);
    let history = rows(&page, "What ended");
    assert_eq!(history[0][1..4], ["–", "production", "environment retired"].map(str::to_owned));
    assert_eq!(history[1][2..4], ["staging", "removed"].map(str::to_owned));
}

#[tokio::test]
async fn a_timeline_of_very_many_deployments_says_from_when_on_it_is_told() {
    let world = World::new().await;
    let events = |from: i64| -> Vec<Value> {
        let one = |n: i64| event(&format!("d{n}"), -600 * n, "busy", "production", &n.to_string(), "COMPLETED");
        (from..from + 100).map(one).collect()
    };
    for from in [1, 101, 201, 301] {
        assert_eq!(world.post(&json!(events(from))).await.status, 200);
    }
    let page = page(&world, "/services/busy").await;
    let main = text(all(&page, "main")[0]);
    assert!(main.contains("production has so many deployments that it is told from "), "{main}");
    assert_eq!(all(&page, "rect.untold").len(), 1);
    let history = rows(&page, "What ended");
    assert!((200..400).contains(&history.len()), "{}", history.len());
    assert_eq!(all(&page, "table.timeline line.mark").len(), history.len(), "the table says every mark");
}
