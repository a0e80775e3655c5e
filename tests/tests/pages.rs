//! Pages: what they say is what the API says, whatever the names; they are whole without a script, and every link on
//! them leads somewhere.

use scraper::{ElementRef, Html, Selector};
use serde_json::{Value, json};
use tests::World;
use tests::world::at;

mod bad;
mod cost;
mod environment;
mod expected;
mod json;
mod links;
mod lists;
mod names;
mod note;
mod overview;
mod place;
mod reads;
mod record;
mod says_the_same;
mod search;
mod service;
mod suspects;
mod times;

fn select(selector: &str) -> Selector {
    Selector::parse(selector).unwrap()
}

fn all<'p>(page: &'p Html, selector: &str) -> Vec<ElementRef<'p>> {
    page.select(&select(selector)).collect()
}

fn within<'p>(element: ElementRef<'p>, selector: &str) -> Vec<ElementRef<'p>> {
    element.select(&select(selector)).collect()
}

/// The text of an element, with single spaces, also between the elements in it: each stands apart.
fn text(element: ElementRef<'_>) -> String {
    element.text().flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// The page at a path, which is there.
async fn page(world: &World, path: &str) -> Html {
    let (status, _, document) = world.page(path).await;
    assert_eq!(status, 200, "{path}: {document}");
    Html::parse_document(&document)
}

fn event(id: &str, seconds: i64, service: &str, environment: &str, version: &str, status: &str) -> Value {
    json!({"deploymentId": id, "occurredAt": at(seconds), "service": service, "environment": environment,
           "version": version, "status": status})
}

/// The same as a part of a release.
fn released(mut event: Value) -> Value {
    event["release"] = json!("spring");
    event
}

fn incident() -> Value {
    json!({"type": "incident", "deploymentId": "incident:inc-1", "occurredAt": at(-350), "service": "behind",
           "environment": "production", "status": "IN_PROGRESS", "notes": "orders are lost"})
}

/// Services that are the same, behind, unseen, failed, under way, old, mixed, and in a preview.
async fn told() -> World {
    let world = World::new().await;
    let day = 86_400;
    let mut mixed = event("mixed-eu", -300, "mixed", "production", "1", "COMPLETED");
    mixed["region"] = json!("eu");
    let mut other = event("mixed-us", -200, "mixed", "production", "2", "COMPLETED");
    other["region"] = json!("us");
    let events = json!([
        released(event("same-s", -40 * day, "same", "staging", "1.0", "COMPLETED")),
        event("same-p", -39 * day, "same", "production", "1.0", "COMPLETED"),
        event("old-p", -120 * day, "old", "production", "0.1", "COMPLETED"),
        event("behind-s1", -500, "behind", "staging", "1.0", "COMPLETED"),
        event("behind-p1", -400, "behind", "production", "1.0", "COMPLETED"),
        released(event("behind-s2", -300, "behind", "staging", "2.0", "COMPLETED")),
        event("behind-p2", -100, "behind", "production", "2.0", "FAILED"),
        event("fix-s", -500, "fix", "staging", "1.0", "COMPLETED"),
        event("fix-p", -400, "fix", "production", "1.0-fix", "COMPLETED"),
        event("run-s0", -600, "running", "staging", "0.9", "COMPLETED"),
        event("run-s", -500, "running", "staging", "1.0", "COMPLETED"),
        event("run-p", -50, "running", "production", "1.0", "IN_PROGRESS"),
        event("run-p0", -400, "running", "production", "0.9", "COMPLETED"),
        event("mixed-s", -600, "mixed", "staging", "2", "COMPLETED"),
        mixed,
        other,
        event("preview", -60, "behind", "pr-7", "2.1", "COMPLETED"),
        incident(),
    ]);
    // A while before anybody looks: a batch is recorded when it is committed, which may be a second after it came.
    let answer = world.post_at(&events, at(-40)).await;
    assert!(answer.body.as_array().unwrap().iter().all(|one| one["outcome"] == "recorded"), "{answer:?}");
    world
}

#[tokio::test]
async fn every_page_is_a_whole_document_in_which_everything_has_its_name() {
    let world = told().await;
    for path in [
        "/",
        "/live",
        "/live?only=wrong",
        "/compare",
        "/compare?from=staging&to=production",
        "/deployments",
        "/deployments/behind-p2",
        "/releases",
        "/releases?environment=production",
        "/releases/spring",
        "/drift",
        "/drift?severity=high",
        "/bad",
        "/settings",
        "/metrics",
        "/metrics?hours=720&environment=production",
        "/incidents",
        "/suspects",
        "/suspects?service=behind&at=2026-03-01T11:54:10Z",
        "/rejected",
        "/?asOf=2026-02-28T00:00:00Z",
        "/deployments/behind-p2?asOf=2020-01-01T00:00:00Z",
        "/services/behind",
        "/services/behind?days=90&asOf=2026-03-01T11:57:00Z",
        "/services/mixed",
        "/environments/production",
        "/environments/pr-7",
        "/search",
        "/search?q=2.0",
        "/search?q=nothing",
        "/record",
        "/record?service=behind&environment=production&what=failed",
        "/bad/mark",
        "/bad/mark?service=behind&version=2.0",
    ] {
        let page = page(&world, path).await;
        assert!(page.errors.is_empty(), "{path}: {:?}", page.errors);
        assert_eq!(all(&page, "html[lang=en]").len(), 1, "{path}");
        let headings = all(&page, "h1");
        assert_eq!((headings.len(), all(&page, "main h1").len()), (1, 1), "{path}");
        assert_eq!(text(all(&page, "title")[0]), format!("{} – Deployment Status", text(headings[0])), "{path}");
        assert!(all(&page, "h3, h4").is_empty(), "no level of headings is left out: {path}");
        for table in all(&page, "table") {
            let heads = within(table, "th");
            assert!(!heads.is_empty() && heads.iter().all(|head| head.value().attr("scope").is_some()), "{path}");
        }
        for field in all(&page, "input:not([type=hidden]), select, textarea") {
            let id = field.value().attr("id");
            let labelled = id.is_some_and(|id| !all(&page, &format!("label[for='{id}']")).is_empty());
            let wrapped = field.ancestors().filter_map(ElementRef::wrap).any(|around| around.value().name() == "label");
            assert!(labelled || wrapped, "{path}: {}", field.html());
        }
        for picture in all(&page, "svg") {
            assert_eq!(picture.value().attr("aria-hidden"), Some("true"), "its words stand beside it: {path}");
        }
        for forbidden in ["[style]", "style", "script:not([src])", "[onclick]", "[onload]"] {
            assert!(all(&page, forbidden).is_empty(), "{path}: {forbidden}");
        }
    }
}

#[tokio::test]
async fn every_page_has_its_headers_and_is_known_again() {
    let world = told().await;
    for path in ["/live", "/deployments/behind-p2", "/services/same", "/search?q=1.0", "/live?asOf=never"] {
        let (_, headers, _) = world.page(path).await;
        let policy = headers["content-security-policy"].as_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"), "{policy}");
        assert!(policy.contains("base-uri 'none'; frame-ancestors 'none'"), "{policy}");
        assert_eq!(
            (&headers["x-content-type-options"], &headers["referrer-policy"]),
            (&json!("nosniff"), &json!("same-origin"))
        );
        assert_eq!(headers["content-type"], "text/html; charset=utf-8");
    }
    let (_, headers, _) = world.page("/live").await;
    let tag = headers["etag"].as_str().unwrap().to_owned();
    // Later it says the same, but for the ages in it, which a browser moves on by itself.
    let known = [("if-none-match", tag.as_str())];
    let again = world.request("GET", "/live", &known, b"", at(600)).await.unwrap();
    assert_eq!((again.status, again.body), (304, Value::Null));
    world.post(&event("same-p2", -1, "same", "production", "1.1", "COMPLETED")).await;
    assert_ne!(world.page("/live").await.1["etag"], json!(tag));
}

#[tokio::test]
async fn what_is_wrong_with_a_question_is_said_on_a_page() {
    let world = told().await;
    for (path, status, said) in [
        ("/live?asOf=never", 400, "asOf"),
        ("/live?enviroment=production", 400, "enviroment"),
        ("/deployments?status=DONE", 400, "status"),
        ("/deployments/nobody", 404, "nobody"),
        ("/deployments/nobody?asOf=2026-03-01T11:57:00Z", 404, "nobody"),
        ("/services/nobody", 404, "no service nobody"),
        ("/services/", 404, "name a service"),
        ("/services/behind?days=31", 400, "must be one of 7, 30, 90"),
        ("/services/a%00b", 400, "service"),
        ("/environments/Production", 404, "there are staging, production, pr-7"),
        ("/environments/", 404, "name one"),
        ("/environments/production?knownAt=x", 400, "knownAt"),
        ("/search?text=x", 400, "text"),
        ("/compare?from=staging&to=a%00b", 400, "to"),
        ("/compare?from=Staging&to=porduction", 400, "must be one of staging, production"),
        ("/live?only=garbage", 400, "must be differs or wrong"),
        ("/live?environment=nosuch", 400, "must be one of"),
        ("/drift?severity=worst", 400, "must be one of high, medium, low"),
        ("/drift?environment=porduction", 400, "environment : is no environment"),
        ("/bad?service=nosuch", 400, "service : is no service"),
        ("/metrics?hours=0", 400, "must be a whole number from 1 to 9600"),
        ("/metrics?environment=porduction", 400, "environment : is no environment"),
        ("/incidents?environment=porduction", 400, "environment : is no environment"),
        ("/releases?environment=porduction", 400, "environment : is no environment"),
        ("/releases/spring?environment=porduction", 400, "environment : is no environment"),
        ("/releases/nothing", 404, "no release nothing"),
        ("/settings?version=1", 400, "version"),
        ("/suspects?asOf=2026-01-01T00:00:00Z", 400, "asOf"),
        ("/rejected?from=x", 400, "from"),
        ("/incidents?asOf=2026-01-01T00:00:00Z", 400, "asOf"),
        ("/?asOf=never", 400, "asOf"),
    ] {
        let (answered, _, document) = world.page(path).await;
        assert_eq!(answered, status, "{path}: {document}");
        let page = Html::parse_document(&document);
        let shown = text(all(&page, "main")[0]);
        assert!(shown.contains(said), "{path}: {shown}");
    }
    let posted = world.request("POST", "/live", &[], b"", at(0)).await.unwrap();
    assert_eq!((posted.status, &posted.headers["allow"]), (405, &json!("GET")));
    // A program finds at the root what it always found.
    assert_eq!(world.get("/").await.body["name"], "Deployment Status");
}

#[tokio::test]
async fn where_nothing_can_be_read_the_page_says_so() {
    let world = told().await;
    world.wire.decide(|_, _, _| tests::Fault::Before);
    for path in [
        "/",
        "/live",
        "/deployments",
        "/deployments/behind-p2",
        "/services/same",
        "/environments/staging",
        "/search?q=same",
    ] {
        let (status, headers, document) = world.page(path).await;
        assert_eq!((status, &headers["content-type"]), (503, &json!("text/html; charset=utf-8")), "{path}");
        assert!(document.contains("try again"), "{document}");
    }
}
