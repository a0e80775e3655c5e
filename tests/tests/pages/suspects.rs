//! What changed before something went wrong: what the API says, and the ways to it.

use scraper::Html;
use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{all, event, page, text, told, within};

/// The rows of the table, cell by cell.
fn rows(page: &Html) -> Vec<Vec<String>> {
    all(page, "main tbody tr").into_iter().map(|row| within(row, "td").into_iter().map(text).collect()).collect()
}

/// Where a page's link of this name leads.
fn way(page: &Html, name: &str) -> String {
    let link = all(page, "main a").into_iter().find(|link| text(*link) == name);
    link.unwrap_or_else(|| panic!("no {name}")).value().attr("href").unwrap().to_owned()
}

async fn expect_the_same(world: &World, shown: &Html, api: &str) -> Vec<Value> {
    let answer = world.get(api).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let items = answer.body["items"].as_array().unwrap().clone();
    let rows = rows(shown);
    assert_eq!(rows.len(), items.len());
    for (row, item) in rows.iter().zip(&items) {
        let said = |name: &str| item[name].as_str().unwrap();
        let reasons: Vec<&str> = item["reasons"].as_array().unwrap().iter().map(|why| why.as_str().unwrap()).collect();
        assert_eq!(
            row[..3],
            [
                item["score"].to_string(),
                format!("{} {}", said("service"), said("version")),
                format!("{} {}", said("environment"), item["region"].as_str().unwrap_or_default())
                    .trim_end()
                    .to_owned()
            ]
        );
        assert_eq!(row[3] == "under way", item["landedAt"].is_null(), "{row:?}");
        assert_eq!((row[4].as_str(), row[5].as_str()), (reasons.join(" ").as_str(), said("deploymentId")));
    }
    items
}

#[tokio::test]
async fn an_incident_leads_to_what_changed_before_it_as_the_api_says_it() {
    let world = told().await;
    let api = "/v1/suspects?service=behind&environment=production&at=2026-03-01T11:54:10.000Z&limit=100";
    for from in ["/incidents", "/deployments/incident:inc-1"] {
        let to = way(&page(&world, from).await, "What changed before");
        let shown = page(&world, &to).await;
        let items = expect_the_same(&world, &shown, api).await;
        assert_eq!(items[0]["deploymentId"], "behind-p1", "it landed just before");
        let count = items.len();
        assert_eq!(text(all(&shown, "h1")[0]), format!("Before behind went wrong: {count} changes in 6h"));
        let as_json = world.get(&format!("{to}&format=json")).await;
        assert_eq!(as_json.body, world.get(api).await.body);
    }
}

#[tokio::test]
async fn what_is_bad_and_a_service_lead_there_too() {
    let world = told().await;
    let observation = json!({"type": "observation", "deploymentId": "behind-p1", "occurredAt": at(-390),
                             "metrics": {"errorRate": 50}});
    assert_eq!(world.post(&observation).await.status, 201);
    let bad = page(&world, "/deployments/behind-p1").await;
    let shown = page(&world, &way(&bad, "What changed before")).await;
    let since = world.get("/v1/deployments/behind-p1").await.body["verdict"]["since"].as_str().unwrap().to_owned();
    let api = format!("/v1/suspects?service=behind&environment=production&at={since}&limit=100");
    assert!(!expect_the_same(&world, &shown, &api).await.is_empty());
    // What is not bad leads nowhere, as nothing went wrong.
    let good = page(&world, "/deployments/same-p").await;
    assert!(!all(&good, "main a").into_iter().any(|link| text(link) == "What changed before"));
    // From a service it is asked for the time of the page: now, or the one that is looked at.
    let now = way(&page(&world, "/services/behind").await, "What changed before");
    assert_eq!(now, "/suspects?service=behind");
    expect_the_same(&world, &page(&world, &now).await, "/v1/suspects?service=behind&at=2026-03-01T12:00:00Z&limit=100")
        .await;
    let then = way(&page(&world, "/services/behind?asOf=2026-03-01T11:54:00Z").await, "What changed before");
    expect_the_same(
        &world,
        &page(&world, &then).await,
        "/v1/suspects?service=behind&at=2026-03-01T11:54:00Z&limit=100",
    )
    .await;
}

#[tokio::test]
async fn the_form_asks_for_what_the_api_asks_for_and_what_is_wrong_is_said() {
    let world = told().await;
    let form = page(&world, "/suspects").await;
    let fields: Vec<&str> =
        all(&form, "main form input").into_iter().map(|field| field.value().attr("name").unwrap()).collect();
    assert_eq!(fields, ["service", "at", "environment", "window"]);
    // As a browser sends it: a time without a zone, and fields that were not filled in.
    let sent = "/suspects?service=behind&at=2026-03-01T11%3A55&environment=&window=90m";
    let shown = page(&world, sent).await;
    let api = "/v1/suspects?service=behind&at=2026-03-01T11:55:00Z&window=90m&limit=100";
    expect_the_same(&world, &shown, api).await;
    let command = text(all(&shown, ".elsewhere details code")[0]);
    assert_eq!(command, "deployment-status bisect --service=behind --at=2026-03-01T11:55:00Z --window=90m");
    assert_eq!(all(&shown, "input[name=at]")[0].value().attr("value"), Some("2026-03-01T11:55"), "it is kept");
    let quiet = page(&world, "/suspects?service=old&environment=pr-7&at=2026-02-01T00:00:00Z").await;
    assert_eq!(text(all(&quiet, "h1")[0]), "Before old went wrong: nothing changed in 6h");
    assert!(rows(&quiet).is_empty());
    for (path, said) in [
        ("/suspects?service=behnd", "service : is no service"),
        ("/suspects?service=behind&environment=porduction", "environment : is no environment"),
        ("/suspects?service=behind&at=never", "at"),
        ("/suspects?service=behind&window=8d", "window"),
        ("/suspects?service=a%00b", "service"),
        ("/suspects?servce=behind", "servce"),
    ] {
        let (status, _, document) = world.page(path).await;
        let shown = text(all(&Html::parse_document(&document), "main")[0]);
        assert!(status == 400 && shown.contains(said), "{path}: {status} {shown}");
    }
}

#[tokio::test]
async fn more_than_a_page_goes_on_and_names_of_any_kind_are_text() {
    let world = World::new().await;
    let name = "<b>a/b</b>?c=d&e #1 بوابة";
    let changes: Vec<Value> = (0..101)
        .map(|n| event(&format!("d-{n}"), -200 - n, name, "production", &format!("1.{n}"), "COMPLETED"))
        .collect();
    for some in changes.chunks(50) {
        let answer = world.post(&json!(some)).await;
        assert!(answer.body.as_array().unwrap().iter().all(|one| one["outcome"] == "recorded"), "{answer:?}");
    }
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("service", name).finish();
    let first = page(&world, &format!("/suspects?{query}&at=2026-03-01T12:00:00Z")).await;
    assert_eq!(
        text(all(&first, "h1")[0]),
        format!("Before \u{2068}{name}\u{2069} went wrong: 100 changes on this page in 6h")
    );
    let second = page(&world, &way(&first, "Those less likely")).await;
    assert_eq!((rows(&first).len(), rows(&second).len()), (100, 1));
    assert_eq!(rows(&second)[0][5], "d-100", "the one that landed first");
    assert!(all(&first, "main b").is_empty());
    assert!(rows(&first)[0][1].starts_with(name));
}
