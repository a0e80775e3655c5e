//! Settings: recorded documents that apply to all senders at once, without a deployment.

mod aliases;
mod in_force;
mod taken_away;

use serde_json::{Value, json};
use tests::world::at;
use tests::{Answer, World};

const JSON: (&str, &str) = ("content-type", "application/json");

async fn put(world: &World, document: &str, if_match: Option<&str>) -> Answer {
    let mut headers = vec![JSON];
    headers.extend(if_match.map(|tag| ("if-match", tag)));
    world.request("PUT", "/v1/settings", &headers, document.as_bytes(), at(0)).await.unwrap()
}

fn tag(answer: &Answer) -> String {
    answer.headers["etag"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn each_version_is_recorded_and_an_earlier_one_comes_back_by_applying_it_again() {
    let world = World::new().await;
    let nothing = world.get("/v1/settings").await;
    let finding = "No permissions are listed: whoever can call the system may report anything, override gates, declare \
                   releases and apply settings";
    let before = json!({"version": 0, "recordedAt": null, "recordedBy": null, "settings": {}, "finding": finding});
    assert_eq!(nothing.body, before);

    let first = json!({"abandonAfterDays": 3, "environments": [{"name": "production", "aliases": ["prod"]}]});
    let applied = put(&world, &first.to_string(), Some(&tag(&nothing))).await;
    assert_eq!(
        (applied.status, &applied.body["outcome"], &applied.body["version"]),
        (201, &json!("recorded"), &json!(1))
    );
    let read = world.get("/v1/settings").await;
    assert_eq!((&read.body["settings"], &read.body["version"], tag(&read)), (&first, &json!(1), tag(&applied)));
    let again = put(&world, &format!(" {first}\n"), None).await;
    assert_eq!((again.status, &again.body["outcome"], tag(&again)), (200, &json!("unchanged"), tag(&read)));

    let second = put(&world, r#"{"abandonAfterDays": 4}"#, Some(&tag(&read))).await;
    assert_eq!((second.status, &second.body["version"]), (201, &json!(2)));
    let late = put(&world, r#"{"abandonAfterDays": 5}"#, Some(&tag(&read))).await;
    assert_eq!(late.status, 412);
    assert!(late.body["detail"].as_str().unwrap().contains("version 2"), "{}", late.body);

    let earlier = world.get("/v1/settings?version=1").await.body["settings"].clone();
    let back = put(&world, &earlier.to_string(), None).await;
    assert_eq!((back.status, &back.body["version"]), (201, &json!(3)));
    assert_eq!(world.get("/v1/settings").await.body["settings"], first);
    assert_eq!(world.get("/v1/settings?version=4").await.status, 404);
    assert_eq!(world.get("/v1/settings?version=1&asOf=2026-01-01T00:00:00Z").await.status, 400);
}

#[tokio::test]
async fn the_settings_of_an_earlier_day_are_found_among_many_versions() {
    let world = World::new().await;
    for day in 1..=23 {
        let document = json!({"abandonAfterDays": day}).to_string();
        let applied =
            world.request("PUT", "/v1/settings", &[JSON], document.as_bytes(), at(day * 86_400)).await.unwrap();
        assert_eq!(applied.status, 201);
    }
    for day in 0..=24 {
        let time = at(day * 86_400 + 3600).to_string();
        let found = world.get(&format!("/v1/settings?asOf={time}")).await.body;
        assert_eq!(found["version"], json!(day.min(23)), "{time}");
        let expected = if day == 0 { json!({}) } else { json!({"abandonAfterDays": day.min(23)}) };
        assert_eq!(found["settings"], expected);
    }
    world.wire.reset();
    world.get("/v1/settings?asOf=2026-03-03T13:00:00Z").await;
    assert!(world.wire.calls().len() <= 6, "{} reads of 23 versions", world.wire.calls().len());

    let (mut versions, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = world.get(&format!("/v1/settings/versions?limit=10{cursor}")).await.body;
        versions.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let numbers: Vec<u64> = versions.iter().map(|version| version["version"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=23).rev().collect::<Vec<u64>>());
    for pair in versions.windows(2) {
        assert_eq!(pair[0]["previousHash"], pair[1]["hash"], "they are chained");
    }
    world.publish().await.unwrap();
}

#[tokio::test]
async fn a_wrong_document_is_refused_as_a_whole_with_every_wrong_field() {
    let world = World::new().await;
    let wrong = json!({
        "environments": [{"name": "production", "aliases": ["production", 7]}, {"nome": "staging"}],
        "freezes": [{"name": "x", "from": "soon", "to": "2027-01-01T00:00:00Z"}],
        "abandonAfterDays": 0,
        "rules": [{"source": "aws.ecs", "when": {"cluster": "{"}}, {"source": "nobody", "deployment": true}],
        "sauces": [],
    });
    let answer = put(&world, &wrong.to_string(), None).await;
    assert_eq!(answer.status, 400);
    let errors: Vec<&str> =
        answer.body["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    for field in [
        "environments[0].aliases[0]",
        "environments[0].aliases[1]",
        "environments[1].name",
        "environments[1].nome",
        "freezes[0].from",
        "abandonAfterDays",
        "sauces",
    ] {
        assert!(errors.contains(&field), "{field} is not among {errors:?}");
    }
    assert_eq!(errors.iter().filter(|field| field.contains("rule")).count(), 2, "{errors:?}");
    for (body, status) in [("[]", 400), ("{", 400), ("", 400), (r#"{"rules": [], "rules": []}"#, 400)] {
        assert_eq!(put(&world, body, None).await.status, status, "{body}");
    }
    let long = json!({"rollbackCommand": "x", "ephemeral": (0..9000).map(|n| format!("preview-of-a-branch-{n:08}-*")).collect::<Vec<_>>()});
    let answer = put(&world, &long.to_string(), None).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert!(answer.body["detail"].as_str().unwrap().contains("at most 262144 bytes"), "{}", answer.body);
    let plain = world.request("PUT", "/v1/settings", &[("content-type", "text/plain")], b"{}", at(0)).await.unwrap();
    assert_eq!(plain.status, 415);
    assert_eq!(world.get("/v1/settings").await.body["version"], 0, "nothing was recorded");
    assert_eq!(world.request("DELETE", "/v1/settings", &[], b"", at(0)).await.unwrap().headers["allow"], "GET, PUT");
}

#[tokio::test]
async fn the_largest_document_is_recorded_and_read() {
    let world = World::new().await;
    let services: Vec<Value> = (0..2650).map(|n| json!({"name": format!("service-{n:05}"), "aliases": [format!("alias-of-the-service-{n:05}-for-somebody-else")]})).collect();
    let document = json!({"services": services}).to_string();
    assert!(document.len() > 200_000 && document.len() <= 256 * 1024, "{}", document.len());
    assert_eq!(put(&world, &document, None).await.status, 201);
    let read = world.get("/v1/settings").await.body;
    assert_eq!(read["settings"]["services"].as_array().unwrap().len(), 2650);
}

/// Applies a document for each of so many processes at once, with this entity tag if there is one. Answers the
/// statuses.
async fn apply_at_once(world: &World, how_many: u32, if_match: Option<&str>) -> Vec<u64> {
    let processors: Vec<_> = (0..how_many).map(|_| world.another_processor()).collect();
    let applying = processors.iter().enumerate().map(async |(n, processor)| {
        let mut headers = axum::http::HeaderMap::new();
        headers.insert(JSON.0, JSON.1.parse().unwrap());
        if let Some(tag) = if_match {
            headers.insert("if-match", tag.parse().unwrap());
        }
        let document = json!({"abandonAfterDays": n + 1}).to_string();
        let event = tests::invocations::gateway_event("PUT", "/v1/settings", None, &headers, document.as_bytes());
        processor.handle(&event.to_string(), at(0)).await.unwrap()["statusCode"].as_u64().unwrap()
    });
    futures_util::future::join_all(applying).await
}

#[tokio::test]
async fn of_many_who_apply_at_once_each_gets_a_version_and_none_is_lost() {
    let world = World::new().await;
    assert_eq!(apply_at_once(&world, 8, None).await, [201; 8]);
    let mut seen = Vec::new();
    for version in 1..=8 {
        let stored = world.get(&format!("/v1/settings?version={version}")).await.body;
        seen.push(stored["settings"]["abandonAfterDays"].as_u64().unwrap());
    }
    seen.sort_unstable();
    assert_eq!(seen, (1..=8).collect::<Vec<u64>>());
    let (versions, more) = world.reader().settings_before(None, 100).await.unwrap();
    assert!(versions.len() == 8 && !more);
    for (newer, older) in versions.iter().zip(versions.iter().skip(1)) {
        assert_eq!((&newer.previous_hash, newer.number), (&older.hash, older.number + 1));
    }
    assert!(versions.iter().all(|version| version.computed_hash() == version.hash), "each is what was recorded");
}

#[tokio::test]
async fn of_many_who_expect_the_same_one_is_first_and_the_others_are_told() {
    let world = World::new().await;
    let tag = tag(&put(&world, r#"{"metricsPerDay": 1}"#, None).await);
    let mut statuses = apply_at_once(&world, 6, Some(&tag)).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 412, 412, 412, 412, 412]);
    // Whose answer was lost, and who sends it again, is told that it is in force.
    let in_force = world.get("/v1/settings").await.body["settings"].to_string();
    let again = put(&world, &in_force, Some(&tag)).await;
    assert_eq!((again.status, &again.body["outcome"]), (200, &json!("unchanged")));
}

#[tokio::test]
async fn a_custom_source_is_applied_proven_recorded_and_refused() {
    let mut world = World::new().await;
    let source = |path: &str| {
        json!({"sources": [{
        "name": "azure", "proof": {"header": "X-Signature", "signature": "hmac-sha256", "encoding": "hex", "prefix": "sha256="},
        "when": [{"path": "$.type", "is": ["done"]}],
        "event": {"deploymentId": {"path": path, "prefix": "azure:"}, "status": {"path": "$.status", "map": {"ok": "COMPLETED"}},
                  "service": {"path": "$.project"}, "environment": {"value": "prod"}},
    }], "environments": [{"name": "production", "aliases": ["prod"]}]})
    };
    let wrong = put(&world, &source("$.id[").to_string(), None).await;
    assert_eq!(wrong.status, 400);
    assert_eq!(wrong.body["errors"][0]["field"], "sources[0].event.deploymentId.path", "{}", wrong.body);
    assert_eq!(world.apply(&source("$.id")).await.status, 201);

    let send = async |world: &World, body: &Value, forged: bool| {
        let text = body.to_string();
        let signature = tests::doors::signature(if forged { b"{}" } else { text.as_bytes() });
        let headers = [("x-signature", signature.as_str())];
        world.request("POST", "/v1/webhooks/custom/azure", &headers, text.as_bytes(), at(0)).await.unwrap()
    };
    let done = json!({"type": "done", "id": 42, "status": "ok", "project": "cart"});
    assert_eq!(send(&world, &done, true).await.status, 401, "a wrong signature");
    assert_eq!(world.get("/v1/deployments").await.body["items"], json!([]));
    let ping = send(&world, &json!({"type": "ping"}), false).await;
    assert_eq!((ping.status, &ping.body["outcome"]), (200, &json!("ignored")));
    assert_eq!(send(&world, &done, false).await.status, 201);
    let found = world.get("/v1/deployments/azure:42").await.body;
    assert_eq!((&found["environment"], &found["status"]), (&json!("production"), &json!("COMPLETED")));
    let odd = json!({"type": "done", "id": 43, "status": "odd", "project": "cart"});
    assert_eq!(send(&world, &odd, false).await.status, 400);
    let rejected = world.get("/v1/rejected").await.body;
    assert_eq!(
        (&rejected["items"][0]["door"], rejected["items"].as_array().unwrap().len()),
        (&json!("custom/azure"), 1)
    );
    world.publish().await.unwrap();
    world.expect_state_is_history().await;
}
