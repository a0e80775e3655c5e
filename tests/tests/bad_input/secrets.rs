//! The secrets of webhooks, as they come from Secrets Manager: each of several proves, none is kept for
//! longer than five minutes, and where they can't be had nothing is taken. None shows anywhere.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tests::world::at;
use tests::{Fault, World};
use tracing_subscriber::fmt::MakeWriter;

use super::webhooks::{payload, signature};
use super::{events_in_history, expect_nothing_recorded, expect_problem, gitlab};

const NEW: &str = "hunter2-the-new-secret";
const OLD: &str = "hunter2-the-old-secret";

async fn world(secret: Value) -> World {
    let mut world = World::new().await;
    world.wire.keep_secret(secret);
    world.take_secrets_from_secrets_manager();
    world
}

fn text(secrets: &Value) -> Value {
    json!({"SecretString": secrets.to_string()})
}

/// Sends GitHub's webhook signed with `secret`, some seconds after noon.
async fn github(world: &World, secret: &str, seconds: i64) -> Result<u64, String> {
    let body = payload().to_string();
    let signature = signature(secret, body.as_bytes());
    let headers = [
        ("content-type", "application/json"),
        ("x-github-event", "deployment_status"),
        ("x-hub-signature-256", signature.as_str()),
    ];
    let answer = world.request("POST", "/v1/webhooks/github", &headers, body.as_bytes(), at(seconds)).await?;
    assert!(!format!("{answer:?}").contains("hunter2"), "{answer:?}");
    Ok(answer.status)
}

async fn gitlab(world: &World, token: &str) -> u64 {
    let body = gitlab::payload().to_string();
    let headers = [("content-type", "application/json"), ("x-gitlab-token", token)];
    world.request("POST", "/v1/webhooks/gitlab", &headers, body.as_bytes(), at(0)).await.unwrap().status
}

#[tokio::test]
async fn while_a_secret_changes_each_of_the_two_proves_and_only_for_its_own_webhook() {
    let world =
        world(text(&json!({"github": [NEW, OLD], "gitlab": ["hunter2-for-gitlab-1", "hunter2-for-gitlab-2"]}))).await;
    assert_eq!([github(&world, "hunter2-for-gitlab-1", 0).await, github(&world, "", 0).await], [Ok(401), Ok(401)]);
    assert_eq!([gitlab(&world, NEW).await, gitlab(&world, "").await], [401, 401]);
    expect_nothing_recorded(&world).await;
    assert_eq!([github(&world, OLD, 0).await, github(&world, NEW, 0).await], [Ok(201), Ok(200)]);
    assert_eq!(
        [gitlab(&world, "hunter2-for-gitlab-1").await, gitlab(&world, "hunter2-for-gitlab-2").await],
        [201, 200]
    );
}

#[tokio::test]
async fn a_webhook_without_a_secret_is_not_taken_whatever_it_comes_with() {
    for secrets in [json!({}), json!({"argocd": OLD}), json!({"github": [], "gitlab": []})] {
        let world = world(text(&secrets)).await;
        assert_eq!([github(&world, "", 0).await, github(&world, OLD, 0).await], [Ok(401), Ok(401)], "{secrets}");
        assert_eq!([gitlab(&world, "").await, gitlab(&world, OLD).await], [401, 401], "{secrets}");
        let body = gitlab::payload().to_string();
        let json = [("content-type", "application/json")];
        let answer = world.request("POST", "/v1/webhooks/gitlab", &json, body.as_bytes(), at(0)).await.unwrap();
        expect_problem(&answer, 401, "", "no secret for webhooks of gitlab is configured");
        expect_nothing_recorded(&world).await;
    }
}

#[tokio::test]
async fn secrets_are_read_once_in_five_minutes_and_a_changed_one_is_then_taken() {
    let world = world(text(&json!({"github": OLD}))).await;
    assert_eq!(world.wire.count("GetSecretValue"), 0, "not before the first webhook");
    assert_eq!(github(&world, OLD, 0).await, Ok(201));
    world.wire.keep_secret(text(&json!({"github": NEW})));
    assert_eq!([github(&world, NEW, 1).await, github(&world, OLD, 299).await], [Ok(401), Ok(200)]);
    assert_eq!(world.wire.count("GetSecretValue"), 1);
    assert_eq!([github(&world, OLD, 300).await, github(&world, NEW, 301).await], [Ok(401), Ok(200)]);
    assert_eq!(world.wire.count("GetSecretValue"), 2);
    let asked = world.wire.calls().into_iter().find(|call| call.operation == "GetSecretValue").unwrap();
    assert_eq!(asked.request, r#"{"SecretId":"webhooks"}"#);
}

#[tokio::test]
async fn where_secrets_cannot_be_had_the_invocation_fails_and_nothing_is_recorded() {
    for fault in [Fault::Before, Fault::After, Fault::Timeout, Fault::Internal] {
        let world = world(text(&json!({"github": OLD}))).await;
        world.wire.decide(move |_, operation, _| if operation == "GetSecretValue" { fault } else { Fault::None });
        let failed = github(&world, OLD, 0).await.expect_err("a failure");
        assert!(failed.contains("GetSecretValue") && !failed.contains("hunter2"), "{failed}");
        world.wire.heal();
        expect_nothing_recorded(&world).await;
        assert_eq!(github(&world, OLD, 0).await, Ok(201), "a failure is not kept: {fault:?}");
        // What was read stays in use until it is too old, and no longer.
        world.wire.decide(move |_, operation, _| if operation == "GetSecretValue" { fault } else { Fault::None });
        assert_eq!(github(&world, OLD, 299).await, Ok(200), "{fault:?}");
        assert!(github(&world, OLD, 300).await.is_err(), "{fault:?}");
    }
}

#[tokio::test]
async fn where_secrets_are_throttled_the_tool_is_asked_to_send_again() {
    let world = world(text(&json!({"github": OLD}))).await;
    world.wire.decide(|_, operation, _| if operation == "GetSecretValue" { Fault::Throttled } else { Fault::None });
    assert_eq!(github(&world, OLD, 0).await, Ok(503));
    world.wire.heal();
    expect_nothing_recorded(&world).await;
    assert_eq!(github(&world, OLD, 0).await, Ok(201));
}

#[tokio::test]
async fn wrong_secrets_fail_loudly_without_being_shown() {
    for secret in [
        json!({}),
        json!({"SecretBinary": "aHVudGVyMg=="}),
        json!({"SecretString": OLD}),
        text(&json!([OLD])),
        text(&json!({"github": "hunter2"})),
        text(&json!({"hunter2": OLD})),
        text(&json!({"github": {"hunter2": OLD}})),
    ] {
        let world = world(secret.clone()).await;
        let failed = github(&world, OLD, 0).await.expect_err("a failure");
        assert!(failed.contains("secret") && !failed.contains("hunter2"), "{failed}");
        expect_nothing_recorded(&world).await;
        world.wire.keep_secret(text(&json!({"github": OLD})));
        assert_eq!(github(&world, OLD, 0).await, Ok(201), "once it is right: {secret}");
        assert_eq!(events_in_history(&world).await, 1);
    }
}

/// A log that can be read.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn no_secret_and_nothing_that_was_sent_in_its_place_is_logged() {
    // A process has one log subscriber, and it must not get the lines of other tests.
    if !tests::alone("bad_input::secrets::no_secret_and_nothing_that_was_sent_in_its_place_is_logged") {
        return;
    }
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::INFO).with_writer(log.clone()).finish();
    tracing::subscriber::set_global_default(subscriber).expect("no other");
    let world = world(text(&json!({"github": OLD, "gitlab": OLD}))).await;
    assert_eq!([github(&world, OLD, 0).await, github(&world, NEW, 0).await], [Ok(201), Ok(401)]);
    assert_eq!([gitlab(&world, OLD).await, gitlab(&world, NEW).await], [201, 401]);
    world.wire.keep_secret(text(&json!({"github": "hunter2"})));
    assert!(github(&world, OLD, 300).await.is_err());
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("rejected") && logged.contains("X-Gitlab-Token"), "it is read: {logged}");
    let hex = signature(NEW, payload().to_string().as_bytes());
    assert!(!logged.contains("hunter2") && !logged.contains(&hex[7..]), "{logged}");
}
