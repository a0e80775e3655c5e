//! CloudEvents: in an envelope, in a batch, with the envelope in headers; and what is wrong with them.

use serde_json::{Value, json};
use tests::world::at;
use tests::{Answer, World};

use super::{events_in_history, expect_nothing_recorded, expect_problem, expect_problem_body, valid, with};

fn enveloped(data: &Value) -> Value {
    json!({"specversion": "1.0", "id": "b-7", "source": "/ci/main", "type": "com.example.deployment", "data": data})
}

async fn send(world: &World, headers: &[(&'static str, &str)], body: &Value) -> Answer {
    world.request("POST", "/v1/events", headers, body.to_string().as_bytes(), at(0)).await.expect("an answer")
}

#[tokio::test]
async fn the_envelope_can_be_around_the_event_or_in_headers_and_says_when_it_happened() {
    let world = World::new().await;
    let mut event = valid();
    event.as_object_mut().unwrap().remove("occurredAt");
    let mut structured = enveloped(&event);
    structured["time"] = json!("2026-03-01T12:20:00+01:00");
    let one = [("content-type", "application/cloudevents+json; charset=UTF-8")];
    assert_eq!(send(&world, &one, &structured).await.status, 201);
    for media_type in ["application/json", "application/vnd.example+json"] {
        let headers = [
            ("content-type", media_type),
            ("ce-specversion", "1.0"),
            ("ce-id", "\"b 7\""),
            ("ce-source", "%2Fci/main"),
            ("ce-type", "com.example.deployment"),
            ("ce-time", "2026-03-01T11:20:00Z"),
        ];
        let answer = send(&world, &headers, &event).await;
        assert_eq!((answer.status, &answer.body["outcome"]), (200, &json!("duplicate")), "{answer:?}");
    }
    let batch = [("content-type", "application/cloudevents-batch+json")];
    let other = enveloped(&with(&json!({"deploymentId": "d-2"})));
    let wrong = enveloped(&with(&json!({"status": "DONE"})));
    let answer = send(&world, &batch, &json!([structured, wrong, other])).await;
    assert_eq!((&answer.body[0]["outcome"], &answer.body[2]["outcome"]), (&json!("duplicate"), &json!("recorded")));
    expect_problem_body(&answer.body[1], 400, "data.status", "must be one of");
    assert_eq!(events_in_history(&world).await, 2);
    let events = world.get("/v1/deployments/d-1/events").await.body;
    assert_eq!(events["items"][0]["occurredAt"], "2026-03-01T11:20:00.000Z");
}

#[tokio::test]
async fn a_wrong_envelope_is_answered_with_its_errors() {
    let world = World::new().await;
    let changed = |name: &str, value: Value| {
        let mut envelope = enveloped(&valid());
        envelope[name] = value;
        envelope
    };
    let one = [("content-type", "application/cloudevents+json")];
    for (body, field, says) in [
        (valid(), "", "missing field `specversion`"),
        (changed("specversion", json!("0.3")), "specversion", "must be 1.0"),
        (changed("specversion", json!(1.0)), "specversion", "invalid type"),
        (changed("id", json!("")), "id", "must not be empty"),
        (changed("time", json!("2126-01-01T00:00:00Z")), "time", "in the future"),
        (changed("time", json!("noon")), "time", "RFC 3339"),
        (changed("data", Value::Null), "data", "is required"),
        (changed("data", json!("text")), "data", "must be"),
        (changed("data", enveloped(&valid())), "data", "again"),
        (changed("data_base64", json!("e30=")), "data_base64", "must not be given beside data"),
        (json!([enveloped(&valid())]), "", "application/cloudevents-batch+json an array"),
    ] {
        expect_problem(&send(&world, &one, &body).await, 400, field, says);
    }
    let batch = [("content-type", "application/cloudevents-batch+json")];
    expect_problem(&send(&world, &batch, &enveloped(&valid())).await, 400, "", "application/cloudevents+json is one");
    let headers = [("content-type", "application/json"), ("ce-specversion", "1.0"), ("ce-id", "%C0%A0")];
    expect_problem(&send(&world, &headers, &valid()).await, 400, "ce-id", "UTF-8");
    let headers = [("content-type", "application/json"), ("ce-specversion", "1.0"), ("ce-id", "b-7")];
    expect_problem(&send(&world, &headers, &valid()).await, 400, "", "missing field");
    for media_type in ["application/cloudevents+avro", "application/cdevents+json", "text/plain"] {
        expect_problem(&send(&world, &[("content-type", media_type)], &valid()).await, 415, "", "application/json");
    }
    let headers = [("content-type", "text/plain"), ("ce-specversion", "1.0")];
    expect_problem(&send(&world, &headers, &valid()).await, 415, "", "application/json");
    expect_nothing_recorded(&world).await;
}
