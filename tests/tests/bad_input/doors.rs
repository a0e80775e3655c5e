//! Doors that are not there: unknown routes, wrong methods, payloads that trigger nothing, and
//! direct invocations with a wrong operation or field.

use serde_json::{Value, json};
use tests::World;
use tests::invocations::gateway_event;
use tests::world::at;

use super::{expect_nothing_recorded, expect_problem, expect_problem_body, valid};

const JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn an_unknown_route_is_not_found() {
    let world = World::new().await;
    for path in [
        "/v1",
        "/v1/deployment",
        "/v1/deployments/",
        "/v2/events",
        "/v1/events/",
        "/v1/Deployments",
        "/v1/live/x",
        "//",
        "/%00",
        "/favicon.ico",
    ] {
        let answer = world.get(path).await;
        assert!(matches!(answer.status, 400 | 404), "{path}: {answer:?}");
        expect_problem(&answer, answer.status, "", "");
    }
    for path in ["/v1/webhooks", "/v1/webhooks/", "/v1/webhooks/bitbucket", "/v1/webhooks/github/x", "/v1/events%2f"] {
        let answer = world.request("POST", path, &[JSON], valid().to_string().as_bytes(), at(0)).await.unwrap();
        let status = answer.status;
        assert!(matches!(status, 404 | 405), "{path}: {answer:?}");
        expect_problem(&answer, status, "", "");
    }
    expect_nothing_recorded(&world).await;
}

#[tokio::test]
async fn an_unknown_deployment_is_not_found_on_each_of_its_routes() {
    let world = World::new().await;
    for path in
        ["/v1/deployments/d-9", "/v1/deployments/d-9/events", "/v1/deployments/d-9/verify", "/v1/deployments/a/b/c"]
    {
        expect_problem(&world.get(path).await, 404, "", "no deployment ");
    }
}

#[tokio::test]
async fn an_id_that_can_be_no_deployment_is_refused_by_name() {
    let world = World::new().await;
    for id in ["d%231", "d%201", "d%0A", "d%00", "-d", "%C3%A9", &"x".repeat(129), "events"] {
        expect_problem(&world.get(&format!("/v1/deployments/{id}")).await, 400, "deploymentId", "must");
        expect_problem(&world.get(&format!("/v1/deployments/{id}/verify")).await, 400, "deploymentId", "must");
    }
    expect_problem(&world.get("/v1/deployments/%ff").await, 400, "", "the path must be UTF-8");
}

#[tokio::test]
async fn a_wrong_method_is_answered_with_the_right_one() {
    let world = World::new().await;
    let body = valid().to_string();
    for path in ["/v1/events", "/v1/webhooks/github"] {
        for method in ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"] {
            let answer = world.request(method, path, &[JSON], body.as_bytes(), at(0)).await.unwrap();
            expect_problem(&answer, 405, "", "use POST");
            assert_eq!(answer.headers["allow"], "POST");
        }
    }
    for path in [
        "/v1/deployments",
        "/v1/deployments/active",
        "/v1/deployments/d-1",
        "/v1/deployments/d-1/events",
        "/v1/live",
        "/v1/rejected",
        "/v1/catalog",
        "/openapi.json",
        "/healthz",
        "/",
    ] {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            let answer = world.request(method, path, &[JSON], body.as_bytes(), at(0)).await.unwrap();
            expect_problem(&answer, 405, "", "use GET");
            assert_eq!(answer.headers["allow"], "GET");
        }
    }
    expect_nothing_recorded(&world).await;
}

#[tokio::test]
async fn a_payload_that_is_no_trigger_fails_the_invocation_and_says_what_it_is() {
    let world = World::new().await;
    let of_payload_1 = json!({"version": "1.0", "httpMethod": "GET", "requestContext": {"http": {"method": "GET"}}});
    let mixed = json!({"Records": [{"eventSource": "aws:sqs", "body": "{}"}, {"eventSource": "aws:dynamodb"}]});
    for (payload, says) in [
        (
            json!({"Records": [{"EventSource": "aws:sns", "Sns": {"Message": valid().to_string()}}]}).to_string(),
            "no event source",
        ),
        (json!({"Records": [{"eventSource": "aws:s3", "s3": {}}]}).to_string(), "aws:s3"),
        (json!({"Records": [{"eventSource": "aws:kinesis"}]}).to_string(), "known are aws:sqs and aws:dynamodb"),
        (json!({"Records": []}).to_string(), "no event source"),
        (mixed.to_string(), "several event sources"),
        (of_payload_1.to_string(), "payload format is not 2.0"),
        (valid().to_string(), "neither a queue or stream batch, nor an HTTP request, nor an EventBridge event"),
        ("{}".to_owned(), "neither"),
        ("null".to_owned(), "not a trigger"),
        ("[1]".to_owned(), "not a trigger"),
        ("\"\"".to_owned(), "not a trigger"),
        (String::new(), "not a trigger"),
        (json!({"Records": 5}).to_string(), "not a trigger"),
        (json!({"Records": [{"eventSource": "aws:sqs", "body": 5}]}).to_string(), "not a trigger"),
    ] {
        let failed = world.processor.handle(&payload, at(0)).await.expect_err(&payload).to_string();
        assert!(failed.contains("not a trigger of this function") && failed.contains(says), "{payload}: {failed}");
    }
    for (payload, says) in [
        ("{}".to_owned(), "neither an HTTP request nor a known operation"),
        ("null".to_owned(), "neither an HTTP request nor a known operation"),
        (String::new(), "neither an HTTP request nor a known operation"),
        (json!({"Records": []}).to_string(), "Records"),
        (json!({"deploymentId": "d-1"}).to_string(), "deploymentId"),
        (
            json!({"requestContext": {"http": {"method": 5}}}).to_string(),
            "neither an HTTP request nor a known operation",
        ),
    ] {
        let failed = world.query.handle(&payload, at(0)).await.expect_err(&payload).to_string();
        assert!(failed.contains(says), "{payload}: {failed}");
    }
    expect_nothing_recorded(&world).await;
}

#[tokio::test]
async fn a_gateway_event_with_less_than_usual_is_answered_all_the_same() {
    let world = World::new().await;
    let mut event = gateway_event("GET", "/v1/deployments", None, &axum::http::HeaderMap::new(), b"");
    for name in ["headers", "rawQueryString", "body"] {
        event.as_object_mut().unwrap().remove(name);
    }
    assert_eq!(world.invoke_http(&event, at(0)).await.unwrap().status, 200);
}

async fn direct(world: &World, payload: Value) -> (u64, Value) {
    let answer = world.query.handle(&payload.to_string(), at(0)).await.expect("an answer");
    let body = answer["body"].as_str().unwrap();
    (answer["statusCode"].as_u64().unwrap(), serde_json::from_str(body).unwrap())
}

#[tokio::test]
async fn a_direct_invocation_with_a_wrong_operation_or_field_is_answered_with_its_name() {
    let world = World::new().await;
    assert_eq!(world.post(&valid()).await.status, 201);
    for (payload, field, says) in [
        (json!({"operation": "getstatus", "deploymentId": "d-1"}), "operation", "must be getStatus, getHistory"),
        (json!({"operation": ""}), "operation", "must be getStatus"),
        (json!({"operation": null}), "operation", "must be getStatus"),
        (json!({"operation": 5}), "operation", "must be getStatus"),
        (json!({"operation": ["getStatus"]}), "operation", "must be a string or a number"),
        (json!({"operation": "getStatus"}), "deploymentId", "is required"),
        (
            json!({"operation": "getStatus", "deploymentId": {"id": "d-1"}}),
            "deploymentId",
            "must be a string or a number",
        ),
        (json!({"operation": "getStatus", "deploymentId": "d 1"}), "deploymentId", "letter or digit"),
        (json!({"operation": "getStatus", "deploymentId": ""}), "deploymentId", "letter or digit"),
        (json!({"operation": "getStatus", "deploymentId": "d-1/events"}), "deploymentId", "these are routes"),
        (json!({"operation": "getStatus", "deploymentId": "active"}), "deploymentId", "these are routes"),
        (json!({"operation": "getStatus", "deploymentId": "d-1", "enviroment": "x"}), "enviroment", "unknown field"),
        (json!({"operation": "getStatus", "deploymentId": "d-1", "limit": 5}), "limit", "unknown parameter"),
        (json!({"operation": "getHistory", "deploymentId": "d-1"}), "deploymentId", "getHistory"),
        (json!({"operation": "getActiveDeployments", "deploymentId": "d-1"}), "deploymentId", "getActiveDeployments"),
        (json!({"operation": "getHistory", "limit": 0}), "limit", "from 1 to 100"),
        (json!({"operation": "getHistory", "limit": "abc"}), "limit", "from 1 to 100"),
        (json!({"operation": "getHistory", "limit": 1.5}), "limit", "from 1 to 100"),
        (json!({"operation": "getHistory", "environment": "a\u{200b}"}), "environment", "this has U+200B"),
        (
            json!({"operation": "getActiveDeployments", "environment": true}),
            "environment",
            "must be a string or a number",
        ),
    ] {
        let (status, body) = direct(&world, payload.clone()).await;
        assert_eq!(status, 400, "{payload}: {body}");
        expect_problem_body(&body, 400, field, says);
    }
    let (status, body) = direct(&world, json!({"operation": "getStatus", "deploymentId": "d-9"})).await;
    assert_eq!(status, 404, "{body}");
}
