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

/// What is kept of what was refused.
async fn kept(world: &World, query: &str) -> Vec<Value> {
    world.get(&format!("/v1/rejected{query}")).await.body["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn what_is_refused_behind_a_proof_is_kept_once_a_day_and_counted_by_its_door() {
    let world = World::new().await;
    let mut wrong = payload();
    wrong["deployment_status"]["state"] = json!("exploded");
    let wrong = wrong.to_string();
    let answer = signed(&world, "deployment_status", wrong.as_bytes()).await;
    expect_problem(&answer, 400, "deployment_status.state", "no state that GitHub documents");
    let listed = kept(&world, "").await;
    assert_eq!(listed.len(), 1);
    let shown = ["door", "reason", "raw", "errors", "sentAt"].map(|name| &listed[0][name]);
    let noon = json!(at(0));
    assert_eq!(shown, [&json!("github"), &json!("invalid"), &json!(wrong), &answer.body["errors"], &noon]);

    let again = async |seconds: i64| {
        let proof = signature(SECRET, wrong.as_bytes());
        let headers = [
            ("content-type", "application/json"),
            ("x-github-event", "deployment_status"),
            ("x-hub-signature-256", proof.as_str()),
        ];
        let answer = world.request("POST", "/v1/webhooks/github", &headers, wrong.as_bytes(), at(seconds)).await;
        assert_eq!(answer.unwrap().status, 400);
    };
    again(3600).await;
    assert_eq!(kept(&world, "").await, listed, "the same of the same day is one entry");
    world.publish().await.unwrap();
    let counted = json!(world.wire.metrics()).to_string();
    assert_eq!(counted.matches("EventsRejected").count(), 2, "for the alarm, and by its door: {counted}");
    assert!(counted.contains(r#"[{"Name":"Door","Value":"github"}]"#), "{counted}");
    assert!(counted.contains(r#"[{"Name":"Environment","Value":"unknown"}]"#), "{counted}");

    again(24 * 3600).await;
    let days = kept(&world, &format!("?to={}", at(48 * 3600))).await;
    assert_eq!(
        [&days[0]["sentAt"], &days[1]["sentAt"]],
        [&json!(at(24 * 3600)), &noon],
        "another day is another entry"
    );
    expect_nothing_recorded(&world).await;
}

#[tokio::test]
async fn what_is_not_proven_or_not_wrong_is_not_kept() {
    let world = World::new().await;
    let body = b"{\"deployment\": 1}";
    let headers = [("content-type", "application/json"), ("x-github-event", "deployment")];
    expect_problem(&send(&world, &headers, body).await, 401, "", "X-Hub-Signature-256");
    assert_eq!(signed(&world, "ping", b"{}").await.status, 200);
    assert_eq!(world.post(&json!({"deploymentId": "d-1"})).await.status, 400, "its sender has the answer");
    assert_eq!(kept(&world, "").await, Vec::<Value>::new());
    assert_eq!(signed(&world, "deployment", b"{").await.status, 400);
    assert_eq!(kept(&world, "").await.len(), 1);
}

#[tokio::test]
async fn what_webhooks_and_the_queue_refused_is_listed_newest_first_and_filtered_by_time() {
    let world = World::new().await;
    for (number, seconds) in [(1, -7200), (2, -3600), (3, 0)] {
        world.queue(&[format!("wrong {number}")], at(seconds)).await.unwrap();
    }
    let proof = signature(SECRET, b"[");
    let headers = [
        ("content-type", "application/json"),
        ("x-github-event", "deployment"),
        ("x-hub-signature-256", proof.as_str()),
    ];
    world.request("POST", "/v1/webhooks/github", &headers, b"[", at(-5400)).await.unwrap();
    let raw = async |query: String| {
        let items = kept(&world, &query).await;
        items.iter().map(|item| item["raw"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(raw(String::new()).await, ["wrong 3", "wrong 2", "[", "wrong 1"]);
    assert_eq!(raw(format!("?from={}&to={}", at(-5400), at(0))).await, ["wrong 2", "["]);
    assert_eq!(raw(format!("?from={}", at(-5399))).await, ["wrong 3", "wrong 2"]);
    assert_eq!(raw(format!("?to={}", at(-5400))).await, ["wrong 1"]);
    let first = world.get("/v1/rejected?limit=3").await.body;
    let cursor = first["nextCursor"].as_str().unwrap();
    let mut all = raw("?limit=3".to_owned()).await;
    all.extend(raw(format!("?limit=3&cursor={cursor}")).await);
    all.sort_unstable();
    assert_eq!(all, ["[", "wrong 1", "wrong 2", "wrong 3"], "each once");
}
