//! GitHub's webhooks: only what is signed with our secret is taken, and what is wrong with it is
//! named. The secret itself is in no answer.

use std::fmt::Write as _;

use serde_json::{Value, json};
use tests::world::{SECRET, at};
use tests::{Answer, World};

use super::{events_in_history, expect_nothing_recorded, expect_problem};

pub(crate) fn payload() -> Value {
    json!({
        "action": "created",
        "deployment": {
            "id": 42, "sha": "f95f852bd8fca8fcc58a9a2d6c842781e32a215e", "ref": "main", "environment": "production",
            "description": null, "created_at": "2026-03-01T11:00:00Z", "creator": {"login": "octocat"},
        },
        "deployment_status": {
            "id": 7, "state": "success", "description": "", "environment": "production", "created_at": "2026-03-01T11:05:00Z",
            "target_url": "", "log_url": "https://ci.example/1", "environment_url": "",
        },
        "repository": {"name": "cart", "full_name": "shop/cart"},
    })
}

pub(crate) fn signature(secret: &str, body: &[u8]) -> String {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    mac.finalize().into_bytes().iter().fold("sha256=".to_owned(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

async fn send(world: &World, headers: &[(&'static str, &str)], body: &[u8]) -> Answer {
    let answer = world.request("POST", "/v1/webhooks/github", headers, body, at(0)).await.expect("an answer");
    let shown = format!("{answer:?}");
    assert!(!shown.contains(SECRET), "{shown}");
    answer
}

/// Sends a signed payload.
async fn signed(world: &World, event: &str, body: &[u8]) -> Answer {
    let signature = signature(SECRET, body);
    send(
        world,
        &[("content-type", "application/json"), ("x-github-event", event), ("x-hub-signature-256", &signature)],
        body,
    )
    .await
}

#[tokio::test]
async fn a_webhook_without_our_signature_of_these_bytes_is_not_taken() {
    let world = World::new().await;
    let body = payload().to_string();
    let good = signature(SECRET, body.as_bytes());
    let expected_of_other = signature(SECRET, b"{}");
    let of_other_secret = signature("another secret", body.as_bytes());
    let empty_secret = signature("", body.as_bytes());
    let (upper_scheme, sha1) = (good.replace("sha256", "SHA256"), good.replace("sha256", "sha1"));
    let (twice, both) = (format!("{good},{good}"), format!("{of_other_secret},{good}"));
    let cases = [
        None,
        Some(""),
        Some("sha256="),
        Some(&good[..good.len() - 1]),
        Some(&good[..good.len() - 2]),
        Some(&good[..15]),
        Some(&good[7..]),
        Some("sha256=zz"),
        Some(&expected_of_other),
        Some(&of_other_secret),
        Some(&empty_secret),
        Some(&upper_scheme),
        Some(&sha1),
        // A header given twice, as API Gateway joins them.
        Some(&twice),
        Some(&both),
    ];
    for wrong in cases {
        let mut headers = vec![("content-type", "application/json"), ("x-github-event", "deployment_status")];
        headers.extend(wrong.map(|signature| ("x-hub-signature-256", signature)));
        let answer = send(&world, &headers, body.as_bytes()).await;
        expect_problem(&answer, 401, "", "X-Hub-Signature-256 is not the signature of this body");
        assert!(!format!("{answer:?}").contains(&good[7..]), "the right signature is not shown");
    }
    let respaced = body.replacen(':', ": ", 1);
    let headers = [
        ("content-type", "application/json"),
        ("x-github-event", "deployment_status"),
        ("x-hub-signature-256", good.as_str()),
    ];
    expect_problem(&send(&world, &headers, respaced.as_bytes()).await, 401, "", "not the signature");
    expect_nothing_recorded(&world).await;
    assert_eq!(send(&world, &headers, body.as_bytes()).await.status, 201);
    assert_eq!(events_in_history(&world).await, 1);
}

#[tokio::test]
async fn a_signature_over_bytes_that_are_no_text_is_checked_over_those_bytes() {
    let world = World::new().await;
    let answer = signed(&world, "deployment_status", b"{\"a\":\"\xff\"}").await;
    expect_problem(&answer, 400, "", "not UTF-8");
    expect_nothing_recorded(&world).await;
}

#[tokio::test]
async fn a_wrong_signed_payload_is_answered_with_its_errors() {
    let world = World::new().await;
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut payload = payload();
        change(&mut payload);
        payload.to_string()
    };
    for (body, field, says) in [
        ("{".to_owned(), "", "EOF"),
        ("[]".to_owned(), "", ""),
        ("{}".to_owned(), "", "missing field `deployment`"),
        (r#"{"a":1,"a":2}"#.to_owned(), "", "given twice"),
        (changed(&|p| p["deployment"]["id"] = json!("the deployment id")), "deployment.id", "invalid type"),
        (changed(&|p| p["deployment"]["id"] = json!(-1)), "deployment.id", "invalid value"),
        (changed(&|p| p["deployment"]["sha"] = json!("")), "deployment.sha", "printable text"),
        (changed(&|p| p["deployment"]["created_at"] = json!("today")), "deployment.created_at", "RFC 3339"),
        (
            changed(&|p| p["deployment_status"]["state"] = json!("done")),
            "deployment_status.state",
            "no state that GitHub documents",
        ),
        (
            changed(&|p| p["deployment_status"]["environment"] = json!("größe\u{ad}")),
            "deployment.environment",
            "this has U+00AD",
        ),
        (changed(&|p| p["repository"]["full_name"] = json!("shop cart")), "repository.full_name", "letter or digit"),
        (changed(&|p| p["repository"] = Value::Null), "repository", "invalid type"),
        (
            changed(&|p| drop(p.as_object_mut().unwrap().remove("deployment_status"))),
            "deployment_status",
            "must be there",
        ),
        (
            changed(&|p| p["deployment_status"]["created_at"] = json!("2126-03-01T11:05:00Z")),
            "deployment_status.created_at",
            "more than 5 minutes in the future",
        ),
    ] {
        expect_problem(&signed(&world, "deployment_status", body.as_bytes()).await, 400, field, says);
    }
    expect_problem(
        &signed(&world, "deployment", payload().to_string().as_bytes()).await,
        400,
        "deployment_status",
        "only then",
    );
    expect_nothing_recorded(&world).await;
}

#[tokio::test]
async fn a_signed_webhook_must_name_its_event_and_be_json() {
    let world = World::new().await;
    let body = payload().to_string();
    let signature = signature(SECRET, body.as_bytes());
    let unnamed = [("content-type", "application/json"), ("x-hub-signature-256", signature.as_str())];
    expect_problem(&send(&world, &unnamed, body.as_bytes()).await, 400, "", "X-GitHub-Event is required");
    let form = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("x-github-event", "deployment_status"),
        ("x-hub-signature-256", signature.as_str()),
    ];
    expect_problem(&send(&world, &form, body.as_bytes()).await, 415, "", "application/json");
    expect_nothing_recorded(&world).await;
}

#[tokio::test]
async fn news_of_other_things_is_ignored_aloud() {
    let world = World::new().await;
    for event in ["ping", "push", "check_run"] {
        let answer = signed(&world, event, b"{}").await;
        assert_eq!((answer.status, &answer.body["outcome"]), (200, &json!("ignored")), "{answer:?}");
        assert!(answer.body["reason"].as_str().unwrap().contains(event));
    }
    expect_nothing_recorded(&world).await;
}

#[tokio::test]
async fn a_redelivered_webhook_is_recorded_once() {
    let world = World::new().await;
    let body = payload().to_string();
    assert_eq!(signed(&world, "deployment_status", body.as_bytes()).await.status, 201);
    let again = signed(&world, "deployment_status", body.as_bytes()).await;
    assert_eq!((again.status, &again.body["outcome"]), (200, &json!("duplicate")));
    assert_eq!(events_in_history(&world).await, 1);
}
