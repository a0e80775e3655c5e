//! The page of an environment: what runs there, what may come next, and its freezes.

use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{all, event, page, text, told, within};

fn rows(page: &scraper::Html, label: &str) -> Vec<Vec<String>> {
    let rows = all(page, &format!("[aria-label='{label}'] tbody tr"));
    rows.into_iter().map(|row| within(row, "th, td").into_iter().map(text).collect()).collect()
}

#[tokio::test]
async fn each_row_says_what_the_api_says() {
    let world = told().await;
    for (environment, time) in [("production", ""), ("staging", ""), ("production", "asOf=2026-03-01T11:54:00.000Z")] {
        let path = format!("/v1/live?environment={environment}&difference=true&active=true&{time}");
        let path = path.trim_end_matches('&');
        let cells = world.get(path).await.body["items"].as_array().unwrap().clone();
        let page = page(&world, &format!("/environments/{environment}?{time}")).await;
        let shown = rows(&page, "What runs");
        assert_eq!(shown.len(), cells.len(), "{shown:?}");
        for (row, cell) in shown.iter().zip(&cells) {
            assert_eq!(row[0], cell["service"].as_str().unwrap());
            let version = cell["version"].as_str().unwrap_or(if cell["mixed"] == true { "mixed" } else { "nothing" });
            assert!(row[1].starts_with(version), "{row:?}");
            if let Value::Object(last) = &cell["lastAttempt"] {
                let status = last["status"].as_str().unwrap().to_lowercase().replace('_', " ");
                assert!(row[4].contains(&status), "{row:?}: {status}");
            }
        }
    }
    let production = page(&world, "/environments/production").await;
    assert_eq!(text(all(&production, "h1")[0]), "production: 6 services, 2 behind staging");
}

#[tokio::test]
async fn what_may_come_next_has_the_answer_of_its_gate() {
    let mut world = told().await;
    world.apply(&json!({"environments": [
        {"name": "staging"}, {"name": "production", "production": true, "gate": {"provenIn": "staging", "nothingActive": true}},
    ], "freezes": [
        {"name": "month end", "environments": ["production"], "from": at(-60), "to": at(3600), "except": ["running"]},
        {"name": "elsewhere", "environments": ["staging"], "from": at(-60), "to": at(3600)},
        {"name": "over", "from": at(-3600), "to": at(-60)},
    ]})).await;
    let compared = world.get("/v1/compare?from=staging&to=production&limit=100").await.body["items"].clone();
    let expected: Vec<&Value> = compared
        .as_array()
        .unwrap()
        .iter()
        .filter(|item| matches!(item["relation"].as_str().unwrap(), "behind" | "missing" | "unseen"))
        .collect();
    let page = page(&world, "/environments/production").await;
    let shown = rows(&page, "What may come next");
    assert_eq!(shown.len(), expected.len(), "{shown:?}");
    for (row, item) in shown.iter().zip(expected) {
        let (service, version) = (item["service"].as_str().unwrap(), item["from"]["version"].as_str().unwrap());
        assert!(row[0] == service && row[2].starts_with(version), "{row:?}");
        let gate = format!("/v1/gate?service={service}&environment=production&version={version}");
        let gate = world.get(&gate).await.body;
        let decision = if gate["decision"] == "ALLOW" { "allowed" } else { "denied" };
        assert!(row[3].starts_with(decision), "{row:?}: {gate}");
        for check in gate["checks"].as_array().unwrap().iter().filter(|check| check["outcome"] == "FAILED") {
            let said = format!("{}: {}", check["check"].as_str().unwrap(), check["detail"].as_str().unwrap());
            assert!(row[3].contains(&said), "{row:?}: {said}");
        }
    }
    // Of the freezes those that concern it and are not over.
    let freezes: Vec<String> = all(&page, ".rows li").into_iter().map(text).collect();
    assert_eq!(freezes, ["month end except for running holds until 1 Mar 2026 13:00:00"]);
    let first = super::page(&world, "/environments/staging").await;
    assert!(text(all(&first, "main")[0]).contains("No environment stands before it on the promotion path"));
}

#[tokio::test]
async fn the_gate_is_asked_about_ten_and_the_page_says_so() {
    let world = World::new().await;
    let one = |n: usize| event(&format!("d{n}"), -60, &format!("service-{n:02}"), "staging", "1", "COMPLETED");
    let events: Vec<Value> = (0..15).map(one).collect();
    assert_eq!(world.post(&json!(events)).await.status, 200);
    world.post(&event("p", -50, "other", "production", "1", "COMPLETED")).await;
    let page = page(&world, "/environments/production").await;
    let shown = rows(&page, "What may come next");
    let asked = shown.iter().filter(|row| row[3].starts_with("allowed")).count();
    assert_eq!((shown.len(), asked), (15, 10));
    assert!(text(all(&page, "main")[0]).contains("The gate was asked about the first 10, and not about the other 5"));
}

#[tokio::test]
async fn an_alias_leads_to_the_environment_that_it_stands_for_and_a_listed_one_is_there_before_anything_ran() {
    let mut world = told().await;
    world.apply(&json!({"environments": [{"name": "production", "aliases": ["live"]}, {"name": "dr"}]})).await;
    let alias = page(&world, "/environments/live").await;
    assert!(text(all(&alias, "h1")[0]).starts_with("production: "));
    let listed = page(&world, "/environments/dr").await;
    assert_eq!(text(all(&listed, "h1")[0]), "dr: nothing runs");
}
