//! GitLab's webhooks: only what comes with one of our tokens, or is signed with one of our keys, is
//! taken. Neither is in any answer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use tests::world::{SECRET, at};
use tests::{Answer, World};

use super::{events_in_history, expect_nothing_recorded, expect_problem};

const KEY: &[u8] = b"a key of 32 bytes, as GitLab needs";

pub(crate) fn payload() -> Value {
    json!({
        "object_kind": "deployment", "status": "success", "status_changed_at": "2026-03-01 12:00:00 +0100",
        "deployment_id": 42, "environment": "production", "ref": "main", "short_sha": "f95f852b",
        "project": {"path_with_namespace": "shop/cart"},
    })
}

async fn send(world: &World, headers: &[(&'static str, &str)], body: &[u8]) -> Answer {
    let headers = [&[("content-type", "application/json")], headers].concat();
    let answer = world.request("POST", "/v1/webhooks/gitlab", &headers, body, at(0)).await.expect("an answer");
    let shown = format!("{answer:?}");
    assert!(!shown.contains(SECRET) && !shown.contains(&STANDARD.encode(KEY)), "{shown}");
    answer
}

async fn with_token(world: &World, token: &str, body: &[u8]) -> Answer {
    send(world, &[("x-gitlab-token", token)], body).await
}

/// A world that takes signatures with [`KEY`], and `tokens`.
async fn signing(tokens: &[&str]) -> World {
    let mut world = World::new().await;
    let secrets: Vec<String> =
        [format!("whsec_{}", STANDARD.encode(KEY))].into_iter().chain(tokens.iter().map(ToString::to_string)).collect();
    world.wire.keep_secret(json!({"SecretString": json!({"gitlab": secrets}).to_string()}));
    world.take_secrets_from_secrets_manager();
    world
}

fn signature(key: &[u8], id: &str, time: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key).unwrap();
    for part in [id.as_bytes(), b".", time.as_bytes(), b".", body] {
        mac.update(part);
    }
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

fn seconds(offset: i64) -> String {
    (at(offset).millis() / 1000).to_string()
}

#[tokio::test]
async fn a_webhook_without_one_of_our_tokens_is_not_taken() {
    let world = World::new().await;
    let body = payload().to_string();
    let says = "X-Gitlab-Token is not an accepted token";
    expect_problem(&send(&world, &[], body.as_bytes()).await, 401, "", says);
    let (longer, prefixed) = (format!("{SECRET}s"), format!("a{SECRET}"));
    let (twice, with_other) = (format!("{SECRET},{SECRET}"), format!("other,{SECRET}"));
    let upper = SECRET.to_uppercase();
    for wrong in ["", "a", &SECRET[..SECRET.len() - 1], &SECRET[1..], &longer, &prefixed, &twice, &with_other, &upper] {
        // A wrong token is quoted in no answer either: it may be right elsewhere.
        let headers = [("content-type", "application/json"), ("x-gitlab-token", wrong)];
        let answer = world.request("POST", "/v1/webhooks/gitlab", &headers, body.as_bytes(), at(0)).await.unwrap();
        expect_problem(&answer, 401, "", says);
        assert!(wrong.len() < 4 || !format!("{answer:?}").contains(wrong), "{wrong}");
    }
    expect_nothing_recorded(&world).await;
    assert_eq!(with_token(&world, SECRET, body.as_bytes()).await.status, 201);
    assert_eq!(with_token(&world, SECRET, body.as_bytes()).await.body["outcome"], "duplicate");
    assert_eq!(events_in_history(&world).await, 1);
}

/// The headers of a signed delivery, with an accepted token.
fn signed<'a>(id: &'a str, time: &'a str, signature: &'a str) -> [(&'static str, &'a str); 4] {
    [("webhook-id", id), ("webhook-timestamp", time), ("webhook-signature", signature), ("x-gitlab-token", SECRET)]
}

#[tokio::test]
async fn a_signature_must_be_of_this_delivery_and_of_now_even_beside_a_token() {
    let world = signing(&[SECRET]).await;
    let body = payload().to_string();
    let body = body.as_bytes();
    let now = seconds(0);
    let good = signature(KEY, "m-1", &now, body);
    let wrong = "webhook-signature is not the signature";
    let twice = format!("{good},{good}");
    let hex = hex::encode(STANDARD.decode(&good[3..]).unwrap());
    let (of_other_key, of_other_body) =
        (signature(b"another key", "m-1", &now, body), signature(KEY, "m-1", &now, b"{}"));
    let of_token = signature(SECRET.as_bytes(), "m-1", &now, body);
    for bad in
        ["", "v1", "v1,", &good[..good.len() - 1], &good[3..], &twice, &hex, &of_other_key, &of_other_body, &of_token]
    {
        expect_problem(&send(&world, &signed("m-1", &now, bad), body).await, 401, "", wrong);
    }
    expect_problem(&send(&world, &signed("m-2", &now, &good), body).await, 401, "", wrong);
    expect_problem(&send(&world, &signed("m-1", &seconds(1), &good), body).await, 401, "", wrong);
    expect_problem(&send(&world, &signed("m-1", &now, &good)[1..], body).await, 401, "", wrong);
    for time in [seconds(-301), seconds(301), "soon".to_owned(), String::new(), i64::MIN.to_string()] {
        let signature = signature(KEY, "m-1", &time, body);
        let answer = send(&world, &signed("m-1", &time, &signature), body).await;
        expect_problem(&answer, 401, "", "webhook-timestamp is more than 5 minutes from now");
    }
    expect_nothing_recorded(&world).await;
    // While a key changes, there is a signature by each.
    let several = format!("v1a,AAAA {of_other_key} {good}");
    assert_eq!(send(&world, &signed("m-1", &now, &several), body).await.status, 201);
    assert_eq!(send(&world, &signed("m-1", &now, &good)[..3], body).await.body["outcome"], "duplicate");
}

#[tokio::test]
async fn the_key_of_a_signature_is_no_token_so_nothing_unsigned_is_taken_with_it_alone() {
    let world = signing(&[]).await;
    let body = payload().to_string();
    for token in [format!("whsec_{}", STANDARD.encode(KEY)), STANDARD.encode(KEY), String::new()] {
        let headers = [("content-type", "application/json"), ("x-gitlab-token", token.as_str())];
        let answer = world.request("POST", "/v1/webhooks/gitlab", &headers, body.as_bytes(), at(0)).await.unwrap();
        assert_eq!(answer.status, 401, "{answer:?}");
    }
    expect_nothing_recorded(&world).await;
}

#[tokio::test]
async fn a_wrong_payload_is_answered_with_its_errors() {
    let world = World::new().await;
    let changed = |field: &str, value: Value| {
        let mut payload = payload();
        payload[field] = value;
        payload.to_string()
    };
    let long = "x".repeat(10_000);
    for (body, field, says) in [
        ("{".to_owned(), "", "EOF"),
        ("{}".to_owned(), "object_kind", "is required"),
        (r#"{"object_kind": 7}"#.to_owned(), "object_kind", "invalid type"),
        (changed("deployment_id", json!("15")), "deployment_id", "invalid type"),
        (changed("deployment_id", json!(-15)), "deployment_id", "invalid value"),
        (changed("status", Value::Null), "status", "invalid type"),
        (changed("status", json!("done")), "status", "none that GitLab documents"),
        (changed("status_changed_at", json!("today")), "status_changed_at", "with its offset"),
        (changed("status_changed_at", json!("2126-03-01 12:00:00 +0100")), "status_changed_at", "in the future"),
        (changed("environment", json!("größe\u{ad}")), "environment", "this has U+00AD"),
        (changed("short_sha", json!(long)), "short_sha", "printable text"),
        (changed("project", json!({"name": "cart"})), "project", "missing field `path_with_namespace`"),
        (changed("project", json!({"path_with_namespace": long})), "project.path_with_namespace", "1 to 128"),
        (changed("project", json!({"path_with_namespace": "shop cart"})), "project.path_with_namespace", "letter"),
    ] {
        expect_problem(&with_token(&world, SECRET, body.as_bytes()).await, 400, field, says);
    }
    expect_nothing_recorded(&world).await;
}

#[tokio::test]
async fn what_only_describes_and_cannot_be_kept_is_left_out() {
    let world = World::new().await;
    let mut payload = payload();
    payload["ref"] = json!("fix-\u{ad}7");
    payload["environment"] = json!("");
    payload["commit_title"] = json!("ä".repeat(5_000));
    payload["deployable_url"] = json!("http://git.internal/jobs/1");
    payload["environment_external_url"] = json!("javascript:alert(1)");
    payload["user"] = json!({"username": "x".repeat(1_000)});
    assert_eq!(with_token(&world, SECRET, payload.to_string().as_bytes()).await.status, 201);
    let shown = world.get("/v1/deployments/gitlab:shop/cart:42").await.body;
    assert_eq!((&shown["version"], &shown["environment"]), (&json!("f95f852b"), &json!("unknown")));
    assert_eq!((&shown["links"], &shown["triggeredBy"]), (&json!({}), &Value::Null));
    assert_eq!(shown["notes"].as_str().unwrap().len(), 4096);
}
