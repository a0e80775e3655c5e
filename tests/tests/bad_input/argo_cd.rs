//! Argo CD's notifications: only what brings our token is taken, whole and once. Neither the token nor
//! anything about it is in an answer.

use serde_json::{Value, json};
use tests::world::{SECRET, at};
use tests::{Answer, World};

use super::{events_in_history, expect_nothing_recorded, expect_problem};

const JSON: (&str, &str) = ("content-type", "application/json");

fn notification() -> Value {
    json!({"app": {
        "metadata": {"name": "cart", "namespace": "argocd", "uid": "5f0c1a9e-3d52-4b7e-9a61-0c7d4e2f8b13"},
        "spec": {"project": "shop", "destination": {"server": "https://cluster.example", "namespace": "production"}},
        "status": {"operationState": {"phase": "Running", "startedAt": "2026-03-01T11:00:05Z"}},
    }})
}

async fn send(world: &World, headers: &[(&'static str, &str)], body: &Value) -> Answer {
    let headers = [&[JSON], headers].concat();
    let answer = world.request("POST", "/v1/webhooks/argocd", &headers, body.to_string().as_bytes(), at(0)).await;
    let answer = answer.expect("an answer");
    assert!(!format!("{answer:?}").contains(SECRET), "{answer:?}");
    answer
}

#[tokio::test]
async fn a_notification_without_our_token_is_not_taken() {
    let world = World::new().await;
    let body = notification();
    let mut wrong: Vec<Vec<(&str, String)>> = vec![vec![]];
    for token in [
        String::new(),
        "another token of tests".to_owned(),
        SECRET[..SECRET.len() - 1].to_owned(),
        SECRET[1..].to_owned(),
        SECRET.to_uppercase(),
        format!("{SECRET}x"),
        format!("x{SECRET}"),
        format!("{SECRET}{SECRET}"),
        // What a gateway makes of a header that comes twice.
        format!("{SECRET},{SECRET}"),
        hex(SECRET),
    ] {
        wrong.push(vec![("x-webhook-token", token.clone())]);
        wrong.push(vec![("authorization", format!("Bearer {token}"))]);
    }
    for header in [SECRET.to_owned(), format!("Basic {SECRET}"), format!("Bearer{SECRET}"), format!("Bearer  {SECRET}")]
    {
        wrong.push(vec![("authorization", header)]);
    }
    wrong.push(vec![("x-gitlab-token", SECRET.to_owned())]);
    for headers in wrong {
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = send(&world, &headers, &body).await;
        expect_problem(&answer, 401, "", "neither Authorization: Bearer nor X-Webhook-Token");
    }
    expect_nothing_recorded(&world).await;
}

fn hex(text: &str) -> String {
    domain::json::sha256_hex(text)
}

#[tokio::test]
async fn either_header_brings_the_token_and_what_it_proves_is_recorded_once() {
    let world = World::new().await;
    let bearer = format!("Bearer {SECRET}");
    let lower = format!("bearer {SECRET}");
    assert_eq!(send(&world, &[("authorization", &bearer)], &notification()).await.status, 201);
    for headers in [("x-webhook-token", SECRET), ("authorization", lower.as_str())] {
        let again = send(&world, &[headers], &notification()).await;
        assert_eq!((again.status, &again.body["outcome"]), (200, &json!("duplicate")), "{again:?}");
    }
    assert_eq!(events_in_history(&world).await, 1);
}

#[tokio::test]
async fn a_wrong_notification_is_answered_with_its_errors() {
    let world = World::new().await;
    let changed = |pointer: &str, value: Value| {
        let mut body = notification();
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    for (body, field, says) in [
        (json!({}), "", "missing field `metadata`"),
        (json!([]), "", ""),
        (json!({"app": null}), "app", "invalid type: null"),
        (changed("/app/metadata/name", json!(7)), "app.metadata.name", "invalid type"),
        (changed("/app/metadata/name", json!("größe")), "app.metadata.name", "letter or digit"),
        (changed("/app/metadata/name", json!("c".repeat(10_000))), "app.metadata.name", "must be 1 to 128"),
        (
            changed("/app/spec/destination/namespace", json!("a\u{200b}")),
            "app.spec.destination.namespace",
            "this has U+200B",
        ),
        (
            changed("/app/status/operationState/phase", json!("Done")),
            "app.status.operationState.phase",
            "unknown variant",
        ),
        (
            changed("/app/status/operationState/startedAt", json!("now")),
            "app.status.operationState.startedAt",
            "RFC 3339",
        ),
        (changed("/app/status/operationState/startedAt", json!(null)), "app.status.operationState.startedAt", "null"),
        (
            changed("/app/status/operationState/phase", json!("Failed")),
            "app.status.operationState.finishedAt",
            "required",
        ),
    ] {
        let answer = send(&world, &[("x-webhook-token", SECRET)], &body).await;
        expect_problem(&answer, 400, field, says);
    }
    expect_nothing_recorded(&world).await;
}
