//! Lists: every deployment once, newest first, over months and environments; filters, the active
//! list, the catalog, entity tags, requests as a real gateway sends them, and direct invocations.

use domain::Timestamp;
use serde_json::{Value, json};
use tests::World;
use tests::world::at;

use super::{event, event_with, ids, record};

/// A deployment as it was reported.
struct Reported {
    id: String,
    environment: &'static str,
    service: &'static str,
    version: String,
    status: &'static str,
    started: Timestamp,
}

/// Whether a filter lets a deployment through.
type Matches = fn(&Reported) -> bool;

/// 42 deployments over three months and a new year, in two environments; some at one millisecond.
async fn reported(world: &World) -> Vec<Reported> {
    let mut reported = Vec::new();
    for number in 0..42_i64 {
        let started =
            Timestamp::parse("2025-12-05T00:00:00Z").unwrap().plus_millis((number / 2 * 2) * 2 * 24 * 3_600_000);
        reported.push(Reported {
            // Ids in an order that is not that of time.
            id: format!("d-{}", number * 17 % 42),
            environment: if number % 3 == 0 { "production" } else { "staging" },
            service: ["cart", "search", "mail"][usize::try_from(number % 5).unwrap() % 3],
            version: format!("{}.0", number % 4),
            status: ["COMPLETED", "FAILED", "IN_PROGRESS", "ROLLED_BACK"][usize::try_from(number % 7).unwrap() % 4],
            started,
        });
    }
    let mut events = Vec::new();
    for deployment in &reported {
        let Reported { id, environment, service, version, status, started } = deployment;
        let begun = json!({"deploymentId": id, "environment": environment, "service": service, "version": version, "status": "PENDING", "occurredAt": started});
        events.extend([begun, json!({"deploymentId": id, "status": status, "occurredAt": started.plus_millis(5000)})]);
    }
    let answer = world.post(&json!(events)).await;
    assert!(answer.body.as_array().unwrap().iter().all(|receipt| receipt["outcome"] == "recorded"), "{answer:?}");
    reported.sort_by(|a, b| (b.started, &b.id).cmp(&(a.started, &a.id)));
    reported
}

/// Follows the cursors from the first page to the last.
async fn all_pages(world: &World, query: &str) -> Vec<Vec<Value>> {
    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = world.get(&format!("{query}{cursor}")).await;
        assert_eq!(answer.status, 200, "{query}{cursor}: {answer:?}");
        pages.push(answer.body["items"].as_array().unwrap().clone());
        assert!(pages.len() < 100, "the pages of {query} end");
        match answer.body["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return pages,
        }
    }
}

#[tokio::test]
async fn pages_over_three_months_and_two_environments_have_each_deployment_once_newest_first() {
    let world = World::new().await;
    let reported = reported(&world).await;
    let months: std::collections::BTreeSet<String> =
        reported.iter().map(|deployment| deployment.started.month()).collect();
    assert_eq!(months.len(), 3);
    let cases: [(&str, Matches); 14] = [
        ("", |_| true),
        ("&environment=production", |d| d.environment == "production"),
        ("&environment=nowhere", |_| false),
        ("&service=cart", |d| d.service == "cart"),
        ("&service=cart&environment=staging", |d| d.service == "cart" && d.environment == "staging"),
        ("&status=FAILED", |d| d.status == "FAILED"),
        ("&status=PENDING", |_| false),
        ("&version=2.0", |d| d.version == "2.0"),
        ("&version=2.0&status=COMPLETED&environment=staging", |d| {
            d.version == "2.0" && d.status == "COMPLETED" && d.environment == "staging"
        }),
        ("&from=2026-01-02T00:00:00Z", |d| d.started >= Timestamp::parse("2026-01-02T00:00:00Z").unwrap()),
        ("&to=2026-01-02T00:00:00Z", |d| d.started < Timestamp::parse("2026-01-02T00:00:00Z").unwrap()),
        ("&from=2025-12-20T00:00:00Z&to=2026-02-03T00:00:00Z", |d| {
            (Timestamp::parse("2025-12-20T00:00:00Z").unwrap()..Timestamp::parse("2026-02-03T00:00:00Z").unwrap())
                .contains(&d.started)
        }),
        ("&service=search&from=2025-12-20T00:00:00Z&to=2026-01-20T00:00:00Z", |d| {
            d.service == "search"
                && (Timestamp::parse("2025-12-20T00:00:00Z").unwrap()
                    ..Timestamp::parse("2026-01-20T00:00:00Z").unwrap())
                    .contains(&d.started)
        }),
        ("&from=2026-01-02T00:00:00Z&to=2026-01-02T00:00:00Z", |_| false),
    ];
    for (filter, matches) in cases {
        let expected: Vec<&str> =
            reported.iter().filter(|deployment| matches(deployment)).map(|deployment| deployment.id.as_str()).collect();
        for limit in [1, 7, 100] {
            let pages = all_pages(&world, &format!("/v1/deployments?limit={limit}{filter}")).await;
            let seen: Vec<&str> = pages.iter().flatten().map(|item| item["deploymentId"].as_str().unwrap()).collect();
            assert_eq!(seen, expected, "{filter} by {limit}");
            if filter == "&status=PENDING" {
                // No index knows it from other states of what has not ended, so pages can be short.
                continue;
            }
            let (_, full) = pages.split_last().unwrap();
            assert!(full.iter().all(|page| page.len() == limit), "{filter} by {limit}: only the last page is short");
        }
    }
}

#[tokio::test]
async fn the_limit_of_the_history_counts_deployments_and_not_events() {
    let world = World::new().await;
    for (number, id) in ["d-1", "d-2", "d-3", "d-4"].into_iter().enumerate() {
        let start = i64::try_from(number).unwrap() * 100;
        for second in 0..10 {
            record(&world, &[event_with(id, start + second, "IN_PROGRESS", &json!({"notes": second.to_string()}))])
                .await;
        }
    }
    let page = world.get("/v1/deployments?limit=3").await.body;
    assert_eq!(ids(&page), ["d-4", "d-3", "d-2"]);
    let rest =
        world.get(&format!("/v1/deployments?limit=3&cursor={}", page["nextCursor"].as_str().unwrap())).await.body;
    assert_eq!((ids(&rest), &rest["nextCursor"]), (vec!["d-1"], &Value::Null));
}

#[tokio::test]
async fn the_active_list_is_paged_over_environments_newest_first() {
    let world = World::new().await;
    let reported = reported(&world).await;
    let active = |environment: Option<&str>| {
        let is = |d: &&Reported| {
            d.status == "IN_PROGRESS" && environment.is_none_or(|environment| d.environment == environment)
        };
        reported.iter().filter(is).map(|deployment| deployment.id.clone()).collect::<Vec<_>>()
    };
    for (query, environment) in [
        ("/v1/deployments/active?limit=2", None),
        ("/v1/deployments/active?limit=1&environment=production", Some("production")),
    ] {
        let pages = all_pages(&world, query).await;
        let seen: Vec<&str> = pages.iter().flatten().map(|item| item["deploymentId"].as_str().unwrap()).collect();
        assert_eq!(seen, active(environment), "{query}");
    }
}

#[tokio::test]
async fn the_catalog_knows_environments_services_and_versions() {
    let world = World::new().await;
    reported(&world).await;
    let all = world.get("/v1/catalog").await.body;
    assert_eq!(all["environments"], json!(["staging", "production"]));
    let both = |service: &str| json!({"service": service, "environments": ["staging", "production"]});
    assert_eq!(
        (&all["services"], &all["versions"]),
        (&json!([both("cart"), both("mail"), both("search")]), &Value::Null)
    );
    let first = world.get("/v1/catalog?limit=2").await.body;
    assert_eq!(first["services"], json!([both("cart"), both("mail")]));
    let second = world.get(&format!("/v1/catalog?limit=2&cursor={}", first["nextCursor"].as_str().unwrap())).await.body;
    assert_eq!((&second["services"], &second["nextCursor"]), (&json!([both("search")]), &Value::Null));
    let of_cart = world.get("/v1/catalog?service=cart&limit=100").await.body;
    let mut versions: Vec<&str> =
        of_cart["versions"].as_array().unwrap().iter().map(|version| version["version"].as_str().unwrap()).collect();
    versions.sort_unstable();
    assert_eq!(versions, ["0.0", "1.0", "2.0", "3.0"]);
}

#[tokio::test]
async fn an_unchanged_answer_is_a_304_and_a_changed_one_is_not() {
    let world = World::new().await;
    record(&world, &[event("d-1", 0, "IN_PROGRESS")]).await;
    for path in ["/v1/deployments/d-1", "/v1/deployments", "/v1/deployments/active", "/v1/deployments/d-1/events"] {
        let first = world.get(path).await;
        let tag = first.headers["etag"].as_str().unwrap().to_owned();
        assert!(first.status == 200 && tag.starts_with('"'), "{first:?}");
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
            let again = world.request("GET", path, &[("if-none-match", &known)], b"", at(0)).await.unwrap();
            assert_eq!((again.status, &again.body, &again.headers["etag"]), (304, &Value::Null, &json!(tag)), "{path}");
        }
        record(&world, &[event_with("d-1", 10, "IN_PROGRESS", &json!({"notes": path}))]).await;
        record(&world, &[event_with(&format!("other{}", path.len()), 10, "IN_PROGRESS", &json!({}))]).await;
        let changed = world.request("GET", path, &[("if-none-match", &tag)], b"", at(0)).await.unwrap();
        assert_eq!(changed.status, 200, "{path}");
        assert_ne!(changed.headers["etag"], json!(tag));
    }
    let missing = world.request("GET", "/v1/deployments/d-9", &[("if-none-match", "*")], b"", at(0)).await.unwrap();
    assert_eq!(missing.status, 404, "a problem is never unchanged");
}

#[tokio::test]
async fn an_id_with_slashes_works_encoded_and_not() {
    let world = World::new().await;
    for id in ["ecs-svc/123", "builds:shop/cart:42", "a/events/b", "arn:aws:x:1:2/3@4"] {
        record(&world, &[event(id, 0, "COMPLETED")]).await;
        let encoded = id.replace('/', "%2F").replace(':', "%3A").replace('@', "%40");
        for written in [id, &encoded, &encoded.to_lowercase()] {
            for (suffix, field) in [("", "/status"), ("/events", "/items/0/event/status"), ("/verify", "/intact")] {
                let answer = world.get(&format!("/v1/deployments/{written}{suffix}")).await;
                assert_eq!(answer.status, 200, "{written}{suffix}: {answer:?}");
                assert!(
                    matches!(answer.body.pointer(field), Some(value) if *value == json!(true) || value == "COMPLETED"),
                    "{answer:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_request_as_api_gateway_sends_it_is_served_and_its_caller_is_on_record() {
    let world = World::new().await;
    // Payload format 2.0, as the API Gateway developer guide shows it.
    let mut request = json!({
        "version": "2.0", "routeKey": "POST /v1/events", "rawPath": "/v1/events", "rawQueryString": "",
        "cookies": ["cookie1", "cookie2"],
        "headers": {"content-type": "application/json", "x-forwarded-for": "203.0.113.1", "accept": "*/*", "header2": "value1,value2"},
        "requestContext": {
            "accountId": "123456789012", "apiId": "api-id",
            "authentication": null,
            "authorizer": {"iam": {
                "accessKey": "AKIA", "accountId": "123456789012", "callerId": "AROA:ci", "cognitoIdentity": null,
                "principalOrgId": "o-1", "userArn": "arn:aws:sts::123456789012:assumed-role/ci/build", "userId": "AROA:ci",
            }},
            "domainName": "id.execute-api.eu-central-1.amazonaws.com", "domainPrefix": "id",
            "http": {"method": "POST", "path": "/v1/events", "protocol": "HTTP/1.1", "sourceIp": "203.0.113.1", "userAgent": "curl/8"},
            "requestId": "JKJaXmPLvHcESHA=", "routeKey": "POST /v1/events", "stage": "$default",
            "time": "01/Mar/2026:12:00:00 +0000", "timeEpoch": 1_772_366_400_000_i64,
        },
        "body": event("d-1", 0, "IN_PROGRESS").to_string(), "isBase64Encoded": false,
    });
    let answer = world.invoke_http(&request, at(0)).await.unwrap();
    assert_eq!((answer.status, &answer.body["outcome"]), (201, &json!("recorded")), "{answer:?}");
    // The same bytes in base64, as gateways send some bodies.
    request["body"] = json!("eyJkZXBsb3ltZW50SWQiOiJkLTEiLCJzdGF0dXMiOiJDT01QTEVURUQifQ==");
    request["isBase64Encoded"] = json!(true);
    let claims = json!({"jwt": {"claims": {"sub": "repo:shop/cart:ref:refs/heads/main", "iss": "https://issuer.example"}, "scopes": null}});
    request["requestContext"]["authorizer"] = claims;
    assert_eq!(world.invoke_http(&request, at(60)).await.unwrap().body["status"], "COMPLETED");
    // Whoever may run jobs at a public issuer gets tokens for any audience: only the subject identifies the sender.
    for (sub, path, method) in [
        (json!("repo:evil/cart:ref:refs/heads/main"), "/v1/events", "POST"),
        (json!("repo:evil/cart:ref:refs/heads/main"), "/v1/live", "GET"),
        (json!(null), "/v1/events", "POST"),
        (json!(null), "/v1/live", "GET"),
    ] {
        let mut foreign = request.clone();
        foreign["rawPath"] = json!(path);
        foreign["requestContext"]["http"]["method"] = json!(method);
        foreign["body"] = json!(event("d-2", 0, "COMPLETED").to_string());
        foreign["isBase64Encoded"] = json!(false);
        let mut claims = serde_json::Map::from_iter([("iss".to_owned(), json!("https://issuer.example"))]);
        claims.extend(sub.is_string().then(|| ("sub".to_owned(), sub.clone())));
        foreign["requestContext"]["authorizer"]["jwt"]["claims"] = claims.into();
        let answer = world.invoke_http(&foreign, at(60)).await.unwrap();
        assert_eq!((answer.status, &answer.body["title"]), (403, &json!("Forbidden")), "{sub} {path}: {answer:?}");
    }
    assert_eq!(world.get("/v1/deployments/d-2").await.status, 404, "nothing was recorded");

    request["rawPath"] = json!("/v1/deployments/d-1/events");
    request["rawQueryString"] = json!("limit=2");
    request["queryStringParameters"] = json!({"limit": "2"});
    request["pathParameters"] = json!({"proxy": "d-1/events"});
    request["requestContext"]["http"]["method"] = json!("GET");
    for name in ["body", "cookies"] {
        request.as_object_mut().unwrap().remove(name);
    }
    request["isBase64Encoded"] = json!(false);
    let trail = world.invoke_http(&request, at(90)).await.unwrap();
    let producers: Vec<&Value> = trail.body["items"].as_array().unwrap().iter().map(|item| &item["producer"]).collect();
    assert_eq!(
        producers,
        ["arn:aws:sts::123456789012:assumed-role/ci/build", "oidc:repo:shop/cart:ref:refs/heads/main"]
    );
    request["rawPath"] = json!("/v1/deployments/none");
    request["rawQueryString"] = json!("");
    let missing = world.invoke_http(&request, at(90)).await.unwrap();
    assert_eq!((missing.status, &missing.body["instance"]), (404, &json!("JKJaXmPLvHcESHA=")));
}

#[tokio::test]
async fn a_direct_invocation_answers_what_the_route_answers_with_its_status_code() {
    let world = World::new().await;
    reported(&world).await;
    for (payload, path) in [
        (json!({"operation": "getStatus", "deploymentId": "d-1"}), "/v1/deployments/d-1"),
        (json!({"operation": "getDeploymentSummary", "deploymentId": "d-1"}), "/v1/deployments/d-1"),
        (json!({"operation": "getDeploymentSummary"}), "/v1/live"),
        (json!({"operation": "getDeploymentSummary", "environment": "production"}), "/v1/live?environment=production"),
        (json!({"operation": "getHistory"}), "/v1/deployments"),
        (
            json!({"operation": "getHistory", "environment": "staging", "limit": 3}),
            "/v1/deployments?environment=staging&limit=3",
        ),
        (
            json!({"operation": "getHistory", "environment": null, "deploymentId": null, "limit": "3"}),
            "/v1/deployments?limit=3",
        ),
        (
            json!({"operation": "getActiveDeployments", "environment": "staging"}),
            "/v1/deployments/active?environment=staging",
        ),
        (json!({"operation": "getStatus", "deploymentId": "d-99"}), "/v1/deployments/d-99"),
    ] {
        let answer = world.query.handle(&payload.to_string(), at(0)).await.unwrap();
        let mut of_route = world.get(path).await;
        // A direct invocation has no request id in it.
        of_route.body.as_object_mut().unwrap().remove("instance");
        let body: Value = answer["body"].as_str().unwrap().parse().unwrap();
        assert_eq!((answer["statusCode"].as_u64().unwrap(), &body), (of_route.status, &of_route.body), "{payload}");
        assert_eq!(answer.as_object().unwrap().len(), 2, "{answer}");
    }
}
