//! Every page is answered as JSON too: with the body that the API answers to the same question.

use serde_json::{Value, json};
use tests::World;
use tests::world::{Answer, at};

use super::told;

/// Pages, each with the question that the API is asked.
const SAME: [(&str, &str); 15] = [
    ("/", "/v1/live?difference=true&active=true&verdict=true&limit=100"),
    ("/live", "/v1/live?difference=true&active=true&verdict=true&limit=100"),
    ("/compare?from=staging&to=production", "/v1/compare?from=staging&to=production&limit=100"),
    ("/deployments?service=behind", "/v1/deployments?service=behind"),
    ("/deployments/behind-p2", "/v1/deployments/behind-p2"),
    ("/releases?environment=production", "/v1/releases?environment=production"),
    ("/releases/spring", "/v1/releases/spring?environment=production"),
    ("/drift?severity=high", "/v1/drift?severity=high&limit=100"),
    ("/bad", "/v1/bad?limit=100"),
    ("/settings", "/v1/settings"),
    ("/metrics?hours=48", "/v1/metrics?hours=48"),
    ("/incidents?environment=production", "/v1/incidents?environment=production"),
    ("/suspects?service=behind&at=2026-03-01T11:55", "/v1/suspects?service=behind&at=2026-03-01T11:55:00Z&limit=100"),
    ("/rejected", "/v1/rejected"),
    (
        "/live?asOf=2026-03-01T11:55",
        "/v1/live?asOf=2026-03-01T11:55:00Z&difference=true&active=true&verdict=true&limit=100",
    ),
];

async fn asked(world: &World, path: &str, headers: &[(&'static str, &str)]) -> Answer {
    world.request("GET", path, headers, b"", at(0)).await.unwrap()
}

fn as_json(path: &str) -> String {
    format!("{path}{}format=json", if path.contains('?') { '&' } else { '?' })
}

#[tokio::test]
async fn a_page_as_json_is_what_the_api_answers() {
    let world = told().await;
    for (page, api) in SAME {
        let expected = world.get(api).await;
        assert_eq!(expected.status, 200, "{api}: {expected:?}");
        let answer = asked(&world, &as_json(page), &[("accept", "text/html")]).await;
        assert_eq!((answer.status, &answer.body), (200, &expected.body), "{page}");
        assert_eq!(answer.headers["content-type"], "application/json", "{page}");
        let same = ["etag", "cache-control"];
        assert_eq!(same.map(|name| &answer.headers[name]), same.map(|name| &expected.headers[name]), "{page}");
        assert_eq!(
            (&answer.headers["vary"], &answer.headers["x-content-type-options"]),
            (&json!("accept"), &json!("nosniff"))
        );
        let tag = answer.headers["etag"].as_str().unwrap();
        let again = asked(&world, &as_json(page), &[("if-none-match", tag)]).await;
        assert_eq!((again.status, again.body), (304, Value::Null), "{page}");
        if page != "/" {
            let preferred = asked(&world, page, &[("accept", "application/json, */*;q=0.1")]).await;
            assert_eq!(preferred.body, expected.body, "{page}");
        }
    }
    // At the root a program finds the list of routes, as ever.
    let root = asked(&world, "/", &[("accept", "application/json")]).await;
    assert_eq!(root.body["name"], "Deployment Status");
}

#[tokio::test]
async fn what_is_wrong_with_a_page_is_a_problem_in_json_too() {
    let world = told().await;
    for (path, status, field) in [
        ("/live?asOf=never", 400, "asOf"),
        ("/live?environment=nosuch", 400, "environment"),
        ("/compare?from=staging&to=porduction", 400, "to"),
        ("/drift?severity=worst", 400, "severity"),
        ("/drift?environment=porduction", 400, "environment"),
        ("/metrics?hours=0", 400, "hours"),
        ("/releases/spring?environment=porduction", 400, "environment"),
        ("/deployments/nobody", 404, ""),
        ("/releases/nothing", 404, ""),
    ] {
        let answer = asked(&world, path, &[("accept", "application/json")]).await;
        assert_eq!(
            (answer.status, &answer.headers["content-type"]),
            (status, &json!("application/problem+json")),
            "{path}"
        );
        let named = answer.body["errors"][0]["field"].as_str().unwrap_or_default();
        assert_eq!((answer.body["status"].as_u64(), named), (Some(status), field), "{path}: {}", answer.body);
    }
    let (status, headers, document) = world.page("/live?format=xml").await;
    assert_eq!((status, &headers["content-type"]), (400, &json!("text/html; charset=utf-8")));
    assert!(document.contains("must be json"), "{document}");
    world.wire.decide(|_, _, _| tests::Fault::Before);
    let answer = asked(&world, "/live?format=json", &[]).await;
    assert_eq!((answer.status, &answer.headers["content-type"]), (503, &json!("application/problem+json")));
    assert_eq!(answer.headers["retry-after"], "1");
}
