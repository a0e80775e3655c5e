//! What is looked for is found, or the page says where it was looked for.

use serde_json::json;
use tests::World;

use super::{all, event, page, text, told};

const COMMIT: &str = "abcdef0123456789abcdef0123456789abcdef01";

/// Where a search leads by itself.
async fn leads_to(world: &World, query: &str) -> Option<String> {
    let (status, headers, _) = world.page(&format!("/search?q={query}")).await;
    match status {
        303 => Some(headers["location"].as_str().unwrap().to_owned()),
        200 => None,
        other => panic!("{query}: {other}"),
    }
}

#[tokio::test]
async fn an_exact_name_leads_to_its_page() {
    let mut world = told().await;
    for (query, path) in [
        ("behind", "/services/behind"),
        ("%20behind%20", "/services/behind"),
        ("production", "/environments/production"),
        ("behind-p2", "/deployments/behind-p2"),
    ] {
        assert_eq!(leads_to(&world, query).await.as_deref(), Some(path), "{query}");
    }
    for query in ["Behind", "beh", "2.0", "behind-p", "nothing", "unknown", "%00"] {
        assert_eq!(leads_to(&world, query).await, None, "{query}");
    }
    world
        .apply(&json!({"services": [{"name": "behind", "aliases": ["late"]}], "environments": [{"name": "dr"}]}))
        .await;
    assert_eq!(leads_to(&world, "late").await.as_deref(), Some("/services/behind"));
    assert_eq!(leads_to(&world, "dr").await.as_deref(), Some("/environments/dr"));
    // A name of two things leads to neither.
    world.post(&event("dr", -10, "dr", "dr", "1", "COMPLETED")).await;
    assert_eq!(leads_to(&world, "dr").await, None);
    let page = page(&world, "/search?q=dr").await;
    let links: Vec<&str> = all(&page, ".rows a").into_iter().map(|a| a.value().attr("href").unwrap()).collect();
    assert_eq!(links, ["/services/dr", "/environments/dr", "/deployments/dr"]);
}

#[tokio::test]
async fn a_version_is_found_where_it_runs_and_by_its_deployments() {
    let world = told().await;
    let page = page(&world, "/search?q=2.0").await;
    assert_eq!(text(all(&page, "h1")[0]), "2.0 runs as behind in staging");
    let live: Vec<String> = all(&page, ".rows li").into_iter().map(text).collect();
    assert_eq!(live, ["behind 2.0 in staging for 5 minutes"]);
    let listed = world.get("/v1/deployments?version=2.0").await.body["items"].as_array().unwrap().len();
    assert_eq!((all(&page, "table tbody tr").len(), listed), (2, 2));
    // In a region it runs too, and nowhere it was only tried.
    let mixed = super::page(&world, "/search?q=1").await;
    let mixed = text(all(&mixed, ".rows")[0]);
    assert!(mixed.starts_with("mixed 1 in production , in some regions"), "{mixed}");
}

#[tokio::test]
async fn a_commit_is_found_by_its_beginning_and_where_it_landed_first() {
    let world = told().await;
    let mut landed = event("c-1", -90, "cart", "production", "1.0", "COMPLETED");
    landed["commit"] = json!(COMMIT);
    world.post(&landed).await;
    let mut next = event("c-2", -80, "cart", "production", "1.1", "COMPLETED");
    next["commit"] = json!("1".repeat(40));
    world.post(&next).await;
    let part = page(&world, "/search?q=ABCDEF0").await;
    assert_eq!(text(all(&part, "h1")[0]), "ABCDEF0: found, and runs nowhere");
    let rows: Vec<String> = all(&part, "table tbody tr").into_iter().map(text).collect();
    assert!(rows.len() == 1 && rows[0].contains("cart"), "{rows:?}");
    let whole = page(&world, &format!("/search?q={COMMIT}")).await;
    let landed: Vec<String> = all(&whole, ".rows li").into_iter().map(text).collect();
    assert_eq!(landed, ["cart in production , by c-1 1 Mar 2026 11:58:30"]);
    // What is too short, or no hexadecimal number, is no commit.
    let short = page(&world, "/search?q=abcdef").await;
    assert_eq!(text(all(&short, "h1")[0]), "Nothing is called abcdef");
}

#[tokio::test]
async fn a_release_is_found_and_leads_to_what_was_deployed_of_it() {
    let world = told().await;
    let mut deployed = event("r-1", -90, "cart", "production", "1.0", "COMPLETED");
    deployed["release"] = json!("spring/1");
    world.post(&deployed).await;
    let page = page(&world, "/search?q=spring%2F1").await;
    let link = all(&page, ".rows a")[0].value().attr("href").unwrap().to_owned();
    let there = super::page(&world, &link).await;
    assert!(text(all(&there, "main")[0]).contains("cart"), "{link}");
}

#[tokio::test]
async fn what_is_not_found_was_looked_for_where_the_page_says() {
    let world = told().await;
    let nothing = page(&world, "/search?q=%3Cb%3Enothing").await;
    assert_eq!(text(all(&nothing, "h1")[0]), "Nothing is called <b>nothing");
    let said = text(all(&nothing, ".rest")[0]);
    for place in ["services and environments", "deployments and releases", "what runs now", "from 7 characters on"] {
        assert!(said.contains(place), "{said}");
    }
    let commit = page(&world, "/search?q=0123456789").await;
    let looked_at = world.get("/v1/deployments?limit=100").await.body["items"].as_array().unwrap().len();
    assert!(text(all(&commit, ".rest")[0]).contains(&format!("the latest {looked_at} deployments")));
    // From every page there is a way to look for something, which keeps what was typed.
    for path in ["/", "/live", "/services/behind", "/deployments/behind-p2", "/search?q=2.0"] {
        let page = page(&world, path).await;
        let field = all(&page, "header form[role=search][action='/search'] input[type=search]")[0];
        assert_eq!(field.value().attr("value"), path.split_once("q=").map(|(_, typed)| typed), "{path}");
    }
}
